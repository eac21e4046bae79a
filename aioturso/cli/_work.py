"""Running a command: the client, the loop, what a signal does, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from attrs import define, field

from ..client import TursoClient
from ..errors import TursoError
from ..events import OnRequest, logger
from . import _show as show
from ._codes import code_of_error
from ._options import Shared
from ._signals import CURRENT, NOTHING, Signals
from ._status import Status, beat
from ._words import words

Results = list[Callable[[], None]]


@define(eq=False)
class Work:
    """Mutable: what a job works with. `results` are written at the end, in one piece, while signals are deferred."""

    turso: TursoClient
    shared: Shared
    signals: Signals
    status: Status
    results: Results = field(factory=list)

    def note(self, text: str) -> None:
        """Writes a line for people, unless they want none."""
        if not self.shared.quiet:
            show.error(text)


Job = Callable[[Work], Awaitable[int]]


def run(start: Callable[[], Job], shared: Shared, allow_empty: bool = False) -> int:
    """Returns the exit code of a job. `start` makes it and may read files; nothing has been sent then."""
    signals, results = CURRENT.get(), list[Callable[[], None]]()
    try:
        job = start()
        with _log(shared.verbose), asyncio.Runner() as runner:
            code = runner.run(_main(job, shared, signals, results))
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = signals.code
        results = [lambda: show.ended(NOTHING, code, shared.json)]
    except Exception as error:
        code, text, name = code_of_error(error, allow_empty), words(error), type(error).__name__
        if not isinstance(error, TursoError | OSError):
            text = f"unexpected {name}: {text}"
        results = [lambda: show.ended(text, code, shared.json, name)]
    # After the loop has ended: a slow reader of stdout holds up no call.
    for write in results:
        write()
    signals.reported = True
    return code


async def _main(job: Job, shared: Shared, signals: Signals, results: Results) -> int:
    task = asyncio.current_task()
    assert task is not None  # a runner makes one
    signals.lead_to(task.cancel)
    status = Status()
    try:
        async with _client(shared, status.answered) as turso:
            work = Work(turso, shared, signals, status, results)
            beating = asyncio.ensure_future(beat(status, turso.limiter, work.note))
            try:
                return await job(work)
            finally:
                beating.cancel()
    finally:
        signals.lead_to(None)


@asynccontextmanager
async def _client(shared: Shared, on_request: OnRequest) -> AsyncGenerator[TursoClient]:
    if shared.demo:
        # Only now: the fake's server takes a tenth of the time in which a command starts.
        from ._demo import demo_client

        async with demo_client(shared.org or "demo", on_request) as turso:
            yield turso
    else:
        client = TursoClient(organization=shared.org, trust_env=shared.trust_env, on_request=on_request)
        async with client as turso:
            yield turso


class _OnStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        show.error(record.getMessage())


@contextmanager
def _log(verbose: bool) -> Iterator[None]:
    handler, level = _OnStderr(), logger.level
    if verbose:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        # The logger is the process's, in which `main` may be called again.
        logger.removeHandler(handler)
        logger.setLevel(level)
