"""What: a plan lists completely and decides before anything is destroyed."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from os import PathLike
from typing import Any, Self

from attrs import evolve, field, frozen

from ..errors import ConfigurationError, InvalidInputError
from . import listing
from .engine import Engine
from .execute import Entry, OnOutcome, OnProgress, Options, Run
from .report import Outcome, OutcomeStatus, Target, TeardownReport
from .verify import verified

MAX_TARGETS = 1000
MAX_AGE = 300.0  # seconds
_SHOWN = 50


@frozen(kw_only=True)
class TeardownPlan:
    """What would be destroyed (`targets`) and what would not, and why (`skipped`). Nothing has been destroyed yet.

    `len(plan)` is the number of targets; `print(plan)` shows it; `to_dict` and `from_dict` keep it as JSON.
    """

    title: str
    organization: str
    entries: tuple[Entry, ...] = field(repr=False)
    created_at: datetime = field(factory=lambda: datetime.now(UTC))
    engine: Engine | None = field(default=None, repr=False, eq=False)
    _born: float | None = field(factory=time.monotonic, init=True, repr=False, eq=False)
    _runs: list[Run] = field(factory=list, init=False, repr=False, eq=False)

    @property
    def targets(self) -> tuple[Target, ...]:
        """What would be destroyed, in list order."""
        return tuple(entry for entry in self.entries if isinstance(entry, Target))

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """What matches and would not be destroyed; `reason` says why."""
        return tuple(entry for entry in self.entries if isinstance(entry, Outcome))

    def __len__(self) -> int:
        return sum(isinstance(entry, Target) for entry in self.entries)

    def __bool__(self) -> bool:
        return True  # also when it is empty

    def __str__(self) -> str:
        skipped = self.skipped
        lines = [f"{self.title}: {len(self):,} to destroy, {len(skipped):,} skipped"]
        lines += [f"  destroy {target}" for target in self.targets[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"  and {len(self) - _SHOWN:,} more")
        lines += [f"  skip {outcome.target} ({outcome.reason})" for outcome in skipped[:_SHOWN]]
        if len(skipped) > _SHOWN:
            lines.append(f"  and {len(skipped) - _SHOWN:,} more skipped")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "title": self.title,
            "organization": self.organization,
            "created_at": self.created_at.isoformat(),
            "targets": [target.to_dict() for target in self.targets],
            "skipped": [{**o.target.to_dict(), "reason": o.reason} for o in self.skipped],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], engine: Engine | None = None) -> Self:
        """The reverse of `to_dict`, for an engine of the same organization. Raises InvalidInputError.

        Its age counts from when it was made, so that it is listed again before it runs.
        """
        try:
            title, organization = data["title"], data["organization"]
            targets, skipped = data["targets"], data["skipped"]
            created_at = datetime.fromisoformat(data["created_at"])
            reasons = [found["reason"] for found in skipped]
            unwanted = [{k: v for k, v in found.items() if k != "reason"} for found in skipped]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"not a plan ({type(error).__name__})") from None
        if not all(isinstance(text, str) for text in (title, organization, *reasons)):
            raise InvalidInputError("not a plan: title, organization and reasons must be texts")
        if not (isinstance(targets, list) and isinstance(skipped, list)):
            raise InvalidInputError("not a plan: targets and skipped must be lists")
        entries: list[Entry] = [Target.from_dict(target) for target in targets]
        spared = [Target.from_dict(target) for target in unwanted]
        if any(
            t.organization not in (organization, "") for t in (*entries, *spared) if isinstance(t, Target)
        ):
            raise InvalidInputError("not a plan: a target belongs to another organization")
        entries += map(skip, spared, reasons)
        plan = cls(
            title=title,
            organization=organization,
            entries=tuple(entries),
            created_at=created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC),
            born=None,
        )
        return plan if engine is None else plan.bind(engine)

    def bind(self, engine: Engine) -> Self:
        """The same plan for an engine, which must be of the same organization."""
        if (engine.organization or "") != self.organization:
            raise ConfigurationError(f"this plan is for the organization {self.organization!r}")
        return evolve(self, engine=engine)

    @property
    def age(self) -> float:
        """Seconds since it was made; a clock that was set back makes it endless."""
        wall = (datetime.now(UTC) - self.created_at).total_seconds()
        lived = time.monotonic() - self._born if self._born is not None else wall
        return max(wall, lived) if wall >= -1 else float("inf")

    def stop(self) -> None:
        """Let every run of this plan drain: calls in flight finish, the rest are NOT_ATTEMPTED."""
        for run in self._runs:
            run.stop()

    async def execute(
        self,
        *,
        concurrency: int | None = None,
        rate_limit: float | None = None,
        max_targets: int = MAX_TARGETS,
        max_age: float = MAX_AGE,
        exclude: str | Sequence[str] = (),
        dry_run: bool = False,
        verify: bool = False,
        return_exceptions: bool = False,
        on_outcome: OnOutcome | None = None,
        on_progress: OnProgress | None = None,
        audit_log: str | PathLike[str] | None = None,
    ) -> TeardownReport:
        """Destroy the targets; the report has every one of them, in list order.

        `concurrency`: calls at once (default: as many as the server keeps up with, at most the pool's size);
        `rate_limit`: calls per second; `max_targets`: more than these are refused; `max_age` (seconds): an
        older plan is listed again first, and what has changed is skipped; `exclude`: globs of names to leave
        alone; `verify`: list again at the end, and say what is still there; `audit_log`: a file that gets a
        line of JSON for each outcome.

        Raises InvalidInputError (too many targets), ConfigurationError, and TeardownError if a target failed or
        is unknown, unless `return_exceptions`. When it returns or raises, nothing of it is still running.
        """
        options = Options(
            concurrency=concurrency,
            rate_limit=rate_limit,
            dry_run=dry_run,
            on_outcome=on_outcome,
            on_progress=on_progress,
            audit_log=audit_log,
        )
        engine = self._check(max_targets)
        run = self._run(engine, options)
        try:
            report = TeardownReport(tuple(await run.collect(await self._entries(engine, max_age, exclude))))
        finally:
            self._runs.remove(run)
        if verify and not dry_run:
            report = await verified(engine, report)
        if not return_exceptions:
            report.raise_for_failures()
        return report

    async def stream(
        self,
        *,
        concurrency: int | None = None,
        rate_limit: float | None = None,
        max_targets: int = MAX_TARGETS,
        max_age: float = MAX_AGE,
        exclude: str | Sequence[str] = (),
        dry_run: bool = False,
        on_outcome: OnOutcome | None = None,
        on_progress: OnProgress | None = None,
        audit_log: str | PathLike[str] | None = None,
    ) -> AsyncGenerator[Outcome]:
        """As `execute`, but the outcomes one by one, as they come; nothing of them is kept.

        It raises nothing for a target that failed. Leaving the loop early ends the teardown: use
        `contextlib.aclosing` to be sure that nothing is running afterwards.
        """
        options = Options(
            concurrency=concurrency,
            rate_limit=rate_limit,
            dry_run=dry_run,
            on_outcome=on_outcome,
            on_progress=on_progress,
            audit_log=audit_log,
        )
        engine = self._check(max_targets)
        run = self._run(engine, options)
        try:
            async with aclosing(run.stream(await self._entries(engine, max_age, exclude))) as outcomes:
                async for outcome in outcomes:
                    yield outcome
        finally:
            self._runs.remove(run)

    def _check(self, max_targets: int) -> Engine:
        if self.engine is None:
            raise ConfigurationError("this plan has no client: load it with turso.teardown.load")
        if len(self) > max_targets:
            raise InvalidInputError(
                f"the plan has {len(self):,} targets, more than max_targets={max_targets:,}"
            )
        return self.engine

    def _run(self, engine: Engine, options: Options) -> Run:
        run = Run(engine, engine.limiter, len(self.entries), options)
        self._runs.append(run)
        return run

    async def _entries(self, engine: Engine, max_age: float, exclude: str | Sequence[str]) -> Iterable[Entry]:
        entries: Iterable[Entry] = self.entries
        globs = patterns(exclude)
        if globs:
            why_not = await exclusion(engine, self.targets, globs)
            entries = [skip(e, why) if isinstance(e, Target) and (why := why_not(e)) else e for e in entries]
        if self.age <= max_age:
            return entries
        now = await listing.again(engine, self.targets)
        return [_checked(entry, now) if isinstance(entry, Target) else entry for entry in entries]


def skip(target: Target, reason: str) -> Outcome:
    """The outcome of a target that must not go."""
    return Outcome(target=target, status=OutcomeStatus.SKIPPED, reason=reason)


def patterns(globs: str | Sequence[str]) -> tuple[str, ...]:
    """One glob or several; an empty one is a mistake."""
    found = (globs,) if isinstance(globs, str) else tuple(globs)
    if not all(isinstance(glob, str) and glob for glob in found):
        raise InvalidInputError("a pattern must be a text that is not empty")
    return found


def excluded(target: Target, globs: Iterable[str]) -> bool:
    """Does a glob match one of its names, or all of them joined by `/`?"""
    names = (*target.names, "/".join(target.names))
    return any(fnmatchcase(name, glob) for glob in globs for name in names)


async def exclusion(
    engine: Engine, targets: Iterable[Target], globs: tuple[str, ...]
) -> Callable[[Target], str | None]:
    """Why a target is excluded: by a name of its own or, for a group, by the name of one of its databases."""
    groups = ("group", "group location")
    holding: dict[str, str] = {}
    if globs and any(target.kind in groups for target in targets):
        listed = await listing.databases(engine)
        holding = {found.group: found.database for found, _ in listed if excluded(found, globs)}

    def why_not(target: Target) -> str | None:
        if excluded(target, globs):
            return "excluded"
        if target.kind in groups and target.group in holding:
            return f"its database {holding[target.group]!r} is excluded"
        return None

    return why_not


def _checked(target: Target, now: Mapping[tuple[str, ...], listing.Listed]) -> Entry:
    found, reason = now.get(listing.key(target), (None, None))
    if found is None:
        return Outcome(target=target, status=OutcomeStatus.ALREADY_GONE, reason="no longer listed")
    if target.uuid and found.uuid and target.uuid != found.uuid:
        return skip(target, "changed since the plan was made: another one has this name")
    if (target.location, target.group) != (found.location, found.group):
        return skip(target, "changed since the plan was made: it is in another location or group")
    return skip(target, reason) if reason else target
