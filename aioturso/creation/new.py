"""Pure: what new databases are to be, checked before any I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import evolve, frozen

from .. import _bodies
from ..errors import InvalidInputError
from ..inputs import Encryption, Seed
from ..teardown.targets import Target


@frozen(kw_only=True)
class New:
    """Holds what the new databases of one plan have in common.

    Its methods raise InvalidInputError for what the platform would refuse.
    """

    group: str
    seed: Seed | None = None
    size_limit: str | int | None = None
    encryption: Encryption | None = None
    schema: str | None = None
    use_tursodb: bool | None = None

    def body(self, name: str) -> dict[str, object]:
        """Returns the body that creates one of them."""
        return _bodies.database_body(
            name,
            self.group,
            self.seed,
            self.size_limit,
            self.encryption,
            schema=self.schema,
            use_tursodb=self.use_tursodb,
        )

    def targets(self, names: Sequence[str], organization: str) -> list[Target]:
        """Returns a target for each name. Raises for a name that the platform does not allow, or that comes twice."""
        if isinstance(names, str) or not isinstance(names, Sequence):
            kind = "one text" if isinstance(names, str) else type(names).__name__
            raise InvalidInputError(f"names must be a list of names, not {kind}", parameter="names")
        checked = [str.__str__(_bodies.database_name(name)) for name in names]
        twice = sorted(name for name, count in Counter(checked).items() if count > 1)
        if twice:
            raise InvalidInputError(f"named more than once: {', '.join(twice[:5])}", parameter="names")
        self.body("a")  # a mistake in what they have in common is one even without names
        target = Target(kind="database", organization=organization, group=self.group)
        return [evolve(target, database=name) for name in checked]
