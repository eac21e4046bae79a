"""The rest of a run's targets, listed again when its lists are old, after a long gap, and with another token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from attrs import define, field, frozen

from .._pulse import Pulse
from ..pace.limiter import MAX_PAUSE, SPREAD
from .halt import Halt, Stopped
from .targets import Candidate
from .verb import Entry, Numbered

Recheck = Callable[[Sequence[Candidate]], Coroutine[Any, Any, Sequence[Entry]]]
_PAUSE = MAX_PAUSE * (1 + SPREAD)  # seconds that a server may require, which are no gap
_SHARE = 5  # times what the last list took: lists are a small part of a run


@frozen
class ListTimes:
    """Holds the times of a list: it began at `at`, in epoch seconds, and took `took` seconds.

    `tokens`: how many other tokens the client had come to use by then.
    """

    at: float
    took: float
    tokens: int


async def listed_again(
    recheck: Recheck, candidates: Sequence[Candidate], pulse: Pulse
) -> tuple[ListTimes, Sequence[Entry]]:
    """Returns what a recheck makes of the candidates, and when it listed them."""

    async def timed() -> tuple[ListTimes, Sequence[Entry]]:
        began = time.time()
        found = await recheck(candidates)
        return ListTimes(began, time.time() - began, pulse.tokens), found

    # One in which the machine slept is repeated, and only the last one is timed.
    return await pulse.fresh(timed)


@define(eq=False)
class Rest:
    """Mutable: what the workers of a run have not yet taken.

    Times are in epoch seconds: the monotonic clock may stand still while a machine sleeps, and a system clock that jumps
    only costs a list.

    - `listed`: when all of it was listed; `due`: after this time that list is no evidence any more
    - `taken`: when a worker last took something; `longest`: a longer gap than these seconds makes the list old too
    - `max_age`: the seconds of the option, to which those are added that a server may require
    - `pulse`: of the client's pool, which counts its tokens
    """

    entries: Iterator[Numbered]
    max_age: float
    pulse: Pulse
    listed: ListTimes
    due: float = field(init=False)
    longest: float = field(init=False)
    taken: float = field(factory=time.time, init=False)
    _lock: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self.longest = self.max_age + _PAUSE
        self._set_due()

    def _set_due(self) -> None:
        self.due = self.listed.at + max(self.longest, _SHARE * self.listed.took)

    def is_known(self, now: float) -> bool:
        """True if its lists are evidence, one was taken of it lately, and the token is the same.

        A worker of a run has the same conditions written out, as it looks at them for each target.
        """
        lately = now <= self.due and abs(now - self.taken) <= self.longest
        return lately and self.listed.tokens == self.pulse.tokens

    async def refresh(self, recheck: Recheck, halt: Halt) -> BaseException | None:
        """Replaces each candidate by what a recheck makes of it; returns the error of a recheck that fails."""
        async with self._lock:
            # Another worker may have come here before.
            if self.is_known(time.time()):
                return None
            left = list(self.entries)
            try:
                there = [entry for _, entry in left if isinstance(entry, Candidate)]
                self.listed, again = await halt.unless(listed_again(recheck, there, self.pulse))
                found = iter(again)
                left = [(index, next(found) if isinstance(e, Candidate) else e) for index, e in left]
            except Stopped:
                return None  # nothing is sent any more
            # Of this library's own, or memory; and what would end the event loop before the others have an outcome.
            except (Exception, KeyboardInterrupt, SystemExit) as error:
                return error
            finally:  # each of them needs an outcome, whatever has come
                self.entries = iter(left)
            # Only now: what could not be listed stays out of date.
            self.taken = time.time()
            self._set_due()
        return None
