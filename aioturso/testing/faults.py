"""Scripted faults, each on the real socket."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from attrs import define, field, frozen

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@frozen(kw_only=True)
class Fault:
    """One way for a request to fail. `acts`: the request takes effect before it does."""

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
        """Answers with a status, without acting."""
        # After a status below 200 a client waits for another one.
        if isinstance(code, bool) or not isinstance(code, int) or not 200 <= code <= 599:
            raise ValueError(f"a final status is a number from 200 to 599, not {code!r}")
        return cls(kind="status", code=code, headers=headers or {}, body=_bytes(body))

    @classmethod
    def drop_before(cls) -> Fault:
        """Closes the connection without acting."""
        return cls(kind="drop")

    @classmethod
    def drop_after(cls) -> Fault:
        """Acts, then loses the answer."""
        return cls(kind="drop", acts=True)

    @classmethod
    def drop_mid_headers(cls) -> Fault:
        """Acts, then closes in the middle of the answer's headers."""
        return cls(kind="cut_headers", acts=True)

    @classmethod
    def reset(cls, *, acts: bool = False) -> Fault:
        """Resets the connection (RST) instead of answering."""
        return cls(kind="reset", acts=acts)

    @classmethod
    def truncate(cls) -> Fault:
        """Acts, then cuts the answer's body short of its Content-Length."""
        return cls(kind="truncate", acts=True)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Acts, and answers after some seconds."""
        return cls(kind="delay", acts=True, seconds=checked_seconds(seconds))

    @classmethod
    def hang(cls) -> Fault:
        """Never answers, and does not act."""
        return cls(kind="hang")

    @classmethod
    def raw(cls, data: bytes) -> Fault:
        """Writes these bytes and closes, without acting."""
        return cls(kind="raw", body=_bytes(data))

    @classmethod
    def redirect(cls, url: str, code: int = 307) -> Fault:
        """Redirects, without acting."""
        if code not in (301, 302, 303, 307, 308):
            raise ValueError(f"{code!r} is not the status of a redirect")
        return cls(kind="status", code=code, headers={"Location": url})


def checked_method(method: str | None) -> str | None:
    """Returns a method in capital letters; None for any. Raises ValueError for one that does not exist."""
    if method is None:
        return None
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise ValueError(f"there is no method {method!r}: {', '.join(_METHODS)}")
    return method.upper()


def check_end(path: str) -> None:
    """Raises ValueError for what no path can end with."""
    if not isinstance(path, str) or "?" in path or "://" in path:
        raise ValueError(f"{path!r} is not the end of a path: it has no host and no query")


def checked_seconds(seconds: float) -> float:
    """Returns a duration, or raises ValueError for one that cannot pass."""
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not isfinite(seconds) or seconds < 0:
        raise ValueError(f"a duration is a number of seconds from 0 on, not {seconds!r}")
    return seconds


def _bytes(data: bytes) -> bytes:
    if not isinstance(data, bytes):
        raise TypeError(f"a body is bytes, not {data!r}")
    return data


@define(eq=False)
class InjectedFault:
    """A fault that waits for `left` more requests of a method (None: any) whose path ends with `path`."""

    fault: Fault
    method: str | None
    path: str
    left: int
    used: int = 0

    def __str__(self) -> str:
        name = f"{self.fault.kind} {self.fault.code}" if self.fault.code else self.fault.kind
        return f"{name} for {self.method or 'any'} ...{self.path}"


@define
class Faults:
    """Holds the faults still to come, in order of injection."""

    _waiting: list[InjectedFault] = field(factory=list)

    def add(self, fault: Fault, method: str | None, path: str, times: int) -> None:
        """Adds a fault for `times` more requests of that method whose path ends so."""
        if not isinstance(fault, Fault):
            name = getattr(fault, "__name__", None)
            hint = f": write Fault.{name}()" if callable(fault) and hasattr(Fault, name or "") else ""
            raise TypeError(f"{fault!r} is not a fault{hint}")
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise ValueError(f"a fault happens one or more times, not {times!r}")
        check_end(path)
        self._waiting.append(InjectedFault(fault, checked_method(method), path, times))

    def take(self, method: str, path: str) -> Fault | None:
        """Returns the first injected fault that matches, used once more."""
        for one in self._waiting:
            if one.method in (None, method) and path.endswith(one.path):
                one.used, one.left = one.used + 1, one.left - 1
                if not one.left:
                    self._waiting.remove(one)
                return one.fault
        return None

    def clear(self) -> None:
        """Removes all."""
        self._waiting.clear()

    @property
    def unused(self) -> tuple[InjectedFault, ...]:
        """Those that no request has met."""
        return tuple(one for one in self._waiting if not one.used)

    def __len__(self) -> int:
        return sum(one.left for one in self._waiting)
