"""The rest of a run's targets, listed again when its lists are old, after a long gap, and with another token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from attrs import define, field

from .._pulse import Pulse
from ..pace.limiter import MAX_PAUSE, SPREAD
from .halt import Halt, Stopped
from .targets import Candidate
from .verb import Entry, Numbered

Recheck = Callable[[list[Candidate]], Coroutine[Any, Any, Sequence[Entry]]]
_PAUSE = MAX_PAUSE * (1 + SPREAD)  # seconds that a server may require, which are no gap
_SHARE = 5  # times what the last list took: lists are a small part of a run


@define(eq=False)
class Rest:
    """Mutable: what the workers of a run have not yet taken; `taken`: when one last took of it, in epoch seconds.

    `listed`: when its last list began, which `took` so many seconds; after `due` that is no evidence any more.
    `max_age`: seconds, besides those that a server may require. By the clock of the system, as the monotonic one may
    stand still while a machine sleeps; one that jumps costs a list. `pulse`: of the client's pool, which counts its
    tokens; `tokens`: that number when all of it was listed.
    """

    entries: Iterator[Numbered]
    max_age: float
    pulse: Pulse
    listed: float = field(factory=time.time)
    took: float = 0.0
    due: float = field(init=False)
    tokens: int = field(init=False)
    longest: float = field(init=False)
    taken: float = field(factory=time.time, init=False)
    _lock: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self.longest, self.tokens = self.max_age + _PAUSE, self.pulse.tokens
        self._set_due()

    def _set_due(self) -> None:
        self.due = self.listed + max(self.longest, _SHARE * self.took)

    def is_known(self, now: float) -> bool:
        """True if its lists are evidence, one was taken of it lately, and the token is the same.

        Written out in a run, for each target.
        """
        lately = now <= self.due and abs(now - self.taken) <= self.longest
        return lately and self.tokens == self.pulse.tokens

    async def _timed(self, recheck: Recheck, entries: list[Candidate]) -> Sequence[Entry]:
        began = time.time()
        found = await recheck(entries)
        # Of the last one alone: one in which the machine slept is repeated.
        self.listed, self.took = began, time.time() - began
        return found

    async def refresh(self, recheck: Recheck, halt: Halt) -> Exception | None:
        """Puts in the place of each candidate what a recheck makes of it, once; returns the error of one that fails."""
        async with self._lock:
            # Another worker may have come here before.
            if self.is_known(time.time()):
                return None
            left = list(self.entries)
            try:
                there = [entry for _, entry in left if isinstance(entry, Candidate)]
                found = iter(await halt.unless(self.pulse.fresh(partial(self._timed, recheck, there))))
                left = [(index, next(found) if isinstance(e, Candidate) else e) for index, e in left]
            except Stopped:
                return None  # nothing is sent any more
            except Exception as error:  # of this library's own, or memory
                return error
            finally:  # each of them needs an outcome, whatever has come
                self.entries = iter(left)
            # Only now: what could not be listed stays out of date.
            self.taken, self.tokens = time.time(), self.pulse.tokens
            self._set_due()
        return None
