"""Pure: one rule for how a command ends."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import (
    APIError,
    ConfigurationError,
    InvalidInputError,
    InvalidNameError,
    NoMatchError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    TursoError,
)
from ..teardown.exclusion import EXCLUDED
from ..teardown.report import Outcome, OutcomeStatus, TeardownReport
from ..teardown.traces import NOT_DELETED


class Refused(InvalidInputError):
    """The command refuses, in its own words; nothing was destroyed."""


GONE, FAILED, REFUSED, STAYS, NO_MATCH = 0, 1, 2, 3, 4

MEANINGS = (
    ("0", "everything that was meant is gone (of an undo: is back; of a plan or a list: was shown)"),
    ("1", "something failed or is unknown, or a list could not be read"),
    ("2", "refused, and nothing was destroyed: usage, settings, the platform, no --yes"),
    ("3", "something that matched stays: it is protected, a primary, or in doubt"),
    ("4", "nothing matches; with --allow-empty it is 0"),
    ("130", "interrupted by Ctrl-C (SIGTERM: 143); the report holds what was done"),
)


def staying(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Returns what matched and stays against the wish of the caller.

    That is neither what the caller has excluded, nor what an undo finds that the teardown has not deleted.
    """
    skipped = [outcome for outcome in outcomes if outcome.status is OutcomeStatus.SKIPPED]
    reasons = [(outcome, outcome.reason or "") for outcome in skipped]
    return [o for o, why in reasons if not (why.endswith(EXCLUDED) or why.startswith(NOT_DELETED))]


def is_done(skipped: Iterable[Outcome]) -> bool:
    """True if all that matches is as wanted already, such as what an undo finds in place."""
    found = list(skipped)
    return any(outcome.status is not OutcomeStatus.SKIPPED for outcome in found) and not staying(found)


def code_of(report: TeardownReport) -> int:
    """Returns the code of a run that was not interrupted."""
    if not report.ok:
        return FAILED
    return STAYS if staying(report.outcomes) else GONE


def code_without_targets(skipped: Iterable[Outcome], allow_empty: bool) -> int:
    """Returns the code of a plan that has no targets."""
    found = list(skipped)
    if staying(found):
        return STAYS
    if is_done(found):
        return GONE
    return GONE if allow_empty else NO_MATCH


def is_no_match(error: BaseException) -> bool:
    """True when what was named does not exist: also a database or a group that a call did not find.

    A 404 about what the call did not name, such as one database to a list of all, shows nothing.
    """
    if not isinstance(error, NotFoundError) or not error.target:
        return isinstance(error, NoMatchError)
    # The target of a call is the names of its path: an instance comes after its database.
    kinds = ("instance", "database") if "/" in error.target else ("database", "group")
    return error.resource in kinds


def code_of_error(error: BaseException, allow_empty: bool = False) -> int:
    """Returns the code of an error that came before anything was destroyed."""
    if is_no_match(error):
        return code_without_targets((), allow_empty)
    if isinstance(error, APIError):
        return FAILED if isinstance(error, RateLimitedError | ServerError) else REFUSED
    refused = isinstance(error, ConfigurationError | InvalidInputError | InvalidNameError)
    # A file that cannot be used, such as the audit log: an error of the network is a TursoError too.
    unusable = isinstance(error, OSError) and not isinstance(error, TursoError)
    return REFUSED if refused or unusable else FAILED
