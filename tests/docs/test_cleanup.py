"""The example that cleans up after pull requests: what it deletes, and what it leaves alone."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from aioturso import TeardownPlan
from aioturso.testing import FakeTurso

SCRIPT = Path(__file__).parents[2] / "examples" / "github_actions_cleanup.py"
NAMES = ("main", "pr-7", "pr-7-seed", "pr-8", "pr-8-seed", "pr-80", "pr-81", "pr-081", "pr-x", "preview-8")


async def planned(pull_request: str | None) -> list[str]:
    plan_for: Any = runpy.run_path(str(SCRIPT))["plan_for"]
    async with FakeTurso() as fake:
        for name in NAMES:
            fake.add_database(name, organization="org")
        async with fake.client(organization="org") as turso:
            plan: TeardownPlan = await plan_for(turso, pull_request)
    return [target.database for target in plan.targets]


@pytest.mark.parametrize(
    ("open_", "latest", "deleted"),
    [
        ("[7]", "80", ["pr-8", "pr-8-seed", "pr-80"]),
        # The newest were opened after the open ones were read.
        ("[7]", "8", ["pr-8", "pr-8-seed"]),
        ("[7]", None, []),
        ("[80]", None, ["pr-7", "pr-7-seed", "pr-8", "pr-8-seed"]),
        ("[]", None, []),
    ],
)
async def test_a_sweep_spares_what_is_open_and_what_was_opened_after_the_list_was_read(
    monkeypatch: pytest.MonkeyPatch, open_: str, latest: str | None, deleted: list[str]
) -> None:
    monkeypatch.setenv("OPEN", open_)
    if latest is not None:
        monkeypatch.setenv("LATEST", latest)
    assert await planned(None) == deleted


async def test_a_pull_request_that_was_closed_takes_its_own_databases_alone() -> None:
    assert await planned("8") == ["pr-8", "pr-8-seed"]
