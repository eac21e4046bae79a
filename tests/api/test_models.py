"""Every model, from answers that are complete, incomplete, and oddly spelled."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aioturso
from aioturso import APIToken, Database, DatabaseUsage, DecodeError, Instance, Model, TokenValidity
from aioturso._decode import one, structure

USAGE = {"rows_read": 1, "rows_written": 2, "storage_bytes": 4096, "bytes_synced": 0}
DATABASE_USAGE = {"uuid": "0be", "instances": [{"uuid": "cd8", "usage": USAGE}], "total": USAGE}
ADDRESS = {
    "line1": "1 Main St",
    "line2": "Floor 2",
    "city": "Helsinki",
    "state": "",
    "postal_code": "00100",
    "country": "FI",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "APIToken": {
        "name": "ci",
        "id": "clG",
        "token": "hush",
        "organization": "org",
        "group": "g",
        "scopes": ["db:create"],
        "owner": {"username": "alice", "email": "alice@example.com"},
        "created_at": "2026-05-21",
    },
    "TokenOwner": {"username": "alice", "email": "alice@example.com"},
    "TokenValidity": {"exp": 999},
    "AuditLog": {
        "code": "db-create",
        "message": "",
        "origin": "cli",
        "author": "iku",
        "created_at": "2023-12-20T09:46:08Z",
        "city": "Ashburn",
        "country_code": "US",
        "latitude": "39.0437",
        "longitude": "-77.4874",
        "ip": "203.0.113.7",
        "data": {"any": ["thing"]},
    },
    "Address": ADDRESS,
    "AllowRules": {"allowed_ips": ["203.0.113.7"], "allowed_aws_vpc_ids": ["vpce-1"]},
    "Customer": {
        "name": "Iku",
        "email": "iku@turso.tech",
        "tax_id": {"value": "FI123", "country": "FI"},
        "billing_address": ADDRESS,
    },
    "TaxId": {"value": "FI123", "country": "FI"},
    "Database": {
        "Name": "db",
        "DbId": "0eb",
        "Hostname": "db-org.turso.io",
        "block_reads": False,
        "block_writes": False,
        "regions": ["aws-us-east-1"],
        "primaryRegion": "aws-us-east-1",
        "group": "default",
        "delete_protection": False,
        "parent": {"id": "0ea", "name": "old", "branched_at": "2025-04-15T13:14:34.468213117Z"},
        "group_id": "0a2",
        "organization_id": "fa7",
        "allow_rules_config": {"allowed_ips": ["203.0.113.7"], "allowed_aws_vpc_ids": []},
    },
    "DeletedDatabase": {
        "Name": "db",
        "DbId": "0eb",
        "Hostname": "db-org.turso.io",
        "group": "default",
        "group_id": "0a2",
        "organization_id": "fa7",
        "regions": ["aws-us-east-1"],
        "primaryRegion": "aws-us-east-1",
        "delete_protection": False,
        "deleted_at": "2026-07-01T12:00:00Z",
        "group_deleted_at": "2026-07-01T12:00:00Z",
    },
    "DeletedGroup": {
        "uuid": "0a2",
        "name": "default",
        "deleted_at": "2026-07-01T12:00:00Z",
        "cascade_databases": 3,
    },
    "DatabaseParent": {"id": "0ea", "name": "old", "branched_at": "2025-04-15T13:14:34.468213117Z"},
    "DatabaseConfiguration": {
        "size_limit": "10000",
        "allow_attach": True,
        "block_reads": False,
        "block_writes": False,
        "delete_protection": True,
        "allowed_ips": ["203.0.113.7", "10.0.0.0/8"],
        "allowed_aws_vpc_ids": ["vpce-0fe6c8807461bba49"],
    },
    "DatabaseToken": {"jwt": "hush"},
    "Usage": USAGE,
    "InstanceUsage": {"uuid": "cd8", "usage": USAGE},
    "DatabaseUsage": DATABASE_USAGE,
    "QueryStats": {"query": "SELECT 1", "rows_read": 123, "rows_written": 4567},
    "DatabaseStats": {"top_queries": [{"query": "SELECT 1", "rows_read": 123, "rows_written": 4567}]},
    "Group": {
        "name": "default",
        "version": "v0.23.7",
        "uuid": "0a2",
        "locations": ["aws-us-east-1"],
        "primary": "us-east-1",
        "delete_protection": False,
        "archived": False,
        "status": {"locations": [{"name": "aws-us-east-1", "status": "up"}]},
    },
    "GroupConfiguration": {"delete_protection": True},
    "GroupMigration": {"status": "pending", "comment": "The databases are copied."},
    "GroupStatus": {"locations": [{"name": "aws-us-east-1", "status": "up"}]},
    "LocationStatus": {"name": "aws-us-east-1", "status": "up"},
    "RestoredGroup": {
        "group": {"name": "default"},
        "databases": [{"Name": "db"}],
        "failures": {"0eb": "database with same name already exists"},
    },
    "Invalidation": {"validFrom": 1735689600},
    "KeySet": {"jwks_name": "clerk", "jwks_url": "https://clerk.example.com/jwks.json"},
    "Instance": {
        "uuid": "0be",
        "name": "aws-us-east-1",
        "type": "primary",
        "region": "aws-us-east-1",
        "hostname": "db-org.turso.io",
        "username": "hush",
        "password": "hush",
    },
    "Invite": {
        "id": 1,
        "email": "iku@turso.tech",
        "role": "member",
        "created_at": "2023-01-01T00:00:00Z",
        "organization": "org",
        "accepted": False,
        "token": "hush",
    },
    "LocationDetails": {
        "code": "fra",
        "description": "Frankfurt",
        "closest": [{"code": "ams", "description": "Amsterdam"}],
    },
    "Location": {"code": "fra", "description": "Frankfurt", "platform": "fly"},
    "ClosestLocation": {"server": "fra", "client": "lhr"},
    "Member": {"username": "iku", "role": "owner", "email": "iku@turso.tech"},
    "Organization": {
        "name": "personal",
        "slug": "iku",
        "type": "personal",
        "overages": False,
        "require_mfa": False,
        "blocked_reads": False,
        "blocked_writes": False,
        "plan_id": "developer",
        "plan_timeline": "monthly",
        "platform": "vercel",
        "id": "fa7",
        "restore_enabled": True,
        "delinquent": False,
        "memory": 0,
        "payment_failing_since": {"Time": "2024-01-01T05:00:00Z", "Valid": True},
        "platform_id": "icfg_1",
        "platform_access_token": "hush",
        "stripe_id": "cus_1",
    },
    "PaymentFailure": {"Time": "2024-01-01T05:00:00Z", "Valid": True},
    "Plan": {
        "name": "starter",
        "price": "0",
        "prices": [{"value": "29", "timeline": "monthly"}],
        "quotas": {"rowsRead": 10**9, "storage": 9 * 10**9, "databases": None},
    },
    "PlanPrice": {"value": "29", "timeline": "monthly"},
    "PlanQuotas": {"rowsRead": 10**9, "storage": 9 * 10**9, "databases": None, "bytesSynced": 3},
    "Invoice": {
        "invoice_number": "LFONTK-00001",
        "amount_due": "10.29",
        "due_date": "2024-01-01T05:00:00+00:00",
        "paid_at": "2024-01-01T05:00:00+00:00",
        "payment_failed_at": "2024-01-01T05:00:00+00:00",
        "invoice_pdf": "https://assets.withorb.com/invoice/...",
        "status": "paid",
        "hosted_invoice_url": "https://invoices.withorb.com/...",
    },
    "Subscription": {"name": "scaler", "overages": False, "plan": "scaler", "timeline": "monthly"},
    "OrganizationTotals": {**USAGE, "databases": 500, "locations": 3, "groups": 1},
    "OrganizationUsage": {
        "uuid": "fa7",
        "usage": {**USAGE, "databases": 500, "locations": 3, "groups": 1},
        "databases": [DATABASE_USAGE],
    },
    "User": {
        "username": "iku",
        "name": "Iku Turso",
        "email": "iku@turso.tech",
        "avatarUrl": "https://avatars.githubusercontent.com/u/12345",
        "plan": "scaler",
        "mfa": False,
        "has_pending_invites": False,
    },
}
MODELS: dict[str, type[Model]] = {
    name: found
    for name in aioturso.__all__
    if isinstance(found := getattr(aioturso, name), type) and issubclass(found, Model) and found is not Model
}


def identity(cls: type[Model]) -> str | None:
    return next((field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING), None)


def spelled(key: str, draw: st.DataObject) -> str:
    """A key as one of the API's sides spells it."""
    words = key.split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    return draw.draw(st.sampled_from([key, camel, camel[0].upper() + camel[1:], key.upper()]))


def test_every_model_has_an_example() -> None:
    """Each public model has a test."""
    assert set(EXAMPLES) == set(MODELS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_documented_key_arrives_in_a_field_of_its_model(name: str) -> None:
    """Every documented key arrives in a field; a model pickles, compares, and can be put in a set."""
    example = EXAMPLES[name]
    found = structure(example, MODELS[name], "$")
    values = attrs.asdict(found, recurse=False)
    assert dict(found.raw) == example
    unset = [key for key, value in values.items() if value is None and key not in ("databases",)]
    told = {key.replace("_", "").lower() for key in example}
    assert [key for key in unset if key.replace("_", "") in told] == []
    assert pickle.loads(pickle.dumps(found)) == found
    assert len({found, structure(example, MODELS[name], "$")}) == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_secrets_are_in_no_repr(name: str) -> None:
    """Neither the model's repr nor that of its `raw` shows a secret, which is text all the same."""
    found = structure(EXAMPLES[name], MODELS[name], "$")
    assert "hush" not in repr(found) + repr(found.raw) + repr(attrs.asdict(found))


@pytest.mark.parametrize("name", EXAMPLES)
def test_secrets_that_no_field_expects_are_in_no_repr(name: str) -> None:
    """Also not at any depth, in any spelling."""
    deep = {"encryptionKey": "hush", "list": [{"Password": "hush", "plain": "seen"}]}
    extra = {"jwt": "hush", "Auth_Token": "hush", "new": deep, "data": deep, "parent": deep, "owner": deep}
    sent = {**EXAMPLES[name], **extra}
    found = structure(sent, MODELS[name], "$")
    shown = repr(found) + repr(found.raw) + repr(attrs.asdict(found))
    assert "hush" not in shown and "seen" in shown and dict(found.raw) == sent
    assert json.loads(json.dumps(dict(found.raw))) == sent


@pytest.mark.parametrize("name", EXAMPLES)
def test_collections_are_tuples(name: str) -> None:
    """A model holds no list."""
    found = structure(EXAMPLES[name], MODELS[name], "$")
    assert [v for f in attrs.fields(MODELS[name]) if isinstance(v := getattr(found, f.name), list)] == []


@given(draw=st.data(), name=st.sampled_from(sorted(EXAMPLES)))
def test_missing_null_extra_and_oddly_spelled_keys(draw: st.DataObject, name: str) -> None:
    """Whatever is missing, null, added or spelled otherwise, only a missing identity is an error, with its place."""
    cls, data = MODELS[name], dict[str, Any]()
    key_of = identity(cls)
    keys = {key_of, *(attrs.fields_dict(cls)[key_of].metadata.get("also", ()) if key_of else ())}
    lacks = key_of is not None
    for key, value in EXAMPLES[name].items():
        fate = draw.draw(st.sampled_from(["keep", "null", "drop"]))
        if fate != "drop":
            data[spelled(key, draw)] = value if fate == "keep" else None
        if key.lower() in keys and fate == "keep":
            lacks = False
    data["added-by-the-server"] = draw.draw(st.none() | st.integers() | st.lists(st.text()))
    try:
        found = structure(data, cls, "$")
    except DecodeError as error:
        assert lacks and error.where == f"$.{key_of}"
    else:
        assert not lacks and dict(found.raw) == data


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    name=st.sampled_from(sorted(EXAMPLES)),
    draw=st.data(),
)
def test_any_value_is_read_or_refused_with_its_place(value: Any, name: str, draw: st.DataObject) -> None:
    """A value of the wrong kind is a DecodeError at its place, never another error."""
    key = draw.draw(st.sampled_from(sorted(EXAMPLES[name])))
    try:
        structure({**EXAMPLES[name], key: value}, MODELS[name], "$")
    except DecodeError as error:
        assert error.where.startswith("$.")


def test_an_id_is_read_in_each_spelling_of_its_key() -> None:
    for key in ("DbId", "dbId", "db_id", "id"):
        assert structure({"name": "db", key: "1"}, Database, "$").id == "1"


def test_a_key_that_comes_twice_is_refused_if_its_values_differ() -> None:
    """A key that comes twice with different values is refused; twice with the same it is read."""
    assert structure({"Name": "db", "name": "db"}, Database, "$").name == "db"
    with pytest.raises(DecodeError):
        structure({"Name": "db", "name": "other"}, Database, "$")


def test_the_totals_of_a_usage_are_read_under_either_key_and_the_documented_one_wins() -> None:
    assert structure({"usage": {"rows_read": 7}}, DatabaseUsage, "$").total.rows_read == 7
    both = {"usage": {"rows_read": 7}, "total": {"rows_read": 8}, "rows_read": 9}
    assert structure(both, DatabaseUsage, "$").total.rows_read == 8
    assert structure({"usage": {"rows_read": 7}, "total": None}, DatabaseUsage, "$").total.rows_read == 7


def test_a_time_is_read_in_each_form_and_is_aware() -> None:
    """Nine fractional digits, a date alone, an offset, epoch seconds; nothing is no time."""
    parent = structure(EXAMPLES["Database"], Database, "$").parent
    assert parent is not None and parent.branched_at == datetime(2025, 4, 15, 13, 14, 34, 468213, UTC)
    assert structure({"name": "t", "created_at": "2026-05-21"}, APIToken, "$").created_at == datetime(
        2026, 5, 21, tzinfo=UTC
    )
    assert structure({"name": "t", "created_at": ""}, APIToken, "$").created_at is None
    assert structure({"exp": 60}, TokenValidity, "$").expires_at == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    for exp in (-1, None, 253_402_300_800, 10**30):
        assert structure({"exp": exp}, TokenValidity, "$").expires_at is None


def test_unknown_kinds_stay_text() -> None:
    """An enumeration that the server has extended is read as it comes."""
    assert structure({"name": "i", "type": "witness"}, Instance, "$").type == "witness"


def test_an_empty_name_is_no_name() -> None:
    """An identity is at least one character."""
    with pytest.raises(DecodeError) as caught:
        one(Instance, "instance")(b'{"instance": {"name": ""}}', ())
    assert caught.value.where.startswith("$.instance")


def test_fields_are_optional_but_for_the_identity() -> None:
    """A model has at most one field without a default."""
    for cls in MODELS.values():
        required = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
        assert len(required) <= 1
        assert all(type(None) not in get_args(attrs.fields_dict(cls)[name].type) for name in required)
