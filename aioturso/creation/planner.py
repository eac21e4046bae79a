"""Plans creations: names are checked before any I/O, and then looked up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from ..inputs import Encryption, Seed
from ..teardown.after_failure import THERE
from ..teardown.base_plan import Since
from ..teardown.engine import Engine
from ..teardown.hints import check_group
from ..teardown.targets import Candidate
from .new import New
from .plan import CreationPlan
from .there import judged
from .verb import creating


@frozen(eq=False)
class Creation:
    """`turso.creation`: plans look at what is there before anything is created."""

    _engine: Engine

    def at_most(self, per_second: float | None) -> Creation:
        """Returns a creation whose calls together, looks for plans included, are sent at this rate at most.

        None: as it is.
        """
        return Creation(self._engine.at_most(per_second))

    async def plan_databases(
        self,
        names: Sequence[str],
        *,
        group: str,
        seed: Seed | None = None,
        size_limit: str | int | None = None,
        encryption: Encryption | None = None,
        schema: str | None = None,
        use_tursodb: bool | None = None,
    ) -> CreationPlan:
        """Plans the databases of a list of names, all in one group; other arguments are those of `databases.create`.

        What is there already, in the group, stays as it is and is no target. A name that a database of another group
        has is reported as failed. No names make an empty plan.

        Raises before any I/O InvalidNameError, and InvalidInputError (a name that comes twice, unfit arguments); and
        NoMatchError when there is no such group.
        """
        engine = self._engine
        new = New(
            group=group,
            seed=seed,
            size_limit=size_limit,
            encryption=encryption,
            schema=schema,
            use_tursodb=use_tursodb,
        )
        targets, since = new.targets(names, engine.organization), Since(engine.tokens)
        entries = tuple(await judged(engine, targets) if targets else ())
        await self._check_group(group, entries)
        return CreationPlan(
            title=f"databases of group {group}",
            organization=engine.organization,
            entries=entries,
            created_at=since.wall,
            verb=creating(new),
            engine=engine,
            life=since.life(entries),
        )

    async def _check_group(self, group: str, entries: Iterable[Candidate]) -> None:
        """Raises NoMatchError for a group that is not there, which every create would be refused for."""
        reasons = {entry.reason for entry in entries}
        # A database in the group shows that the group is there: one request less.
        if not reasons or THERE in reasons:
            return
        await check_group(self._engine, group)
