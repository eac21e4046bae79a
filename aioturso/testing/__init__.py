"""A fake platform: a real HTTP server on a loopback port, with real state."""

from .faults import Fault, InjectedFault
from .server import ClientSettings, FakeTurso, SeenRequest
from .state import (
    ApiToken,
    Clock,
    DeletedDatabase,
    DeletedGroup,
    FakeDatabase,
    FakeGroup,
    FakeInstance,
    FakeOrganization,
)

__all__ = [
    "ApiToken",
    "ClientSettings",
    "Clock",
    "DeletedDatabase",
    "DeletedGroup",
    "FakeDatabase",
    "FakeGroup",
    "FakeInstance",
    "FakeOrganization",
    "FakeTurso",
    "Fault",
    "InjectedFault",
    "SeenRequest",
]
