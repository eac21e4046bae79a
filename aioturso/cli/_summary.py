"""The summary of a step of GitHub Actions, in Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..teardown.plan import TeardownPlan
from ..teardown.report import Outcome, OutcomeStatus, TeardownReport
from . import _show as show
from ._words import why

VARIABLE = "GITHUB_STEP_SUMMARY"
_SHOWN = 50


def summarize(plan: TeardownPlan, report: TeardownReport | None) -> None:
    """Appends a plan, or its report, to the file that the environment names; an error there is only reported."""
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", opener=_at_once) as file:
            file.write(_markdown(plan, report))
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        show.error(f"{VARIABLE} could not be written: {error}")


def _at_once(path: str, flags: int) -> int:
    # A pipe that nothing reads would hold the report for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _markdown(plan: TeardownPlan, report: TeardownReport | None) -> str:
    if report is None:
        planned = [(f"{target}", "to destroy", plan.notes.get(target, "")) for target in plan.targets]
        rows = planned + [(f"{o.target}", "skipped", why(o)) for o in plan.skipped]
        said = f"{len(plan):,} to destroy, {len(plan.skipped):,} skipped"
    else:
        rows = [(f"{o.target}", o.status.words, why(o)) for o in _by_interest(report)]
        said = str(report)
    lines = [f"### aioturso: {_cell(plan.title)}", "", said, ""]
    if rows:
        lines += ["| target | | |", "|---|---|---|"]
        lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows[:_SHOWN]]
        lines += ["", f"and {len(rows) - _SHOWN:,} more"] if len(rows) > _SHOWN else []
    return "\n".join([*lines, "", ""])


def _by_interest(report: TeardownReport) -> Iterable[Outcome]:
    last = (OutcomeStatus.ALREADY_GONE, OutcomeStatus.DESTROYED)
    # Only some rows are shown: failures are the first of them.
    return sorted(report.outcomes, key=lambda outcome: outcome.status in last)


def _cell(text: str) -> str:
    """Returns a text without anything that Markdown or HTML would read."""
    shown = show.plain(text)[:300]
    return "".join(f"&#{ord(c)};" if c in "|`*_<>&[]\\#!~" else c for c in shown)
