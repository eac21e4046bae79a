"""Bytes that are cut, reset, held, delayed or doubled on the way, under stops, closes, cancellations and jumps of the clock.

For every kind of target the report agrees with the platform, and what was made anew under a name is never deleted by
a resend. `python faults` runs more of these schedules.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import KINDS
from single import WAYS, tell_call
from story import tell
from virtual import virtual_time

from aioturso.teardown.targets import TRAITS

ROOT = Path(__file__).parents[2]


def test_each_kind_of_target_has_schedules() -> None:
    assert set(TRAITS) <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_under_lost_bytes_and_early_ends_the_report_agrees_and_nothing_new_is_deleted(
    kind: str, tmp_path: Path
) -> None:
    with virtual_time() as clock, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:

        @settings(max_examples=settings.default.max_examples // 3)  # of each kind
        @given(st.integers(0, 2**32))
        def property_of(seed: int) -> None:
            runner.run(tell(seed, kind, tmp_path, clock))

        property_of()


@pytest.mark.parametrize("way", WAYS)
def test_under_lost_bytes_a_call_that_deletes_returns_only_when_it_has_and_its_error_holds_whether_it_may_have(
    way: str, tmp_path: Path
) -> None:
    with virtual_time() as clock, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:

        @settings(max_examples=settings.default.max_examples // 5)  # of each call
        @given(st.integers(0, 2**32))
        def property_of(seed: int) -> None:
            runner.run(tell_call(seed, way, tmp_path, clock))

        property_of()


def test_the_command_runs_schedules_by_their_numbers() -> None:
    command = [sys.executable, "faults", "--schedules", "18", "--seed", "40", "--parallel", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("schedules: 18 (1 API token, ")
    assert done.stdout.endswith("seeds 40 to 40; violations: 0\n")
