"""Scripted faults, each on the real socket."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from attrs import define, field, frozen


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
    def drop_mid_headers(cls) -> Fault:
        """Act, then close in the middle of the answer's headers."""
        return cls(kind="cut_headers", acts=True)

    @classmethod
    def reset(cls, *, acts: bool = False) -> Fault:
        """Reset the connection (RST) instead of answering."""
        return cls(kind="reset", acts=acts)

    @classmethod
    def truncate(cls) -> Fault:
        """Act, then cut the answer's body short of its Content-Length."""
        return cls(kind="truncate", acts=True)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Act, and answer after some seconds."""
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


@define
class _Injected:
    serial: int
    fault: Fault
    left: int


@define
class Faults:
    """The faults still to come, found by method and end of path.

    `_queues` holds them in order of injection for each (method, end); `_lengths` counts the live queues by the
    length of that end, so that a request looks at as many queues as there are lengths, however many faults wait.
    """

    _queues: dict[tuple[str | None, str], deque[_Injected]] = field(factory=dict)
    _lengths: Counter[int] = field(factory=Counter)
    _serial: int = 0

    def add(self, fault: Fault, method: str | None, end: str, times: int) -> None:
        """`times` more requests of that method whose path ends so."""
        if times < 1:
            return
        key, self._serial = (method, end), self._serial + 1
        if key not in self._queues:
            self._queues[key] = deque()
            self._lengths[len(end)] += 1
        self._queues[key].append(_Injected(self._serial, fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        """The first injected fault that matches, used once."""
        ends = [path[len(path) - length :] for length in self._lengths if length <= len(path)]
        keys = [(m, end) for end in ends for m in (None, method) if (m, end) in self._queues]
        if not keys:
            return None
        key = min(keys, key=lambda key: self._queues[key][0].serial)
        queue = self._queues[key]
        first = queue[0]
        first.left -= 1
        if first.left == 0:
            queue.popleft()
        if not queue:
            del self._queues[key]
            self._lengths[len(key[1])] -= 1
            if not self._lengths[len(key[1])]:
                del self._lengths[len(key[1])]
        return first.fault

    def clear(self) -> None:
        """Forget all."""
        self._queues.clear()
        self._lengths.clear()

    def __len__(self) -> int:
        return sum(injected.left for queue in self._queues.values() for injected in queue)
