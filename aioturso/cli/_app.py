"""The commands and their options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from ..client import TursoClient
from ..teardown.options import MAX_TARGETS
from ..teardown.plan import TeardownPlan
from . import _show as show
from ._run import Choices, run, tear_down

Database = Annotated[str, typer.Argument(metavar="DB", help="The database.")]
Org = Annotated[str | None, typer.Option("--org", help="The organization. (default: $TURSO_ORG)")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Needed off a terminal.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and destroy nothing.")]
AuditLog = Annotated[
    Path | None, typer.Option("--audit-log", help="A file that gets a line of JSON for each outcome.")
]
MaxTargets = Annotated[int, typer.Option("--max-targets", min=0, help="Refuse a plan with more.")]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency", min=1, help="Calls at once. (default: as many as the server keeps up with)"
    ),
]
RateLimit = Annotated[float | None, typer.Option("--rate-limit", help="Calls per second, at most.")]
Verify = Annotated[bool, typer.Option("--verify", help="List again at the end: is it really gone?")]
Demo = Annotated[bool, typer.Option("--demo", help="Run against an embedded fake; no credentials needed.")]

app = typer.Typer(name="aioturso", help="Tear things down on the Turso Platform, and know what is gone.")
instances = typer.Typer(help="Instances of a database.")
databases = typer.Typer(help="Databases of the organization.")
destroy = typer.Typer(help="Plan, confirm, destroy, report.")
app.add_typer(instances, name="instances")
app.add_typer(databases, name="databases")
app.add_typer(destroy, name="destroy")


def invoke(arguments: Sequence[str]) -> int:
    """Run a command line; whatever goes wrong is one line on stderr and an exit code."""
    try:
        code = app(args=list(arguments), prog_name="aioturso", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:  # whoever reads our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        told = getattr(error, "format_message", None)  # a usage error of typer's
        if told is not None:
            show.error(f"{told()} (see aioturso --help)")
            return 2
        show.error(f"unexpected {type(error).__name__}: {error}")
        return 1


def _print_version(asked: bool) -> None:
    if asked:
        print(f"aioturso {version('aioturso')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Tear things down on the Turso Platform, and know what is gone."""


@instances.command("list")
def list_instances(database: Database, org: Org = None, json: Json = False, demo: Demo = False) -> None:
    """List the instances of a database."""

    async def work(turso: TursoClient) -> int:
        listed = await turso.instances.list(database)
        show.records(listed, ("name", "type", "region", "hostname", "uuid"), json)
        return 0

    raise typer.Exit(run(work, org, demo))


@databases.command("list")
def list_databases(org: Org = None, json: Json = False, demo: Demo = False) -> None:
    """List the databases of the organization."""

    async def work(turso: TursoClient) -> int:
        listed = await turso.databases.list()
        show.records(listed, ("name", "group", "primary_region", "regions", "delete_protection", "id"), json)
        return 0

    raise typer.Exit(run(work, org, demo))


@destroy.command("instance")
def destroy_instance(
    database: Database,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The instance's name or uuid.")],
    org: Org = None,
    json: Json = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    audit_log: AuditLog = None,
    max_targets: MaxTargets = MAX_TARGETS,
    concurrency: Concurrency = None,
    rate_limit: RateLimit = None,
    verify: Verify = False,
    demo: Demo = False,
) -> None:
    """Destroy one instance of a database; never its primary."""

    async def plan(turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_instances(database=database, instance=name)

    choices = Choices(json, yes, dry_run, audit_log, max_targets, concurrency, rate_limit, verify)
    raise typer.Exit(tear_down(plan, choices, org, demo, named=True))


@destroy.command("location")
def destroy_location(
    location: Annotated[str, typer.Argument(metavar="LOC", help="The location's code, as in `fra`.")],
    database: Annotated[str | None, typer.Option("--db", help="Only of this database.")] = None,
    groups: Annotated[
        bool, typer.Option("--groups", help="Take the location from groups too; else they are skipped.")
    ] = False,
    exclude: Annotated[list[str], typer.Option("--exclude", help="Names to leave alone (globs).")] = [],  # noqa: B006  (typer copies it)
    org: Org = None,
    json: Json = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    audit_log: AuditLog = None,
    max_targets: MaxTargets = MAX_TARGETS,
    concurrency: Concurrency = None,
    rate_limit: RateLimit = None,
    verify: Verify = False,
    demo: Demo = False,
) -> None:
    """Destroy every replica in a location, of one database or of all."""

    async def plan(turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_instances(
            location=location, database=database, groups=groups, exclude=exclude
        )

    choices = Choices(json, yes, dry_run, audit_log, max_targets, concurrency, rate_limit, verify)
    raise typer.Exit(tear_down(plan, choices, org, demo))


@destroy.command("databases")
def destroy_databases(
    match: Annotated[list[str], typer.Option("--match", help="Names to destroy (globs).")] = [],  # noqa: B006  (typer copies it)
    group: Annotated[str | None, typer.Option("--group", help="Only of this group.")] = None,
    exclude: Annotated[list[str], typer.Option("--exclude", help="Names to leave alone (globs).")] = [],  # noqa: B006  (typer copies it)
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Needed without --match, or with one that matches every name."),
    ] = False,
    org: Org = None,
    json: Json = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    audit_log: AuditLog = None,
    max_targets: MaxTargets = MAX_TARGETS,
    concurrency: Concurrency = None,
    rate_limit: RateLimit = None,
    verify: Verify = False,
    demo: Demo = False,
) -> None:
    """Destroy the databases whose name matches; never one that is delete-protected."""

    async def plan(turso: TursoClient) -> TeardownPlan:
        return await turso.teardown.plan_databases(
            match=match or None, group=group, exclude=exclude, everything=everything
        )

    choices = Choices(json, yes, dry_run, audit_log, max_targets, concurrency, rate_limit, verify)
    raise typer.Exit(tear_down(plan, choices, org, demo))
