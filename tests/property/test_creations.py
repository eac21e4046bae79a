"""For random creations under random faults, each outcome is true, and only what was created is deleted again."""

import asyncio
from itertools import count

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none

from aioturso import CreationPlan, CreationReport, Outcome, OutcomeStatus, RetryPolicy, TursoError
from aioturso.testing import FakeTurso, Fault

FAULTS = [Fault.status(code) for code in (200, 400, 403, 409, 429, 500, 503)]
FAULTS += [Fault.drop_before(), Fault.drop_after(), Fault.truncate(), Fault.reset(acts=True), Fault.reset()]
FAULTS += [Fault.status(429, headers={"Retry-After": "3600"})]
NAMES = [f"d{number}" for number in range(5)]
numbers = count()


@frozen
class Story:
    """What is there, what others create (in which group) before and during the run, which faults meet creates and looks."""

    before: dict[int, bool]
    between: dict[int, bool]
    during: list[tuple[int, bool]]
    creates: list[Fault | None]
    looks: list[Fault | None]
    stop_after: int
    again: bool
    attempts: int
    concurrency: int


PLACES = st.dictionaries(st.integers(0, 4), st.booleans(), max_size=2)
STORIES = st.builds(
    Story,
    before=PLACES,
    between=PLACES,
    during=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=2),
    creates=st.lists(st.sampled_from([None, *FAULTS]), max_size=6),
    looks=st.lists(st.sampled_from([None, *FAULTS]), max_size=4),
    stop_after=st.integers(1, 9),
    again=st.booleans(),
    attempts=st.integers(1, 4),
    concurrency=st.integers(1, 3),
)


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


class World:
    """A fake's organization, and what others have created in it."""

    def __init__(self, fake: FakeTurso) -> None:
        self.fake, self.organization = fake, f"o{next(numbers)}"
        self.others: dict[str, str] = {}
        for group in ("g", "h"):
            fake.add_group(group, organization=self.organization)

    def add(self, number: int, fits: bool) -> None:
        name = NAMES[number]
        if name in self.there.values():
            return
        self.fake.add_database(name, organization=self.organization, group="g" if fits else "h")
        self.others |= {uuid: name for uuid, found in self.there.items() if found == name}

    @property
    def there(self) -> dict[str, str]:
        return {database.uuid: database.name for database in self.fake.databases(self.organization)}

    @property
    def ours(self) -> dict[str, str]:
        return {uuid: name for uuid, name in self.there.items() if uuid not in self.others}


def check(world: World, report: CreationReport) -> None:
    assert [outcome.target.database for outcome in report.outcomes] == NAMES
    ours = {name: uuid for uuid, name in world.ours.items()}
    others = {name: uuid for uuid, name in world.others.items()}
    for outcome in report.outcomes:
        name, uuid = outcome.target.database, outcome.target.uuid
        match outcome.status:
            case OutcomeStatus.CREATED:
                assert uuid == ours[name]
            case OutcomeStatus.ALREADY_THERE:
                assert uuid == others[name]
            case OutcomeStatus.FOUND:
                assert uuid == ours.get(name, others.get(name))
            case OutcomeStatus.FAILED | OutcomeStatus.NOT_ATTEMPTED:
                assert name not in ours
            case _:
                assert outcome.status is OutcomeStatus.UNKNOWN


async def run(world: World, plan: CreationPlan, story: Story) -> CreationReport:
    during, seen = list(story.during), count(1)

    def meanwhile(outcome: Outcome) -> None:
        if during:
            world.add(*during.pop())
        if next(seen) == story.stop_after:
            plan.stop()

    options = {"concurrency": story.concurrency, "max_age": 0.0 if story.again else 60.0}
    return await plan.execute(on_outcome=meanwhile, return_exceptions=True, **options)  # type: ignore[arg-type]  # as they are named


async def scenario(fake: FakeTurso, story: Story) -> None:
    world = World(fake)
    for number, fits in story.before.items():
        world.add(number, fits)
    policy = RetryPolicy(attempts=story.attempts, sleep=no_sleep, wait=wait_none(), budget=100)
    async with fake.client(organization=world.organization, retry=policy) as turso:
        plan = await turso.creation.plan_databases(NAMES, group="g")
        assert not fake.sent("POST", f"/{world.organization}/databases")
        for number, fits in story.between.items():
            world.add(number, fits)
        for method, faults in (("POST", story.creates), ("GET", story.looks)):
            for fault in faults:
                fake.inject(fault or Fault.delay(0), method=method)
        try:
            report = await run(world, plan, story)
        except TursoError:  # of the looks before a plan runs again
            assert story.again and not fake.sent("POST", f"/{world.organization}/databases")
            return
        finally:
            fake.clear_faults()
        check(world, report)
        sent = [request.body for request in fake.sent("POST", f"/{world.organization}/databases")]
        before, ours = world.there, world.ours
        undo = await turso.teardown.plan_created(report)
        await undo.execute()
        created = {outcome.target.uuid for outcome in report.created}
        assert created <= set(ours)
        assert world.there == {uuid: name for uuid, name in before.items() if uuid not in created}
        assert len(sent) == sum(outcome.attempts for outcome in report.outcomes)


def test_each_outcome_of_a_creation_is_true_and_only_what_was_created_is_deleted_again() -> None:
    with asyncio.Runner() as runner, FakeTurso() as fake:

        @given(STORIES)
        def property_of(story: Story) -> None:
            runner.run(scenario(fake, story))

        property_of()
