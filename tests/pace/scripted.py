"""Answers in a given order, calls through a limiter that get them, and a rate that believes in a bucket."""

import asyncio
from typing import Any

from simulation import REQUEST, new_account

from aioturso import TursoError
from aioturso._account import Account
from aioturso._operation import Request
from aioturso.pace.bucket import Bucket
from aioturso.pace.hold import Hold
from aioturso.pace.limiter import Limiter
from aioturso.pace.rate import Learned


class Scripted:
    """Answers each attempt with the next of these; then with successes."""

    def __init__(self, *answers: TursoError | None) -> None:
        self.answers = list(answers)
        self.sent_at: list[float] = []
        self.order: list[Account] = []
        self.most = self.out = 0

    async def attempt(self, request: Request, account: Account) -> bytes:
        self.sent_at.append(asyncio.get_running_loop().time())
        self.order.append(account)
        answer = self.answers.pop(0) if self.answers else None
        self.out += 1
        self.most = max(self.most, self.out)
        try:
            await asyncio.sleep(0.02)
        finally:
            self.out -= 1
        if answer is not None:
            raise answer
        return b""


def believing(bucket: Bucket, until: float, *, reached: float = 0.0, **fields: Any) -> Learned:
    """One that holds the rate of this bucket until then; `reached`: the pace of its last test."""
    hold = Hold(bucket, until)
    hold.reached = reached or hold.reached
    return Learned(bucket=bucket, hold=hold, **fields)


def limited(script: Scripted, jitter: float = 0.0, most: int = 64) -> Limiter:
    return Limiter(most, script.attempt, jitter=lambda low, high: low + jitter * (high - low))


async def send(limiter: Limiter, times: int = 1) -> None:
    await asyncio.gather(
        *(limiter.send(REQUEST, new_account()) for _ in range(times)), return_exceptions=True
    )


async def cancelled(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
