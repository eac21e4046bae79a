"""The base of plans: frozen data that can be executed, streamed and stopped."""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from math import inf

from attrs import define, evolve, field, frozen

from .._checks import switches
from .._protocol import clean
from ..errors import ClientClosedError, ConfigurationError, InvalidInputError, TursoError
from .collecting import collected
from .engine import Engine
from .halt import Halt, Stopped
from .options import Options
from .recovery import Recovery
from .report import Outcome, Report
from .rest import ListTimes
from .run import Run
from .spread import in_parts
from .targets import Candidate, Target
from .verb import Verb

_SHOWN = 50


@frozen
class Since:
    """Holds when the lists of a plan began, which are its evidence: by the system's clock, and by `time.monotonic`.

    `tokens`: how many other tokens the client had come to use by then.
    """

    tokens: int
    wall: datetime = field(factory=lambda: datetime.now(UTC))
    monotonic: float = field(factory=time.monotonic)

    def life(self, entries: tuple[Candidate, ...]) -> "Life":
        """Returns the life of a plan of these entries."""
        return Life(self, entries)


@define(eq=False)
class Life:
    """Mutable: the one thing of a plan that changes, shared by its copies.

    `since`: when its lists began; None once it has run, and for a plan without lists. `entries`: what they have made of
    it; others are no longer evidence. `runs`: those under way. `recovery`: what the last check of it has found.
    """

    since: Since | None = None
    entries: tuple[Candidate, ...] = ()
    halt: Halt = field(factory=Halt, init=False)
    runs: int = field(default=0, init=False)
    ran: bool = field(default=False, init=False)
    recovery: Recovery | None = field(default=None, init=False)

    @contextmanager
    def running(self, dry_run: bool = False) -> Iterator[Halt]:
        """Counts one run under way; a stop that has reached it counts for no later one. A dry run is no run."""
        self.runs += 1
        try:
            yield self.halt
        finally:
            self.runs -= 1
            self.ran = self.ran or not dry_run
            if self.ran and not self.runs and self.halt.reason:
                self.halt = Halt()

    def stop(self) -> None:
        """Stops every run under way, or the first one to come; after the last one there is nothing to stop."""
        if self.runs or not self.ran:
            self.halt.stop()


# Not of texts, which is why `from __future__ import annotations` is missing here: attrs copies the annotations into the
# `__init__` of each kind of plan, where they could not be resolved.
@frozen(kw_only=True)
class BasePlan:
    """Holds what a run would do (`targets`), and what not and why (`skipped`). Nothing has been done yet.

    `len(plan)` is the number of targets, and an empty plan is falsy.
    """

    title: str
    organization: str
    entries: tuple[Candidate, ...]
    created_at: datetime = field(factory=lambda: datetime.now(UTC))
    verb: Verb
    engine: Engine | None = field(default=None, eq=False)
    _life: Life = field(factory=Life, eq=False)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the run, in list order."""
        return tuple([entry.target for entry in self.entries if entry.reason is None])

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """The outcomes of what matches and would be left alone; `reason` holds why."""
        return tuple([self.verb.left(entry) for entry in self.entries if entry.reason is not None])

    def __repr__(self) -> str:
        targets, skipped = len(self), len(self.entries) - len(self)
        count = f"{targets:,} target{'s' * (targets != 1)}, {skipped:,} skipped"
        return f"<{type(self).__name__} {self.title!r} of {self.organization!r}: {count}>"

    def __len__(self) -> int:
        return len([entry for entry in self.entries if entry.reason is None])

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        targets, skipped = self.targets, self.skipped
        wanted = [entry for entry in self.entries if entry.reason is None]
        lines = [f"{clean(self.title)}: {len(targets):,} to {self.verb.word}, {len(skipped):,} skipped"]
        lines += [f"  {self.verb.word} {entry}" for entry in wanted[:_SHOWN]]
        if len(targets) > _SHOWN:
            lines.append(f"  and {len(targets) - _SHOWN:,} more")
        lines += [f"  skip {outcome.target} ({clean(outcome.reason or '')})" for outcome in skipped[:_SHOWN]]
        if len(skipped) > _SHOWN:
            lines.append(f"  and {len(skipped) - _SHOWN:,} more skipped")
        return lines

    @property
    def age(self) -> float:
        """Seconds since its lists began.

        Infinite if it has run, was loaded or put together by hand, or if the system clock was set back.
        """
        since = self._life.since
        if since is None or self._life.entries is not self.entries:
            return inf
        wall = (datetime.now(UTC) - self.created_at).total_seconds()
        # The monotonic clock may stand still while a machine sleeps. A little below 0 is rounding.
        return max(wall, time.monotonic() - since.monotonic) if wall >= -1 else inf

    @property
    def _connected(self) -> Engine:
        if self.engine is None:
            raise ConfigurationError("this plan has no client: load it with turso.teardown.load")
        return self.engine

    def stop(self) -> None:
        """Ends every run of this plan, also a first one that has not begun: sends nothing more, and ends all waits.

        Calls on the wire are left to end; the rest is NOT_ATTEMPTED. Another thread may call it, and the handler of a
        signal.
        """
        self._life.stop()

    async def _executed(self, options: Options, *, verify: bool, return_exceptions: bool) -> Report:
        """Returns the report of a run, verified if that is wanted; raises its error, unless `return_exceptions`."""
        switches(verify=verify, return_exceptions=return_exceptions)
        with self._life.running(options.dry_run) as halt:
            run = await self._run(options, halt)
            entries = await self._entries_of(run, options)
            report = await collected(run, entries, self._use_lists(options))
            if verify and not options.dry_run:
                report = await self._verified(run, report)
        if not return_exceptions:
            report.raise_for_failures()
        return report

    async def _streamed(self, options: Options) -> AsyncGenerator[Outcome]:
        with self._life.running(options.dry_run) as halt:
            run = await self._run(options, halt)
            entries = await self._entries_of(run, options)
            async with aclosing(run.stream(entries, self._use_lists(options))) as outcomes:
                async for found in outcomes:
                    for _, outcome in found:
                        yield outcome
        # After the last outcome: the reader has all that is known.
        if run.failure is not None:
            raise run.failure

    async def _run(self, options: Options, halt: Halt) -> Run:
        engine = self._connected
        # A plan is data, and may have been put together with another client.
        if engine.organization != self.organization:
            raise ConfigurationError(f"this plan is for the organization {self.organization!r}")
        if engine.calls.pool.closed:
            raise ClientClosedError(
                f"{clean(self.title)}: the client is closed", organization=self.organization
            )
        async for part in in_parts(self.entries):
            if not all(entry.target.is_of(self.organization) for entry in part):
                raise ConfigurationError("a target of this plan belongs to another organization")
        if (count := len(self)) > options.max_targets:
            raise InvalidInputError(
                f"the plan has {count:,} target{'s' * (count > 1)}, more than max_targets={options.max_targets:,}: "
                "give a higher one if all of them are meant"
            )
        return Run(engine, self._verb_of(options), options, halt, len(self.entries))

    def _verb_of(self, options: Options) -> Verb:
        """Returns the verb of one run."""
        return self.verb

    async def _verified(self, run: Run, report: Report) -> Report:
        try:
            return await run.halt.unless(self.verb.verify(run.engine, report))
        except Stopped:
            return evolve(report, unverified=TursoError("stopped before it was verified"))
        except Exception as error:  # of this library's own, or memory: what was deleted is known all the same
            return evolve(report, failure=report.failure or error)
        except BaseException as error:
            why = f"ended by {type(error).__name__} before it was verified"
            raise error from evolve(report, unverified=TursoError(why)).as_error()

    def _use_lists(self, options: Options) -> ListTimes | None:
        """Returns the times of the plan's lists, which a run uses up; None if they are no evidence any more."""
        age, since = self.age, self._life.since
        if not options.dry_run:
            self._life.since = None  # what ran is out of date
        # Also where any age is allowed: a plan without one has no evidence.
        if since is None or age == inf or age > options.max_age:
            return None
        # Another token may be another user's, whose lists are others.
        is_known = since.tokens == self._connected.tokens
        return ListTimes(time.time() - age, 0.0, since.tokens) if is_known else None

    async def _entries_of(self, run: Run, options: Options) -> tuple[Candidate, ...]:
        """Returns the entries of one run."""
        return self.entries
