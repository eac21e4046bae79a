"""The mutants that change no behaviour, each with the reason: `equivalent.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from attrs import frozen

from .mutants import Mutant

LIST = Path(__file__).with_name("equivalent.toml")


@frozen
class Equivalent:
    """The text that was, the one that is now and the line that has it ("": any), and the reason."""

    was: str
    reason: str
    now: str = ""
    on: str = ""

    def fits(self, mutant: Mutant) -> bool:
        """True for a mutant that this is about."""
        was, now = (" ".join(text.split()) for text in (mutant.was, mutant.now))
        return self.was == was and self.now in ("", now) and self.on in ("", mutant.on)


@frozen
class Equivalents:
    """Those of one module."""

    entries: tuple[Equivalent, ...]

    @classmethod
    def of(cls, module: str) -> Equivalents:
        """Reads what is known of a module."""
        found = tomllib.loads(LIST.read_text()).get(module.removeprefix("aioturso."), [])
        return cls(tuple(Equivalent(**entry) for entry in found))

    def reason(self, mutant: Mutant) -> str | None:
        """Returns why a mutant changes nothing; None if it may change something."""
        return next((entry.reason for entry in self.entries if entry.fits(mutant)), None)
