"""Pure: the platform's state, one module per resource, each operation a function from a `Call` to its JSON."""

from .call import Call, File
from .world import (
    ApiToken,
    FakeDatabase,
    FakeGroup,
    FakeInstance,
    FakeOrganization,
    Refusal,
    State,
    Upload,
    Usage,
)

__all__ = [
    "ApiToken",
    "Call",
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
