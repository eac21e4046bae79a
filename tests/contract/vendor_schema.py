"""The vendor's OpenAPI document as strict JSON Schema: what it does not declare is not allowed.

Whatever imports this module is skipped unless the environment variable TURSO_OPENAPI names the document's file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from attrs import field, frozen

if not os.environ.get("TURSO_OPENAPI"):
    reason = "the environment variable TURSO_OPENAPI does not name a file with the vendor's OpenAPI document"
    pytest.skip(reason, allow_module_level=True)

DOCUMENT: dict[str, Any] = json.loads(Path(os.environ["TURSO_OPENAPI"]).read_text())
Json = Any
Schema = Mapping[str, Any]
_FORMATS = jsonschema.FormatChecker(formats=())
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(_TIME.fullmatch(value))


def resolved(schema: Schema) -> Schema:
    """What a `$ref` points to; of an `allOf`, one object with the properties of all."""
    if "$ref" in schema:
        found: Any = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(found)
    if "allOf" in schema:
        parts = [resolved(part) for part in schema["allOf"]]
        properties = {key: value for part in parts for key, value in part.get("properties", {}).items()}
        return {"type": "object", "properties": properties}
    return schema


def strict(schema: Schema, name: str) -> dict[str, Any]:
    """As JSON Schema, without undeclared properties; each title is its place in the document."""
    component = re.fullmatch(r"#/components/schemas/(\w+)", schema.get("$ref", ""))
    name = component[1] if component else name
    schema = resolved(schema)
    found: dict[str, Any] = {"title": name}
    found |= {key: schema[key] for key in ("type", "enum", "format", "required") if key in schema}
    if "oneOf" in schema:
        found["oneOf"] = [strict(part, name) for part in schema["oneOf"]]
    if "items" in schema:
        found["items"] = strict(schema["items"], f"{name}[]")
    if "properties" in schema:
        found["type"] = "object"
        found["properties"] = {k: strict(v, f"{name}.{k}") for k, v in schema["properties"].items()}
        found["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = strict(schema["additionalProperties"], f"{name}[]")
    if schema.get("nullable"):
        found["type"] = [found["type"], "null"]
    return found


def deviations(value: Json, schema: Schema) -> set[str]:
    """How a value differs from a strict schema, in words such as `Database.version is not declared`."""
    found: set[str] = set()
    for error in jsonschema.Draft4Validator(schema, format_checker=_FORMATS).iter_errors(value):
        title, about = error.schema["title"], error.validator
        if about == "additionalProperties":
            found |= {
                f"{title}.{key} is not declared"
                for key in set(error.instance) - set(error.schema["properties"])
            }
        elif about == "required":
            found |= {
                f"{title}.{key} is missing" for key in error.validator_value if key not in error.instance
            }
        else:
            found.add(f"{title} does not fit its {about}: {error.instance!r}")
    return found


def properties(schema: Schema) -> Iterator[str]:
    """The titles of all properties below a strict schema."""
    for part in (*schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from properties(part)
    for key, part in schema.get("properties", {}).items():
        yield f"{schema['title']}.{key}"
        yield from properties(part)


def present(value: Json, schema: Schema) -> Iterator[str]:
    """The titles of the properties that a value has and that are declared."""
    if isinstance(value, list):
        for item in value:
            yield from present(item, schema.get("items", {}))
    if isinstance(value, dict):
        for key, part in schema.get("properties", {}).items():
            if key in value:
                yield f"{schema['title']}.{key}"
                yield from present(value[key], part)


def example(schema: Schema) -> Json:
    """The document's own example, or one made of those of its parts."""
    if "example" in schema:
        return schema["example"]
    schema = resolved(schema)
    if "example" in schema:
        return schema["example"]
    if "oneOf" in schema:
        return example(schema["oneOf"][0])
    if "items" in schema:
        return [example(schema["items"])]
    if "properties" in schema or schema.get("type") == "object":
        return {key: example(part) for key, part in schema.get("properties", {}).items()}
    return {"string": schema.get("enum", ["text"])[0], "integer": 1, "boolean": True}[schema["type"]]


@frozen(kw_only=True)
class Declared:
    """An operation of the document. `answers`: by status, the schema (None: no body) and an example."""

    id: str
    method: str
    path: str
    query: Mapping[str, Schema] = field(repr=False)
    body: Schema | None = field(repr=False)
    body_required: bool
    answers: Mapping[int, tuple[Schema | None, Json]] = field(repr=False)

    @property
    def key(self) -> str:
        """Method and path, whatever the path's parameters are called."""
        return nameless(self.method, self.path)

    def names(self, path: str) -> tuple[str, ...] | None:
        """The path's parameters, if a path is this one's."""
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", self.path), path)
        return found and found.groups()


def nameless(method: str, path: str) -> str:
    return f"{method} {re.sub(r'{[^}]*}', '{}', path)}"


def _declared(path: str, method: str, operation: Mapping[str, Any]) -> Declared:
    name = operation["operationId"]
    parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
    inside = re.findall(r"\{(\w+)\}", path)
    assert inside == [p["name"] for p in parameters if p["in"] == "path"], (
        f"{name}: other parameters than its path's"
    )
    given = operation.get("requestBody", {})
    answers: dict[int, tuple[Schema | None, Json]] = {}
    for status, answer in operation["responses"].items():
        content = resolved(answer).get("content", {}).get("application/json")
        schema = strict(content["schema"], f"{name} {status}") if content else None
        shown = content.get("example", example(content["schema"])) if content else None
        answers[int(status)] = schema, shown
    return Declared(
        id=name,
        method=method.upper(),
        path=path,
        query={
            p["name"]: strict(p["schema"], f"{name} ?{p['name']}") for p in parameters if p["in"] == "query"
        },
        body=strict(given["content"]["application/json"]["schema"], f"{name} body") if given else None,
        body_required=given.get("required", False),
        answers=answers,
    )


OPERATIONS = {
    found.id: found
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    for found in [_declared(path, method, operation)]
}


def find(method: str, path: str) -> Declared | None:
    """The operation that a request is for."""
    found = [one for one in OPERATIONS.values() if one.method == method and one.names(path) is not None]
    assert len(found) < 2, f"{method} {path} is {found}"
    return found[0] if found else None


def query_deviations(operation: Declared, pairs: list[tuple[str, str]]) -> set[str]:
    """How a query differs from what is declared."""
    found = {
        f"{operation.id} ?{name} is given twice" for name, _ in pairs if [n for n, _ in pairs].count(name) > 1
    }
    for name, text in pairs:
        schema = operation.query.get(name)
        if schema is None:
            found.add(f"{operation.id} ?{name} is not declared")
            continue
        plain = schema["type"] in ("integer", "boolean") and re.fullmatch(r"-?\d+|true|false", text)
        found |= deviations(json.loads(text) if plain else text, schema)
    return found


def body_deviations(operation: Declared, content_type: str, body: bytes) -> set[str]:
    """How a body differs from what is declared."""
    if not body:
        return {f"{operation.id} has no body"} if operation.body_required else set()
    if operation.body is None:
        return {f"{operation.id} has a body"}
    if content_type != "application/json":
        return {f"{operation.id} has a body of type {content_type}"}
    return deviations(json.loads(body), operation.body)
