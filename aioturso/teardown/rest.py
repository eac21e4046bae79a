"""The rest of a run's targets, which is listed again after a long break: a machine that slept, or a reader that was away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from attrs import define, field

from .._breaks import Breaks
from ..pace.limiter import MAX_PAUSE, SPREAD
from .halt import Halt, Stopped
from .options import Options
from .targets import Candidate
from .verb import Entry, Numbered

Recheck = Callable[[list[Candidate]], Coroutine[Any, Any, Sequence[Entry]]]
_PAUSE = MAX_PAUSE * (1 + SPREAD)  # seconds that a server may require, which are no break


def breaks_of(options: Options) -> Breaks:
    """Returns the breaks of a run that begins now: longer than `max_age`, a required pause and the run's own rate."""
    return Breaks(options.max_age + _PAUSE + (1 / options.rate_limit if options.rate_limit else 0.0))


@define(eq=False)
class Rest:
    """Mutable: what the workers of a run have not yet taken, or have put back as a break came before its send.

    `listed`: how many breaks there were when it was listed; `again`: what was put back before, which is sent whatever the
    breaks: a server may always be slow.
    """

    entries: Iterator[Numbered]
    breaks: Breaks
    listed: int = 0
    back: list[Numbered] = field(factory=list, init=False)
    again: set[int] = field(factory=set, init=False)
    _lock: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    def put_back(self, index: int, candidate: Candidate) -> None:
        """Keeps a target for the next list; nothing was sent for it."""
        self.again.add(index)
        self.back.append((index, candidate))

    @property
    def is_listed(self) -> bool:
        """True if all of it was listed since the last break."""
        return self.listed == self.breaks.count and not self.back

    async def refresh(self, recheck: Recheck, halt: Halt) -> Exception | None:
        """Puts in the place of each candidate what a recheck makes of it, once; returns the error of one that fails."""
        async with self._lock:
            # One turn, in which all that the break has overtaken is put back.
            await asyncio.sleep(0)
            # Another worker may have come here before.
            if self.is_listed:
                return None
            count, left = self.breaks.count, [*self.back, *self.entries]
            self.back.clear()
            try:
                listed = recheck([entry for _, entry in left if isinstance(entry, Candidate)])
                found = iter(await halt.unless(listed))
                left = [(index, next(found) if isinstance(e, Candidate) else e) for index, e in left]
            except Stopped:
                return None  # nothing is sent any more
            except Exception as error:  # of this library's own, or memory
                return error
            finally:  # each of them needs an outcome, whatever has come
                self.entries = iter(left)
            # Only now: what could not be listed stays unsent.
            self.listed, self.breaks.last = count, time.time()
        return None
