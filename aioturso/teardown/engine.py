"""The engine of a teardown: calls of one organization, all of them through one limiter."""

from __future__ import annotations

from attrs import field, frozen

from .._calls import Calls
from .._credentials import token_id
from ..api.api_tokens import ApiTokens
from ..api.databases import Databases
from ..api.groups import Groups
from ..api.instances import Instances
from ..api.locations import Locations
from ..pace.limiter import Limiter


@frozen(eq=False)
class Engine:
    """The calls, the limiter, and the resources that a teardown lists."""

    calls: Calls
    limiter: Limiter
    api_tokens: ApiTokens = field(init=False)
    databases: Databases = field(init=False)
    groups: Groups = field(init=False)
    instances: Instances = field(init=False)
    locations: Locations = field(init=False)

    @api_tokens.default
    def _api_tokens(self) -> ApiTokens:
        return ApiTokens(self.calls)

    @databases.default
    def _databases(self) -> Databases:
        return Databases(self.calls)

    @groups.default
    def _groups(self) -> Groups:
        return Groups(self.calls)

    @instances.default
    def _instances(self) -> Instances:
        return Instances(self.calls)

    @locations.default
    def _locations(self) -> Locations:
        return Locations(self.calls)

    def at_most(self, per_second: float | None) -> Engine:
        """Returns an engine whose calls together are sent at this rate at most; None: this one."""
        if per_second is None:
            return self
        return Engine(self.calls.through(self.limiter.at_most(per_second)), self.limiter)

    @property
    def own_token_id(self) -> str | None:
        """The id of the platform token that the calls use, if the token has one in it."""
        return token_id(self.calls.pool.credentials.token)

    @property
    def organization(self) -> str | None:
        """The organization of the calls."""
        return self.calls.organization
