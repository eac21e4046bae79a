"""Plans of creations: what is to be created, and what is there already."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Unpack

from attrs import frozen

from ..teardown.base_plan import BasePlan
from ..teardown.options import CreationOptions, Options
from ..teardown.report import Outcome
from .report import CreationReport


@frozen(kw_only=True, repr=False)
class CreationPlan(BasePlan):
    """Holds what would be created (`targets`), and what would not (`skipped`): it is there, or its name is taken.

    `len(plan)` is the number of targets, and an empty plan is falsy; `print(plan)` shows it. Nothing has been created
    yet.
    """

    async def execute(
        self, *, verify: bool = False, return_exceptions: bool = False, **options: Unpack[CreationOptions]
    ) -> CreationReport:
        """Creates the targets; the report has every name, in the order given. Options: see CreationOptions.

        `verify`: lists at the end, and corrects the report by what is there. What was already there stays as it is.

        Raises InvalidInputError (too many targets), and CreationError if a database was not created or that is
        unknown, unless `return_exceptions`. When it returns or raises, nothing of it is still running. A cancellation,
        and any error that is no Exception, has a CreationError as its cause, with what is known by then.
        """
        report = await self._executed(Options.of(options), verify=verify, return_exceptions=return_exceptions)
        assert isinstance(report, CreationReport)  # as its verb makes it
        return report

    def stream(self, **options: Unpack[CreationOptions]) -> AsyncGenerator[Outcome]:
        """Yields what `execute` reports, one outcome at a time, as they come; nothing of them is kept.

        It raises nothing for a database that was not created. Leaving the loop early ends the creation: use
        `contextlib.aclosing` to be sure that nothing is running afterwards.
        """
        return self._streamed(Options.of(options))
