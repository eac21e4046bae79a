"""Looks by UUID whether a name still belongs to the thing that was meant: nothing else of that name is deleted."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from attrs import evolve

from ._account import NOT_APPLIED, Account, confirmation, is_gone
from ._calls import Calls
from ._checks import switch, text
from ._decode import ANOTHER
from ._operation import Names, Operation
from .errors import ConflictError, NotFoundError


async def look(
    calls: Calls, get: Operation[Any], operation: Operation[Any], *names: str, uuid: str, account: Account
) -> str | None:
    """Returns None while the thing of these names has this UUID; else why it is gone, in words for a report.

    `get` reads the thing, `operation` is the one that removes it, `names` are those of their paths without the
    organization. Raises when it cannot know: no answer, another error, an answer without a UUID or about another name;
    and NotFoundError, as the removal would, where it is gone and no attempt of the `account` can have done it.
    """
    try:
        found = await calls.pool.pulse.fresh(partial(_uuid, calls, get, *names))
    except NotFoundError as error:
        if not is_gone(error, operation) or account.effect is NOT_APPLIED:
            raise
        return confirmation(error)
    return None if _is_same(found, uuid) else "the name now belongs to another one, which was left alone"


async def _uuid(calls: Calls, get: Operation[Any], *names: str) -> str:
    # Between two attempts of a call: a look has no more time than one of them.
    limits = evolve(calls.timeout, total=calls.timeout.attempt)
    account = Account()
    found = await evolve(calls, timeout=limits).call(get, *names, account=account)
    # Databases have it under `id`, instances and groups under `uuid`.
    uuid = getattr(found, "uuid", None) or getattr(found, "id", None)
    if found.name != names[-1]:
        raise calls.unfit(get, *names, where="$", why=ANOTHER, account=account)
    if not uuid:
        raise calls.unfit(get, *names, where="$", why="no UUID to compare", account=account)
    return str(uuid)


def _is_same(uuid: str, other: str) -> bool:
    # In any case of the letters (RFC 9562, 4).
    return uuid.lower() == other.lower()


def remove(
    calls: Calls,
    get: Operation[Any],
    operation: Operation[str],
    *names: str,
    missing_ok: bool,
    uuid: str | None,
) -> Coroutine[Any, Any, str]:
    """Removes a thing and returns its name, with `missing_ok` also when it does not exist.

    With a UUID, looks before it is sent, and again before a resend, if it may have taken effect or has waited long.
    Raises ConflictError, before anything is sent, when the name belongs to another one.
    """
    # Nearly all calls have the default, which is not worth a function.
    missing = names[-1] if missing_ok is not False and switch(missing_ok, "missing_ok") else None
    # No coroutine of its own: loops delete thousands.
    if uuid is None:
        return calls.call(operation, *names, missing=missing)
    return _remove(calls, get, operation, names, missing, text(uuid, "uuid"))


async def _remove(
    calls: Calls, get: Operation[Any], operation: Operation[str], names: Names, missing: str | None, uuid: str
) -> str:
    pulse = calls.pool.pulse
    try:
        found = await pulse.fresh(partial(_uuid, calls, get, *names))
    except NotFoundError as error:
        if missing is None or not is_gone(error, operation):
            raise
        return missing
    if not _is_same(found, uuid):
        target = "/".join(names)
        raise ConflictError(
            f"{operation.name} {target} (organization {calls.organization}): nothing was sent, as the name belongs to "
            f"another one, with the uuid {found[:80]!r}",
            operation=operation.name,
            organization=calls.organization,
            target=target,
            host=calls.base.host,
        )
    account = Account()
    guard = partial(look, calls, get, operation, *names, uuid=uuid, account=account)
    with pulse.ticking():
        return await calls.remove(operation, names, guard, uuid, account, missing)
