"""Plans: frozen data that lists completely and decides before anything is deleted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self, Unpack

from attrs import frozen

from .._protocol import clean
from ..events import logger
from .base_plan import BasePlan
from .codec import plan_data, plan_fields
from .exclusion import excluded, excluding
from .halt import Stopped
from .options import Options, RunOptions, TeardownOptions
from .recovery import UNCHECKED, Recovery, by_kind, checked
from .report import Outcome, TeardownReport
from .run import Run
from .selection import Exclusion, exclusions
from .targets import Candidate, Target
from .verb import Verb
from .verbs import REMOVE, RESTORE


@frozen(kw_only=True, repr=False)
class TeardownPlan(BasePlan):
    """Holds what would be destroyed (`targets`), and what would not and why (`skipped`). Nothing is destroyed yet.

    `len(plan)` is the number of targets, and an empty plan is falsy; `print(plan)` shows it; `to_dict` keeps it as
    JSON, and `turso.teardown.load` reads that. `unmatched`: exclusions, patterns and names that matched nothing.
    `exclude`: the globs that were excluded, which hold whenever it is listed again. `verb` is what the plan does: the
    plan of an undo restores.
    """

    unmatched: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    verb: Verb = REMOVE

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
        engine = self._connected
        if self.verb is not RESTORE:
            self._life.recovery = await checked(engine, self.targets)
        return self.recovery

    @property
    def notes(self) -> Mapping[Target, str]:
        """Further facts of some targets: with `older_than`, the age of each and the source of that."""
        return {entry.target: entry.note for entry in self.entries if entry.note}

    def _lines(self) -> list[str]:
        lines = [*super()._lines(), *(f"  matched nothing: {part}" for part in self.unmatched)]
        if self.targets and self.verb is not RESTORE and self.recovery is not UNCHECKED:
            lines.append(f"  {self.recovery}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON."""
        return plan_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Reverses `to_dict`, to look at a plan; `turso.teardown.load` returns one that can run.

        Raises InvalidInputError for anything that `to_dict` does not make, and for a target that is named twice.
        """
        return cls(**plan_fields(data))

    async def execute(
        self, *, verify: bool = False, return_exceptions: bool = False, **options: Unpack[RunOptions]
    ) -> TeardownReport:
        """Destroys the targets, or restores them; the report has all of them in list order.

        `verify`: lists again at the end, and corrects the report by what is there. The other options are those of
        `stream`: `concurrency`, `rate_limit`, `max_targets` (1000), `max_age` (10 seconds), `dry_run`, `on_outcome`,
        `on_progress`, `audit_log` and `exclude`; RunOptions has the meaning of each.

        Raises InvalidInputError (too many targets), ConfigurationError, and TeardownError if a target failed or
        is unknown, unless `return_exceptions`. When it returns or raises, nothing of it is still running. A
        cancellation, and any error that is no Exception, has a TeardownError as its cause, with what is known by then.
        """
        chosen = TeardownOptions.of(options)
        report = await self._executed(chosen, verify=verify, return_exceptions=return_exceptions)
        assert isinstance(report, TeardownReport)  # as the verbs of a teardown make it
        return report

    def stream(self, **options: Unpack[RunOptions]) -> AsyncGenerator[Outcome]:
        """Yields what `execute` reports, one outcome at a time, as they come; nothing of them is kept.

        Takes the options of RunOptions. It raises nothing for a target that failed. Leaving the loop early ends the
        teardown: use `contextlib.aclosing` to be sure that nothing is running afterwards.
        """
        return self._streamed(TeardownOptions.of(options))

    def _verb_of(self, options: Options) -> Verb:
        assert isinstance(options, TeardownOptions)  # as `execute` and `stream` make them
        return excluding(self.verb, (*self.exclude, *options.exclude))

    async def _entries_of(self, run: Run, options: Options) -> tuple[Candidate, ...]:
        assert isinstance(options, TeardownOptions)  # as `execute` and `stream` make them
        entries, exclusion = self.entries, Exclusion(options.exclude)
        if options.exclude:
            try:
                entries = tuple(await run.halt.unless(excluded(run.engine, entries, exclusion)))
            except Stopped:
                return entries  # nothing is sent any more
        # A glob of the plan may have matched what is no part of it.
        idle = [part for part in exclusion.unmatched if part not in self._matched]
        run.unmatched = tuple(dict.fromkeys((*exclusions(self.unmatched), *idle)))
        for part in run.unmatched:
            logger.warning("%s: %s matched nothing", clean(self.title), part)
        return entries

    @property
    def _matched(self) -> frozenset[str]:
        return frozenset(Exclusion(self.exclude).unmatched) - frozenset(self.unmatched)
