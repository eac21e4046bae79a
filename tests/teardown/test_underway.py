"""What a stop ends: calls that wait, at once; calls on the wire, only their next send."""

import asyncio

from aioturso import Target
from aioturso._account import Account
from aioturso.teardown.halt import Halt
from aioturso.teardown.stops import Stops
from aioturso.teardown.underway import Underway


def task() -> asyncio.Task[object]:
    return asyncio.ensure_future(asyncio.sleep(60))


async def test_what_waits_is_cancelled_once_and_what_is_on_the_wire_is_not_sent_again() -> None:
    underway = Underway(Stops(Halt()))
    current = asyncio.current_task()
    assert current is not None
    waits, sent, other = task(), task(), task()
    underway.calls = {
        waits: (Target(database="a"), Account()),
        sent: (Target(database="a"), Account(on_wire=True)),
        current: (Target(database="a"), Account()),
        other: (Target(database="b"), Account()),
    }
    underway.drop()
    assert not any(account.ended for _, account in underway.calls.values())
    underway.stops.add("refused", "a")
    underway.drop()
    underway.drop()
    assert [account.ended for _, account in underway.calls.values()] == [True, True, True, False]
    assert [each.cancelling() for each in underway.calls] == [1, 0, 0, 0]
    assert underway.dropped == {waits}
    for each in (waits, sent, other):
        each.cancel()


async def test_a_cancellation_is_that_of_a_stop_only_if_no_other_has_cancelled() -> None:
    underway = Underway(Stops(Halt(reason="stopped")))
    alone, both, others = task(), task(), task()
    underway.calls = {each: (Target(), Account()) for each in (alone, both)}
    underway.drop()
    both.cancel()
    others.cancel()
    assert [underway.is_dropped(each) for each in (alone, both, others)] == [True, False, False]
    assert (alone.cancelling(), others.cancelling()) == (0, 1)
