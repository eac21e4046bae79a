"""Where the client or the fake are deliberately not what the vendor's document says, each with its reason."""

_TYPESCRIPT = "The vendor's TypeScript client calls it; this client has no use for it."

# Operations that the document does not have.
BEYOND = {
    "POST /v1/organizations/{}/databases/{}/instances": "The earlier reference and the CLI have it.",
    "DELETE /v1/organizations/{}/databases/{}/instances/{}": "The earlier reference and the CLI have it.",
    "GET /v1/organizations/{}/databases/{}/instances/{}/wait": "The earlier reference and the CLI have it.",
    "GET /v1/organizations/{}/groups/{}/locations/{}/wait": "The CLI has it.",
    "POST /v1/organizations/{}/databases/{}/wakeup": "The CLI has it.",
    "POST /v1/organizations/{}/databases/{}/transfer": "The CLI has it.",
    "POST /v1/organizations/{}/databases/{}/update": "The vendor's TypeScript client has it.",
    "DELETE /v1/organizations/{}": "The vendor's TypeScript client has it.",
    "POST /v1/organizations/{}/members/{}": _TYPESCRIPT,
    "GET /v1/auth/api-tokens/validate": _TYPESCRIPT,
    "GET /v2/organizations": "The CLI calls it; this client reads the document's `/v1`, in both of its forms.",
    "GET /": "The region service has it, on a host of its own.",
    "POST /v1/upload": "A database's own host has it; the document describes it in prose only.",
}
# What the client sends that the document does not declare, and the other way round.
SENT = {
    "addOrganizationMember body.email is missing": "Required, but no property: `username` is what it takes.",
    "listDatabases ?cursor is not declared": "The CLI reads pages with it.",
    "listDatabases ?limit is not declared": "The CLI reads pages with it.",
}
_FIELD = "The TypeScript client reads it, or the field answers it."
# What the fake answers that the document does not declare, and the other way round.
ANSWERED = {
    "Database.allow_attach is not declared": _FIELD,
    "Database.archived is not declared": _FIELD,
    "Database.database_type is not declared": _FIELD,
    "Database.encryption_cipher is not declared": "The CLI reads it, of encrypted databases only.",
    "Database.is_schema is not declared": _FIELD,
    "Database.schema is not declared": _FIELD,
    "Database.sleeping is not declared": _FIELD,
    "Database.type is not declared": _FIELD,
    "Database.version is not declared": _FIELD,
    "DatabaseUsageOutput.usage is not declared": "Live answers have the totals there, next to the declared `total`.",
    "Group.archived is not declared": "The document's own examples have it.",
    "listDatabases 200.pagination is not declared": "The CLI reads pages with it.",
}
