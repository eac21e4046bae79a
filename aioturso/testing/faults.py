"""Scripted faults, each on the real socket."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Fault:
    """One way for a request to go wrong. `acts`: the request takes effect before it does."""

    kind: str
    acts: bool = False
    code: int = 0
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    @classmethod
    def status(
        cls, code: int, *, headers: Mapping[str, str] | None = None, body: bytes = b'{"error":"fault"}'
    ) -> Fault:
        """Answer with a status, without acting."""
        return cls(kind="status", code=code, headers=headers or {}, body=body)

    @classmethod
    def drop_before(cls) -> Fault:
        """Close the connection without acting."""
        return cls(kind="drop")

    @classmethod
    def drop_after(cls) -> Fault:
        """Act, then lose the answer."""
        return cls(kind="drop", acts=True)

    @classmethod
    def truncate(cls) -> Fault:
        """Act, then cut the answer's body short."""
        return cls(kind="truncate", acts=True)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Act and answer, after some seconds."""
        return cls(kind="delay", acts=True, seconds=seconds)

    @classmethod
    def hang(cls) -> Fault:
        """Never answer, without acting."""
        return cls(kind="hang")

    @classmethod
    def raw(cls, data: bytes) -> Fault:
        """Write these bytes and close, without acting."""
        return cls(kind="raw", body=data)

    @classmethod
    def redirect(cls, url: str, code: int = 307) -> Fault:
        """Redirect, without acting."""
        return cls(kind="status", code=code, headers={"Location": url})
