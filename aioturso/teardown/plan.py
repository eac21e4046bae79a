"""Plans: frozen data that lists completely and decides before anything is deleted."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from typing import Any, Self, Unpack

from attrs import define, evolve, field, frozen

from .._protocol import clean
from ..errors import ConfigurationError, InvalidInputError, TursoError
from .codec import plan_data, plan_fields
from .engine import Engine
from .exclusion import excluded
from .halt import Halt, Stopped
from .options import Options, RunOptions
from .recovery import UNCHECKED, Recovery, by_kind, checked
from .report import Outcome, TeardownReport
from .run import Run, collected
from .targets import Candidate, Target
from .verbs import REMOVE, RESTORE, Verb

_SHOWN = 50


@define(eq=False)
class _Life:
    """Mutable: the one thing of a plan that changes, shared by its copies.

    `born`: a time of `time.monotonic`, None once it has run or if it was loaded. `runs`: those under way.
    `recovery`: what the last check of it has found.
    """

    born: float | None = field(factory=time.monotonic)
    halt: Halt = field(factory=Halt, init=False)
    runs: int = field(default=0, init=False)
    ran: bool = field(default=False, init=False)
    recovery: Recovery | None = field(default=None, init=False)

    @contextmanager
    def running(self) -> Iterator[Halt]:
        """Holds one run; the stop that reached it, if any, is over when it ends."""
        self.runs += 1
        try:
            yield self.halt
        finally:
            self.runs -= 1
            self.ran = True
            if not self.runs and self.halt.reason:
                self.halt = Halt()

    def stop(self) -> None:
        """Stops every run under way, or the first one to come; after the last one there is nothing to stop."""
        if self.runs or not self.ran:
            self.halt.stop()


@frozen(kw_only=True)
class TeardownPlan:
    """Holds what would be destroyed (`targets`), and what would not and why (`skipped`). Nothing has been destroyed yet.

    `len(plan)` is the number of targets, and an empty plan is falsy; `print(plan)` shows it; `to_dict` keeps it as JSON,
    and `turso.teardown.load` reads that. `unmatched`: exclusions, patterns and names that matched nothing. `verb` is what
    the plan does: the plan of an undo restores.
    """

    title: str
    organization: str
    entries: tuple[Candidate, ...] = field(repr=False)
    unmatched: tuple[str, ...] = ()
    created_at: datetime = field(factory=lambda: datetime.now(UTC))
    verb: Verb = field(default=REMOVE, repr=False)
    engine: Engine | None = field(default=None, repr=False, eq=False)
    _life: _Life = field(factory=_Life, repr=False, eq=False)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that would be destroyed, or by an undo restored, in list order."""
        return tuple([entry.target for entry in self.entries if entry.reason is None])

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """The outcomes of what matches and would be left alone; `reason` holds why."""
        return tuple([self.verb.left(entry) for entry in self.entries if entry.reason is not None])

    @property
    def recovery(self) -> Recovery:
        """Whether what it deletes can be brought back, as far as that was checked: see `check_recovery`."""
        if self.verb is RESTORE:
            return Recovery(reason="an undo deletes nothing")
        return self._life.recovery or by_kind(self.targets) or UNCHECKED

    async def check_recovery(self) -> Recovery:
        """Looks whether what the plan deletes can be brought back, and until when; the plan then shows it.

        Sends at most two requests, and none where the kind of the targets decides: instances, locations of groups and
        API tokens cannot be brought back. An error of the platform means that it is not known, and is not raised.
        """
        if self.engine is None:
            raise ConfigurationError("this plan has no client: load it with turso.teardown.load")
        if self.verb is not RESTORE:
            self._life.recovery = await checked(self.engine, self.targets)
        return self.recovery

    @property
    def notes(self) -> Mapping[Target, str]:
        """Further facts of some targets: with `older_than`, the age of each and the source of that."""
        return {entry.target: entry.note for entry in self.entries if entry.note}

    def __len__(self) -> int:
        return sum(entry.reason is None for entry in self.entries)

    def __str__(self) -> str:
        targets, skipped = self.targets, self.skipped
        wanted = [entry for entry in self.entries if entry.reason is None]
        lines = [f"{clean(self.title)}: {len(targets):,} to {self.verb.word}, {len(skipped):,} skipped"]
        lines += [f"  {self.verb.word} {entry}" for entry in wanted[:_SHOWN]]
        if len(targets) > _SHOWN:
            lines.append(f"  and {len(targets) - _SHOWN:,} more")
        lines += [f"  skip {outcome.target} ({clean(outcome.reason or '')})" for outcome in skipped[:_SHOWN]]
        if len(skipped) > _SHOWN:
            lines.append(f"  and {len(skipped) - _SHOWN:,} more skipped")
        lines += [f"  matched nothing: {part}" for part in self.unmatched]
        if targets and self.verb is not RESTORE and self.recovery is not UNCHECKED:
            lines.append(f"  {self.recovery}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON."""
        return plan_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of `to_dict`, to look at; `turso.teardown.load` returns one that can run.

        Raises InvalidInputError for anything that `to_dict` does not make, and for a target that is named twice.
        """
        return cls(**plan_fields(data), life=_Life(born=None))

    @property
    def age(self) -> float:
        """Seconds since it was made; infinite if it was loaded, has run, or the system clock was set back."""
        if self._life.born is None:
            return float("inf")
        wall = (datetime.now(UTC) - self.created_at).total_seconds()
        return max(wall, time.monotonic() - self._life.born) if wall >= -1 else float("inf")

    def stop(self) -> None:
        """Ends every run of this plan, also a first one that has not begun: nothing more is sent, and all waits end at once.

        Calls on the wire are left to end; the rest is NOT_ATTEMPTED.
        """
        self._life.stop()

    async def execute(
        self, *, verify: bool = False, return_exceptions: bool = False, **options: Unpack[RunOptions]
    ) -> TeardownReport:
        """Destroys the targets, or restores them; the report has every one of them, in list order. Options: see RunOptions.

        `verify`: lists again at the end, and corrects the report by what is there.

        Raises InvalidInputError (too many targets), ConfigurationError, and TeardownError if a target failed or
        is unknown, unless `return_exceptions`. When it returns or raises, nothing of it is still running. A
        cancellation, and any error that is no Exception, has a TeardownError as its cause, with what is known by then.
        """
        chosen = Options(**options)
        for name, value in (("verify", verify), ("return_exceptions", return_exceptions)):
            if not isinstance(value, bool):
                raise InvalidInputError(f"{name} must be True or False, not {type(value).__name__}")
        with self._life.running() as halt:
            run = self._run(chosen, halt)
            outcomes = await collected(run, await self._wanted(run, chosen), self._is_stale(chosen))
            report = TeardownReport(outcomes, failure=run.failure)
            if verify and not chosen.dry_run:
                report = await self._verified(run, report)
        if not return_exceptions:
            report.raise_for_failures()
        return report

    async def stream(self, **options: Unpack[RunOptions]) -> AsyncGenerator[Outcome]:
        """Yields what `execute` reports, one outcome at a time, as they come; nothing of them is kept.

        It raises nothing for a target that failed. Leaving the loop early ends the teardown: use
        `contextlib.aclosing` to be sure that nothing is running afterwards.
        """
        chosen = Options(**options)
        with self._life.running() as halt:
            run = self._run(chosen, halt)
            entries = await self._wanted(run, chosen)
            async with aclosing(run.stream(entries, self._is_stale(chosen))) as outcomes:
                async for _, outcome in outcomes:
                    yield outcome
        if run.failure is not None:
            raise run.failure

    def _run(self, options: Options, halt: Halt) -> Run:
        if self.engine is None:
            raise ConfigurationError("this plan has no client: load it with turso.teardown.load")
        if (self.engine.organization or "") != self.organization:
            raise ConfigurationError(f"this plan is for the organization {self.organization!r}")
        strangers = (e.target for e in self.entries if e.target.kind != "API token")
        if any(target.organization != self.organization for target in strangers):
            raise ConfigurationError("a target of this plan belongs to another organization")
        if len(self) > options.max_targets:
            raise InvalidInputError(
                f"the plan has {len(self):,} targets, more than max_targets={options.max_targets:,}"
            )
        return Run(self.engine, self.verb, options, halt, len(self.entries))

    async def _verified(self, run: Run, report: TeardownReport) -> TeardownReport:
        try:
            return await run.halt.unless(self.verb.verify(run.engine, report))
        except Stopped:
            return evolve(report, unverified=TursoError("stopped before it was verified"))
        except Exception as error:  # of this library's own, or memory: what was deleted is known all the same
            return evolve(report, failure=report.failure or error)
        except BaseException as error:
            why = f"ended by {type(error).__name__} before it was verified"
            raise error from evolve(report, unverified=TursoError(why)).as_error()

    def _is_stale(self, options: Options) -> bool:
        stale = self.age > options.max_age
        if not options.dry_run:
            self._life.born = None  # what ran is out of date
        return stale

    async def _wanted(self, run: Run, options: Options) -> tuple[Candidate, ...]:
        if not options.exclude:
            return self.entries
        try:
            return tuple(await run.halt.unless(excluded(run.engine, self.entries, options.exclude)))
        except Stopped:
            return self.entries
