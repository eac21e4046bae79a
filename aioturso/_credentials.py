"""The token: fixed, or from a provider that runs once for all calls that need it."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from base64 import urlsafe_b64decode
from typing import NoReturn

from attrs import define, field

from ._account import Account
from ._exits import Exit, start
from ._operation import Request
from ._protocol import check_token
from ._pulse import Pulse
from .errors import ConfigurationError, NotSentError
from .settings import TokenProvider


@define
class Credentials:
    """Mutable, shared by the clients of one pool: the provider, if there is one, and the token in use.

    `id`: the token's, also once it was refused, until there is another; None for one that holds no id.
    """

    provider: TokenProvider | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    id: str | None = field(init=False, repr=False)
    pulse: Pulse = field(factory=Pulse, init=False, repr=False)
    _refused: str | None = field(default=None, init=False, repr=False)
    _running: asyncio.Task[str] | None = field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.id = token_id(self.token)

    def __reduce__(self) -> NoReturn:
        # Everything that makes calls leads here, such as a plan that is sent to another process.
        raise TypeError(
            "what belongs to a client cannot be copied or pickled: it holds a token (a plan has to_dict)"
        )

    async def fetch(self, request: Request, account: Account) -> str:
        """Returns a token from the provider, which runs once for all calls that wait for it, each within its own time.

        Raises NotSentError, without the provider's own error: its text may hold a secret.
        """
        loop = asyncio.get_running_loop()
        running, timeout = self._running, request.timeout
        limit = min(timeout.attempt, timeout.total, account.left(time.monotonic()))
        # What runs in another loop, which may be closed, never ends for this one.
        if running is None or running.done() or running.get_loop() is not loop:
            running = self._running = start(self._run(min(timeout.attempt, timeout.total)))
        # A call that is cancelled, or whose time is over, leaves it running for the others.
        await asyncio.wait((running,), timeout=max(0.0, limit))
        if self.token is not None:
            return self.token
        why = _result(running) if running.done() else _late(limit)
        if why == _UNUSABLE:
            raise ConfigurationError(f"{request}: the token provider {why}", **request.facts())
        # Final: it would be called again for each retry of each of a thousand targets.
        raise NotSentError(f"{request}: the token provider {why}", final=True, **request.facts())

    async def _run(self, limit: float) -> str:
        """Keeps the provider's token; returns why there is none, empty if there is one."""
        assert self.provider is not None  # without one, the token was there from the start
        try:
            coming = self.provider()
            if not inspect.isawaitable(coming):
                return _UNUSABLE
            async with asyncio.timeout(limit):
                token = await coming
        except TimeoutError:
            return _late(limit)
        except Exception as error:
            # Returned and not raised: the error of a task would hold the provider's frames.
            return f"failed ({type(error).__name__})"
        try:
            self.token = check_token(token)
        except ConfigurationError:
            return _UNUSABLE
        if self._refused not in (None, self.token):
            self.pulse.rotated()
        self.id = token_id(self.token)
        return ""

    def refuse(self, token: str) -> bool:
        """Forgets a token that the server refused; False when there is no provider of another."""
        # Another call may have fetched a new one since.
        if self.provider is not None and self.token == token:
            self._refused, self.token = token, None
        return self.provider is not None

    def stop(self) -> None:
        """Ends a provider that is running."""
        # A task of a closed loop cannot be cancelled.
        if self._running is not None and not self._running.get_loop().is_closed():
            self._running.cancel()
        self._running = None


def _result(running: asyncio.Task[str]) -> str:
    try:
        return "was cancelled" if running.cancelled() else running.result()
    except Exit as end:
        raise end.error from None


def _late(limit: float) -> str:
    return f"returned no token within {limit:.3g} s"


_UNUSABLE = "must be an async function that returns printable ASCII without inner whitespace"


def token_id(token: str | None) -> str | None:
    """Returns the `id` claim of a token, or its `jti`; None for one that is no JWT or has neither."""
    try:
        payload = str(token).split(".")[1]
        # A JWT leaves the padding out, which the decoder needs.
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        found = claims.get("id", claims.get("jti"))
    except (ValueError, IndexError, AttributeError):
        return None
    return found if isinstance(found, str) else None
