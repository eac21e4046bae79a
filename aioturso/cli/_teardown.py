"""Commands with a plan: they make it, show it, wait for a confirmation, execute it and report."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from attrs import evolve

from .._aside import aside
from ..teardown.halt import STOPPED
from ..teardown.options import RunOptions
from ..teardown.plan import TeardownPlan
from ..teardown.planner import Teardown
from ..teardown.report import Outcome, OutcomeStatus, TeardownError, TeardownReport
from ..teardown.selection import exclusions
from ..teardown.targets import Candidate
from . import _show as show
from ._codes import GONE, REFUSED, Refused, code_of, code_without_targets, is_done, staying
from ._files import save, sealed
from ._lines import Lines
from ._options import Excluding, Output, Planning, Running, Shared, check
from ._status import RUNNING
from ._streams import is_terminal, say
from ._summary import summarize
from ._words import outcome_dict, why
from ._work import Job, Work, run

MakePlan = Callable[[Teardown], Awaitable[TeardownPlan]]
ASK_FIRST = "without a terminal --yes is needed (--dry-run shows the plan and changes nothing)"
DRAINING = "stopping: calls in flight finish, the rest is not attempted; once more stops at once"


def keep(make: Callable[[], MakePlan], output: Output, planning: Planning, shared: Shared) -> int:
    """Makes a plan, shows it, and keeps it in a file; the exit code."""

    def start() -> Job:
        return partial(_keep, make(), output, planning)

    return run(start, shared, planning.allow_empty)


async def _keep(make_plan: MakePlan, output: Output, planning: Planning, work: Work) -> int:
    plan = await _planned(make_plan, planning, work)
    # On a terminal a person sees the line; a job would lose it in its log.
    refusal = None if _asks() else _unmatched(plan, planning)
    if plan:
        await plan.check_recovery()
    # What is refused here must not be left for `apply`.
    if refusal is None and output.output is not None:
        save(output.output, plan.to_dict())
        work.note(f"kept in {output.output}: `aioturso apply {shlex.quote(str(output.output))}` executes it")
    code = GONE if plan else code_without_targets(plan.skipped, planning.allow_empty)
    return _shown(plan, REFUSED if refusal else code, refusal, work)


def destroy(make: Callable[[], MakePlan], running: Running, planning: Planning, shared: Shared) -> int:
    """Makes or reads a plan, shows it, puts the question, destroys and reports; the exit code."""
    if running.stream:
        shared = evolve(shared, json=True)
    asking = not (running.yes or running.dry_run)

    def start() -> Job:
        check(running)
        if asking and not _asks():
            raise Refused(ASK_FIRST)
        return partial(_destroy, make(), running, planning, asking)

    return run(start, shared, planning.allow_empty)


async def _destroy(
    make_plan: MakePlan, running: Running, planning: Planning, asking: bool, work: Work
) -> int:
    plan = await _planned(make_plan, planning, work)
    refusal = _refusal(plan, running, planning, asking)
    if not plan or refusal is not None or running.dry_run:
        if refusal is None and not running.dry_run:
            await _logged(plan, running.audit_log)
        code = GONE if plan else code_without_targets(plan.skipped, planning.allow_empty)
        return _shown(plan, REFUSED if refusal else code, refusal, work, dry_run=running.dry_run)
    if asking:
        await plan.check_recovery()
        where = f"in the organization {show.plain(plan.organization)}"
        question = f"{plan.verb.word.capitalize()} {show.counted(plan)} {where}? [y/N] "
        seen = show.plan(plan, on_stderr=work.shared.json or not is_terminal(sys.stdout))
        # A plan that could not be shown cannot be confirmed.
        if not seen or not await _confirmed(question):
            raise Refused(f"not confirmed; nothing was {plan.verb.done.value}")
    elif not (work.shared.json or work.shared.quiet):
        show.plan(plan)
    await asyncio.sleep(0)  # an interruption that has come by now ends it here
    return await _execute(plan, running, planning, work)


async def _planned(make_plan: MakePlan, planning: Planning, work: Work) -> TeardownPlan:
    teardown = work.turso.teardown.at_most(planning.rate_limit)
    plan = await make_plan(teardown)
    if work.shared.json:  # else the plan itself shows them
        for part in plan.unmatched:
            work.note(f"matched nothing: {part}")
    return plan


def _asks() -> bool:
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def _refusal(plan: TeardownPlan, running: Running, planning: Planning, asking: bool) -> str | None:
    if len(plan) > running.max_targets:
        return f"the plan has {show.counted(plan)}, more than --max-targets {running.max_targets:,}"
    return None if asking or not plan else _unmatched(plan, planning)


def _unmatched(plan: TeardownPlan, planning: Planning) -> str | None:
    """Returns why a plan is refused where no question is put: what was to be kept may be in it under another name."""
    idle = exclusions(plan.unmatched)
    if not idle or (isinstance(planning, Excluding) and planning.allow_unmatched):
        return None
    return f"{', '.join(idle)} matched nothing: correct it, or accept that with --allow-unmatched"


def _shown(plan: TeardownPlan, code: int, refusal: str | None, work: Work, *, dry_run: bool = True) -> int:
    """Shows a plan that is not executed."""
    note = refusal if refusal is not None or plan else _nothing(plan)

    def write() -> None:
        if work.shared.json and (dry_run or refusal is not None):
            error = {} if refusal is None else {"error": refusal}
            show.json({**sealed(plan.to_dict()), "exit_code": code, **error})
        elif work.shared.json:
            outcomes = [outcome_dict(outcome) for outcome in plan.skipped]
            show.json({"exit_code": code, **TeardownReport(plan.skipped).to_dict(), "outcomes": outcomes})
        elif not work.shared.quiet:
            show.plan(plan)
        if note is not None:
            show.error(note)

    work.results.append(write)
    summarize(plan, None)
    return code


def _nothing(plan: TeardownPlan) -> str:
    left = staying(plan.skipped)
    if is_done(plan.skipped):
        return f"nothing to {plan.verb.word}: all of it is done ({plan.title})"
    if not left:
        return f"nothing to {plan.verb.word}: no match for {plan.title}"
    more = f", and {len(left) - 1:,} more" if len(left) > 1 else ""
    return f"nothing to {plan.verb.word}: {left[0].target} is skipped ({why(left[0])}){more}"


async def _logged(plan: TeardownPlan, audit_log: Path | None) -> None:
    """Writes the audit log of a plan without targets: an undo reads it, and a later step of a job may keep it."""
    if audit_log is not None:
        await plan.execute(audit_log=audit_log, return_exceptions=True)


async def _confirmed(question: str) -> bool:
    if say(question, on_stderr=True):
        return False
    answer = ""
    try:
        answer = await _line()
    finally:
        # The end of input, and an interruption, leave the cursor behind the question.
        if not answer.endswith("\n"):
            say("\n", on_stderr=True)
    return answer.strip().lower() in ("y", "yes")


async def _line() -> str:
    """Returns a line of stdin; a signal ends the wait for it."""

    def read() -> str:
        data = b""
        with suppress(OSError):
            # Not through sys.stdin: its lock, held by a thread that waits, would abort the interpreter at its end.
            while not data.endswith(b"\n") and (more := os.read(sys.stdin.fileno(), 1024)):
                data += more
        return data.decode("utf-8", "replace")

    return await aside(read)


async def _execute(plan: TeardownPlan, running: Running, planning: Planning, work: Work) -> int:
    settled: list[Outcome] = []
    lines = Lines() if running.stream else None
    work.status.enter(RUNNING)
    work.status.verifies = running.verify
    with show.progress(len(plan.entries), work.status, work.turso.limiter, work.shared.quiet) as advance:
        options = RunOptions(
            concurrency=running.concurrency,
            rate_limit=planning.rate_limit,
            max_targets=running.max_targets,
            audit_log=running.audit_log,
            on_outcome=settled.append if lines is None else partial(_both, settled, lines),
            on_progress=advance,
        )
        report = await _finished(plan, options, running.verify, work)
    code = work.signals.code if work.signals.first is not None else code_of(report)
    work.results.append(partial(show.report, report, code, work.shared, lines, settled))
    summarize(plan, report)
    return code


def _both(settled: list[Outcome], lines: Lines, outcome: Outcome) -> None:
    settled.append(outcome)
    lines.put(outcome)


async def _finished(plan: TeardownPlan, options: RunOptions, verify: bool, work: Work) -> TeardownReport:
    """Returns the report, however the run ends; raises only if nothing was sent."""
    task = asyncio.ensure_future(_executed(plan, options, verify))
    presses = 0

    def press() -> None:
        nonlocal presses
        presses += 1
        if presses == 1:
            plan.stop()
            work.note(DRAINING)
        elif presses == 2:
            task.cancel()

    work.signals.lead_to(press)
    await asyncio.wait({task})
    # The report is written now, whatever comes.
    work.signals.lead_to(None)
    if task.cancelled():
        return TeardownReport(tuple([_unsent(plan, entry) for entry in plan.entries]))
    return task.result()


async def _executed(plan: TeardownPlan, options: RunOptions, verify: bool) -> TeardownReport:
    """Returns the report also where an error has ended the run, which holds what is known by then."""
    try:
        return await plan.execute(verify=verify, return_exceptions=True, **options)
    except (Exception, asyncio.CancelledError) as error:
        if not isinstance(error.__cause__, TeardownError):
            raise
        report = error.__cause__.report
        return evolve(report, failure=error) if isinstance(error, Exception) else report


def _unsent(plan: TeardownPlan, entry: Candidate) -> Outcome:
    if entry.reason is not None:
        return plan.verb.left(entry)
    return Outcome(target=entry.target, status=OutcomeStatus.NOT_ATTEMPTED, reason=STOPPED)
