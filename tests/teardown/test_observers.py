"""The audit log and the callbacks of a run: what each of them gets, and what an error of theirs does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from runs import target

from aioturso import InvalidInputError, NotSentError, Outcome, OutcomeStatus, TursoError
from aioturso.teardown import observers
from aioturso.teardown.audit import AuditFile
from aioturso.teardown.observers import Observers
from aioturso.teardown.options import Options
from aioturso.teardown.progress import Progress

GONE = Outcome(target=target(), status=OutcomeStatus.DESTROYED)


class Failures(list[BaseException]):
    """The errors that have ended a run."""

    def watch(
        self, log: AuditFile | None = None, done: int = 1, **options: Callable[..., object]
    ) -> Observers:
        progress = Progress(done=done, total=9, elapsed=1.0, concurrency=1)
        return Observers(log, Options(**options), lambda: progress, self.append)  # type: ignore[arg-type]  # any callbacks


def lines(path: Path) -> list[str]:
    return [json.loads(line)["status"] for line in path.read_text().splitlines()]


def test_each_target_has_a_line_before_its_first_send_where_there_is_a_log(tmp_path: Path) -> None:
    assert Failures().watch().announcing(target(), "sending") is None
    with AuditFile(tmp_path / "log") as log:
        watching = Failures().watch(log)
        for _ in range(2):
            announce = watching.announcing(target(), "sending")
            assert announce is not None
            announce()
            watching.settled(GONE)
    assert lines(tmp_path / "log") == ["sending", "destroyed"] * 2


def test_nothing_is_sent_without_its_line() -> None:
    failures = Failures()
    with AuditFile("/dev/full") as log:
        announce = failures.watch(log).announcing(target(), "sending")
        for _ in range(2):
            with pytest.raises(NotSentError) as caught:
                announce and announce()
            assert caught.value.final
    assert [type(error) for error in failures] == [OSError, OSError]


@pytest.mark.parametrize(("now", "done", "shown"), [(0.05, 1, 0), (0.11, 1, 1), (0.05, 9, 1)])
def test_progress_is_shown_ten_times_a_second_and_at_the_end(
    now: float, done: int, shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    watching = Failures().watch(done=done, on_progress=seen.append)
    monkeypatch.setattr(observers.time, "monotonic", lambda: now)
    watching.settled(GONE)
    assert len(seen) == shown


def test_an_error_of_a_callback_ends_the_run_whatever_it_is() -> None:
    async def late() -> None: ...

    def coroutine(_: object) -> object:
        return late()

    def cancelled(_: object) -> None:
        raise asyncio.CancelledError

    def exits(_: object) -> None:
        raise SystemExit

    failures = Failures()
    for callback in (coroutine, cancelled, exits):
        failures.watch(on_outcome=callback).settled(GONE)
    mistake, other, end = failures
    assert isinstance(mistake, InvalidInputError) and str(mistake).endswith("are called, not awaited")
    assert isinstance(other, TursoError) and str(other).endswith("raised CancelledError")
    assert isinstance(end, SystemExit)
