"""The engine of a teardown: calls of one organization, all of them through one limiter."""

from __future__ import annotations

from attrs import Factory, define, evolve, field, frozen

from .._calls import Calls
from ..api._by_id import owner_of
from ..api.api_tokens import ApiTokens
from ..api.databases import Databases
from ..api.groups import Groups
from ..api.instances import Instances
from ..api.locations import Locations
from ..api.organizations import GET, Organizations
from ..models.organizations import Organization
from ..pace.limiter import Limiter


@define(eq=False)
class Memory:
    """Mutable: what a plan and its runs have learnt of the platform, so that it is looked up once.

    `knows_user`: the client's token is of the user for whom the plan was listed; not known of a plan that was loaded.
    """

    organization_id: str | None = None
    lacks_delete_by_uuid: bool = False
    knows_user: bool = True


@frozen(eq=False)
class Engine:
    """The calls, the limiter, and the resources that a teardown lists.

    `exclude`: globs of what a run leaves alone, which holds in each look at a group too.
    """

    calls: Calls
    limiter: Limiter
    memory: Memory = field(factory=Memory)
    exclude: tuple[str, ...] = ()
    api_tokens: ApiTokens = field(default=Factory(lambda e: ApiTokens(e.calls), takes_self=True), init=False)
    databases: Databases = field(default=Factory(lambda e: Databases(e.calls), takes_self=True), init=False)
    groups: Groups = field(default=Factory(lambda e: Groups(e.calls), takes_self=True), init=False)
    instances: Instances = field(default=Factory(lambda e: Instances(e.calls), takes_self=True), init=False)
    locations: Locations = field(default=Factory(lambda e: Locations(e.calls), takes_self=True), init=False)
    organizations: Organizations = field(
        default=Factory(lambda e: Organizations(e.calls), takes_self=True), init=False
    )

    def at_most(self, per_second: float | None) -> Engine:
        """Returns an engine whose calls together are sent at this rate at most; None: this one."""
        if per_second is None:
            return self
        # With the same memory, so that nothing is looked up again.
        return evolve(self, calls=self.calls.through(self.limiter.at_most(per_second)))

    def of_any_user(self) -> Engine:
        """Returns an engine for a plan that may have been listed for another user."""
        return evolve(self, memory=Memory(knows_user=False))

    def excluding(self, globs: tuple[str, ...]) -> Engine:
        """Returns an engine whose looks leave alone what these globs exclude."""
        return evolve(self, exclude=globs)

    async def learn(self) -> Organization:
        """Returns the organization, and remembers its UUID."""
        found = await self.calls.call(GET)
        self.memory.organization_id = found.id
        return found

    async def organization_id(self) -> str:
        """Returns the organization's UUID, which is looked up once. Raises DecodeError when the platform has none."""
        if not self.memory.organization_id:
            self.memory.organization_id = await owner_of(self.calls)
        return self.memory.organization_id

    @property
    def own_token_id(self) -> str | None:
        """The id of the platform token that the calls use, if the token has one in it."""
        return self.calls.pool.credentials.id

    @property
    def tokens(self) -> int:
        """The number of other tokens that the client has come to use."""
        return self.calls.pool.pulse.tokens

    @property
    def knows_user(self) -> bool:
        """True if its token is of the user for whom the plan was listed: the client has come to no other one since."""
        return self.memory.knows_user and not self.tokens

    @property
    def organization(self) -> str:
        """The organization of the calls; empty without one."""
        return self.calls.organization or ""
