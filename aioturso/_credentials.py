"""The token: fixed, or asked of a provider once for all calls that need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from attrs import define, field

from ._protocol import check_token
from .errors import NotSentError

TokenProvider = Callable[[], Awaitable[str]]


@define
class Credentials:
    """Mutable, shared by the clients of one pool: the provider, if there is one, and the token in use."""

    provider: TokenProvider | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    async def ask(self, turn: asyncio.Lock) -> str:
        """A token from the provider; callers that arrive together share one answer."""
        async with turn:
            if self.token is None:
                assert self.provider is not None  # without one, the token was there from the start
                try:
                    token = await self.provider()
                except Exception as error:
                    raise NotSentError(f"the token provider failed ({type(error).__name__})") from error
                self.token = check_token(token)
            return self.token

    def refused(self, token: str) -> bool:
        """Forget a token that the server refused; False when there is nobody to ask for another."""
        if self.provider is not None and self.token == token:
            self.token = None
        return self.provider is not None
