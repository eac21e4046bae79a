"""One contender, once, in a process of its own: `python -m benchmarks.child NAME URL CALLS [LOOP [open]]` prints JSON.

LOOP is `asyncio` or `uvloop`; with `open` it ends before the calls, and prints nothing.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from .contenders import CONTENDERS


def processor_time() -> float:
    """Seconds that this process has had, the kernel's work for it included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory() -> int:
    """Bytes: the most that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_peak() -> None:
    """Let the peak start from what is in use now, where the system can do that (Linux)."""
    gc.collect()
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


async def measure(name: str, base: str, calls: int) -> dict[str, float]:
    """The figures of the calls alone: the client is open and one call is done before they start."""
    steps = CONTENDERS[name](base, calls)
    await anext(steps)
    forget_peak()
    before, started, processor = peak_memory(), time.perf_counter(), processor_time()
    await anext(steps)
    figures = {
        "processor": processor_time() - processor,
        "wall": time.perf_counter() - started,
        "memory": float(peak_memory() - before),
    }
    await steps.aclose()
    return figures


def main() -> None:
    name, base, calls, *options = sys.argv[1:]
    loop = import_module(options[0] if options else "asyncio")
    with asyncio.Runner(loop_factory=loop.new_event_loop) as runner:
        if options[1:]:
            runner.run(anext(CONTENDERS[name](base, int(calls))))
        else:
            print(json.dumps(runner.run(measure(name, base, int(calls)))))


if __name__ == "__main__":
    main()
