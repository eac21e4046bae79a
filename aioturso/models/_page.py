"""The pages of lists: which one came, and how to get the next one."""

from __future__ import annotations

from attrs import field, frozen

from . import DECIDES, Model


class Cursor(str):
    """Text that stands for the place of the next page."""

    __slots__ = ()


@frozen(kw_only=True)
class Pagination(Model):
    """`next` is the cursor of the next page; numbered pages count from 1."""

    next: Cursor | None = field(default=None, metadata=DECIDES)
    page: int | None = field(default=None, metadata=DECIDES)
    page_size: int | None = None
    total_pages: int | None = field(default=None, metadata=DECIDES)
    total_rows: int | None = None
