"""The mutants of a module that are known to be killed: they stay so until the module's source changes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from attrs import define, field

from .mutants import Mutant
from .record import FOLDER

SURVIVED = "survived"


@define
class Killed:
    """A file of lines: the digest of the source, then each mutant that was killed, and how."""

    file: Path
    digest: str
    known: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, module: str, source: str) -> Killed:
        """Reads what is known of a module."""
        found = cls(FOLDER / f"{module}.killed", sha256(source.encode()).hexdigest())
        lines = found.file.read_text().splitlines() if found.file.exists() else []
        if lines[:1] == [found.digest]:
            found.known = dict(line.split(" ", 1)[::-1] for line in lines[1:])
        else:
            FOLDER.mkdir(exist_ok=True)
            found.file.write_text(f"{found.digest}\n")
        return found

    def add(self, mutant: Mutant, how: str) -> None:
        """Keeps one verdict at once: a run may be ended at any time."""
        with self.file.open("a") as file:
            file.write(f"{how} {_key(mutant)}\n")

    def how(self, mutant: Mutant) -> str | None:
        """Returns how a mutant was killed; None if it was not, so far."""
        found = self.known.get(_key(mutant))
        return None if found == SURVIVED else found

    def has_survived(self, mutant: Mutant) -> bool:
        """True for one that was tried in vain before."""
        return self.known.get(_key(mutant)) == SURVIVED


def _key(mutant: Mutant) -> str:
    return sha256(mutant.source.encode()).hexdigest()
