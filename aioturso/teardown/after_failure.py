"""Looks, after a call that was to bring something about has failed, whether it is there all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .._account import Account, Effect
from .._operation import Operation
from ..errors import DecodeError, TursoError

THERE = "already there"


async def is_there_after_all(
    look: Callable[[], Awaitable[str | None]],
    account: Account,
    error: TursoError,
    operation: Operation[Any],
    *,
    is_own: bool,
) -> bool:
    """True if it is there, although the call has failed with this error; the account then has the reason.

    `look` returns why it is there, None while it is not. `is_own`: the error is a refusal of this target alone, as when
    another client was first.
    """
    if account.effect is Effect.APPLIED:  # by the look before it was sent again
        return True
    if isinstance(error, DecodeError):
        account.settle(error, operation)  # it is no longer on the wire: a stop may end the look
    unknown = account.effect is Effect.UNKNOWN
    # After a stop not even a look is sent.
    if account.ended or not (unknown or is_own):
        return False
    try:
        reason = await look()
    except TursoError:  # without a look it stays unknown
        return False
    if reason is None:
        return False
    account.conclude(reason if unknown else THERE)
    return True
