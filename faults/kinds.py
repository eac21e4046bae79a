"""Every kind of target: how it is made on the fake, planned, and looked for in the fake's state and log."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from aioturso import Outcome, OutcomeStatus, Target, TeardownPlan, TeardownReport, TursoClient
from aioturso.testing import FakeTurso
from aioturso.testing.state.records import ApiToken, FakeInstance, FakeOrganization

ORGANIZATION = "org"
GLOB = "x-*"
numbers = count()


def owner(fake: FakeTurso) -> FakeOrganization:
    """Returns the organization of all targets."""
    return fake.add_organization(ORGANIZATION)


class Databases:
    """Databases, deleted by name. The other kinds differ from them in some of this."""

    name = "database"
    restores = False
    exact = False
    """True if the call names the uuid, and so cannot be about another one."""
    again = 0.6
    """The share of names that are given to something new as soon as they are free."""

    def make(self, fake: FakeTurso, name: str) -> str:
        """Makes one, and returns its uuid."""
        return fake.add_database(name, organization=ORGANIZATION, group="ci").uuid

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        """Plans all of them."""
        return await turso.teardown.plan_databases(match=GLOB)

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        """Returns the names of those that exist, by uuid."""
        return {database.uuid: database.name for database in owner(fake).databases.values()}

    def sent(self, fake: FakeTurso, target: Target) -> int:
        """Returns how often the call about this target has reached the fake."""
        return len(fake.sent("DELETE", "/" + "/".join(target.names)))


class DatabasesByUUID(Databases):
    """Databases, deleted by uuid."""

    name = "database by uuid"
    exact = True

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_databases(match=GLOB, by_uuid=True)

    def sent(self, fake: FakeTurso, target: Target) -> int:
        return len(fake.sent("DELETE", f"/{target.uuid}")) + super().sent(fake, target)


class Groups(Databases):
    """Groups, each with a database."""

    name = "group"

    def make(self, fake: FakeTurso, name: str) -> str:
        fake.add_database(f"{name}-db", organization=ORGANIZATION, group=name)
        return owner(fake).groups[name].uuid

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_groups(match=GLOB)

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        return {group.uuid: group.name for group in owner(fake).groups.values()}


class GroupLocations(Groups):
    """A location of each group. What is made anew is the group: a location has no uuid of its own."""

    name = "group location"

    def make(self, fake: FakeTurso, name: str) -> str:
        groups = owner(fake).groups
        if name in groups:
            fake.state.delete_group(owner(fake), groups[name])
        return fake.add_group(name, organization=ORGANIZATION, locations=["iad", "fra"]).uuid

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_instances(location="fra", groups=True)

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        groups = owner(fake).groups.values()
        return {group.uuid: group.name for group in groups if "fra" in group.locations}

    def sent(self, fake: FakeTurso, target: Target) -> int:
        return len(fake.sent("DELETE", "/locations/".join(target.names)))


class Instances(Databases):
    """Replicas of one database that is in no group."""

    name = "instance"

    def make(self, fake: FakeTurso, name: str) -> str:
        databases = owner(fake).databases
        if "db" not in databases:
            fake.add_database("db", organization=ORGANIZATION, instances={"iad": 1}, primary="iad")
        made = FakeInstance(name, "replica", "fra", f"{name}.turso.invalid")
        databases["db"].instances[name] = made
        return made.uuid

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_instances(location="fra", database="db")

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        return {i.uuid: i.name for i in fake.instances(ORGANIZATION, "db") if i.type == "replica"}

    def sent(self, fake: FakeTurso, target: Target) -> int:
        return len(fake.sent("DELETE", "/instances/".join(target.names)))


class Tokens(Databases):
    """API tokens of the user."""

    name = "API token"

    def make(self, fake: FakeTurso, name: str) -> str:
        made = ApiToken(
            name=name, value=f"{name}.{next(numbers)}.", owner=fake.state.username, created_at="2026-01-01"
        )
        fake.state.add_token(made)
        return made.id

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_api_tokens(match=GLOB)

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        return {token.id: token.name for token in fake.state.api_tokens.values()}


class Restores(Databases):
    """Deleted databases, which an undo restores; a few of their names are taken by something new."""

    name = "deleted database"
    restores = True
    exact = True
    again = 0.1

    async def plan(self, fake: FakeTurso, turso: TursoClient) -> TeardownPlan:
        targets = (await turso.teardown.plan_databases(match=GLOB)).targets
        for target in targets:
            fake.remove_database(target.database, organization=ORGANIZATION)
        deleted = [Outcome(target=t, status=OutcomeStatus.DESTROYED, attempts=1) for t in targets]
        return await turso.teardown.plan_undo(TeardownReport(tuple(deleted)))

    def sent(self, fake: FakeTurso, target: Target) -> int:
        return len(fake.sent("POST", f"/{target.uuid}/restore"))


KINDS: Mapping[str, Databases] = {
    kind.name: kind
    for kind in (
        Databases(),
        DatabasesByUUID(),
        Groups(),
        GroupLocations(),
        Instances(),
        Tokens(),
        Restores(),
    )
}
