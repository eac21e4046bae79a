"""What a large plan holds, and whether others can work while it is made."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc

from raw import RawServer, answer

SIZE = 4000
LISTED = answer(
    200,
    {
        "databases": [
            {
                "Name": f"preview-{number:06}",
                "DbId": f"0eb771dd-6906-11ee-8553-{number:012}",
                "Hostname": f"preview-{number:06}-org.turso.io",
                "regions": ["iad", "fra"],
                "group": "default",
                "delete_protection": False,
            }
            for number in range(SIZE)
        ]
    },
)


async def test_a_plan_holds_at_most_600_bytes_for_each_target() -> None:
    async with RawServer(then=LISTED) as raw, raw.client(retry=None) as turso:
        await turso.teardown.plan_databases(match="preview-*")
        gc.collect()
        tracemalloc.start()
        try:
            plan = await turso.teardown.plan_databases(match="preview-*")
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert len(plan) == SIZE
    assert held < 600 * SIZE, f"{held / SIZE:.0f} bytes"


async def test_the_loop_runs_while_a_large_plan_is_made_and_listed_again() -> None:
    longest, stop = 0.0, asyncio.Event()

    async def beat() -> None:
        nonlocal longest
        while not stop.is_set():
            before = time.thread_time()  # what this thread works, and not what other programs do meanwhile
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)

    async with RawServer(then=LISTED) as raw, raw.client(retry=None) as turso:
        beating = asyncio.create_task(beat())
        plan = await turso.teardown.plan_databases(match="preview-*")
        report = await plan.execute(dry_run=True, max_age=0, max_targets=SIZE)
        stop.set()
        await beating
    assert len(report.outcomes) == SIZE
    assert longest < 0.1, f"{longest:.3f} s"
