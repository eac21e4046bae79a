"""What is printed: results on stdout; errors, progress and questions on stderr."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ..models import Model
from ..teardown.plan import TeardownPlan
from ..teardown.progress import Progress
from ..teardown.report import Outcome, TeardownReport

SHOWN = 20  # lines of each part of a plan or a report
NARROW = 50  # columns: too few for a table
_UNLIMITED = 10_000  # columns: what is piped is not wrapped
_COLUMNS = ("database", "instance", "location", "group", "token")


def plain(text: str) -> str:
    """On one line, and without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def error(message: str) -> None:
    """One line on stderr."""
    line = plain(" ".join(message.split()))
    _console(on_stderr=True).print(Text(f"aioturso: {line}"), soft_wrap=True)


def json(data: object) -> None:
    """The result as JSON."""
    print(jsonlib.dumps(data, indent=2), flush=True)


def records(found: Sequence[Model], names: tuple[str, ...], as_json: bool) -> None:
    """Some attributes of each of these."""
    if as_json:
        json([{name: getattr(one, name) for name in names} for one in found])
        return
    console = _console()
    table = _table(console, *(name.replace("_", " ") for name in names))
    for one in found:
        table.add_row(*(_cell(console, getattr(one, name)) for name in names))
    console.print(table)


def plan(shown: TeardownPlan, on_stderr: bool = False) -> None:
    """A plan as a table, a long one cut."""
    console = _console(on_stderr)
    targets, skipped = shown.targets, shown.skipped
    console.print(_cell(console, str(shown).partition("\n")[0]), style="bold")
    rows = [(target, "destroy") for target in targets[:SHOWN]]
    rows += [(outcome.target, f"skip: {outcome.reason}") for outcome in skipped[:SHOWN]]
    narrow = console.width < NARROW
    names = [] if narrow else [n for n in _COLUMNS if any(getattr(target, n) for target, _ in rows)]
    table = _table(console, *names, "")
    for number, (target, what) in enumerate(rows):
        told = _cell(console, f"{target}, {what}" if narrow else what)
        table.add_row(*(_cell(console, getattr(target, name)) for name in names), told)
        if number + 1 == SHOWN < len(targets):
            table.add_row(f"and {len(targets) - SHOWN:,} more to destroy", end_section=True)
    if rows:
        console.print(table)
    if len(skipped) > SHOWN:
        console.print(f"and {len(skipped) - SHOWN:,} more skipped")


def report(shown: TeardownReport) -> None:
    """A summary line, and what did not go as planned."""
    console = _console()
    _some(console, [*shown.failed, *shown.unknown])
    for target in shown.remaining[:SHOWN]:
        console.print(_cell(console, f"  still listed: {target}"))
    if shown.unverified is not None:
        console.print(_cell(console, f"could not be verified: {shown.unverified}"))
    reasons = {outcome.reason for outcome in shown.not_attempted}
    for reason in sorted(filter(None, reasons)):
        console.print(_cell(console, f"not attempted: {reason}"))
    console.print(_cell(console, str(shown)), style="bold green" if shown.ok else "bold red")


def _some(console: Console, outcomes: list[Outcome]) -> None:
    for outcome in outcomes[:SHOWN]:
        why = f": {outcome.error or outcome.reason}" if outcome.error or outcome.reason else ""
        console.print(_cell(console, f"  {outcome.status.value}: {outcome.target}{why}"))
    if len(outcomes) > SHOWN:
        console.print(f"  and {len(outcomes) - SHOWN:,} more")


@contextmanager
def progress(total: int) -> Iterator[tuple[Callable[[Progress], None], Callable[[str], None]]]:
    """A bar on stderr, if that is a terminal: what to tell it, and how to say something meanwhile."""
    if not sys.stderr.isatty():
        yield lambda now: None, error
        return
    console = _console(on_stderr=True)
    pace = TextColumn("{task.fields[pace]}")
    columns = (BarColumn(bar_width=None), TaskProgressColumn(), MofNCompleteColumn(), pace)
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, pace="")

        def advance(now: Progress) -> None:
            left = "" if now.remaining is None else f", {now.remaining:.0f} s left"
            told = f"{now.rate:.0f}/s, {now.concurrency} at once{left}"
            bar.update(task, completed=now.done, pace=told)

        yield advance, lambda message: bar.console.print(_cell(console, message))


def _console(on_stderr: bool = False) -> Console:
    stream = sys.stderr if on_stderr else sys.stdout
    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


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
    return Text(text.encode(console.encoding, "backslashreplace").decode(console.encoding))
