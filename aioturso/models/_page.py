"""How lists are cut into pages."""

from __future__ import annotations

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class Pagination(Model):
    """`next` is the cursor of the next page; numbered pages count from 1."""

    next: str | None = None
    page: int | None = None
    page_size: int | None = None
    total_pages: int | None = None
    total_rows: int | None = None
