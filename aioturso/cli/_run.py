"""Running a command: the loop, the client, the confirmation, Ctrl-C, the exit code."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from attrs import define, field, frozen

from ..client import TursoClient
from ..errors import NoMatchError, TursoError
from ..teardown.halt import STOPPED
from ..teardown.plan import TeardownPlan
from ..teardown.progress import Progress
from ..teardown.report import Outcome, OutcomeStatus, TeardownReport
from . import _show as show
from ._demo import demo_client

Work = Callable[[TursoClient], Awaitable[int]]
MakePlan = Callable[[TursoClient], Awaitable[TeardownPlan]]
REFUSED, INTERRUPTED = 2, 130
ASK_FIRST = "off a terminal nothing is destroyed without --yes (--dry-run shows the plan)"
DRAINING = "stopping: calls in flight finish, the rest is not attempted; Ctrl-C again stops at once"


@frozen
class Choices:
    """What the options of `destroy` say."""

    json: bool
    yes: bool
    dry_run: bool
    audit_log: Path | None
    max_targets: int
    concurrency: int | None
    rate_limit: float | None
    verify: bool


def run(work: Work, org: str | None, demo: bool) -> int:
    """The exit code of some work with a client."""

    async def main() -> int:
        async with demo_client(org or "demo") if demo else TursoClient(organization=org) as turso:
            return await work(turso)

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(main())
    except NoMatchError as error:
        there = f"; there are: {', '.join(error.locations)}" if error.locations else ""
        show.error(f"{error}{there}")
    except (TursoError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        show.error(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        show.error("interrupted; nothing was destroyed")
        return INTERRUPTED
    return REFUSED


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ImportError:
        _keep_buffers()
        return None
    return factory


def _keep_buffers() -> None:
    """Keep glibc from giving asyncio's read buffer of 256 KiB back to the system after every answer."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(-3, 1024 * 1024)  # M_MMAP_THRESHOLD
        mallopt(-1, 8 * 1024 * 1024)  # M_TRIM_THRESHOLD


def tear_down(
    make_plan: MakePlan, choices: Choices, org: str | None, demo: bool, *, named: bool = False
) -> int:
    """Plan, show, confirm, destroy, report; the exit code. `named`: one target, which is to be there."""
    asking = not (choices.yes or choices.dry_run)
    if asking and not (sys.stdin.isatty() and sys.stderr.isatty()):
        show.error(ASK_FIRST)
        return REFUSED

    async def work(turso: TursoClient) -> int:
        plan = await make_plan(turso)
        if choices.dry_run and choices.json:
            show.json(plan.to_dict())
        elif not choices.json or asking:
            show.plan(plan, on_stderr=asking and (choices.json or not sys.stdout.isatty()))
        if len(plan) > choices.max_targets:
            show.error(f"the plan has {len(plan):,} targets, more than --max-targets {choices.max_targets:,}")
            return REFUSED
        if not len(plan):
            show.error(_nothing(plan))
            if choices.json and not choices.dry_run:
                show.json(TeardownReport(plan.skipped).to_dict())
            # A teardown that is repeated has nothing left to do, and that is fine.
            return 0 if not named and all(o.reason == "primary" for o in plan.skipped) else REFUSED
        if choices.dry_run:
            return 0
        if asking and not await _confirmed(plan):
            show.error("not confirmed; nothing was destroyed")
            return REFUSED
        return await _execute(plan, choices)

    return run(work, org, demo)


def _nothing(plan: TeardownPlan) -> str:
    if not plan.skipped:
        return f"nothing to destroy: no match for {plan.title}"
    more = f", and {len(plan.skipped) - 1:,} more" if len(plan.skipped) > 1 else ""
    return f"nothing to destroy: {plan.skipped[0].target} is skipped ({plan.skipped[0].reason}){more}"


async def _confirmed(plan: TeardownPlan) -> bool:
    kinds = {target.kind for target in plan.targets}
    what = kinds.pop() if len(kinds) == 1 else "target"
    question = f"Destroy {len(plan):,} {what}{'' if len(plan) == 1 else 's'} in the organization {show.plain(plan.organization)}? [y/N] "
    # asyncio's own handler would wait for the loop, which waits for the answer.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(question, end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    await asyncio.sleep(0.01)  # connections that the server has closed in the meantime are seen now
    return answer.strip().lower() in ("y", "yes")


@define
class _Interrupts:
    """Mutable: how often Ctrl-C was pressed. The first drains; the second stops at once."""

    plan: TeardownPlan
    say: Callable[[str], None]
    pressed: int = 0
    task: asyncio.Task[TeardownReport] | None = field(default=None)

    def press(self) -> None:
        self.pressed += 1
        if self.pressed == 1:
            self.plan.stop()
            self.say(DRAINING)
        elif self.task is not None:
            self.task.cancel()


async def _execute(plan: TeardownPlan, choices: Choices) -> int:
    told: list[Outcome] = []
    failure: Exception | None = None
    with show.progress(len(plan.entries)) as (advance, say):
        interrupts = _Interrupts(plan, say)
        interrupts.task = asyncio.create_task(_report(plan, choices, told, advance))
        try:
            with _on_sigint(interrupts.press):
                report = await interrupts.task
        except asyncio.CancelledError:
            interrupts.pressed += 1
            report = _partial(plan, told)
        except Exception as error:  # the audit log, say: what has been done is shown all the same
            if not any(outcome.attempts for outcome in told):
                raise
            report, failure = _partial(plan, told), error
    show.json(report.to_dict()) if choices.json else show.report(report)
    if failure is not None:
        show.error(str(failure))
    if interrupts.pressed:
        return INTERRUPTED
    return 0 if report.ok and failure is None else 1


async def _report(
    plan: TeardownPlan, choices: Choices, told: list[Outcome], advance: Callable[[Progress], None]
) -> TeardownReport:
    return await plan.execute(
        concurrency=choices.concurrency,
        rate_limit=choices.rate_limit,
        max_targets=choices.max_targets,
        audit_log=choices.audit_log,
        verify=choices.verify,
        return_exceptions=True,
        on_outcome=told.append,
        on_progress=advance,
    )


def _partial(plan: TeardownPlan, told: list[Outcome]) -> TeardownReport:
    """What is known of every target, in the plan's order."""
    known = {outcome.target: outcome for outcome in told}
    outcomes = []
    for entry in plan.entries:
        status = OutcomeStatus.NOT_ATTEMPTED if entry.reason is None else OutcomeStatus.SKIPPED
        rest = Outcome(target=entry.target, status=status, reason=entry.reason or STOPPED)
        outcomes.append(known.get(entry.target, rest))
    return TeardownReport(tuple(outcomes))


@contextmanager
def _on_sigint(press: Callable[[], None]) -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    loop = asyncio.get_running_loop()
    try:
        if before is signal.SIG_IGN:  # as under nohup: it stays so
            raise NotImplementedError
        loop.add_signal_handler(signal.SIGINT, press)
    except (NotImplementedError, ValueError, RuntimeError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
