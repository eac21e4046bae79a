"""`attempts` counts every request that was sent; aiohttp's silent resend is disabled."""

import pytest
from instances import LOST
from raw import RawServer, Request, Step, answer, close, http, last
from sleeps import Sleeps

from aioturso import OutcomeUnknownError, RetryPolicy
from aioturso.testing import FakeTurso, Fault


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
async def test_one_attempt_is_one_send(lost: Step) -> None:
    async with RawServer(then=lost) as raw, raw.client(retry=None) as turso:
        with pytest.raises(OutcomeUnknownError) as caught:
            await turso.destroy_instance("db", "a")
    assert (raw.lines, caught.value.attempts, caught.value.maybe_applied) == (["DELETE /a"], 1, True)


async def test_a_kept_connection_that_dies_on_reuse_is_counted_and_not_reused(fast: RetryPolicy) -> None:
    steps = (answer(200, {"instance": "a"}), close, answer(200, {"instance": "b"}))
    async with RawServer(*steps) as raw, raw.client(retry=fast) as turso:
        await turso.destroy_instance("db", "a")
        await turso.destroy_instance("db", "b")
    assert [(r.target[-2:], r.connection) for r in raw.requests] == [("/a", 1), ("/b", 1), ("/b", 2)]


async def test_nothing_is_sent_on_a_connection_whose_end_has_come() -> None:
    """A server that closes after each answer without a header for it: the end comes before the loop has read it."""
    async with RawServer(then=last(http(200, {}))) as raw, raw.client(retry=None) as turso:
        for name in "abcde":
            assert await turso.destroy_instance("db", name) == name
    assert (len(raw.requests), raw.connections) == (5, 5)


def once_for_each_connection() -> Step:
    """Answers the first request of a connection, and closes it without a word when a second one comes."""
    listed, used = {"name": "a", "type": "replica", "region": "fra", "uuid": "u-1"}, set[int]()

    async def step(request: Request) -> None:
        fits = close if request.connection in used else answer(200, {"instance": listed})
        if request.method == "DELETE" and fits is not close:
            fits = answer(200, {"instance": "a"})
        used.add(request.connection)
        await fits(request)

    return step


async def test_a_send_after_a_lost_connection_is_on_one_that_was_not_used_before(fast: RetryPolicy) -> None:
    async with RawServer(then=once_for_each_connection()) as raw, raw.client(retry=fast) as turso:
        assert await turso.destroy_instance("db", "a", uuid="u-1") == "a"
    # The look before it has left a connection, which must not be taken once more.
    assert raw.lines == ["GET /a", "DELETE /a", "GET /a", "DELETE /a"]
    assert [r.connection for r in raw.requests] == [1, 1, 2, 3]


async def test_a_connection_closed_before_it_is_read_is_sent_again_by_the_policy_only(
    sleeps: Sleeps,
) -> None:
    retry = RetryPolicy(attempts=3, sleep=sleeps)
    async with RawServer(unread=99) as raw, raw.client(retry=retry) as turso:
        with pytest.raises(OutcomeUnknownError) as caught:
            await turso.destroy_instance("db", "a")
    assert (raw.connections, caught.value.attempts, len(sleeps)) == (3, 3, 2)


async def test_what_is_on_the_wire_equals_attempts(fake: FakeTurso, sleeps: Sleeps) -> None:
    fake.inject(Fault.drop_before(), times=100)
    for attempts in (1, 3):
        fake.requests.clear()
        async with fake.client(
            organization="org", retry=RetryPolicy(attempts=attempts, sleep=sleeps)
        ) as turso:
            with pytest.raises(OutcomeUnknownError) as caught:
                await turso.destroy_instance("db", "fra")
        assert (len(fake.requests), caught.value.attempts, caught.value.maybe_applied) == (
            attempts,
            attempts,
            True,
        )


async def test_attempts_are_the_policys_and_nothing_multiplies_them(sleeps: Sleeps) -> None:
    listed = answer(200, {"instances": [{"name": "a", "type": "replica", "region": "fra"}]})
    for attempts in (1, 2, 3):
        retry = RetryPolicy(attempts=attempts, sleep=sleeps)
        async with RawServer(listed, then=close) as raw, raw.client(retry=retry) as turso:
            report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
        assert raw.lines == ["GET ", *["DELETE /a"] * attempts]
        assert [(o.attempts, o.status.name) for o in report.outcomes] == [(attempts, "UNKNOWN")]
