"""The vendor's TypeScript client against the fake, every method of it.

It is not collected unless the environment variable TURSO_TYPESCRIPT names a folder in which `npm install
@tursodatabase/api@2.0.5` was run, and Node is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aioturso.testing import FakeTurso

FOLDER, NODE = os.environ.get("TURSO_TYPESCRIPT", ""), shutil.which("node")
if not FOLDER or not NODE:
    reason = "TURSO_TYPESCRIPT does not name a folder with the vendor's TypeScript client, or Node is missing"
    pytest.skip(reason, allow_module_level=True)

Got = Any
GROUP, MY_DB, ORG = (f"0a28102d-6906-11ee-8553-eaa7715aea{end}" for end in ("f0", "f1", "f2"))
COPY = {"group": "default", "seed": {"type": "database", "name": "my-db"}}


def refused(status: int, message: str) -> Callable[[Got], bool]:
    return lambda got: got == ["TursoClientError", status, message]


def empty(got: Got) -> bool:
    """The client reads every answer as JSON, also those that are empty: the call took effect all the same."""
    return bool(got[0] == "SyntaxError")


# Version, resource, method, arguments, and whether the value (or [name, status, message] of the error) is right.
CALLS: tuple[tuple[list[Any], Callable[[Got], bool]], ...] = (
    (["v1", "apiTokens", "list"], lambda got: got == []),
    (["v1", "apiTokens", "create", "ts"], lambda got: got["name"] == "ts" and got["token"].count(".") == 2),
    (["v1", "apiTokens", "validate", "fake-platform-token"], lambda got: got["valid"] is True),
    (["v1", "apiTokens", "revoke", "ts"], lambda got: got == {"token": "ts"}),
    # The platform answers a bare array, and the client reads a key of an object.
    (["v1", "organizations", "list"], lambda got: got == []),
    (["v1", "organizations", "update", {"overages": True}], lambda got: got["overages"] is True),
    (["v1", "organizations", "members"], lambda got: got[0]["role"] == "owner"),
    (
        ["v1", "organizations", "addMember", "bob", "admin"],
        lambda got: got == {"member": "bob", "role": "admin"},
    ),
    (["v1", "organizations", "addMember", "carol"], lambda got: got["role"] == "member"),
    (["v1", "organizations", "removeMember", "bob"], lambda got: got == {"member": "bob"}),
    (["v1", "organizations", "inviteUser", "a@b.c"], lambda got: got["email"] == "a@b.c"),
    (["v1", "organizations", "listInvites"], lambda got: [one["email"] for one in got] == ["a@b.c"]),
    (["v1", "organizations", "deleteInvite", "a@b.c"], empty),
    (["v1", "organizations", "listInvites"], lambda got: got == []),
    (["v1", "organizations", "invoices"], lambda got: len(got) == 2),
    (["v1", "locations", "list"], lambda got: "fra" in [one["code"] for one in got]),
    (["v1", "groups", "list"], lambda got: [one["name"] for one in got] == ["default"]),
    (["v1", "groups", "get", "default"], lambda got: got["uuid"] == GROUP),
    (["v1", "groups", "get", "nope"], refused(404, "group not found")),
    (["v1", "groups", "create", "g2", "lhr", {"extensions": "all"}], lambda got: got["primary"] == "lhr"),
    (["v1", "groups", "addLocation", "g2", "fra"], lambda got: got["locations"] == ["lhr", "fra"]),
    (["v1", "groups", "removeLocation", "g2", "fra"], lambda got: got["locations"] == ["lhr"]),
    (["v1", "groups", "createToken", "g2", {"expiration": "1d"}], lambda got: got["jwt"].count(".") == 2),
    (["v1", "groups", "rotateTokens", "g2"], empty),
    (["v1", "groups", "delete", "g2"], lambda got: got["name"] == "g2"),
    (["v1", "databases", "list"], lambda got: [one["name"] for one in got] == ["my-db"]),
    (["v1", "databases", "create", "a", {"group": "default"}], lambda got: got["name"] == "a" and got["id"]),
    (
        ["v1", "databases", "create", "a", {"group": "default"}],
        refused(400, "database with same name already exists"),
    ),
    (["v1", "databases", "create", "b", {"groupId": GROUP, "useTursoDb": True}], lambda got: got["hostname"]),
    (["v1", "databases", "get", "b"], lambda got: got["database_type"] == "tursodb"),
    (["v1", "databases", "create", "copy", COPY], lambda got: got["name"] == "copy"),
    (["v1", "databases", "create", "s", {"group": "default", "is_schema": True}], lambda got: got["id"]),
    (["v1", "databases", "list", {"type": "schema"}], lambda got: [one["name"] for one in got] == ["s"]),
    (["v1", "databases", "get", "a"], lambda got: got["hostname"] and got["database_type"] == "libsql"),
    (
        ["v1", "databases", "get", "nope"],
        refused(404, "could not find database with name [nope]: record not found"),
    ),
    (
        ["v1", "databases", "listInstances", "a"],
        lambda got: [i["type"] for i in got] == ["primary", "replica"],
    ),
    (["v1", "databases", "getInstance", "a", "fra"], lambda got: got["region"] == "fra"),
    (["v1", "databases", "createToken", "a", {"authorization": "read-only"}], lambda got: got["jwt"]),
    (["v1", "databases", "rotateTokens", "a"], empty),
    (
        ["v1", "databases", "usage", "a", {"from": "2026-01-01T00:00:00Z"}],
        lambda got: got["usage"]["rows_read"] == 0,
    ),
    (["v1", "databases", "updateVersion", "a"], refused(404, "no such route")),
    (["v1", "databases", "delete", "a"], lambda got: got == {"database": "a"}),
    (["v3", "databases", "list"], lambda got: got[0]["id"] == MY_DB),
    (["v3", "databases", "get", MY_DB], lambda got: got["name"] == "my-db"),
    (["v3", "databases", "create", "new", {"groupId": GROUP}], lambda got: got["name"] == "new"),
    (["v3", "databases", "listInstances", MY_DB], lambda got: len(got) == 2),
    (["v3", "databases", "createToken", MY_DB], lambda got: got["jwt"].count(".") == 2),
    (["v3", "databases", "rotateTokens", MY_DB], empty),
    (["v3", "databases", "usage", MY_DB], lambda got: got["uuid"] == MY_DB),
    (["v3", "databases", "delete", MY_DB], lambda got: got == {"database": "my-db"}),
    (["v3", "groups", "list"], lambda got: got[0]["uuid"] == GROUP),
    (["v3", "groups", "get", GROUP], lambda got: got["name"] == "default"),
    (["v3", "groups", "get", "default"], lambda got: got["uuid"] == GROUP),
    (["v3", "groups", "createToken", GROUP], lambda got: got["jwt"].count(".") == 2),
    (["v3", "organizations", "members"], lambda got: len(got) == 2),
    (["v1", "organizations", "delete"], lambda got: got == {"organization": "demo"}),
)


def test_every_call_of_the_typescript_client_comes_out_as_at_the_platform() -> None:
    """Those that the client itself cannot read take effect, and come out as it has them come out."""
    assert NODE is not None
    script = Path(__file__).with_name("typescript_calls.mjs")
    with FakeTurso() as fake:
        demo = fake.add_organization("demo")
        demo.uuid = ORG
        fake.add_group("default", organization="demo", locations=["iad", "fra"]).uuid = GROUP
        fake.add_database("my-db", organization="demo", group="default").uuid = MY_DB
        ran = subprocess.run(
            [NODE, str(script), FOLDER, fake.base_url, fake.token, "demo", ORG],
            input=json.dumps([call for call, _ in CALLS]),
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    outcomes = json.loads(ran.stdout)
    assert len(outcomes) == len(CALLS)
    wrong = [
        (call, outcome)
        for (call, right), outcome in zip(CALLS, outcomes, strict=True)
        if not right(outcome.get("value", outcome.get("error")))
    ]
    assert wrong == []
    assert [r.status for r in fake.requests if r.path.endswith("/auth/rotate")] == [200, 200, 200]
