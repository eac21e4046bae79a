"""The world of `--demo`: an organization whose continuous integration has left a mess."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ..client import TursoClient
from ..events import OnRequest
from ..testing.faults import Fault
from ..testing.server import FakeTurso

PREVIEWS, TENANTS = 600, 120
LATENCY = 0.12  # seconds for each destruction, so that there is something to watch


@asynccontextmanager
async def demo_client(organization: str, on_request: OnRequest) -> AsyncGenerator[TursoClient]:
    """Yields a client of a fake that holds the demo world, and now and then fails."""
    async with FakeTurso() as fake:
        add_world(fake, organization)
        async with fake.client(organization=organization, on_request=on_request) as turso:
            yield turso


def add_world(fake: FakeTurso, organization: str) -> None:
    """Adds production in a group, tenants in three locations, hundreds of preview databases."""
    fake.add_group("default", organization=organization, locations=["iad", "fra"])
    fake.add_group("ci", organization=organization, locations=["iad"])
    for name in ("my-db", "billing"):
        fake.add_database(name, organization=organization, group="default")
    everywhere = {"iad": 1, "fra": 1, "lhr": 1}
    fake.add_database("legacy-db", organization=organization, instances=everywhere, primary="iad")
    for number in range(1, TENANTS + 1):
        name = f"tenant-{number:03}"
        fake.add_database(name, organization=organization, instances=everywhere, primary="iad")
    main = fake.add_database("preview-main", organization=organization, group="ci")
    main.configuration["delete_protection"] = True
    for number in range(1, PREVIEWS + 1):
        fake.add_database(f"preview-{number:03}", organization=organization, group="ci")
    fake.inject(Fault.drop_after(), method="DELETE", path="/preview-123")
    for number in (150, 300, 450):
        fake.inject(Fault.status(503), method="DELETE", path=f"/preview-{number}")
    fake.inject(Fault.delay(LATENCY), method="DELETE", times=1_000_000)
