"""What an upload is answered and has sent."""

from __future__ import annotations

from recorder import Recorder

ORG = "/v1/organizations/org/databases"
THERE = {"database": {"Name": "db", "DbId": "1"}}


def created(server: Recorder) -> dict[str, object]:
    return {"database": {"Name": "db", "DbId": "1", "Hostname": server.url.removeprefix("http://")}}


def sent(server: Recorder) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in server.requests]
