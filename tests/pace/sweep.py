"""`python tests/pace/sweep.py`: random servers with a hidden limit, on a noisy machine, in virtual time; prints a table.

Times are multiples of what a client needs that knows the limit. `--quiet`: without noise.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

from attrs import define, field, frozen
from simulation import (
    Bucket,
    Busy,
    Crowd,
    Debt,
    Noise,
    RetryAfter,
    Server,
    Windows,
    in_virtual_time,
    refusal,
    run,
    tear_down,
)

from aioturso import TursoError

MOST_CALLS = 6000


@define(kw_only=True)
class Sliding(Server):
    """So many accepted requests in any span of seconds; `strict`: refused ones count too."""

    limit: int
    span: float
    strict: bool = False
    seen: deque[float] = field(factory=deque, init=False)

    def refuse(self, now: float) -> TursoError | None:
        while self.seen and self.seen[0] <= now - self.span:
            self.seen.popleft()
        full = len(self.seen) >= self.limit
        if not full or self.strict:
            self.seen.append(now)
        return refusal(429) if full else None

    def ideal(self, calls: int) -> float:
        return (math.ceil(calls / self.limit) - 1) * self.span + self.latency


@define(kw_only=True)
class Half(Bucket):
    """A bucket for one of two requests; the others have no limit."""

    def refuse(self, now: float) -> TursoError | None:
        return super().refuse(now) if self.luck.random() < 0.5 else None

    def ideal(self, calls: int) -> float:
        return super().ideal(calls // 2)


@define(kw_only=True)
class CrowdedBucket(Bucket):
    """503 while `room` requests are worked on, and a bucket for the others."""

    room: int
    inside: int = field(default=0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        if self.inside >= self.room:
            return refusal(503)
        error = super().refuse(now)
        self.inside += error is None
        return error

    def done(self) -> None:
        self.inside -= 1

    def ideal(self, calls: int) -> float:
        return max(super().ideal(calls), calls / self.room * self.latency)


@define(kw_only=True)
class Queue(Server):
    """Works on one request at a time, refuses none, and so answers later the more there are."""

    work: float
    free_at: float = field(default=0.0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        self.free_at = max(now, self.free_at) + self.work
        self.waits = self.free_at - now
        return None

    def ideal(self, calls: int) -> float:
        return max(calls * self.work, super().ideal(calls))


@define(kw_only=True)
class Outage(Server):
    """Refuses all for some seconds, and has no limit otherwise."""

    begins: float
    lasts: float

    def refuse(self, now: float) -> TursoError | None:
        return refusal(429) if self.begins <= now < self.begins + self.lasts else None

    def ideal(self, calls: int) -> float:
        return self.lasts + super().ideal(calls)


@frozen
class Drawn:
    """A server, and how many calls it gets from each of some clients."""

    server: Server
    calls: int
    clients: int = 1


Draw = Callable[[random.Random], Drawn]


def between(luck: random.Random, least: float, most: float) -> float:
    """A number whose size, and not whose value, is evenly spread."""
    return math.exp(luck.uniform(math.log(least), math.log(most)))


def _bucket(
    luck: random.Random,
    *retry_after: RetryAfter,
    rate: tuple[float, float] = (3, 2000),
    burst: tuple[float, float] | None = None,
    latency: tuple[float, float] = (0.001, 0.2),
    make: type[Bucket] = Bucket,
    **more: Any,
) -> Drawn:
    """One that runs for 10 to 25 seconds, and that 64 calls at a time can use up."""
    per_second, late = between(luck, *rate), between(luck, *latency)
    per_second = min(per_second, 40 / late)
    saved = between(luck, *burst) if burst else between(luck, 1, min(1000, max(1.5, per_second)))
    if saved < 3:  # what comes more often than it is regular meets any sender at random
        per_second = min(per_second, 60)
    server = make(
        latency=late,
        rate=per_second,
        burst=max(1, round(saved)),
        retry_after=luck.choice(retry_after),
        **more,
    )
    calls = min(MOST_CALLS, int(server.burst + per_second * luck.uniform(10, 25)))
    return Drawn(server, max(20, calls))


def _changed(luck: random.Random, factor: tuple[float, float], *retry_after: RetryAfter) -> Drawn:
    rate, factor_ = between(luck, 20, 300), between(luck, *factor)
    server = Bucket(
        latency=min(between(luck, 0.001, 0.2), 20 / rate / factor_),
        rate=rate,
        burst=max(1, round(rate * between(luck, 0.05, 0.5))),
        after=luck.uniform(4, 8),
        then=rate * factor_,
        retry_after=luck.choice(retry_after),
    )
    return Drawn(server, int(rate * (server.after + factor_ * luck.uniform(6, 12))))


def _windows(luck: random.Random, *retry_after: RetryAfter) -> Drawn:
    limit = round(between(luck, 100, 600))
    server = Windows(
        latency=between(luck, 0.001, 0.1),
        limit=limit,
        span=luck.uniform(2, 8),
        retry_after=luck.choice(retry_after),
        offset=0.0,
    )
    return Drawn(server, limit * luck.randint(3, 5))


def _sliding(luck: random.Random, strict: bool) -> Drawn:
    limit, span = round(between(luck, 20, 400)), between(luck, 1, 6)
    server = Sliding(latency=between(luck, 0.001, 0.1), limit=limit, span=span, strict=strict)
    return Drawn(server, limit * math.ceil(15 / span))


def _crowd(luck: random.Random, status: int, retry_after: float | None = None) -> Drawn:
    latency = between(luck, 0.01, 0.2)
    room = luck.randint(3, min(50, int(1000 * latency)))
    server = Crowd(latency=latency, there=0.05, room=room, status=status, retry_after=retry_after)
    return Drawn(server, min(MOST_CALLS, int(room / latency * 12)))


def _both(luck: random.Random) -> Drawn:
    return _bucket(luck, "none", make=CrowdedBucket, latency=(0.01, 0.2), room=luck.randint(4, 40))


def _free(luck: random.Random) -> Drawn:
    latency = between(luck, 0.03, 0.2)
    return Drawn(Server(latency=latency), int(64 / latency * 6))


def _queue(luck: random.Random) -> Drawn:
    work = between(luck, 0.001, 0.02)
    return Drawn(Queue(latency=between(luck, 0.005, 0.1), work=work), int(10 / work))


def _outage(luck: random.Random) -> Drawn:
    latency, lasts = between(luck, 0.01, 0.1), between(luck, 3, 30)
    return Drawn(Outage(latency=latency, begins=1.0, lasts=lasts), int(40 / latency * 5))


def _short(luck: random.Random) -> Drawn:
    drawn = _bucket(luck, "none", "second", rate=(3, 100), latency=(0.005, 0.1))
    return Drawn(drawn.server, max(round(drawn.server.burst), 0) + luck.randint(20, 100))  # type: ignore[attr-defined]


def _shared(luck: random.Random) -> Drawn:
    drawn = _bucket(luck, "none", "second", rate=(20, 300), latency=(0.005, 0.05))
    return Drawn(drawn.server, drawn.calls // 2, clients=2)


KINDS: dict[str, tuple[float, Draw]] = {
    "bucket": (1.10, lambda luck: _bucket(luck, "none", burst=(3, 1000), rate=(30, 2000))),
    "bucket, pause": (1.20, lambda luck: _bucket(luck, "second", burst=(3, 1000), rate=(30, 2000))),
    "slow, burst 1": (1.20, lambda luck: _bucket(luck, "none", burst=(1, 1.01), rate=(10, 60))),
    "slow, burst 1, pause": (1.30, lambda luck: _bucket(luck, "second", burst=(1, 1.01), rate=(10, 60))),
    "tiny burst": (1.20, lambda luck: _bucket(luck, "none", burst=(1.5, 5), rate=(10, 300))),
    "tiny burst, pause": (1.30, lambda luck: _bucket(luck, "second", burst=(1.5, 5), rate=(10, 300))),
    "exact, whole pause": (1.20, lambda luck: _bucket(luck, "exact", "whole")),
    "very slow": (1.20, lambda luck: _bucket(luck, "none", "second", rate=(1, 10), burst=(1, 20))),
    "large burst, pause": (1.10, lambda luck: _bucket(luck, "second", rate=(50, 400), burst=(100, 1000))),
    "fall": (1.15, lambda luck: _changed(luck, (0.15, 0.6), "none")),
    "fall, pause": (1.40, lambda luck: _changed(luck, (0.15, 0.6), "second")),
    "rise": (1.25, lambda luck: _changed(luck, (2, 8), "none")),
    "rise, pause": (1.30, lambda luck: _changed(luck, (2, 8), "second")),
    "window, pause": (1.20, lambda luck: _windows(luck, "exact", "whole")),
    "window": (1.35, lambda luck: _windows(luck, "none")),
    "sliding": (1.35, lambda luck: _sliding(luck, False)),
    "sliding, strict": (1.35, lambda luck: _sliding(luck, True)),
    "refused ones count": (1.20, lambda luck: _bucket(luck, "none", rate=(10, 500), make=Debt)),
    "overload": (1.25, lambda luck: _crowd(luck, 503)),
    "overload, pause": (1.50, lambda luck: _crowd(luck, 503, 1.0)),
    "overload by 429": (1.50, lambda luck: _crowd(luck, 429)),
    "overload and bucket": (1.25, _both),
    "bucket by 503": (1.30, lambda luck: _bucket(luck, "none", "second", rate=(10, 500), make=Busy)),
    "half is free": (1.20, lambda luck: _bucket(luck, "none", "second", rate=(10, 300), make=Half)),
    "two clients": (1.25, _shared),
    "short": (1.50, _short),
    "outage": (1.50, _outage),
    "queue": (1.08, _queue),
    "free": (1.08, _free),
}


@frozen
class Played:
    """One server, and what it cost: `time` as a multiple of the ideal."""

    drawn: Drawn
    seed: int
    time: float
    refused: float
    lost: int


def play(draw: Draw, seed: int, quiet: bool) -> Played:
    """The server of this seed."""
    drawn = draw(random.Random(seed))
    server, ideal = drawn.server, drawn.server.ideal(drawn.calls * drawn.clients) + drawn.server.latency
    if drawn.clients == 1:
        result = run(server, drawn.calls, seed, noisy=not quiet)
        return Played(drawn, seed, result.took / ideal, server.wasted, result.lost)
    server.luck = random.Random(seed)
    server.noise = None if quiet else Noise(random.Random(seed + 1000))

    async def together() -> tuple[float, int]:
        results = await asyncio.gather(
            *(tear_down(server, drawn.calls, random.Random(-seed - n)) for n in range(drawn.clients))
        )
        return max(result.took for result in results), sum(result.lost for result in results)

    took, lost = in_virtual_time(together(), server.noise)
    return Played(drawn, seed, took / ideal, server.wasted, lost)


def row(name: str, goal: float, played: list[Played]) -> str:
    times = [one.time for one in played]
    refused = [one.refused for one in played]
    tenth = [quantiles(figures, n=10)[-1] if len(figures) > 1 else figures[0] for figures in (times, refused)]
    missed = sum(time > goal for time in times)
    lost = sum(one.lost for one in played)
    figures = [f"{figure:.2f}" for figure in (goal, median(times), tenth[0], max(times))]
    shares = [f"{share:.1%}" for share in (median(refused), tenth[1], max(refused))]
    return f"| {' | '.join([name, *figures, f'{missed} of {len(times)}', *shares, str(lost)])} |"


def worst(played: list[Played]) -> Iterator[str]:
    """Those that took longest, to be looked at alone with `--seed`."""
    for one in sorted(played, key=lambda one: -one.time)[:3]:
        server = {
            name: round(value, 4) if isinstance(value, float) else value
            for name in ("rate", "burst", "limit", "span", "room", "then", "retry_after", "latency", "work")
            if (value := getattr(one.drawn.server, name, None)) is not None
        }
        yield f"  seed {one.seed}: {one.time:.2f}, {one.refused:.1%} refused, {one.drawn.calls} calls, {server}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("--servers", type=int, default=20, help="of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of the first one")
    parser.add_argument("--quiet", action="store_true", help="a machine that is never busy")
    parser.add_argument("--worst", action="store_true", help="the three slowest of each kind")
    options = parser.parse_args()
    print("| kind | goal | median | 90 % | worst | missed | refused: median | 90 % | worst | lost |")
    print("|---" * 10 + "|")
    for name in options.only:
        goal, draw = KINDS[name]
        played = [play(draw, options.seed + n, options.quiet) for n in range(options.servers)]
        print(row(name, goal, played), flush=True)
        if options.worst:
            print("\n".join(worst(played)), flush=True)


if __name__ == "__main__":
    main()
