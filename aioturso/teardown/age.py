"""The age of a database, by evidence: when it was branched or the audit log has its creation, whichever is later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from attrs import field, frozen

from .._refusals import timestamp
from .._structure import get
from ..api.audit_logs import AuditLogs
from ..errors import ForbiddenError, InvalidInputError, NotFoundError, PaymentRequiredError
from ..models import Model
from ..models.databases import Database
from .engine import Engine
from .matching import Matching
from .targets import Candidate

Clock = Callable[[], datetime]
BRANCHED, RECORDED = "parent.branched_at", "the audit log"
UNKNOWN = "its age is not known"
_CREATED, _DELETED = "db-create", "db-delete"
# Nothing on the platform is as old: such a time is not set, as -1 in seconds of Unix, or the year 1900.
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
# The starter plan has none, and answers 403.
_NO_LOG = (PaymentRequiredError, ForbiddenError, NotFoundError)


def utc_now() -> datetime:
    """Returns this machine's time."""
    return datetime.now(UTC)


def earlier_now(engine: Engine, clock: Clock) -> datetime:
    """Returns the time of this machine, or that of the last answer if it is earlier.

    By a clock that is ahead, everything would be old.
    """
    now, headers = clock(), engine.calls.pool.headers
    seconds = None if headers is None else timestamp(headers.get("Date", ""))
    return now if seconds is None else min(now, datetime.fromtimestamp(max(0.0, seconds), UTC))


def check_age(age: object) -> None:
    """Raises InvalidInputError for anything but a positive timedelta, or None."""
    if age is not None and not (isinstance(age, timedelta) and age > timedelta(0)):
        raise InvalidInputError(
            "older_than must be a positive timedelta, as in timedelta(days=7)", parameter="older_than"
        )


@frozen
class Birth:
    """Holds the time at which a database was made, and the source of that.

    `at` is None if the time is not known; `source` has the reason then.
    """

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
    log = await _recorded(engine, listed) if listed else _Records()
    return {name: _birth(database, log) for name, database in listed.items()}


@frozen
class _Records:
    """Holds when databases were created by the audit log, by name, and why it has not what is missing.

    None where one of the records has no time: that may be the last one. `elsewhere`: in another group than the listed
    one.
    """

    created: Mapping[str, datetime | None] = field(factory=dict)
    elsewhere: Mapping[str, datetime] = field(factory=dict)
    why: str = ""


def _birth(database: Database, log: _Records) -> Birth:
    branched = _zoned(database.parent, "branched_at")
    logged = log.created.get(database.name)
    if database.name in log.created and logged is None:
        return Birth(None, f"{UNKNOWN}: a record of the audit log has no time with a zone")
    known = [(at, source) for at, source in ((branched, BRANCHED), (logged, RECORDED)) if at is not None]
    if not known:
        return Birth(None, log.why)
    at, source = max(known, key=itemgetter(0))
    # It may be this one: a group can be renamed, and a database can move.
    if (other := log.elsewhere.get(database.name)) and other > at:
        return Birth(None, f"{UNKNOWN}: the audit log has a later creation of its name in another group")
    return Birth(at, source)


async def _recorded(engine: Engine, databases: Mapping[str, Database]) -> _Records:
    created: dict[str, datetime] = {}
    deleted: dict[str, datetime] = {}
    elsewhere: dict[str, datetime] = {}
    undated: dict[str, None] = {}
    latest = {_CREATED: created, _DELETED: deleted}
    try:
        async for entry in AuditLogs(engine.calls).iterate():
            times, at = latest.get(entry.code or ""), _zoned(entry, "created_at")
            database = databases.get(str(entry.data.get("database")))
            if times is None or database is None:
                continue
            # A record of another group is mostly about another database that had this name.
            if times is created and entry.data.get("group") not in (None, database.group):
                times = elsewhere
            if at is None:
                undated[database.name] = None
            else:
                times[database.name] = max(at, times.get(database.name, at))
    except _NO_LOG as error:
        return _Records(
            why=f"{UNKNOWN}: no parent.branched_at, and the audit log cannot be read ({error.status})"
        )
    # A creation before the last deletion was that of another database with this name.
    alive = {name: at for name, at in created.items() if name not in deleted or at > deleted[name]}
    why = f"{UNKNOWN}: neither parent.branched_at nor the audit log has it"
    return _Records({**alive, **undated}, elsewhere, why)


def _zoned(thing: Model | None, field: str) -> datetime | None:
    """Returns a time that came with a zone: one without may be many hours off, and one before the platform is not set."""
    if thing is None:
        return None
    found: datetime | None = getattr(thing, field)
    if found is None or found.tzinfo is None or found < _FIRST:
        return None
    given = get(thing.raw, field, "$")
    has_zone = not isinstance(given, str) or datetime.fromisoformat(given).tzinfo is not None
    return found if has_zone else None


async def aged(engine: Engine, matching: Matching, clock: Clock) -> list[Candidate]:
    """Returns those that are old enough, with a note, and those whose age is not known, with that reason."""
    if matching.older_than is None:
        return matching.found
    models = matching.models
    born = await births(engine, models.values())
    now, kept = earlier_now(engine, clock), []
    for candidate in matching.found:
        birth = born[models[candidate.target.key].name]
        if birth.at is None:
            kept.append(Candidate(candidate.target, candidate.reason or birth.source))
        elif now - birth.at > matching.older_than:
            kept.append(Candidate(candidate.target, candidate.reason, birth.note(now)))
    return kept


def words(age: timedelta) -> str:
    """Returns a time in its largest unit."""
    if age >= timedelta(days=2):
        return f"{age.days} days"
    minutes = int(age.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
