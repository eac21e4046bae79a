"""The age of a database, by evidence: when it was branched, else when the audit log recorded its creation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen

from ..api.audit_logs import AuditLogs
from ..errors import ForbiddenError, InvalidInputError, NotFoundError, PaymentRequiredError
from ..models.databases import Database
from .engine import Engine

Clock = Callable[[], datetime]
BRANCHED, RECORDED = "parent.branched_at", "the audit log"
UNKNOWN = "its age is not known"
_CREATED, _DELETED = "db-create", "db-delete"
# The starter plan has none, and answers 403.
_NO_LOG = (PaymentRequiredError, ForbiddenError, NotFoundError)


def utc_now() -> datetime:
    """Returns this machine's time."""
    return datetime.now(UTC)


def check_age(age: object) -> None:
    """Raises InvalidInputError for anything but a positive timedelta, or None."""
    if age is not None and not (isinstance(age, timedelta) and age > timedelta(0)):
        raise InvalidInputError("older_than must be a positive timedelta", parameter="older_than")


@frozen
class Birth:
    """Holds the time at which a database was made, and the source of that; `at` is None if it is not known, and `source` holds why."""

    at: datetime | None
    source: str

    def note(self, now: datetime) -> str:
        """Returns the age and its source in words."""
        assert self.at is not None  # a target has a known age
        return f"{words(now - self.at)} old by {self.source}"


async def births(engine: Engine, databases: Iterable[Database]) -> dict[str, Birth]:
    """Returns the birth of each database by name; of two that are on record, the later.

    A branch of an earlier state may carry the time of that state as `branched_at`, although it was made today.
    """
    listed = {database.name: database for database in databases}
    recorded, why = await _recorded(engine, listed) if listed else ({}, "")

    def birth(database: Database) -> Birth:
        branched = database.parent.branched_at if database.parent is not None else None
        logged = recorded.get(database.name)
        if branched is None or branched.tzinfo is None:
            return Birth(None, why) if logged is None else Birth(logged, RECORDED)
        return Birth(branched, BRANCHED) if logged is None or logged <= branched else Birth(logged, RECORDED)

    return {name: birth(database) for name, database in listed.items()}


async def _recorded(engine: Engine, databases: Mapping[str, Database]) -> tuple[Mapping[str, datetime], str]:
    """Returns when each database was created, as far as the audit log has it, and why it has not what is missing."""
    created: dict[str, datetime] = {}
    deleted: dict[str, datetime] = {}
    latest = {_CREATED: created, _DELETED: deleted}
    try:
        async for entry in AuditLogs(engine.calls).iterate():
            times, at = latest.get(entry.code or ""), entry.created_at
            database = databases.get(str(entry.data.get("database")))
            if times is None or at is None or at.tzinfo is None or database is None:
                continue
            # A record of another group is about another database that had this name.
            if times is deleted or entry.data.get("group") in (None, database.group):
                times[database.name] = max(at, times.get(database.name, at))
    except _NO_LOG as error:
        return {}, f"{UNKNOWN}: no parent.branched_at, and the audit log cannot be read ({error.status})"
    # A creation before the last deletion was that of another database with this name.
    alive = {name: at for name, at in created.items() if name not in deleted or at > deleted[name]}
    return alive, f"{UNKNOWN}: neither parent.branched_at nor the audit log has it"


def words(age: timedelta) -> str:
    """Returns a time in its largest unit."""
    if age >= timedelta(days=2):
        return f"{age.days} days"
    minutes = int(age.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
