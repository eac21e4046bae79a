"""A plan of creations, and short forms of a report and of the fake's requests."""

from aioturso import CreationPlan, CreationReport, TursoClient
from aioturso.testing import FakeTurso


async def planned(turso: TursoClient, *names: str) -> CreationPlan:
    return await turso.creation.plan_databases(names or ["a"], group="g")


def told(report: CreationReport) -> list[tuple[str, str, str | None]]:
    return [(o.target.database, o.status.value, o.reason) for o in report.outcomes]


def calls(fake: FakeTurso) -> list[str]:
    return [request.method for request in fake.requests]
