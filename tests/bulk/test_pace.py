"""The limiter finds a server's pace by itself: in virtual time, against servers with a hidden limit."""

import asyncio
import random

import pytest
from virtual import Bucket, Crowd, RetryAfter, Server, Windows, in_virtual_time, run, tear_down


@pytest.mark.parametrize(
    ("targets", "rate", "burst", "latency", "retry_after"),
    [
        (1000, 50, 10, 0.002, "none"),
        (500, 50, 10, 0.02, "none"),
        (1000, 100, 25, 0.02, "none"),
        (2000, 100, 100, 0.02, "none"),
        (3000, 300, 75, 0.002, "none"),
        (3000, 300, 300, 0.02, "none"),
        (5000, 500, 50, 0.02, "none"),
        (1000, 50, 12, 0.002, "exact"),
        (2000, 100, 10, 0.02, "exact"),
        (2000, 100, 100, 0.02, "exact"),
        (3000, 300, 75, 0.02, "exact"),
        (5000, 500, 500, 0.02, "exact"),
        (2000, 100, 100, 0.002, "whole"),
        (2000, 100, 100, 0.02, "whole"),
        (2000, 50, 50, 0.02, "second"),
        (6000, 300, 300, 0.002, "second"),
    ],
)
def test_time_and_waste_stay_within_their_goals_behind_a_token_bucket(
    targets: int, rate: float, burst: float, latency: float, retry_after: RetryAfter
) -> None:
    server = Bucket(latency, rate=rate, burst=burst, retry_after=retry_after)
    result = run(server, targets)
    assert not result.lost
    assert result.took <= 1.15 * targets / rate
    assert server.wasted <= 0.05


@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("retry_after", ["none", "exact"])
@pytest.mark.parametrize(
    ("targets", "rate", "burst", "latency"),
    [
        (500, 50, 10, 0.02),
        (1500, 100, 20, 0.02),
        (1500, 100, 50, 0.1),
        (2000, 200, 50, 0.05),
        (2000, 200, 200, 0.05),
        (2000, 200, 50, 0.1),
        (3000, 500, 50, 0.02),
        (3000, 500, 500, 0.01),
    ],
)
def test_a_server_that_decides_at_once_and_always_takes_as_long_to_answer(
    targets: int, rate: float, burst: float, latency: float, retry_after: RetryAfter, seed: int
) -> None:
    server = Bucket(latency, there=0, spread=0, rate=rate, burst=burst, retry_after=retry_after)
    result = run(server, targets, seed)
    assert not result.lost
    assert result.took <= 1.15 * targets / rate
    assert server.wasted <= 0.05


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_second_of_pause_after_which_the_server_has_saved_it_all_up(seed: int) -> None:
    server = Bucket(0.05, there=0, spread=0, rate=200, burst=200, retry_after="second")
    result = run(server, 2000, seed)
    assert not result.lost
    assert result.took <= 1.15 * 10
    assert server.wasted <= 0.05


@pytest.mark.parametrize("burst", [10, 25])
def test_a_whole_second_of_pause_for_each_objection_costs_some_time_and_few_calls(burst: float) -> None:
    server = Bucket(0.02, rate=100, burst=burst, retry_after="second")
    result = run(server, 2000)
    assert not result.lost
    assert result.took <= 1.4 * 20
    assert server.wasted <= 0.02


@pytest.mark.parametrize("retry_after", ["none", "exact", "second"])
@pytest.mark.parametrize("latency", [0.02, 0.1])
def test_no_target_is_lost_where_nothing_can_be_saved_up(latency: float, retry_after: RetryAfter) -> None:
    server = Bucket(latency, rate=100, burst=1, retry_after=retry_after)
    result = run(server, 1000)
    assert not result.lost
    assert server.wasted <= 0.05


@pytest.mark.parametrize("latency", [0.002, 0.02, 0.1])
def test_it_grows_to_the_pools_size_when_nobody_objects(latency: float) -> None:
    server = Server(latency)
    result = run(server, 5000)
    assert result.took <= 1.1 * 5000 / 64 * latency
    assert result.limiter.concurrency == 64
    assert server.refused == 0


def test_capacity_that_halves_and_capacity_that_triples() -> None:
    for changes, ideal in (({5.0: 50.0}, 35.0), ({5.0: 300.0}, 10.0)):
        server = Bucket(0.02, rate=100, burst=10, changes=changes)
        result = run(server, 2000)
        assert not result.lost
        assert result.took <= 1.15 * ideal
        assert server.wasted <= 0.05


@pytest.mark.parametrize(("limit", "span"), [(100, 1.0), (60, 1.0), (600, 10.0)])
def test_a_fixed_window(limit: int, span: float) -> None:
    server = Windows(0.02, limit=limit, span=span)
    result = run(server, int(limit / span * 20))
    assert not result.lost
    assert result.took <= 1.25 * 20  # a pause for each window that was used up too soon
    assert server.wasted <= 0.05


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("room", [10, 20])
def test_a_server_that_works_on_so_many_at_once(room: int, status: int) -> None:
    server = Crowd(0.05, there=0.1, room=room, status=status)
    result = run(server, 2000)
    assert not result.lost
    assert result.took <= 1.4 * 2000 / room * 0.045
    assert server.wasted <= 0.05


def test_two_clients_share_a_server() -> None:
    server = Bucket(0.02, rate=100, burst=25)
    random.seed(1)

    async def both() -> list[float]:
        results = await asyncio.gather(tear_down(server, 1000), tear_down(server, 1000))
        assert not any(result.lost for result in results)
        return [result.took for result in results]

    assert max(in_virtual_time(both())) <= 1.15 * 20
    assert server.wasted <= 0.05
