"""Instances of a database."""

from __future__ import annotations

from typing import Any

from .call import Call
from .records import FakeInstance
from .world import Refusal


def list_instances(call: Call) -> Any:
    """Returns all instances of a database."""
    return {"instances": [shown(instance) for instance in call.database.instances.values()]}


def get_instance(call: Call) -> Any:
    """Returns one instance."""
    return {"instance": shown(_find(call))}


def wait(call: Call) -> None:
    """Returns at once: the fake's instances are always ready."""
    _find(call)


def create_instance(call: Call) -> Any:
    """Creates an instance, unless the database is in a group."""
    database = call.database
    location = call.text("location")
    call.text("image", "latest")
    if database.group is not None:
        raise Refusal(400, "group databases do not support creating instances: add a location to the group")
    if location not in call.state.locations:
        raise Refusal(400, f"invalid location: {location}")
    instance = database.add(location, "replica" if database.instances else "primary")
    call.audit(call.organization, "instance-create", database=database.name, instance=instance.name)
    return {"instance": shown(instance), "username": "turso", "password": "unused"}


def destroy_instance(call: Call) -> Any:
    """Destroys an instance, unless it is the primary or its database is in a group."""
    database = call.find_database("could not find database {} to delete instance from")
    instance = _find(call)
    if database.group is not None:
        raise Refusal(400, "group databases do not support destroying instances")
    if instance.type == "primary":
        raise Refusal(400, "the primary instance cannot be destroyed")
    del database.instances[instance.name]
    call.audit(call.organization, "instance-delete", database=database.name, instance=instance.name)
    return {"instance": instance.name}


def _find(call: Call) -> FakeInstance:
    database, name = call.database, call.path["instance"]
    if name not in database.instances:
        raise Refusal(404, f"could not find instance {name} of database {database.name}")
    return database.instances[name]


def shown(instance: FakeInstance) -> dict[str, Any]:
    """Returns an instance as the platform shows it."""
    return {
        "uuid": instance.uuid,
        "name": instance.name,
        "type": instance.type,
        "region": instance.region,
        "hostname": instance.hostname,
    }
