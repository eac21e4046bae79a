"""A 404 after an attempt that may have worked means destroyed. A 404 on a clean first attempt raises `NotFoundError`."""

import json

import pytest
from instances import GONE, LOST
from missing import no_instance
from raw import RawServer, Step, answer
from refused import refused

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


@pytest.mark.parametrize(("body", "confirmed"), [(no_instance("a"), True), ({"error": "no longer"}, False)])
async def test_a_410_is_a_404_of_what_will_not_come_back(
    fast: RetryPolicy, body: object, confirmed: bool
) -> None:
    async with RawServer(answer(503), answer(410, body)) as raw, raw.client(retry=fast) as turso:
        if confirmed:
            assert await turso.destroy_instance("db", "a") == "a"
        else:
            with pytest.raises(NotFoundError) as caught:
                await turso.destroy_instance("db", "a")
            assert (caught.value.status, caught.value.resource) == (410, None) and caught.value.maybe_applied


async def test_a_410_of_every_target_is_sent_once(fast: RetryPolicy) -> None:
    """It is no answer about one of them: the platform has withdrawn the operation."""
    replicas = [{"name": name, "type": "replica", "region": "fra"} for name in "abc"]
    steps = (answer(200, {"instances": replicas}), answer(410, {"error": "withdrawn"}))
    async with RawServer(*steps) as raw, raw.client(retry=fast) as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1, return_exceptions=True)
    assert (str(report), len(raw.lines)) == ("1 failed, 2 not attempted", 2)


async def test_a_503_then_a_404_is_destroyed_and_a_429_then_a_404_is_not_found(fast: RetryPolicy) -> None:
    async with RawServer(answer(503), GONE) as raw, raw.client(retry=fast) as turso:
        assert await turso.destroy_instance("db", "a") == "a"
    async with RawServer(answer(429), GONE) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(NotFoundError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied) == (2, False)


def _resource(said: str, name: str) -> str | None:
    error = refused(404, json.dumps({"error": said}).encode(), instance=name)
    assert isinstance(error, NotFoundError)
    return error.resource


OF_ONE_THAT_IS_THERE = """
the instance is locked
instance locked by another operation
database is archived
instance is busy
instance unavailable
instance is unreachable
instance exists but is being migrated
instance exists, but it cannot be deleted
instance still exists
instance found, and still in use
instance is not missing
instance is not gone
instance not deleted
instance was not deleted
instance was not removed
instance could not be destroyed
instance cannot be deleted
instance hasn't been deleted
instance is not ready
instance not yet available
instance not found yet
instance is not responding
instance is being moved
instance is being restored
instance is starting
instance is not reachable
instance is temporarily not found
instance not found, try again
instance not found "i"try again
instance not found, please retry
instance is delete-protected
instance is protected
instance request timed out
instance not found due to a timeout
"""


def test_a_404_by_whose_words_it_is_there_or_may_be_speaks_of_none() -> None:
    found = {said: _resource(said, "I") for said in OF_ONE_THAT_IS_THERE.strip().splitlines()}
    assert found == dict.fromkeys(found)


@pytest.mark.parametrize("name", ["locked", "retry", "still", "not-ready", "is-busy"])
def test_a_name_that_is_such_a_word_is_none(name: str) -> None:
    for said in (f"instance {name} not found", f"instance '{name}' not found", f"instance not found: {name}"):
        assert _resource(said, name) == "instance"
