"""What is deleted and then brought back, and how a report of that is read."""

from aioturso import Outcome, TeardownReport, TursoClient
from aioturso.testing import FakeTurso


def furnish(fake: FakeTurso) -> None:
    """Three databases without a group, and two in the group `g`."""
    for number in range(3):
        fake.add_database(f"x{number}", organization="org")
    fake.add_group("g", organization="org")
    for number in range(2):
        fake.add_database(f"in-g{number}", organization="org", group="g")


async def destroyed(turso: TursoClient, prefix: str = "x") -> TeardownReport:
    return await (await turso.teardown.plan_databases(prefix=prefix)).execute()


async def group_destroyed(turso: TursoClient) -> TeardownReport:
    return await (await turso.teardown.plan_groups(names=["g"])).execute()


def uuids(fake: FakeTurso) -> dict[str, str]:
    return {database.name: database.uuid for database in fake.databases("org")}


def told(report: TeardownReport) -> list[tuple[str, str, str | None]]:
    return [(str(o.target), o.status.value, o.reason) for o in report.outcomes]


def reasons(outcomes: tuple[Outcome, ...]) -> dict[str, str | None]:
    return {outcome.target.database or outcome.target.group: outcome.reason for outcome in outcomes}
