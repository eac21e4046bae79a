"""Audit logs of an organization (vendor's reference: [Audit Logs](https://docs.turso.tech/api-reference/audit-logs/list))."""

from __future__ import annotations

from collections.abc import AsyncIterator

from .. import _bodies
from .._decode import page
from .._operation import Operation
from ..models.audit_logs import AuditLog
from ._paging import by_number
from ._resource import Resource

LIST = Operation(
    "list audit logs",
    "GET",
    "/v1/organizations/{organization}/audit-logs",
    page(AuditLog, "audit_logs", numbered=True),
)


class AuditLogs(Resource):
    """`turso.audit_logs`."""

    def iterate(self, *, page_size: int | None = None) -> AsyncIterator[AuditLog]:
        """Yields the audit log, newest first, and reads each page only when it is reached; `page_size`: 100 when None.

        An entry may come twice when others are added while it is read. Raises PaymentRequiredError or ForbiddenError
        (the plan has no audit logs), and DecodeError when the pages have no end, as in `databases.iterate`.
        Vendor page: [List Audit Logs](https://docs.turso.tech/api-reference/audit-logs/list).
        """
        return by_number(self._calls, LIST, query={"page_size": _bodies.page_size(page_size)})

    async def list(self) -> list[AuditLog]:
        """Returns the whole audit log. Raises as `iterate`.

        Vendor page: [List Audit Logs](https://docs.turso.tech/api-reference/audit-logs/list).
        """
        return [entry async for entry in self.iterate()]
