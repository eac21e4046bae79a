"""For random teardowns under random faults, an undo restores exactly what that teardown has deleted."""

import asyncio
import tempfile
from itertools import count
from pathlib import Path

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none

from aioturso import OutcomeStatus, RetryPolicy, TeardownReport, TursoClient
from aioturso.teardown.traces import Source
from aioturso.testing import FakeTurso, Fault

FAULTS = [Fault.status(code) for code in (400, 409, 429, 500, 503)]
FAULTS += [Fault.drop_before(), Fault.drop_after(), Fault.truncate(), Fault.reset(acts=True)]
BACK = (OutcomeStatus.RESTORED, OutcomeStatus.ALREADY_THERE)
numbers = count()


@frozen
class Story:
    """What there is, what is excluded, which faults meet the deletions and the restores, and what others delete."""

    grouped: list[bool]
    groups_too: bool
    by_uuid: bool
    excluded: set[int]
    deletions: list[Fault]
    restores: list[Fault]
    others: set[int]
    source: str
    attempts: int


STORIES = st.builds(
    Story,
    grouped=st.lists(st.booleans(), min_size=1, max_size=5),
    groups_too=st.booleans(),
    by_uuid=st.booleans(),
    excluded=st.sets(st.integers(0, 4), max_size=2),
    deletions=st.lists(st.sampled_from(FAULTS), max_size=5),
    restores=st.lists(st.sampled_from(FAULTS), max_size=5),
    others=st.sets(st.integers(0, 4), max_size=2),
    source=st.sampled_from(["report", "data", "log"]),
    attempts=st.integers(1, 4),
)


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


def there(fake: FakeTurso, organization: str) -> dict[str, str]:
    owner = fake.state.organizations[organization]
    groups = {group.uuid: f"group {name}" for name, group in owner.groups.items()}
    return groups | {database.uuid: name for name, database in owner.databases.items()}


async def torn_down(turso: TursoClient, story: Story, log: Path) -> TeardownReport:
    exclude = [f"d{number}" for number in story.excluded]
    plan = await turso.teardown.plan_databases(prefix="d", exclude=exclude, by_uuid=story.by_uuid)
    report = await plan.execute(audit_log=log, return_exceptions=True)
    if story.groups_too:
        groups = await turso.teardown.plan_groups(names=["g"], exclude=exclude)
        report = TeardownReport.merge(report, await groups.execute(audit_log=log, return_exceptions=True))
    return report


async def scenario(fake: FakeTurso, story: Story, log: Path) -> None:
    organization = f"o{next(numbers)}"
    fake.add_group("g", organization=organization)
    for number, grouped in enumerate(story.grouped):
        fake.add_database(f"d{number}", organization=organization, group="g" if grouped else None)
    policy = RetryPolicy(attempts=story.attempts, sleep=no_sleep, wait=wait_none(), budget=100)
    async with fake.client(organization=organization, retry=policy) as turso:
        before = there(fake, organization)
        for fault in story.deletions:
            fake.inject(fault, method="DELETE")
        report = await torn_down(turso, story, log)
        fake.clear_faults()
        deleted = before.keys() - there(fake, organization).keys()
        # Whether an unknown deletion or another client has deleted one, no list shows.
        unknown = {outcome.target.database for outcome in report.unknown}
        others = {f"d{number}" for number in story.others} - unknown
        for name in others & set(there(fake, organization).values()):
            fake.remove_database(name, organization=organization)
        left = there(fake, organization)
        sources: dict[str, Source] = {"report": report, "data": report.to_dict(), "log": log}
        undo = await turso.teardown.plan_undo(sources[story.source])
        assert {t.uuid for e in undo.entries if e.reason is None for t in (e.target, *e.databases)} <= deleted
        for fault in story.restores:
            fake.inject(fault, method="POST")
        first = await undo.execute(return_exceptions=True)
        fake.clear_faults()
        now = there(fake, organization)
        for outcome in first.outcomes:
            if outcome.status in BACK:
                assert outcome.target.uuid in now, outcome
            elif outcome.status is OutcomeStatus.FAILED:
                assert outcome.target.uuid not in now, outcome
        assert left.items() <= now.items() and now.keys() - left.keys() <= deleted
        again = await (await turso.teardown.plan_undo(sources[story.source])).execute(verify=True)
        assert again.ok
        back = there(fake, organization)
        assert back == {uuid: name for uuid, name in before.items() if uuid in deleted or uuid in left}
        assert {uuid for uuid in back if uuid not in left} == deleted


def test_an_undo_restores_exactly_what_the_teardown_deleted() -> None:
    with asyncio.Runner() as runner, FakeTurso() as fake, tempfile.TemporaryDirectory() as folder:

        @given(STORIES)
        def property_of(story: Story) -> None:
            runner.run(scenario(fake, story, Path(folder) / f"{next(numbers)}.jsonl"))

        property_of()
