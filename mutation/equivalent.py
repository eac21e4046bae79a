"""The mutants that change no behaviour, each with the reason: `equivalent.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from attrs import frozen

from .mutants import Mutant

LIST = Path(__file__).with_name("equivalent.toml")


@frozen
class Equivalents:
    """Of one module: the text that was, the text that is now ("": any), and the reason."""

    entries: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, module: str) -> Equivalents:
        """Reads what is known of a module."""
        found = tomllib.loads(LIST.read_text()).get(module.removeprefix("aioturso."), [])
        return cls(tuple((entry["was"], entry.get("now", ""), entry["reason"]) for entry in found))

    def reason(self, mutant: Mutant) -> str | None:
        """Returns why a mutant changes nothing; None if it may change something."""
        was, now = (" ".join(text.split()) for text in (mutant.was, mutant.now))
        return next((why for a, b, why in self.entries if a == was and b in ("", now)), None)
