"""A fake platform: a real HTTP server on a loopback port, with real state."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
_MODULES = {"Fault": ".faults", "FakeTurso": ".server", "SeenRequest": ".server"}


def __getattr__(name: str) -> Any:
    # Lazy, because pytest imports this package on every start, for the plugin, before coverage is measured.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, ".state"), __name__), name)
