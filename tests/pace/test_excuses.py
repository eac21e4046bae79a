"""Refusals that are no failure of the call: the server limits how many come, and not this one."""

import asyncio
from math import inf

import pytest
from scripted import Scripted, limited, send
from simulation import REQUEST, in_virtual_time, new_account, refusal

from aioturso import RequestTimeoutError, TursoError
from aioturso._account import Account


async def _refused_again(others: list[TursoError | None]) -> list[bool]:
    """Whether the two refusals of a call are excused, between which others are answered so."""
    script, account, excused = Scripted(refusal(429)), new_account(), []
    limiter = limited(script)
    for again in (False, True):
        if again:
            script.answers = list(others)
            await send(limiter, len(others))
            script.answers = [refusal(429)]
        with pytest.raises(TursoError):
            await limiter.send(REQUEST, account)
        excused.append(account.excused)
    return excused


@pytest.mark.parametrize(
    ("others", "excused"),
    [
        ([None, refusal(429)], True),
        ([refusal(429, 1.0), None], True),
        ([None, None], False),
        ([refusal(429), refusal(429)], False),
        ([], False),
    ],
)
def test_a_refusal_is_no_failure_of_its_call_if_others_were_accepted_and_refused_in_between(
    others: list[TursoError | None], excused: bool
) -> None:
    assert in_virtual_time(_refused_again(others)) == [False, excused]


def test_a_call_that_came_before_others_were_refused_is_excused_at_once_but_not_for_other_errors() -> None:
    async def main() -> list[bool]:
        script, excused = Scripted(None, refusal(429)), []
        limiter = limited(script)
        await send(limiter, 2)
        for error in (refusal(429), refusal(500), RequestTimeoutError("no answer"), refusal(503)):
            account = new_account()
            script.answers = [None, refusal(429), None, error]
            sending = asyncio.create_task(send(limiter, 3))
            await asyncio.sleep(1e-4)  # those others are before it
            with pytest.raises(TursoError):
                await limiter.send(REQUEST, account)
            await sending
            excused.append(account.excused)
        return excused

    assert in_virtual_time(main()) == [True, False, False, True]


def test_a_503_to_one_of_several_is_no_failure_of_its_call_either_if_others_were_accepted_and_refused() -> (
    None
):
    async def main() -> list[bool]:
        script, account, excused = Scripted(), new_account(), []
        limiter = limited(script)
        for _ in range(2):
            script.answers = [None] * 4 + [refusal(503)]
            beside = asyncio.create_task(send(limiter, 4))
            await asyncio.sleep(1e-4)
            with pytest.raises(TursoError):
                await limiter.send(REQUEST, account)
            await beside
            assert limiter.pace == inf  # it means no rate
            excused.append(account.excused)
            script.answers = [None] * 3 + [refusal(503)]
            await send(limiter, 4)
            await send(limiter)
        return excused

    assert in_virtual_time(main()) == [False, True]


@pytest.mark.parametrize(("retry_after", "pause"), [(None, 0.0), (1.0, 1.0)])
def test_a_refusal_without_a_pause_requires_none(retry_after: float | None, pause: float) -> None:
    async def main() -> float:
        limiter = limited(Scripted(refusal(429, retry_after)))
        await send(limiter)
        return limiter.pausing

    assert in_virtual_time(main()) == pytest.approx(pause)


@pytest.mark.parametrize("error", [refusal(429), RequestTimeoutError("late"), refusal(500)])
def test_only_a_503_can_show_that_the_number_at_once_is_no_limit(error: TursoError) -> None:
    limiter = limited(Scripted())
    lane = limiter._lane
    lane.window.size, lane.window.limited = 2, True
    sends = [lane.rate.sent(1.0), lane.rate.sent(1.0)]
    assert lane.refutes_window(sends[0], 1)
    limiter._failed(lane, error, sends[0], 1, Account())
    assert not lane.window.released
