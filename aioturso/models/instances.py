"""Instances of a database."""

from __future__ import annotations

from attrs import field, frozen

from . import DECIDES, IDENTIFIES, Model, Secret


@frozen(kw_only=True)
class Instance(Model):
    """An instance. `type` is `primary` or `replica`; `region` is the location code, None when not in the answer.

    `username` and `password` come from earlier platforms, once, in the answer to a create.
    """

    name: str
    uuid: str | None = field(default=None, metadata=IDENTIFIES)
    type: str | None = field(default=None, metadata=DECIDES)
    region: str | None = field(default=None, metadata=DECIDES)
    hostname: str | None = None
    username: Secret | None = None
    password: Secret | None = None
