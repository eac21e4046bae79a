"""Runs whose calls are functions of a test, without a network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import evolve

from aioturso import Target, TursoClient
from aioturso._account import Account
from aioturso.teardown import collecting
from aioturso.teardown.halt import Halt
from aioturso.teardown.options import Options
from aioturso.teardown.report import Outcome
from aioturso.teardown.rest import ListTimes
from aioturso.teardown.run import Run
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verb import Sent
from aioturso.teardown.verbs import REMOVE, Verb

Send = Callable[[Target, Account], Awaitable[Any]]


def target(number: int = 0, **fields: Any) -> Target:
    return Target(**{"kind": "database", "organization": "org", "database": f"d{number}", **fields})


def plan(count: int, reason: str | None = None) -> list[Candidate]:
    return [Candidate(target(number), reason) for number in range(count)]


def run_of(turso: TursoClient, send: Send, total: int, verb: Verb = REMOVE, **options: Any) -> Run:
    """A run whose calls are this function."""

    async def sending(engine: Any, candidate: Candidate, account: Account) -> Any:
        return Sent(came=await send(candidate.target, account) or ())

    engine = turso.teardown._engine
    return Run(engine, evolve(verb, send=sending), Options(**options), Halt(), total)


def just_now() -> ListTimes:
    """The times of a list that was made at this moment."""
    return ListTimes(time.time(), 0.0, 0)


async def collected(run: Run, candidates: Sequence[Candidate], *, stale: bool = False) -> tuple[Outcome, ...]:
    """The outcomes of the report, of what was just listed, or is listed again first."""
    listed = None if stale else just_now()
    return (await collecting.collected(run, candidates, listed)).outcomes


async def done(target: Target, account: Account) -> None:
    account.sent()
    account.confirm()


def refusing(error: BaseException, first: str = "d0") -> Send:
    """Raises this for the first target, and lets the others wait until something ends them."""

    async def send(target: Target, account: Account) -> None:
        if target.database != first:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        account.sent()
        account.on_wire = False
        raise error

    return send


def shown(outcomes: Any) -> list[tuple[str, str | None]]:
    return [(o.status.value, o.reason) for o in outcomes]
