"""Pure: the platform's state, one module per resource, each operation a function from a `Call` to its JSON."""

from .call import Call, File
from .clock import Clock
from .records import (
    ApiToken,
    DeletedDatabase,
    DeletedGroup,
    FakeDatabase,
    FakeGroup,
    FakeInstance,
    FakeOrganization,
    Upload,
    Usage,
)
from .world import Refusal, State

__all__ = [
    "ApiToken",
    "Call",
    "Clock",
    "DeletedDatabase",
    "DeletedGroup",
    "FakeDatabase",
    "FakeGroup",
    "FakeInstance",
    "FakeOrganization",
    "File",
    "Refusal",
    "State",
    "Upload",
    "Usage",
]
