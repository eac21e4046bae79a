"""The platform's objects as frozen attrs classes, one module per resource."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

DECIDES: Final = {"decides": True}
"""Metadata of a field on which a deletion or a sum depends: a value that cannot be read is an error, and never None."""

IDENTIFIES: Final = {"identifies": True}
"""Metadata of a UUID: it is None only where the answer has none, and empty where it cannot be believed or is not set."""


class Secret(str):
    """Text that no repr shows, whole or in part: `str()` and formatting return it, a log of its object does not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[secret]'"

    # Traceback printers cut long texts before they take the repr.
    def __getitem__(self, index: Any) -> "Secret":
        return Secret(super().__getitem__(index))


# No `from __future__ import annotations` here: attrs copies the annotation of `raw` into the `__init__` of each model,
# where a text could not be resolved.
@frozen(kw_only=True)
class Model:
    """The root of all models. `raw`: the object as the server sent it, with keys that this version does not know."""

    raw: Mapping[str, object] = field(factory=dict, repr=False, eq=False)
