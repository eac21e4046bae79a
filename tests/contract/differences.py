"""The places where the client or the fake deliberately differ from the vendor's document, each with its reason."""

_CLI = "The vendor's command line calls it."
_REFERENCE = "The earlier reference and the command line have it."
_TYPESCRIPT = "The vendor's TypeScript client calls it."
_OWN_HOST = "A database's own host has it."
_WITHDRAWN = "The vendor has withdrawn it: https://github.com/tursodatabase/turso-cli/pull/1031."

# Operations that the document does not have. Besides these, the fake has each path of an organization without it,
# for the personal one, and under /v3 with UUIDs.
BEYOND = {
    "POST /v1/organizations/{}/databases/{}/instances": _REFERENCE,
    "DELETE /v1/organizations/{}/databases/{}/instances/{}": _REFERENCE,
    "GET /v1/organizations/{}/databases/{}/instances/{}/wait": _REFERENCE,
    "GET /v1/organizations/{}/groups/{}/locations/{}/wait": _CLI,
    "POST /v1/organizations/{}/databases/{}/wakeup": _CLI,
    "POST /v1/organizations/{}/databases/{}/transfer": _CLI,
    "GET /v1/organizations/{}/databases/{}/usage/queries": _CLI,
    "POST /v1/organizations/{}/databases/dumps": _CLI,
    "POST /v1/organizations/{}/databases/{}/seed": "The command line's source has it, and no command calls it.",
    "POST /v1/organizations/{}/groups/{}/rename": _CLI,
    "GET /v1/organizations/{}/groups/{}/aws/migration/info": _CLI,
    "POST /v1/organizations/{}/groups/{}/aws/migration/start": _CLI,
    "POST /v1/organizations/{}/groups/{}/aws/migration/abort": _CLI,
    "POST /v1/organizations": _CLI,
    "DELETE /v1/organizations/{}": _TYPESCRIPT,
    "GET /v2/organizations": _CLI,
    "POST /v1/organizations/{}/members/{}": _TYPESCRIPT,
    "POST /v1/organizations/{}/invite": _CLI,
    "GET /v1/organizations/{}/invites": _CLI,
    "DELETE /v1/organizations/{}/invites/{}": _CLI,
    "POST /v1/organizations/{}/subscription": _CLI,
    "GET /v1/organizations/{}/billing/customer": _CLI,
    "PUT /v1/organizations/{}/billing/customer": _CLI,
    "GET /v1/organizations/{}/billing/payment-methods": _CLI,
    "POST /v1/organizations/{}/billing/portal": _CLI,
    "POST /v1/organizations/stripe-customer": _CLI,
    "GET /v1/plans": _CLI,
    "GET /v2/organizations/{}/locations": _CLI,
    "GET /v2/organizations/{}/jwks": _CLI,
    "PUT /v2/organizations/{}/jwks/{}": _CLI,
    "DELETE /v2/organizations/{}/jwks/{}": _CLI,
    "GET /v2/organizations/{}/jwks-template": _CLI,
    "GET /v1/locations/{}": _CLI,
    "GET /v1/current-user": _CLI,
    "POST /v1/auth/invalidate": _CLI,
    "GET /v1/auth/api-tokens/validate": _TYPESCRIPT,
    "POST /v2/auth/api-tokens/{}": _CLI,
    "GET /releases/latest": _CLI,
    "GET /": "The region service has it, on a host of its own.",
    "POST /v1/upload": _OWN_HOST,
    "PUT /v2/upload/start": _OWN_HOST,
    "PUT /v2/upload/{}/chunk/{}": _OWN_HOST,
    "PUT /v2/upload/{}/finalize": _OWN_HOST,
}
# Operations that the platform does not offer any more: the fake answers that there is no such route.
WITHDRAWN = {
    "POST /v1/organizations/{}/groups/{}/update": _WITHDRAWN,
    "POST /v1/organizations/{}/databases/{}/update": _WITHDRAWN,
}
# Paths with two meanings, of which the document has one.
TWICE = {
    "GET /v3/organizations/{}/databases": "With `deleted` it lists what was deleted, else what exists, as the CLI does.",
}
_PAGES = "It takes more than a thousand deleted things; tests/api/test_paging.py follows cursors."
# What is sent that the document does not declare, and the other way round.
SENT = {
    "addOrganizationMember body.email is missing": "Required, but no property: `username` is what it takes.",
    "listDatabases ?cursor is not declared": "The CLI reads pages with it.",
    "listDatabases ?limit is not declared": "The CLI reads pages with it.",
    "listDatabases ?type is not declared": "The vendor's TypeScript client filters with it.",
    "listDeletedDatabases ?cursor is never sent": _PAGES,
    "listDeletedGroups ?cursor is never sent": _PAGES,
    "CreateDatabaseInput.is_schema is not declared": "The CLI and the TypeScript client send it.",
    "CreateDatabaseInput.schema is not declared": "The CLI and the TypeScript client send it.",
    "CreateDatabaseInput.use_tursodb is not declared": "The CLI and the TypeScript client send it.",
    "CreateTokenInput.fine_grained_permissions is not declared": _CLI,
}
_FIELD = "The TypeScript client reads it, or the field answers it."
_OBSERVED = "It was observed in the platform's answers."
# What the fake answers that the document does not declare, and the other way round.
ANSWERED = {
    "AuditLog.city is not declared": _OBSERVED,
    "AuditLog.country_code is not declared": _OBSERVED,
    "AuditLog.ip is not declared": _OBSERVED,
    "AuditLog.latitude is not declared": _OBSERVED,
    "AuditLog.longitude is not declared": _OBSERVED,
    "Database.allow_attach is not declared": _FIELD,
    "Database.archived is not declared": _FIELD,
    "Database.database_type is not declared": _FIELD,
    "Database.encryption_cipher is not declared": "The CLI reads it, of encrypted databases only.",
    "Database.hostname is not declared": _OBSERVED,
    "Database.is_schema is not declared": _FIELD,
    "Database.schema is not declared": _FIELD,
    "Database.sleeping is not declared": _FIELD,
    "Database.type is not declared": _FIELD,
    "Database.version is not declared": _FIELD,
    "DatabaseUsageOutput.usage is not declared": "Live answers have the totals there, next to the declared `total`.",
    "Group.archived is not declared": "The document's own examples have it.",
    "Group.status is not declared": _OBSERVED,
    "Organization.delinquent is not declared": _OBSERVED,
    "Organization.id is not declared": _OBSERVED,
    "Organization.memory is not declared": _OBSERVED,
    "Organization.payment_failing_since is not declared": _OBSERVED,
    "Organization.platform_access_token is not declared": _OBSERVED,
    "Organization.platform_id is not declared": _OBSERVED,
    "Organization.stripe_id is not declared": "The CLI reads it.",
    "Pagination.next is never answered": _PAGES,
    "createDatabase 200.username is not declared": "The CLI reads it.",
    "listDatabases 200.pagination is not declared": "The CLI reads pages with it.",
    "listOrganizationAuditLogs 200.pagination.sort is not declared": "The CLI reads it.",
    "listOrganizationInvoices 200.invoices[].hosted_invoice_url is not declared": _OBSERVED,
    "listOrganizationInvoices 200.invoices[].status is not declared": _OBSERVED,
}
# Refusals whose status or form is another one than declared.
MOVED = {
    ("createDatabase", 409): (
        400,
        "The platform answers an existing name with 400 since the end of July 2026.",
    ),
}
REFUSED_WITH = {
    "updateGroupDatabases 404.code is not declared": _WITHDRAWN,
    "updateGroupDatabases 404.hint is not declared": _WITHDRAWN,
}
