"""What all models have in common."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


class Secret(str):
    """Text that is not shown: `str()` and formatting give it, a repr (and so a log of the object) does not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[secret]'"


@frozen(kw_only=True)
class Model:
    """The root of all models. `raw`: the object as the server sent it, with keys that this version does not know."""

    raw: Mapping[str, object] = field(factory=dict, repr=False, eq=False)
