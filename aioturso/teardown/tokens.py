"""Lists the API tokens of the token's user as candidates: they belong to no organization, and one of them is in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .._operation import Operation
from ..api.api_tokens import REVOKE
from ..errors import DecodeError
from ..models.api_tokens import APIToken
from .engine import Engine
from .evidence import weighed
from .spread import in_turns
from .targets import Candidate, Target, folded


class TokenKind:
    """API tokens of the token's user. The one that this client uses is skipped."""

    remove: Operation[str] = REVOKE

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """See KindOfTarget."""
        return [self.candidate(engine, token) for token in await engine.api_tokens.list()]

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """See KindOfTarget."""
        found = await weighed(await self.complete(engine), engine.organization)
        same = next((c for c in found if target.is_same(c.target)), None)
        if same is None:
            self.check_user(engine)
        # Under another name it is still the same token, and whatever has the name is not.
        elif same.target.token != target.token:
            return Candidate(same.target, same.reason or "it has another name")
        return same or next((c for c in found if c.target.token == target.token), None)

    async def complete(self, engine: Engine) -> list[Candidate]:
        """Returns all API tokens. Raises DecodeError for an empty list, if this client uses a token that has an id."""
        found = await self.again(engine, ())
        if not found and engine.own_token_id is not None:
            raise DecodeError("an empty list, though this client uses a token", where="$.tokens")
        return found

    async def gone(self, engine: Engine, targets: Iterable[Target]) -> set[Target]:
        """Returns those of these API tokens that are gone, by one more list of all of them."""
        listed = [candidate.target for candidate in await self.complete(engine)]
        self.check_user(engine)
        named = defaultdict[str, list[Target]](list)
        async for token in in_turns(listed):
            named[folded(token.token)].append(token)
        ids = {folded(token.uuid) for token in listed if token.uuid}

        def is_gone(target: Target) -> bool:
            others = all(target.is_same(token) is False for token in named[folded(target.token)])
            # Under another name it is still the same token.
            return others and folded(target.uuid) not in ids

        return {target async for target in in_turns(targets) if is_gone(target)}

    def check_user(self, engine: Engine) -> None:
        """Raises DecodeError where a list that lacks a token proves nothing: it may be the list of another user."""
        if not engine.knows_user:
            raise DecodeError(
                "not listed for the token that the client uses, which may be of another user than the plan",
                where="$.tokens",
            )

    def candidate(self, engine: Engine, listed: APIToken) -> Candidate:
        """Returns one API token."""
        target = Target(kind="API token", token=listed.name, uuid=listed.id)
        own, reason = engine.own_token_id, None
        # A token without an id may be the one in use, and counts as it.
        if own is not None and folded(listed.id or own) == folded(own):
            reason = "this client uses it" if listed.id else "its id is missing: this client may use it"
        return Candidate(target, reason)
