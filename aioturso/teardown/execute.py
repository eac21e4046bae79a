"""How: bounded workers over an iterator, every outcome collected, nothing running afterwards."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._operation import CallState
from .._protocol import check_segment, is_grouped_refusal
from ..api.instances import DESTROY
from ..errors import (
    APIError,
    BadRequestError,
    ForbiddenError,
    NoMatchError,
    NotFoundError,
    PaymentRequiredError,
    TursoError,
    UnauthorizedError,
)
from ..models.instances import Instance
from .report import Outcome, OutcomeStatus, Target, TeardownReport

if TYPE_CHECKING:
    from ..client import TursoClient

OnOutcome = Callable[[Outcome], object]
_EVERY_TARGET = (UnauthorizedError, PaymentRequiredError, ForbiddenError)


async def destroy_by_location(
    client: TursoClient,
    database: str,
    location: str,
    concurrency: int,
    dry_run: bool,
    missing_ok: bool,
    on_outcome: OnOutcome | None,
) -> TeardownReport:
    """List completely, decide, then destroy."""
    check_segment(location, "location")
    if concurrency < 1:
        raise ValueError("concurrency must be at least 1")
    listed = await client.instances.list(database)
    names = Counter(i.name for i in listed)
    outcomes = [_first_verdict(database, i, names[i.name]) for i in listed if i.region in (location, None)]
    if not any(i.region == location for i in listed) and not missing_ok:
        error = NoMatchError(f"no instance of {database!r} is in {location!r}")
        error.locations = tuple(sorted({i.region for i in listed if i.region}))
        raise error
    results: list[Outcome | None] = [None] * len(outcomes)
    stopped: list[str] = ["dry run"] if dry_run else []

    def settle(index: int, outcome: Outcome) -> None:
        results[index] = outcome
        if on_outcome is not None:
            on_outcome(outcome)

    queue = iter(enumerate(outcomes))

    async def work() -> None:
        for index, outcome in queue:
            if outcome.status is OutcomeStatus.NOT_ATTEMPTED:
                if stopped:
                    outcome = Outcome(target=outcome.target, status=outcome.status, reason=stopped[0])
                else:
                    outcome = await _destroy(client, outcome.target)
                    if outcome.error is not None and _hits_every_target(outcome.error):
                        stopped.append(f"stopped after: {outcome.error}")
            settle(index, outcome)

    workers = [asyncio.create_task(work()) for _ in range(min(concurrency, len(outcomes)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return TeardownReport(tuple(o for o in results if o is not None))


def _first_verdict(database: str, instance: Instance, same_name: int) -> Outcome:
    target = Target(database=database, instance=instance.name, location=instance.region)
    reason = None
    if instance.region is None:
        reason = "its location is not known"
    elif instance.type != "replica":
        reason = "primary" if instance.type == "primary" else f"not known to be a replica ({instance.type})"
    elif same_name > 1:
        reason = "its name is listed more than once"
    status = OutcomeStatus.SKIPPED if reason else OutcomeStatus.NOT_ATTEMPTED
    return Outcome(target=target, status=status, reason=reason)


async def _destroy(client: TursoClient, target: Target) -> Outcome:
    state = CallState()
    started = time.monotonic()
    reason: str | None = None
    error: Exception | None = None
    try:
        await client.call(DESTROY, target.database, target.instance, state=state)
    except TursoError as failure:
        if isinstance(failure, NotFoundError) and failure.resource in ("instance", "database"):
            status, reason = OutcomeStatus.ALREADY_GONE, f"{failure.resource} not found"
        else:
            error = failure
            status = OutcomeStatus.UNKNOWN if failure.maybe_applied else OutcomeStatus.FAILED
    else:
        status = OutcomeStatus.DESTROYED
        if state.confirmed_by:
            reason = f"confirmed by 404 ({state.confirmed_by} not found)"
        elif state.status == 202:
            reason = "accepted"
    elapsed = time.monotonic() - started
    return Outcome(
        target=target, status=status, reason=reason, error=error, attempts=state.attempts, elapsed=elapsed
    )


def _hits_every_target(error: Exception) -> bool:
    if isinstance(error, BadRequestError):
        return is_grouped_refusal(error.message)
    wrong_route = isinstance(error, APIError) and error.status in (404, 405)
    return wrong_route or isinstance(error, _EVERY_TARGET)
