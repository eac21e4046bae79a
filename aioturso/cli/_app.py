"""The commands: what each takes, plans or lists, and the parser that runs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from inspect import signature
from typing import Annotated

import typer
from attrs import frozen

from .._version import __version__
from ..client import TursoClient
from ..models import Model
from ..teardown.plan import TeardownPlan
from ..teardown.planner import Teardown
from . import _show as show
from ._codes import FAILED, GONE, MEANINGS, REFUSED
from ._files import load
from ._options import Excluding, Names, Output, Planning, Running, Shared, takes
from ._signals import Signals
from ._streams import say
from ._teardown import MakePlan, destroy, keep
from ._words import duration
from ._work import Work, run

_VARIABLES = (
    ("TURSO_API_TOKEN", "the platform token (or TURSO_PLATFORM_TOKEN, TURSO_TOKEN)"),
    ("TURSO_ORG", "the organization, where --org is not given"),
    ("TURSO_BASE_URL", "another platform, such as a fake (or TURSO_API_BASEURL)"),
    ("HTTPS_PROXY, NO_PROXY", "proxies, unless --no-trust-env"),
    ("GITHUB_STEP_SUMMARY", "a file that gets the plan or the report as Markdown"),
)


def _block(title: str, rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 2
    # `\b` keeps typer from filling the lines of a paragraph.
    return "\n".join([f"\b\n{title}:", *(f"  {name:{width}}{meaning}" for name, meaning in rows)])


EPILOG = "\n\n".join(
    [
        _block("Environment", _VARIABLES),
        _block("Exit codes, for every command and every repetition", MEANINGS),
    ]
)


def _typer(help: str) -> typer.Typer:
    return typer.Typer(help=help, rich_markup_mode=None, epilog=EPILOG)


app = typer.Typer(name="aioturso", rich_markup_mode=None, epilog=EPILOG)
plans, destroys = _typer("Make a plan; destroy nothing."), _typer("Plan, confirm, destroy, report.")
app.add_typer(plans, name="plan")
app.add_typer(destroys, name="destroy")


def invoke(arguments: Sequence[str], signals: Signals) -> int:
    """Runs a command line; every error is one line on stderr and an exit code."""
    try:
        # Else typer prints errors in its own way and exits with its own codes.
        code = app(args=list(arguments), prog_name="aioturso", standalone_mode=False, obj=signals)
        # Of a KeyboardInterrupt while it reads the options typer makes a code of its own, without a word.
        if signals.first is not None and not signals.reported:
            return show.interrupted(signals.code)
        return int(code or GONE)
    except KeyboardInterrupt:
        return show.interrupted(signals.code)
    except Exception as error:
        if signals.first is not None:  # the parser turns a KeyboardInterrupt into an error of its own
            return show.interrupted(signals.code)
        usage = getattr(error, "format_message", None)
        if usage is not None:
            command = getattr(getattr(error, "ctx", None), "command_path", "aioturso")
            show.error(f"{usage()} (see {command} --help)")
            return REFUSED
        show.error(f"unexpected {type(error).__name__}: {error}")
        return FAILED


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"aioturso {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Tear things down on the Turso Platform, and report what is gone."""


DatabaseName = Annotated[str, typer.Argument(metavar="DB", help="The database.")]
OfDatabase = Annotated[str | None, typer.Option("--db", metavar="DB", help="Only of this database.")]
Exclude = Annotated[
    list[str], typer.Option("--exclude", metavar="GLOB", help="Names to leave alone (globs).")
]
Age = Annotated[
    str | None, typer.Option("--older-than", metavar="TIME", help="Made longer ago, as in 7d or 36h.")
]


@frozen(kw_only=True)
class Filters:
    """Options that select databases by other things than their names."""

    group: Annotated[str | None, typer.Option("--group", metavar="NAME", help="Only of this group.")] = None
    parent: Annotated[
        str | None, typer.Option("--parent", metavar="DB", help="Only branches of this database.")
    ] = None
    older_than: Age = None


def one_instance(
    database: DatabaseName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The instance's name or uuid.")],
) -> MakePlan:
    """one instance of a database; never its primary"""
    return lambda teardown: teardown.plan_instances(database=database, instance=name)


def one_location(
    location: Annotated[str, typer.Argument(metavar="LOC", help="The location's code, as in `fra`.")],
    database: OfDatabase = None,
    groups: Annotated[
        bool, typer.Option("--groups", help="Take the location from groups too; else they are skipped.")
    ] = False,
    exclude: Exclude = [],  # noqa: B006  (typer copies it)
) -> MakePlan:
    """every replica in a location, of one database or of all"""
    return lambda teardown: teardown.plan_instances(
        location=location, database=database, groups=groups, exclude=exclude
    )


def many_instances(
    database: OfDatabase = None,
    exclude: Exclude = [],  # noqa: B006  (typer copies it)
    everything: Annotated[
        bool, typer.Option("--everything", help="Needed, as every replica is meant.")
    ] = False,
) -> MakePlan:
    """every replica in every location, of one database or of all"""
    return lambda teardown: teardown.plan_instances(database=database, exclude=exclude, everything=everything)


def many_databases(names: Names, filters: Filters) -> MakePlan:
    """the databases that are named; never one that is delete-protected"""
    age = None if filters.older_than is None else duration(filters.older_than)
    selection = names.selection()
    return lambda teardown: teardown.plan_databases(
        **selection, group=filters.group, parent=filters.parent, older_than=age
    )


def many_groups(names: Names) -> MakePlan:
    """the groups that are named, with all their databases; never one that is or holds what is delete-protected"""
    selection = names.selection()
    return lambda teardown: teardown.plan_groups(**selection)


def many_tokens(names: Names) -> MakePlan:
    """the API tokens that are named; never the one that is used for it"""
    selection = names.selection()
    return lambda teardown: teardown.plan_api_tokens(**selection)


def created_by(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The audit log or the report of a creation.")],
) -> MakePlan:
    """the databases that a creation has created, by UUID; never one that may be another's"""
    return lambda teardown: teardown.plan_created(file)


CHOICES: dict[str, tuple[Callable[..., MakePlan], str]] = {
    "instance": (one_instance, "my-db fra-2"),
    "location": (one_location, "fra --db my-db"),
    "instances": (many_instances, "--db my-db --everything"),
    "databases": (many_databases, "--match 'preview-*' --exclude preview-main --older-than 7d"),
    "created": (created_by, "created.jsonl"),
    "groups": (many_groups, "--name ci"),
    "api-tokens": (many_tokens, "--prefix ci-"),
}
for _kind, (_make, _example) in CHOICES.items():
    _what = _make.__doc__
    _planning = Excluding if {"exclude", "names"} & signature(_make).parameters.keys() else Planning
    plans.command(
        _kind,
        help=f"Plan to destroy {_what}.\n\n\b\nExample: aioturso plan {_kind} {_example} -o plan.json",
        epilog=EPILOG,
    )(takes(keep, _make, Output, _planning, Shared))
    destroys.command(
        _kind,
        help=f"Destroy {_what}.\n\n\b\nExample: aioturso destroy {_kind} {_example} --dry-run",
        epilog=EPILOG,
    )(takes(destroy, _make, Running, _planning, Shared))


def saved_plan(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A plan that `aioturso plan -o` made; - is stdin.")
    ],
) -> MakePlan:
    """Destroy what a saved plan names; it is listed again first, and what has changed is skipped."""
    data = load(file)

    async def loaded(teardown: Teardown) -> TeardownPlan:
        return teardown.load(data)

    return loaded


app.command(
    "apply", help=f"{saved_plan.__doc__}\n\n\b\nExample: aioturso apply plan.json --yes", epilog=EPILOG
)(takes(destroy, saved_plan, Running, Excluding, Shared))


def undone(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An --audit-log, or a plan that was applied.")],
) -> MakePlan:
    """Bring back the databases and groups that a teardown has deleted, by UUID, as long as the platform keeps them."""
    return lambda teardown: teardown.plan_undo(file)


app.command(
    "undo", help=f"{undone.__doc__}\n\n\b\nExample: aioturso undo deleted.jsonl --dry-run", epilog=EPILOG
)(takes(destroy, undone, Running, Planning, Shared))


@frozen
class Listing:
    """A list, and the attributes that are shown."""

    read: Callable[[TursoClient], Awaitable[Sequence[Model]]]
    columns: tuple[str, ...]


def instances_of(database: DatabaseName) -> Listing:
    """List the instances of a database."""
    return Listing(
        lambda turso: turso.instances.list(database), ("name", "type", "region", "hostname", "uuid")
    )


def databases() -> Listing:
    """List the databases of the organization."""
    columns = ("name", "group", "primary_region", "regions", "delete_protection", "id")
    return Listing(lambda turso: turso.databases.list(), columns)


def groups() -> Listing:
    """List the groups of the organization."""
    columns = ("name", "locations", "primary", "delete_protection", "uuid")
    return Listing(lambda turso: turso.groups.list(), columns)


def api_tokens() -> Listing:
    """List the API tokens of the token's user."""
    columns = ("name", "organization", "group", "scopes", "created_at", "id")
    return Listing(lambda turso: turso.api_tokens.list(), columns)


def locations() -> Listing:
    """List the locations of the platform."""
    return Listing(lambda turso: turso.locations.list(), ("code", "description"))


def _print_list(make: Callable[[], Listing], shared: Shared) -> int:
    async def job(work: Work) -> int:
        listing = make()
        found = await listing.read(work.turso)
        work.results.append(lambda: show.records(found, listing.columns, shared.json))
        return GONE

    return run(lambda: job, shared)


LISTS: dict[str, tuple[Callable[..., Listing], str]] = {
    "instances": (instances_of, "my-db"),
    "databases": (databases, "--json"),
    "groups": (groups, ""),
    "api-tokens": (api_tokens, ""),
    "locations": (locations, ""),
}
for _kind, (_list, _example) in LISTS.items():
    _group = _typer(f"{(_list.__doc__ or '').rstrip('.')}.")
    _help = f"{_list.__doc__}\n\n\b\nExample: {f'aioturso {_kind} list {_example}'.strip()}"
    _group.command("list", help=_help, epilog=EPILOG)(takes(_print_list, _list, Shared))
    # A group of one command is no group for typer, unless it has a callback.
    _group.callback()(lambda: None)
    app.add_typer(_group, name=_kind)
