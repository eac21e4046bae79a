"""A fake platform: a real HTTP server on a loopback port, with real state."""

from .faults import Fault
from .server import FakeTurso, SeenRequest
from .state import ApiToken, FakeDatabase, FakeGroup, FakeInstance, FakeOrganization

__all__ = [
    "ApiToken",
    "FakeDatabase",
    "FakeGroup",
    "FakeInstance",
    "FakeOrganization",
    "FakeTurso",
    "Fault",
    "SeenRequest",
]
