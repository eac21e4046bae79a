"""Ctrl-C and its like: what each one does is decided in the event loop, on every platform alike."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any, Self

from attrs import define, field

NOTHING = "interrupted; nothing was destroyed"
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@define(eq=False)
class Signals:
    """Mutable: the first signal that has come, and what the next one does.

    `act` is called in the loop; None defers them, as while a report is written. `last`: leaves them ignored at the end.
    `reported`: a command has ended with its own words, and a code that counts them.
    `loop.add_signal_handler` is not used: Windows has none.
    """

    last: bool = False
    first: int | None = field(default=None, init=False)
    reported: bool = field(default=False, init=False)
    _act: Callable[[], object] | None = field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _before: dict[int, Any] = field(factory=dict, init=False)

    def __enter__(self) -> Self:
        CURRENT.set(self)
        for number in [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]:
            before = signal.getsignal(number)
            if before is signal.SIG_IGN:  # as under nohup: it stays so
                continue
            try:
                signal.signal(number, self._received)
            except ValueError:  # not in the main thread
                return self
            self._before[number] = before
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.last else before)

    @property
    def code(self) -> int:
        """The exit code of an interrupted command, as shells have it."""
        return 128 + (self.first or signal.SIGINT)

    def lead_to(self, act: Callable[[], object] | None) -> None:
        """Sets what the next signal does; one that has come before it could do anything does it now."""
        waiting = self._act is None and self._loop is None and self.first is not None
        if act is not None:
            self._loop = asyncio.get_running_loop()
        self._act = act
        if waiting and act is not None:
            act()

    def _received(self, number: int, _: FrameType | None) -> None:
        if self._loop is None:  # nothing has been sent, and a file or a pipe may never end
            self.first = self.first or number
            raise KeyboardInterrupt
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived, number)  # wakes a loop that waits for the network

    def _arrived(self, number: int) -> None:
        if self._act is not None:
            self.first = self.first or number
            self._act()


CURRENT: ContextVar[Signals] = ContextVar("aioturso_signals")
"""The signals of the command that runs."""
