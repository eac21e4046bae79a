"""How: bounded workers over an iterator, every outcome accounted for, nothing running afterwards."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field, frozen

from .._operation import CallState, Operation
from .._protocol import is_grouped_refusal
from ..api.api_tokens import REVOKE
from ..api.databases import DELETE as DELETE_DATABASE
from ..api.groups import DELETE as DELETE_GROUP
from ..api.groups import REMOVE_LOCATION
from ..api.instances import DESTROY
from ..errors import (
    APIError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PaymentRequiredError,
    TursoError,
    UnauthorizedError,
)
from ..events import logger
from ..pace.limiter import Attempt, Limiter
from .audit import AuditLog
from .report import DRY_RUN, STOPPED, Kind, Outcome, OutcomeStatus, Target, summary

if TYPE_CHECKING:
    from os import PathLike

    from ..client import TursoClient

T = TypeVar("T")
OnOutcome = Callable[[Outcome], object]
OnProgress = Callable[["Progress"], object]
Entry = Target | Outcome

OPERATIONS: dict[Kind, Operation[str]] = {
    "instance": DESTROY,
    "database": DELETE_DATABASE,
    "group": DELETE_GROUP,
    "group location": REMOVE_LOCATION,
    "API token": REVOKE,
}
_HITS_ALL = (UnauthorizedError, PaymentRequiredError, ForbiddenError, ClientClosedError, ConfigurationError)
_BAD = {OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN}
PROGRESS_EVERY = 0.1  # seconds


@frozen(kw_only=True)
class Progress:
    """How far a teardown is. `rate`: outcomes per second; `remaining`, `elapsed`: seconds (None: nothing done yet).

    `concurrency`: sends that may be out at once, at this moment.
    """

    done: int
    total: int
    elapsed: float
    concurrency: int

    @property
    def rate(self) -> float:
        """Outcomes per second, so far."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds, if it goes on like this."""
        return (self.total - self.done) / self.rate if self.rate else None


@frozen(kw_only=True)
class Options:
    """How to run. `concurrency` None: as much as the server keeps up with; `rate_limit`: calls per second."""

    concurrency: int | None = None
    rate_limit: float | None = None
    dry_run: bool = False
    on_outcome: OnOutcome | None = None
    on_progress: OnProgress | None = None
    audit_log: str | PathLike[str] | None = None

    def __attrs_post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise InvalidInputError("concurrency must be at least 1")
        if self.rate_limit is not None and not 0 < self.rate_limit < float("inf"):
            raise InvalidInputError("rate_limit must be a positive number of calls per second")
        if any(map(inspect.iscoroutinefunction, (self.on_outcome, self.on_progress))):
            raise InvalidInputError("on_outcome and on_progress must be plain functions: nobody awaits them")


@define(eq=False)
class Run:
    """Mutable: one teardown under way. Iterate over it, once, for the outcomes as they come."""

    client: TursoClient
    limiter: Limiter
    total: int
    options: Options
    started: float = field(factory=time.monotonic)
    counts: Counter[OutcomeStatus] = field(factory=Counter)
    _halted: str = ""
    _halted_databases: dict[str, str] = field(factory=dict)
    _calls: dict[asyncio.Task[Any], tuple[Target, CallState]] = field(factory=dict)
    _failure: BaseException | None = None
    _take: Callable[[int, Outcome], None] = field(default=lambda index, outcome: None)
    _room: asyncio.Event = field(factory=asyncio.Event)
    _send: Attempt = field(init=False)
    _shown: float = 0.0

    def __attrs_post_init__(self) -> None:
        limit = self.options.rate_limit
        self._send = self.limiter.send if limit is None else self.limiter.at_most(limit)

    def __repr__(self) -> str:
        return f"<Run {self.done} of {self.total} done{', ' + self._halted if self._halted else ''}>"

    @property
    def done(self) -> int:
        """Outcomes so far."""
        return self.counts.total()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            done=self.done,
            total=self.total,
            elapsed=time.monotonic() - self.started,
            concurrency=min(self.limiter.concurrency, self.options.concurrency or self.limiter.most),
        )

    def stop(self, reason: str = STOPPED) -> None:
        """Send nothing new; calls in flight finish, and the rest are NOT_ATTEMPTED."""
        self._halted = self._halted or reason
        self._drop()

    async def collect(self, entries: Iterable[Entry]) -> list[Outcome]:
        """All outcomes, in the order of the entries."""
        results: list[Outcome | None] = [None] * self.total
        self._take = results.__setitem__
        self._room.set()
        with ExitStack() as stack:
            workers = self._start(entries, stack)
            try:
                await asyncio.gather(*workers)
            finally:
                await _end(workers)
        self._finish()
        return [outcome for outcome in results if outcome is not None]  # each of them is there

    async def stream(self, entries: Iterable[Entry]) -> AsyncGenerator[Outcome]:
        """Outcomes as they come; whoever is slow to take them slows the teardown down."""
        ready: deque[Outcome] = deque()
        news = asyncio.Event()
        self._room.set()

        def take(index: int, outcome: Outcome) -> None:
            ready.append(outcome)
            news.set()
            if len(ready) >= 2 * self.limiter.most:
                self._room.clear()

        self._take = take
        with ExitStack() as stack:
            workers = self._start(entries, stack)
            everything = asyncio.gather(*workers)
            everything.add_done_callback(lambda _: news.set())
            try:
                while ready or not everything.done():
                    while ready:
                        yield ready.popleft()
                    self._room.set()
                    news.clear()
                    if not everything.done():
                        await news.wait()
                await everything
            finally:
                await _end(workers)
                await asyncio.gather(everything, return_exceptions=True)
        self._finish()

    def _finish(self) -> None:
        said = summary(self.counts)
        level = logging.WARNING if self.counts.keys() & _BAD else logging.INFO
        logger.log(level, "teardown finished in %.1f s: %s", time.monotonic() - self.started, said)
        if self._failure is not None:
            raise self._failure

    def _start(self, entries: Iterable[Entry], stack: ExitStack) -> list[asyncio.Task[None]]:
        options = self.options
        log = stack.enter_context(AuditLog(options.audit_log)) if options.audit_log is not None else None
        if options.concurrency is not None:
            self.limiter.allow(options.concurrency)
        if options.dry_run:
            self.stop(DRY_RUN)
        queue = iter(enumerate(entries))
        size = min(options.concurrency or self.limiter.most, self.total)
        return [asyncio.create_task(self._work(queue, log)) for _ in range(size)]

    async def _work(self, queue: Iterator[tuple[int, Entry]], log: AuditLog | None) -> None:
        for index, entry in queue:
            if isinstance(entry, Target):
                reason = self._why_not(entry)
                if not reason:
                    await self._destroy(index, entry, log)
                    continue
                entry = Outcome(target=entry, status=OutcomeStatus.NOT_ATTEMPTED, reason=reason)
            self._settle(index, entry, log)
            if index % 500 == 0:
                await asyncio.sleep(0)  # thousands that need no call must not hold the loop
            if not self._room.is_set():
                await self._room.wait()

    async def _destroy(self, index: int, target: Target, log: AuditLog | None) -> None:
        state = CallState()
        started = time.monotonic()
        error: TursoError | None = None
        ended = False
        reason = "cancelled"
        operation = OPERATIONS[target.kind]
        task = asyncio.current_task()
        assert task is not None
        self._calls[task] = target, state
        try:
            await self.client.call(operation, *target.names, state=state, attempt=self._send)
            ended = True
        except TursoError as failure:
            error, ended = failure, True
        except asyncio.CancelledError:
            if task in self._calls or task.uncancel():  # it is not, or not only, our own
                raise
            reason = self._why_not(target)
        finally:  # also when cancelled: what was in flight is accounted for
            self._calls.pop(task, None)
            outcome = judge(target, state, error, ended, time.monotonic() - started, reason)
            self._heed(outcome)
            self._settle(index, outcome, log)
        if not self._room.is_set():
            await self._room.wait()

    def _heed(self, outcome: Outcome) -> None:
        """Stop the launch of the others after an error that would hit them all, or all of a database."""
        error, database = outcome.error, outcome.target.database
        if isinstance(error, BadRequestError) and is_grouped_refusal(error.message):
            self._halted_databases[database] = f"not attempted after: {error}"
            self._drop()
        elif isinstance(error, _HITS_ALL) or (isinstance(error, APIError) and error.status in (404, 405)):
            self.stop(f"not attempted after: {error}")

    def _why_not(self, target: Target) -> str:
        return self._halted or self._halted_databases.get(target.database, "")

    def _drop(self) -> None:
        """End the calls that wait for their first send and may not make it any more."""
        for task, (target, state) in list(self._calls.items()):
            if not state.attempts and self._why_not(target):
                del self._calls[task]
                task.cancel()

    def _settle(self, index: int, outcome: Outcome, log: AuditLog | None) -> None:
        self.counts[outcome.status] += 1
        self._take(index, outcome)
        if log is not None:
            self._tell(log.write, outcome)
        if self.options.on_outcome is not None:
            self._tell(self.options.on_outcome, outcome)
        if self.options.on_progress is not None:
            self._tell(self._show, self.options.on_progress)

    def _tell(self, told: Callable[[T], object], what: T) -> None:
        try:
            told(what)
        except Exception as failure:  # who asked may not see the rest: finish what is in flight, and raise it
            self._failure = self._failure or failure
            self.stop("not attempted after a callback or the audit log failed")

    def _show(self, on_progress: OnProgress) -> None:
        now = time.monotonic()
        if now - self._shown >= PROGRESS_EVERY or self.done == self.total:
            self._shown = now
            on_progress(self.progress)


async def _end(workers: list[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


def judge(
    target: Target, state: CallState, error: TursoError | None, ended: bool, elapsed: float, reason: str
) -> Outcome:
    """The outcome of a call from its account; `ended` False: it was cancelled, for this reason."""
    facts: dict[str, Any] = {"target": target, "attempts": state.attempts, "elapsed": elapsed}
    if not ended:
        return Outcome(**facts, status=_interrupted(state), reason=reason)
    if error is not None:
        if isinstance(error, ClientClosedError) and not state.attempts:
            return Outcome(**facts, status=OutcomeStatus.NOT_ATTEMPTED, reason=str(error))
        if isinstance(error, NotFoundError) and error.resource in OPERATIONS[target.kind].gone:
            return Outcome(**facts, status=OutcomeStatus.ALREADY_GONE, reason=f"{error.resource} not found")
        status = OutcomeStatus.UNKNOWN if error.maybe_applied else OutcomeStatus.FAILED
        return Outcome(**facts, status=status, error=error)
    told = "accepted" if state.status == 202 else None
    if state.confirmed_by:
        told = f"confirmed by 404 ({state.confirmed_by} not found)"
    return Outcome(**facts, status=OutcomeStatus.DESTROYED, reason=told)


def _interrupted(state: CallState) -> OutcomeStatus:
    if state.maybe_applied or state.unanswered:
        return OutcomeStatus.UNKNOWN
    return OutcomeStatus.FAILED if state.attempts else OutcomeStatus.NOT_ATTEMPTED
