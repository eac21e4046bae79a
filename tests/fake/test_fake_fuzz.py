"""Whatever is sent to any route, the fake answers as a platform does: with a success or a JSON error."""

import json
import re
from typing import Any

from fake_world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturso.testing.routes import ROUTES, Asked, Route, answer
from aioturso.testing.state import File
from aioturso.testing.state.creation import create_database

KEYS = [
    "name",
    "location",
    "group",
    "group_id",
    "organization",
    "org",
    "scopes",
    "seed",
    "type",
    "value",
    "url",
    "timestamp",
    "schema",
    "is_schema",
    "size_limit",
    "remote_encryption",
    "encryption_cipher",
    "encryption_key",
    "use_tursodb",
    "permissions",
    "read_attach",
    "databases",
    "t",
    "a",
    "image",
    "fine_grained_permissions",
    "delete_protection",
    "block_reads",
    "allowed_ips",
    "username",
    "email",
    "role",
    "overages",
    "require_mfa",
    "restore_enabled",
    "plan",
    "timeline",
    "stripe_id",
    "tax_id",
    "billing_address",
    "jwks_url",
    "region",
    "database",
    "scope",
    "db_size_bytes",
    "extensions",
]
TEXTS = st.sampled_from(
    ["my-db", "default", "demo", "iad", "lhr", "database", "dump", "full-access", "admin", "scaler", "", "x"]
)
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
CREATION = st.fixed_dictionaries(
    {"name": st.just("new"), "group": st.just("default"), "location": st.just("iad")},
    optional={
        "seed": st.dictionaries(st.sampled_from(["type", "name", "value", "url", "timestamp"]), VALUES),
        "remote_encryption": st.dictionaries(
            st.sampled_from(["encryption_cipher", "encryption_key"]), VALUES | st.just("aes256gcm")
        ),
        "extensions": VALUES,
        "schema": VALUES,
    },
)
BODIES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8) | VALUES
NAMES = {
    "organization": "demo",
    "database": "my-db",
    "group": "default",
    "location": "fra",
    "instance": "fra",
    "username": "alice",
}


def path_of(world: World, route: Route, segment: str) -> str:
    """A path of the route whose placeholders are things that exist, or that segment."""
    demo = world.state.organizations["demo"]
    names = NAMES | {
        "organization_id": demo.uuid,
        "database_id": demo.databases["my-db"].uuid,
        "group_id": demo.groups["default"].uuid,
    }
    return re.sub(r"{(\w+)}", lambda found: names.get(found[1], segment), route.path)


unhurried = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_answered(route: Route, body: Any, query: str, segment: str) -> None:
    world = World()
    data: bytes | File = json.dumps(body).encode()
    if route.body == "file":
        data = File(header=b"x" * 100, size=4096, sha256="digest")
    headers = {"authorization": f"Bearer {world.state.root.value}", "content-length": "1"}
    path = path_of(world, route, segment)
    asked = Asked(method=route.method, path=path, query=query, headers=headers, body=data)
    got = answer(world.state, asked)
    assert got.status in (200, 400, 401, 402, 403, 404, 409, 411, 413)
    if got.status != 200:
        assert isinstance(json.loads(got.body)["error"], str)


@unhurried
@given(
    route=st.sampled_from(ROUTES),
    body=BODIES,
    query=st.dictionaries(st.sampled_from(["limit", "cursor", "page", "expiration", "type", "from"]), TEXTS),
    segment=TEXTS.filter(bool),
)
def test_no_request_is_too_odd_for_an_answer(
    route: Route, body: Any, query: dict[str, str], segment: str
) -> None:
    is_answered(route, body, "&".join(f"{key}={value}" for key, value in query.items()), segment)


@unhurried
@given(route=st.sampled_from([r for r in ROUTES if r.operation is create_database]), body=CREATION)
def test_no_database_is_too_odd_for_an_answer(route: Route, body: Any) -> None:
    is_answered(route, body, "", "x")
