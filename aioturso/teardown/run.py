"""Runs: bounded workers over an iterator, every outcome accounted for, nothing running afterwards."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain
from math import ceil
from typing import Any

from attrs import Factory, define, field

from .._account import Account, Ended
from ..errors import TursoError
from ..events import logger
from .audit import AuditFile
from .engine import Engine
from .halt import Halt, Stopped
from .observers import Observers
from .options import Options
from .outbox import Outbox
from .progress import Progress
from .report import BAD, DRY_RUN, Outcome, OutcomeStatus, summary
from .rest import ListTimes, Rest, listed_again
from .scope import Scope, scope
from .stops import Stops
from .targets import Candidate, Target
from .underway import Underway
from .verb import NOTHING, Numbered, Sent, Verb

_AHEAD = 60.0  # seconds of a rate limit, for which targets are taken
_TURN = 16  # outcomes without a call, after which a worker lets the loop run: thousands must not hold it


@define(eq=False)
class Run:
    """Mutable: one run of a plan. It begins with `stream`, once; `stop` ends every wait and sends nothing more.

    A call that is on the wire is left to end, and is not sent again. `failure` is an error of a callback or of the
    audit log, which ends the run; so does `fatal`, which is no Exception and is raised when all is accounted for.
    `unmatched`: exclusions that have matched nothing.
    """

    engine: Engine
    verb: Verb
    options: Options
    halt: Halt
    total: int
    unmatched: tuple[str, ...] = field(default=(), init=False)
    started: float = field(factory=time.monotonic, init=False)
    counts: dict[OutcomeStatus, int] = field(factory=lambda: defaultdict(int), init=False)
    failure: Exception | None = field(default=None, init=False)
    fatal: BaseException | None = field(default=None, init=False)
    _stops: Stops = field(default=Factory(lambda run: Stops(run.halt), takes_self=True), init=False)
    _underway: Underway = field(
        default=Factory(lambda run: Underway(run._stops), takes_self=True), init=False
    )
    _observers: Observers | None = field(default=None, init=False)
    _outbox: Outbox[tuple[int, Outcome]] = field(factory=lambda: Outbox(1), init=False)
    _rest: Rest | None = field(default=None, init=False)
    _phases: Iterator[Iterable[Numbered]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.engine = self.engine.at_most(self.options.rate_limit)

    def __repr__(self) -> str:
        reason = self._stops.reason
        return f"<Run {self.done} of {self.total} done{f', {reason}' if reason else ''}>"

    @property
    def done(self) -> int:
        """Outcomes so far."""
        return sum(self.counts.values())

    @property
    def progress(self) -> Progress:
        """The progress at this moment."""
        limiter = self.engine.limiter
        return Progress(
            done=self.done,
            total=self.total,
            elapsed=time.monotonic() - self.started,
            concurrency=min(limiter.concurrency, self.options.concurrency or limiter.most),
            pace=limiter.pace,
            pausing=limiter.pausing,
            refused=limiter.refused,
        )

    def stop(self, reason: str) -> None:
        """Sends nothing more; what is not on the wire ends at once."""
        self._stops.add(reason)
        self._underway.drop()

    async def stream(
        self, candidates: Sequence[Candidate], listed: ListTimes | None
    ) -> AsyncGenerator[list[tuple[int, Outcome]]]:
        """Yields all outcomes that are there, with the index of each candidate. A slow reader slows the run down.

        `listed`: when the candidates were listed; None: they are listed again first.
        """
        with ExitStack() as stack:
            # Before anything is sent: a log that cannot be written ends the run here.
            self._observers = self._observed(stack)
            stack.enter_context(self.halt.when_stopped(self._underway.drop))
            stack.enter_context(self.engine.calls.pool.pulse.ticking())
            if self.options.dry_run:
                # As a run that was stopped before its first send, so that no other path has to know of it.
                self._stops.add(DRY_RUN)
            listed, entries = await self._entries(candidates, listed)
            self._phases = iter(self.verb.phases(enumerate(entries)))
            for phase in self._phases:
                workers = list[asyncio.Task[None]]()
                try:
                    self._start(phase, listed, workers)
                    while found := await self._outbox.take():
                        yield found
                    # A mistake of a worker's own is raised here, and not lost.
                    await asyncio.gather(*workers)
                finally:
                    # A reader that leaves early leaves nothing running.
                    for worker in workers:
                        worker.cancel()
                    await asyncio.gather(*workers, return_exceptions=True)
            level = logging.WARNING if self.counts.keys() & BAD else logging.INFO
            took = time.monotonic() - self.started
            logger.log(level, "%s finished in %.1f s: %s", self.verb.noun, took, summary(self.counts))
            if self.fatal is not None:
                raise self.fatal

    def _observed(self, stack: ExitStack) -> Observers | None:
        options = self.options
        log = None if options.audit_log is None else stack.enter_context(AuditFile(options.audit_log))
        if log is None and options.on_outcome is None and options.on_progress is None:
            return None
        return Observers(log, options, lambda: self.progress, self._fail)

    async def _entries(
        self, candidates: Sequence[Candidate], listed: ListTimes | None
    ) -> tuple[ListTimes, Iterable[Candidate | Outcome]]:
        if listed is not None:
            return listed, candidates
        pulse, recheck = self.engine.calls.pool.pulse, partial(self.verb.recheck, self.engine)
        try:
            return await self.halt.unless(listed_again(recheck, candidates, pulse))
        except Stopped:  # nothing is sent to them
            return ListTimes(0.0, 0.0, pulse.tokens), candidates

    def _start(
        self, entries: Iterable[Numbered], listed: ListTimes, workers: list[asyncio.Task[None]]
    ) -> None:
        # One iterator for all workers: no task and no queue for each of very many targets.
        limiter, pulse = self.engine.limiter, self.engine.calls.pool.pulse
        rest = self._rest = Rest(iter(entries), self.options.max_age, pulse, listed)
        self._outbox = Outbox(2 * limiter.most)
        if self.options.concurrency is not None:
            limiter.allow(self.options.concurrency)
        # The limiter decides how many of them send at once.
        size = min(self.options.concurrency or limiter.most, self.total)
        if self.options.rate_limit is not None:
            # More of them would wait for their turn while their evidence gets old.
            size = min(size, ceil(self.options.rate_limit * _AHEAD))
        left = size

        # A callback, as the reader would wait for ever for a worker that has failed.
        def ended(_: asyncio.Task[None]) -> None:
            nonlocal left
            left -= 1
            if not left:
                self._outbox.close()

        # One by one: those that have begun are ended if another one cannot begin.
        for _ in range(size):
            workers.append(worker := asyncio.create_task(self._work(rest)))
            worker.add_done_callback(ended)
        if not workers:
            self._outbox.close()

    async def _work(self, rest: Rest) -> None:
        settled, task = 0, asyncio.current_task()
        assert task is not None  # workers are tasks
        while True:
            now = time.time()
            lately = now <= rest.due and abs(now - rest.taken) <= rest.longest
            if (lately and rest.listed.tokens == rest.pulse.tokens) or self._stops.reason:
                rest.taken = now
            elif error := await rest.refresh(partial(self.verb.recheck, self.engine), self.halt):
                self._fail(error)
            if (following := next(rest.entries, None)) is None:
                return
            index, entry = following
            # Only now: a stop, or the error of another target, may have come since.
            if isinstance(entry, Candidate) and self._stops.is_due(entry):
                await self._send(index, entry, task)
            else:
                self._settle(index, entry if isinstance(entry, Outcome) else self.unsent(entry))
                settled += 1
                if settled % _TURN == 0:
                    await asyncio.sleep(0)
            if self._outbox.is_full:
                await self._outbox.room()

    async def _send(self, index: int, candidate: Candidate, task: asyncio.Task[Any]) -> None:
        target, observers = candidate.target, self._observers
        announce = None if observers is None else observers.announcing(target, self.verb.sending)
        account = Account(task, time.monotonic(), announce)
        self._underway.calls[task] = target, account
        outcome: Outcome | None = None
        sent = NOTHING
        try:
            answer = await self.verb.send(self.engine, candidate, account)
            sent = answer if isinstance(answer, Sent) else NOTHING
            outcome = self.verb.worked(target, account, sent)
        except (asyncio.CancelledError, GeneratorExit):
            # Else this target is settled, and the worker takes the next.
            if not self._underway.is_dropped(task):
                raise
            outcome = self.verb.interrupted(target, account, self._stops.of(target))
        except Ended:
            outcome = self.verb.interrupted(target, account, self._stops.of(target))
        except TursoError as error:
            outcome = self.verb.judge(target, account, error)
        except Exception as error:  # of this library's own, or memory: the others are still accounted for
            outcome = self.verb.judge(target, account, error)
            self._fail(error)
        except BaseException as error:
            outcome = self.verb.interrupted(target, account, f"ended by {type(error).__name__}")
            self._fail(error)
        finally:  # also when cancelled: what was in flight is accounted for
            del self._underway.calls[task]
            self._underway.dropped.discard(task)
            if outcome is None:
                outcome = self.verb.interrupted(target, account, "cancelled")
            if outcome.error is not None:
                self._heed(outcome.error, target)
            # What comes with a group was no target of the plan.
            self.total += len(sent.came)
            self._settle(index, outcome)
            for each in sent.came:
                self._settle(index, each)

    def _heed(self, error: Exception, target: Target) -> None:
        """Stops the targets that the same error would hit."""
        hit = scope(error, target, self.verb, self.engine.calls.retrier.policy)
        if hit is Scope.DATABASE:
            self._stops.add(f"not attempted after: {error}", target.database)
            self._underway.drop()
        elif hit is Scope.RUN:
            self.stop(f"not attempted after: {error}")

    def _settle(self, index: int, outcome: Outcome) -> None:
        self.counts[outcome.status] += 1
        if outcome.target.kind == "group" and not self.verb.has_worked(outcome):
            self._stops.undone.add(outcome.target)
        # The reader first, then the log: a callback that fails must cost neither of them the outcome.
        self._outbox.put((index, outcome))
        if self._observers is not None:
            self._observers.settled(outcome)

    def _fail(self, error: BaseException) -> None:
        """Ends the run: its observer may not see the rest. What is no Exception is raised, as no report may hold it."""
        name = type(error).__name__
        if isinstance(error, Exception):
            self.failure = self.failure or error
            self.stop(f"not attempted after a failure ({name})")
        else:
            self.fatal = self.fatal or error
            self.stop(f"not attempted after {name}")

    def unsent(self, entry: Candidate) -> Outcome:
        """Returns the outcome of a candidate to which nothing is sent."""
        if entry.reason is not None:
            return self.verb.left(entry)
        reason = self._stops.before(entry) or "cancelled"
        return Outcome(target=entry.target, status=OutcomeStatus.NOT_ATTEMPTED, reason=reason)

    def untaken(self) -> frozenset[int] | None:
        """Returns the indexes of those that no worker has taken, and takes them; None for all of them."""
        if self._rest is None:
            return None
        return frozenset(index for index, _ in chain(self._rest.entries, *self._phases))

    def undelivered(self) -> list[tuple[int, Outcome]]:
        """Returns the outcomes that the reader has not taken, and takes them."""
        return self._outbox.drain()
