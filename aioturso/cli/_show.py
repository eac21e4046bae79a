"""Printing: results on stdout; errors, progress and questions on stderr."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TextIO, cast

from attrs import frozen
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ..models import Model
from ..pace.limiter import Limiter
from ..teardown.plan import TeardownPlan
from ..teardown.progress import Progress
from ..teardown.recovery import UNCHECKED
from ..teardown.report import Outcome, TeardownReport
from ..teardown.targets import TRAITS, Candidate
from ..teardown.verbs import RESTORE
from ..teardown.verify import UNLISTED
from ._codes import staying
from ._lines import Lines
from ._options import Shared
from ._signals import NOTHING
from ._status import Status, reasons
from ._streams import is_terminal, say
from ._words import outcome_dict, reworded, why, words

SHOWN = 20  # lines of each part of a plan or a report
NARROW = 50  # columns: too few for a table
_UNLIMITED = 10_000  # columns: what is piped is not wrapped
_COLUMNS = tuple(dict.fromkeys(name for traits in TRAITS.values() for name in traits.fields))


def plain(text: str) -> str:
    """Returns a text on one line, and without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def error(message: str) -> None:
    """Writes one line on stderr."""
    say(f"aioturso: {plain(' '.join(message.split()))}\n", on_stderr=True)


def interrupted(code: int) -> int:
    """Reports an interruption before anything was sent; returns the code."""
    error(NOTHING)
    return code


def ended(message: str, code: int, as_json: bool, name: str | None = None) -> None:
    """Reports how a command ended that has no other result."""
    error(message)
    if as_json:
        json({"ok": False, "exit_code": code, "error": message, "error_class": name})


def json(data: object) -> None:
    """Writes the result as JSON."""
    _result(jsonlib.dumps(data, indent=2, default=_jsonable) + "\n")


def _jsonable(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _result(text: str, *, quietly: bool = False) -> None:
    lost = say(text)
    # The reader of a list, such as `head`, may leave early.
    if lost is not None and not (quietly and isinstance(lost, BrokenPipeError)):
        error(f"stdout could not be written, the exit code holds: {lost.strerror or lost}")


def records(found: Sequence[Model], names: tuple[str, ...], as_json: bool) -> None:
    """Writes some attributes of each of these."""
    if as_json:
        data = [{name: getattr(one, name) for name in names} for one in found]
        _result(jsonlib.dumps(data, indent=2, default=_jsonable) + "\n", quietly=True)
        return
    console = _captured()
    table = _table(console, *(name.replace("_", " ") for name in names))
    for one in found:
        table.add_row(*(_cell(console, getattr(one, name)) for name in names))
    _result(_rendered(console, table), quietly=True)


def plan(shown: TeardownPlan, on_stderr: bool = False) -> bool:
    """Shows a plan as a table, a long one cut; True if it could be written."""
    console = _captured(on_stderr)
    with console.capture() as captured:
        _print_plan(console, shown)
    return say(captured.get(), on_stderr=on_stderr) is None


def counted(shown: TeardownPlan) -> str:
    """Returns the number of targets and their kind."""
    kinds = {target.kind for target in shown.targets}
    what = kinds.pop() if len(kinds) == 1 else "target"
    return f"{len(shown):,} {what}{'' if len(shown) == 1 else 's'}"


def _print_plan(console: Console, shown: TeardownPlan) -> None:
    wanted, skipped = [entry for entry in shown.entries if entry.reason is None], shown.skipped
    console.print(_cell(console, str(shown).partition("\n")[0]), style="bold")
    if wanted or skipped:
        console.print(_plan_table(console, shown, wanted, skipped))
    if len(skipped) > SHOWN:
        console.print(f"and {len(skipped) - SHOWN:,} more skipped")
    for part in shown.unmatched:
        console.print(_cell(console, f"matched nothing: {part}"))
    if wanted and shown.verb is not RESTORE and shown.recovery is not UNCHECKED:
        console.print(_cell(console, str(shown.recovery)))


def _plan_table(
    console: Console, shown: TeardownPlan, wanted: list[Candidate], skipped: Sequence[Outcome]
) -> Table:
    rows = [(entry.target, f"{shown.verb.word}{_more(entry)}") for entry in wanted[:SHOWN]]
    rows += [(outcome.target, f"skip: {why(outcome)}") for outcome in skipped[:SHOWN]]
    narrow = console.width < NARROW
    names = [] if narrow else [n for n in _COLUMNS if any(getattr(target, n) for target, _ in rows)]
    table = _table(console, *names, "")
    for number, (target, what) in enumerate(rows, 1):
        settled = _cell(console, f"{target}, {what}" if narrow else what)
        table.add_row(*(_cell(console, getattr(target, name)) for name in names), settled)
        if number == SHOWN < len(wanted):
            table.add_row(f"and {len(wanted) - SHOWN:,} more to {shown.verb.word}", end_section=True)
    return table


def _more(entry: Candidate) -> str:
    """Returns what comes with a target, and what is known of it besides."""
    return str(entry).removeprefix(str(entry.target))


def report(
    shown: TeardownReport, code: int, shared: Shared, lines: Lines | None, settled: list[Outcome]
) -> None:
    """Writes a report in one piece."""
    data = {"exit_code": code, **shown.to_dict()}
    data["outcomes"] = [outcome_dict(outcome) for outcome in shown.outcomes]
    if lines is not None:
        _last_lines(shown, data, lines, settled)
    elif shared.json:
        json(data)
    elif not shared.quiet:
        console = _captured()
        # In one piece: an interruption must not cut it.
        with console.capture() as captured:
            _print_report(console, shown)
        _result(captured.get())
    if shown.failure is not None:
        error(words(shown.failure))


def _last_lines(shown: TeardownReport, data: dict[str, Any], lines: Lines, settled: list[Outcome]) -> None:
    """Writes the outcomes that a verification or an interruption has changed, and the rest of the report."""
    lines.close()
    before = {outcome.target: outcome for outcome in settled}
    later = [outcome for outcome in shown.outcomes if before.get(outcome.target) != outcome]
    counts = {key: value for key, value in data.items() if key != "outcomes"}
    text = "".join(f"{jsonlib.dumps(outcome_dict(outcome))}\n" for outcome in later)
    if lines.lost is None:
        _result(f"{text}{jsonlib.dumps({**counts, 'summary': str(shown)})}\n")
    else:
        error(f"stdout could not be written, the exit code holds: {lines.lost.strerror or lines.lost}")


def _print_report(console: Console, shown: TeardownReport) -> None:
    _some(console, [*shown.failed, *shown.unknown])
    left = staying(shown.outcomes)
    for outcome in left[:SHOWN]:
        console.print(_cell(console, f"  stays: {outcome.target} ({why(outcome)})"))
    if len(left) > SHOWN:
        console.print(f"  and {len(left) - SHOWN:,} more stay")
    lost = {o.target for o in shown.outcomes if (o.reason or "").endswith(UNLISTED)}  # of an undo
    for target in shown.remaining[:SHOWN]:
        console.print(_cell(console, f"  {'not' if target in lost else 'still'} listed: {target}"))
    if shown.unverified is not None:
        console.print(_cell(console, f"could not be verified: {shown.unverified}"))
    reasons = {outcome.reason for outcome in shown.not_attempted}
    for reason in sorted(filter(None, reasons)):
        console.print(_cell(console, f"not attempted: {reworded(reason)}"))
    console.print(_cell(console, str(shown)), style="bold green" if shown.ok else "bold red")


def _some(console: Console, outcomes: list[Outcome]) -> None:
    for outcome in outcomes[:SHOWN]:
        because = f": {why(outcome)}" if why(outcome) else ""
        console.print(_cell(console, f"  {outcome.status.value}: {outcome.target}{because}"))
    if len(outcomes) > SHOWN:
        console.print(f"  and {len(outcomes) - SHOWN:,} more")


@contextmanager
def progress(
    total: int, status: Status, limiter: Limiter, quiet: bool
) -> Iterator[Callable[[Progress], None]]:
    """Shows a bar on stderr, if that is a terminal; yields the function that takes how far a run is."""
    if quiet or not is_terminal(sys.stderr):
        yield status.moved
        return
    console = _console(sys.stderr)
    pace = TextColumn("{task.fields[pace]}")
    columns = (BarColumn(bar_width=None), TaskProgressColumn(), MofNCompleteColumn(), pace)
    bar = Bar(*columns, console=console, transient=True)
    with suppress(OSError, SystemExit):  # the terminal is gone, of which rich makes an exit
        bar.start()
    task = bar.add_task("", total=total, pace="")

    def advance(now: Progress) -> None:
        status.moved(now)
        left = "" if now.remaining is None else f", {now.remaining:.0f} s left"
        shown = f"{now.rate:.0f}/s, {now.concurrency} at once{left}{reasons(limiter)}"
        with suppress(OSError, SystemExit):
            bar.update(task, completed=now.done, pace=shown)

    try:
        yield advance
    finally:
        with suppress(OSError, SystemExit):
            bar.stop()


@frozen
class _Untouched:
    """A stream to which nothing is written. At the end of a capture rich writes an empty text, which can fail."""

    stream: TextIO

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Has nothing to flush."""


def _captured(on_stderr: bool = False) -> Console:
    """Returns a console for a stream that `say` writes to."""
    return _console(cast(TextIO, _Untouched(sys.stderr if on_stderr else sys.stdout)))


def _console(stream: TextIO) -> Console:
    width = None if is_terminal(stream) else _UNLIMITED
    # A name such as `[bold]` or `:smile:` is text.
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _rendered(console: Console, table: Table) -> str:
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def _table(console: Console, *names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _cell(console: Console, value: object) -> Text:
    shown = "" if value is None else value
    if isinstance(shown, bool):
        shown = "yes" if shown else "no"
    elif isinstance(shown, tuple):
        shown = " ".join(shown)
    text = plain(str(shown))
    # A terminal that is not in UTF-8 must not end the command.
    return Text(text.encode(console.encoding, "backslashreplace").decode(console.encoding))
