"""Every method against a server made of the vendor's document alone."""

from __future__ import annotations

import inspect
import json
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import define, field
from calls import calls
from contract_world import ORG, TOKEN, database_file
from mock_server import Mock
from vendor_schema import OPERATIONS

from aioturso import RetryPolicy, TursoClient, TursoError
from aioturso.api._resource import Resource

# Methods of operations that the document does not have: the server does not know these.
UNKNOWN = {
    "api_tokens.mint",
    "databases.create_by_id",
    "databases.create_token_by_id",
    "databases.delete_by_id",
    "databases.get_by_id",
    "databases.list_by_id",
    "databases.query_usage",
    "databases.seed",
    "databases.transfer",
    "databases.update_version",
    "databases.upload",
    "databases.upload_dump",
    "databases.wakeup",
    "groups.abort_migration",
    "groups.create_by_id",
    "groups.create_token_by_id",
    "groups.delete_by_id",
    "groups.get_by_id",
    "groups.list_by_id",
    "groups.migration",
    "groups.rename",
    "groups.start_migration",
    "groups.wait_for_location",
    "instances.create",
    "instances.destroy",
    "instances.wait_until_ready",
    "invites.create_v1",
    "invites.delete_v1",
    "invites.list_v1",
    "jwks.list",
    "jwks.remove",
    "jwks.save",
    "jwks.template",
    "locations.closest",
    "locations.get",
    "locations.list_by_platform",
    "organizations.billing_portal",
    "organizations.create",
    "organizations.create_customer",
    "organizations.customer",
    "organizations.delete",
    "organizations.has_payment_method",
    "organizations.personal",
    "organizations.public_plans",
    "organizations.update_customer",
    "organizations.update_subscription",
    "users.invalidate_sessions",
    "users.whoami",
}
# To this server everything exists, for ever.
ENDLESS = {"databases.wait_until_gone", "groups.wait_until_gone", "instances.wait_until_gone"}
# Without an `organization_id`: the document's organization has no `id` to look up.
NAMELESS = {
    f"{method} 0" for method in ("databases.list_deleted", "databases.restore", "groups.list_deleted")
}
NAMELESS |= {"groups.restore 0"}


async def no_wait(seconds: float) -> None: ...


@define
class Spy:
    """In a client's place: notes which parameters of its methods are given, and calls nothing."""

    client: TursoClient
    given: dict[str, list[set[str]]] = field(factory=lambda: defaultdict(list))
    resource: str = ""

    def __getattr__(self, name: str) -> Any:
        if not self.resource:
            found = getattr(self.client, name)
            return Spy(self.client, self.given, name) if isinstance(found, Resource) else found
        return partial(self._note, name)

    def _note(self, name: str, /, *args: Any, **kwargs: Any) -> None:
        bound = inspect.signature(getattr(getattr(self.client, self.resource), name)).bind(*args, **kwargs)
        self.given[f"{self.resource}.{name}"].append(set(bound.arguments))


def test_every_argument_is_given(tmp_path: Path) -> None:
    """Each method is called with as little as it takes, and each of its parameters is given in some call."""
    client, lacking = TursoClient(TOKEN, organization=ORG), []
    for method, several in calls(database_file(tmp_path)).items():
        spy = Spy(client)
        for call in several:
            if inspect.iscoroutine(outer := call(spy)):
                outer.close()
        resource, _, name = method.partition(".")
        parameters = inspect.signature(getattr(getattr(client, resource), name)).parameters
        required = {name for name, one in parameters.items() if one.default is one.empty}
        lacking += [f"{method} {name}" for name in set(parameters).difference(*spy.given[method])]
        lacking += [method] if min(map(len, spy.given[method])) > len(required) + 1 else []
    assert lacking == []


async def test_every_method_is_understood_and_understands(tmp_path: Path) -> None:
    """Each call is taken, and its answer read; of unknown operations the refusal is."""
    wrong: list[str] = []
    once = RetryPolicy(attempts=1, sleep=no_wait)
    async with Mock() as mock, TursoClient(TOKEN, organization=ORG, base_url=mock.url, retry=once) as turso:
        for method, several in calls(database_file(tmp_path)).items():
            for number, call in enumerate(several):
                try:
                    await call(turso)
                    outcome = "read"
                except TursoError as error:
                    outcome = f"{type(error).__name__}: {error}"
                refused = method in UNKNOWN | ENDLESS or f"{method} {number}" in NAMELESS
                if (outcome == "read") == refused:
                    wrong.append(f"{method} {number}: {outcome}")
    assert wrong == []
    assert set(mock.seen) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "databases?nope=1", {}, None, 400),
        ("GET", "audit-logs?page=one", {}, None, 400),
        ("GET", "invoices?type=nope", {}, None, 400),
        ("GET", "databases/my-db/usage?from=2024-01-01", {}, None, 400),
        ("POST", "databases", {"Content-Type": "text/plain"}, {"name": "a", "group": "b"}, 415),
        ("POST", "databases", {}, {"name": "a"}, 400),
        ("POST", "databases", {}, {"name": "a", "group": 5}, 400),
        ("POST", "databases", {}, {"name": "a", "group": "b", "seed": {"type": "magic"}}, 400),
        ("POST", "databases", {}, {"name": "a", "group": "b", "nope": 1}, 400),
        ("POST", "databases", {}, None, 400),
        ("POST", "databases/my-db/auth/rotate", {}, {}, 400),
        ("PUT", "databases", {}, None, 405),
        ("GET", "databases/a/b/c", {}, None, 404),
        ("GET", "databases", {"Authorization": "Bearer nope"}, None, 401),
    ],
)
async def test_the_server_refuses_what_does_not_fit(
    method: str, path: str, headers: dict[str, str], body: Any, status: int
) -> None:
    """The server that all calls pass is no pushover."""
    sent = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | headers
    data = None if body is None else json.dumps(body)
    async with Mock() as mock, aiohttp.ClientSession(headers=sent) as http:
        url = f"{mock.url}/v1/organizations/{ORG}/{path}"
        async with http.request(method, url, data=data) as answer:
            assert answer.status == status
