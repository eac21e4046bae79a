"""The limiter finds a server's pace by itself: all kinds of hidden limits, in virtual time."""

import asyncio
import os
import random
from itertools import cycle, product

import pytest
from simulation import (
    Bucket,
    Busy,
    Crowd,
    Debt,
    Listed,
    Result,
    RetryAfter,
    Server,
    Windows,
    in_virtual_time,
    refusal,
    run,
    tear_down,
)

from aioturso import TursoError

SEEDS = (1, 2, 3)
LATENCIES = (0.005, 0.02, 0.05)


def pairs(*values: object, latencies: tuple[float, ...] = LATENCIES) -> list[tuple[object, float]]:
    """Each value with one latency; with each of them when many examples are wanted."""
    if "AIOTURSO_EXAMPLES" in os.environ:
        return list(product(values, latencies))
    longer = max(len(values), len(latencies))
    both = zip(cycle(values), cycle(latencies), range(longer), strict=False)
    return [(value, latency) for value, latency, _ in both]


def check(server: Server, calls: int, seed: int, *, time: float, refused: float = 0.05) -> Result:
    """A run loses no target, takes at most this multiple of the ideal time, and has at most this share refused."""
    result = run(server, calls, seed)
    assert result.lost == 0
    assert result.took <= time * server.ideal(calls)
    assert server.wasted <= refused
    return result


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(100, 200, 300))
def test_a_bucket_of_a_tenth_of_a_second(rate: float, latency: float, seed: int) -> None:
    check(Bucket(latency=latency, rate=rate, burst=rate / 10), int(rate * 12), seed, time=1.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(150, 200))
def test_a_bucket_that_requires_a_second(rate: float, latency: float, seed: int) -> None:
    server = Bucket(latency=latency, rate=rate, burst=rate / 10, retry_after="second")
    check(server, int(rate * 20), seed, time=1.20)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(20, 30, 50, latencies=(0.005, 0.02)))
def test_a_slow_server_that_saves_nothing_up(rate: float, latency: float, seed: int) -> None:
    server = Bucket(latency=latency, rate=rate, burst=1)
    check(server, int(rate * 17), seed, time=1.20, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(20, 30, 50, latencies=(0.005, 0.02)))
def test_a_slow_server_that_saves_nothing_up_and_requires_a_second(
    rate: float, latency: float, seed: int
) -> None:
    server = Bucket(latency=latency, rate=rate, burst=1, retry_after="second")
    check(server, int(rate * 17), seed, time=1.30, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("retry_after", "time"), [("none", 1.20), ("second", 1.30)])
@pytest.mark.parametrize(("rate", "latency"), [(30, 0.02), (50, 0.005)])
def test_a_list_that_is_read_before_is_no_evidence_of_how_many_deletes_are_accepted_at_once(
    rate: float, latency: float, retry_after: RetryAfter, time: float, seed: int
) -> None:
    server = Listed(latency=latency, rate=rate, burst=1, retry_after=retry_after)
    check(server, int(rate * 17), seed, time=time, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("seconds", "latency"), pairs(1, 2))
def test_a_large_burst(seconds: float, latency: float, seed: int) -> None:
    server = Bucket(latency=latency, rate=200, burst=200 * seconds, retry_after="second")
    check(server, 3000, seed, time=1.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(150, 300, latencies=(0.005, 0.02)))
def test_a_rate_that_falls_to_a_third(rate: float, latency: float, seed: int) -> None:
    server = Bucket(latency=latency, rate=rate, burst=rate / 10, after=6, then=rate / 3)
    check(server, int(rate * 10), seed, time=1.15)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(40, 60))
def test_a_rate_that_rises_eightfold(rate: float, latency: float, seed: int) -> None:
    server = Bucket(latency=latency, rate=rate, burst=rate / 10, after=6, then=rate * 8)
    check(server, int(rate * (6 + 8 * 7)), seed, time=1.25)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), pairs(50, 80))
def test_a_rate_that_rises_eightfold_on_a_server_that_requires_a_second(
    rate: float, latency: float, seed: int
) -> None:
    server = Bucket(latency=latency, rate=rate, burst=rate / 10, after=6, then=rate * 8, retry_after="second")
    check(server, int(rate * (6 + 8 * 9)), seed, time=1.30)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("retry_after", "latency"), pairs("exact", "whole"))
@pytest.mark.parametrize(("limit", "span"), [(300, 5), (500, 4)])
def test_a_fixed_window_that_announces_its_end(
    limit: int, span: float, retry_after: RetryAfter, latency: float, seed: int
) -> None:
    server = Windows(latency=latency, limit=limit, span=span, retry_after=retry_after)
    check(server, 4 * limit, seed, time=1.20, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("window", "latency"), pairs((300, 5), (500, 4)))
def test_a_fixed_window_that_announces_nothing(window: tuple[int, float], latency: float, seed: int) -> None:
    limit, span = window
    check(Windows(latency=latency, limit=limit, span=span), 4 * limit, seed, time=1.35, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("room", "latency"), pairs(10, 20, latencies=(0.02, 0.05)))
def test_a_server_that_works_on_so_many_at_once(room: int, latency: float, seed: int) -> None:
    server = Crowd(latency=latency, there=0.05, room=room)
    check(server, int(room / latency * 8), seed, time=1.25, refused=0.10)


@pytest.mark.parametrize("latency", [0.005, 0.05, 0.2])
def test_a_server_without_a_limit(latency: float) -> None:
    server = Server(latency=latency)
    result = check(
        server, int(64 / max(latency, 0.02) * 5), 1, time=1.14 if latency > 0.1 else 1.08, refused=0
    )
    assert result.limiter.concurrency == 64


# Longer, and otherwise than in the table


@pytest.mark.parametrize("retry_after", ["none", "second"])
def test_a_run_of_minutes_comes_within_a_tenth_of_the_ideal(retry_after: RetryAfter) -> None:
    check(Bucket(rate=40, burst=4, retry_after=retry_after), 40 * 180, 1, time=1.10)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fall_on_a_server_that_requires_a_second_costs_few_pauses(seed: int) -> None:
    server = Bucket(rate=200, burst=20, after=6, then=200 / 3, retry_after="second")
    # each of the two pauses before the fall loses what three seconds after it give
    result = check(server, 2400, seed, time=1.40)
    assert result.limiter.pace < 160


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_full_answers_so_with_either_status(status: int) -> None:
    server = Crowd(latency=0.05, there=0.05, room=20, status=status)
    check(server, 3000, 1, time=1.4, refused=0.10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("room", "latency"), [(7, 0.03), (11, 0.011), (20, 0.05)])
def test_a_full_server_that_requires_a_second_is_tried_seldom(room: int, latency: float, seed: int) -> None:
    server = Crowd(latency=latency, there=0.05, room=room, retry_after=1.0)
    # of some ten seconds, in which each pause takes one
    check(server, int(room / latency * 12), seed, time=2.0, refused=0.05)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("retry_after", ["none", "second"])
@pytest.mark.parametrize(("rate", "burst", "latency"), [(60, 1, 0.17), (60, 1, 0.09), (50, 10, 0.02)])
def test_a_rate_that_is_refused_with_503_is_found_too(
    rate: float, burst: float, latency: float, retry_after: RetryAfter, seed: int
) -> None:
    server = Busy(rate=rate, burst=burst, latency=latency, retry_after=retry_after)
    check(server, int(rate * 40), seed, time=2.0, refused=0.10)


@pytest.mark.parametrize("retry_after", ["none", "second"])
@pytest.mark.parametrize(("rate", "burst", "most"), [(20, 1, 5), (100, 10, 15)])
def test_a_run_a_minute_later_begins_at_the_pace_that_the_one_before_it_has_found(
    rate: float, burst: float, most: int, retry_after: RetryAfter
) -> None:
    server = Bucket(rate=rate, burst=burst, retry_after=retry_after)

    async def both() -> int:
        first = await tear_down(server, int(rate * 11), random.Random(1))
        before = server.refused
        await asyncio.sleep(60)
        await tear_down(server, int(rate * 11), random.Random(2), limiter=first.limiter)
        return server.refused - before

    assert in_virtual_time(both()) <= most


class Outage(Server):
    """Refuses everything from the second second on, for half a minute."""

    def refuse(self, now: float) -> TursoError | None:
        return refusal(429) if 1 <= now < 31 else None


def test_an_outage_of_half_a_minute_is_probed_and_not_hammered() -> None:
    server = Outage(latency=0.02)
    result = run(server, 4000)
    assert result.lost == 0
    assert server.refused < 150


def two_clients(server: Server, calls: int, seed: int) -> list[Result]:
    """Two that know nothing of each other, with so many calls each; no target of theirs is lost."""
    server.luck = random.Random(seed)

    async def both() -> list[Result]:
        return await asyncio.gather(
            *(tear_down(server, calls, random.Random(seed + other)) for other in (0, 1))
        )

    results = in_virtual_time(both())
    assert not any(result.lost for result in results)
    return results


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("retry_after", ["none", "second"])
@pytest.mark.parametrize(("rate", "burst", "latency"), [(60, 1, 0.045), (60, 2, 0.02), (25, 1, 0.005)])
def test_no_target_of_two_clients_is_lost_and_no_client_starves_where_nothing_is_saved_up(
    rate: float, burst: float, latency: float, retry_after: RetryAfter, seed: int
) -> None:
    server = Bucket(rate=rate, burst=burst, latency=latency, retry_after=retry_after)
    results = two_clients(server, int(rate * 8), seed)
    assert max(result.took for result in results) <= 5 * 16


@pytest.mark.parametrize("retry_after", ["none", "second"])
def test_two_clients_share_a_server_and_both_get_their_part(retry_after: RetryAfter) -> None:
    server = Bucket(rate=100, burst=25, retry_after=retry_after)
    results = two_clients(server, 1000, 1)
    assert max(result.took for result in results) <= 1.15 * 20
    assert min(result.took for result in results) >= 0.6 * 20
    assert server.wasted <= 0.07


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_near_server_refuses_less_than_a_fifth_of_some_hundred_calls_though_many_are_in_flight_at_once(
    seed: int, noisy: bool
) -> None:
    server = Bucket(latency=0.002, rate=100, burst=20)
    assert run(server, 300, seed, noisy=noisy).lost == 0
    assert server.wasted < 0.2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("rate", "burst", "latency"), [(15, 13, 0.15), (11, 7, 0.015), (44, 39, 0.14), (30, 3, 0.05)]
)
def test_no_target_is_lost_where_refusals_count_against_the_limit(
    rate: float, burst: float, latency: float, seed: int
) -> None:
    server = Debt(rate=rate, burst=burst, latency=latency)
    assert run(server, int(rate * 20), seed, noisy=True).lost == 0


# On a machine that other work keeps busy, where sends arrive some milliseconds late


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rate", "latency"), [(20, 0.005), (30, 0.02)])
def test_a_slow_server_that_saves_nothing_up_meets_sends_that_arrive_late(
    rate: float, latency: float, seed: int
) -> None:
    server = Bucket(latency=latency, rate=rate, burst=1)
    result = run(server, int(rate * 17), seed, noisy=True)
    assert result.lost == 0
    assert result.took <= 1.20 * server.ideal(int(rate * 17))


@pytest.mark.parametrize(("rate", "latency"), [(15, 0.01), (30, 0.02), (40, 0.02), (50, 0.02)])
def test_late_sends_cost_few_pauses_on_a_slow_server_that_saves_nothing_up(
    rate: float, latency: float
) -> None:
    calls, times = rate * 17, []
    for seed in range(10, 16):
        server = Bucket(latency=latency, rate=rate, burst=1, retry_after="second")
        result = run(server, int(calls), seed, noisy=True)
        assert result.lost == 0
        times.append(result.took / server.ideal(int(calls)))
    assert sum(times) / len(times) <= 1.36
    assert max(times) <= 1.45


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outage_leaves_no_limit_behind(seed: int) -> None:
    server = Outage(latency=0.02)
    result = run(server, 12_000, seed)
    assert result.lost == 0
    # probes are apart by a third of the time that the server has been silent
    assert result.took <= 1.35 * 31 + 1.5 * server.ideal(12_000)
