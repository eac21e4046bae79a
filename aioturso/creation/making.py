"""Creates one database, and looks whether it is there when no usable answer came."""

from __future__ import annotations

from functools import partial

from attrs import define, evolve

from .._account import Account
from .._decode import expect_name, in_group
from .._operation import Names
from ..api.databases import CREATE
from ..errors import ConflictError, TursoError
from ..models.databases import Database
from ..teardown.after_failure import is_there_after_all
from ..teardown.engine import Engine
from ..teardown.targets import Candidate, Target
from ..teardown.verb import Sent
from .new import New
from .there import look_up, misfit

UNANSWERED = "no usable answer, and there now: created by this run, or by another client at that moment"


async def create(new: New, engine: Engine, candidate: Candidate, account: Account) -> Sent:
    """Creates one database. It is sent again only after a look has not found the name.

    Created is what the platform has answered to be created. What a look finds after a lost answer is only there: who
    has created it, no answer of the platform shows.
    """
    name, look = candidate.target.database, _Look(engine, candidate.target)

    def made_as(body: bytes, names: Names) -> Database:
        return expect_name(CREATE.result(body, names), name, "$.database.name")

    # Though it is a POST: a look comes before each resend.
    operation = in_group(evolve(CREATE, result=made_as, repeatable=True), candidate.target.group)
    try:
        made = await engine.calls.call(operation, json=new.body(name), account=account, guard=look.again)
    except TursoError as error:
        own = isinstance(error, ConflictError)
        if not await is_there_after_all(partial(look.after, error), account, error, CREATE, is_own=own):
            raise
        return Sent(look.found)
    return Sent(made)


@define(eq=False)
class _Look:
    """Mutable: the looks of one create, and what the last one has found."""

    engine: Engine
    target: Target
    found: Database | None = None

    async def again(self) -> str | None:
        """Returns None while nothing has the name; raises when that cannot be known, or another one has it."""
        self.found = await look_up(self.engine, self.target.database)
        if self.found is None:
            return None
        if reason := misfit(self.found, self.target):
            raise ConflictError(reason)
        return UNANSWERED

    async def after(self, error: TursoError) -> str | None:
        """Looks as `again` does, after a call has failed. If another one has the name: None, and the error names it."""
        try:
            return await self.again()
        except ConflictError as conflict:
            if self.found is not None:
                error._add(str(conflict))
            return None
