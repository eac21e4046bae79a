"""Specification = client = fake: what the client sends, and what the fake answers, fits the vendor's document."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from calls import REFUSED, calls
from contract_world import ORG
from differences import ANSWERED, BEYOND, MOVED, REFUSED_WITH, SENT, TWICE, WITHDRAWN
from exchange import called, exchanges
from vendor_schema import (
    OPERATIONS,
    body_deviations,
    deviations,
    nameless,
    present,
    properties,
    query_deviations,
)

import aioturso.api
from aioturso import TursoClient
from aioturso._operation import Operation
from aioturso.api._resource import Resource
from aioturso.testing.routes import BY_UUID, FURTHER, PUBLISHED, find


def methods() -> Iterator[str]:
    client = TursoClient("t", organization=ORG)
    for name in dir(client):
        if not name.startswith("_") and isinstance(resource := getattr(client, name), Resource):
            yield from (f"{name}.{method}" for method in dir(resource) if not method.startswith("_"))


def operations() -> list[Operation[Any]]:
    modules = [
        importlib.import_module(f"aioturso.api.{m.name}") for m in pkgutil.iter_modules(aioturso.api.__path__)
    ]
    found = [found for module in modules for found in vars(module).values() if isinstance(found, Operation)]
    return list(dict.fromkeys(found))  # one module may import another's


def test_every_method_is_called(tmp_path: Path) -> None:
    """No method escapes these tests: each is called in `calls` or the modules beside it."""
    assert Counter(methods()) == Counter([*calls(tmp_path)])


def test_each_operation_of_the_document_is_one_of_the_client_and_one_of_the_fake() -> None:
    """And what the two have beyond the document is in the tables of `differences`."""
    document = sorted(operation.key for operation in OPERATIONS.values())
    client = sorted(nameless(operation.method, operation.path) for operation in operations())
    published = {nameless(route.method, route.path) for route in PUBLISHED}
    assert published.isdisjoint(WITHDRAWN)
    assert sorted(published | (set(WITHDRAWN) & set(document))) == document
    assert Counter(nameless(route.method, route.path) for route in FURTHER) == Counter([*BEYOND])
    assert sorted(set(client)) == sorted(set(client) | set(document))
    assert sorted(key for key in set(client) if client.count(key) > 1) == sorted(TWICE)
    by_uuid = {nameless(route.method, route.path) for route in BY_UUID}
    assert set(client) <= {*document, *BEYOND, *WITHDRAWN, *by_uuid}


def test_what_the_client_sends_fits() -> None:
    """Method, path, query and body of every call are declared; and all that is declared can be sent."""
    found: set[str] = set()
    said: set[str] = set()
    for exchange in exchanges():
        asked, operation = exchange.asked, exchange.operation
        if operation is None:
            withdrawn = asked.path.endswith("/update")
            assert withdrawn or find(asked.method, asked.path) is not None, asked
            continue
        pairs = parse_qsl(asked.query, keep_blank_values=True, strict_parsing=bool(asked.query))
        assert isinstance(asked.body, bytes)
        found |= query_deviations(operation, pairs)
        found |= body_deviations(operation, asked.headers.get("content-type", ""), asked.body)
        said |= {f"{operation.id} ?{name}" for name, _ in pairs}
        said |= (
            set(present(json.loads(asked.body), operation.body)) if asked.body and operation.body else set()
        )
    sayable = {f"{one.id} ?{name}" for one in OPERATIONS.values() for name in one.query}
    sayable |= {title for one in OPERATIONS.values() if one.body for title in properties(one.body)}
    found |= {f"{title} is never sent" for title in sayable - said}
    assert sorted(found - set(SENT)) == [], "undeclared differences"
    assert sorted(set(SENT) - found) == [], "differences that are no more"


def test_what_the_fake_answers_fits() -> None:
    """Types and properties of every answer are declared; and all that is declared is answered."""
    found: set[str] = set()
    said: set[str] = set()
    for exchange in exchanges():
        operation = exchange.operation
        if operation is None:
            continue
        if operation.key in WITHDRAWN:
            assert exchange.answer.status == 404
            continue
        if exchange.asked.path.endswith("/nope"):
            assert exchange.answer.status == 404  # what waits for the end of something has seen it
            continue
        assert exchange.answer.status == 200, exchange
        schema, _ = operation.answers[200]
        if schema is None:
            found |= {f"{operation.id} answers a body"} if exchange.answer.body else set()
            continue
        assert exchange.answer.content_type == "application/json"
        value = json.loads(exchange.answer.body)
        found |= deviations(value, schema)
        said |= set(present(value, schema))
    sayable = {
        title
        for one in OPERATIONS.values()
        if (schema := one.answers[200][0])
        for title in properties(schema)
    }
    found |= {f"{title} is never answered" for title in sayable - said}
    assert sorted(found - set(ANSWERED)) == [], "undeclared differences"
    assert sorted(set(ANSWERED) - found) == [], "differences that are no more"


@pytest.mark.parametrize(("id", "status"), REFUSED)
async def test_what_the_fake_refuses_fits(id: str, status: int) -> None:
    """A refusal has a declared status and form, but for those in the tables."""
    (exchange,) = await called(REFUSED[id, status])
    actual = MOVED.get((id, status), (status, ""))[0]
    assert exchange.operation == OPERATIONS[id] and exchange.answer.status == actual
    schema, _ = OPERATIONS[id].answers[actual]
    value = json.loads(exchange.answer.body)
    assert isinstance(value["error"], str)
    if schema is not None:
        assert deviations(value, schema) <= set(REFUSED_WITH)


def test_every_declared_refusal_is_provoked() -> None:
    """No declared status of the document is left out."""
    declared = {(one.id, status) for one in OPERATIONS.values() for status in one.answers if status != 200}
    assert set(REFUSED) == declared


def test_every_difference_has_a_reason() -> None:
    """A reason is a sentence."""
    moved = {str(key): why for key, (_, why) in MOVED.items()}
    for table in (BEYOND, WITHDRAWN, TWICE, SENT, ANSWERED, moved, REFUSED_WITH):
        assert [key for key, why in table.items() if not why.endswith(".")] == []
