"""A 404 after an attempt that may have worked means destroyed. A 404 on a clean first attempt raises `NotFoundError`."""

import pytest
from instances import GONE, LOST
from raw import RawServer, Step, answer

from aioturso import NotFoundError, RetryPolicy
from aioturso.testing import FakeTurso, Fault


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
async def test_a_lost_answer_is_followed_by_one_counted_send_whose_404_confirms(
    fast: RetryPolicy, lost: Step
) -> None:
    async with RawServer(lost, GONE) as raw, raw.client(retry=fast) as turso:
        assert await turso.destroy_instance("db", "a") == "a"
    assert raw.lines == ["DELETE /a", "DELETE /a"]


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.truncate()])
async def test_a_404_after_a_lost_answer_means_destroyed(
    fake: FakeTurso, fast: RetryPolicy, fault: Fault
) -> None:
    fake.inject(fault, method="DELETE")
    async with fake.client(organization="org", retry=fast) as turso:
        assert await turso.destroy_instance("db", "fra") == "fra"
    assert len(fake.requests) == 2


async def test_a_404_on_a_clean_attempt_is_not_found(fake: FakeTurso, fast: RetryPolicy) -> None:
    fake.inject(Fault.status(429), method="DELETE")
    async with fake.client(organization="org", retry=fast) as turso:
        with pytest.raises(NotFoundError) as caught:
            await turso.destroy_instance("db", "nope")
        assert (caught.value.attempts, caught.value.maybe_applied, caught.value.resource) == (
            2,
            False,
            "instance",
        )
        assert await turso.destroy_instance("db", "nope", missing_ok=True) == "nope"


async def test_a_503_then_a_404_is_destroyed_and_a_429_then_a_404_is_not_found(fast: RetryPolicy) -> None:
    async with RawServer(answer(503), GONE) as raw, raw.client(retry=fast) as turso:
        assert await turso.destroy_instance("db", "a") == "a"
    async with RawServer(answer(429), GONE) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(NotFoundError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied) == (2, False)
