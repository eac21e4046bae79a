"""The options, each written once: classes of options that several commands take, and how a command gets them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import attrs
import typer
from attrs import field, frozen

from ..errors import InvalidInputError
from ..teardown.options import MAX_TARGETS
from ..teardown.options import Options as Checked
from ._files import STDIN, names_in


def _option(*declarations: str, help: str, **more: Any) -> Any:
    return typer.Option(*declarations, help=help, **more)


@frozen(kw_only=True)
class Shared:
    """Options of every command."""

    org: Annotated[
        str | None, _option("--org", metavar="ORG", help="The organization. (default: $TURSO_ORG)")
    ] = None
    json: Annotated[bool, _option("--json", help="Print JSON on stdout and nothing else.")] = False
    quiet: Annotated[bool, _option("--quiet", "-q", help="No plan, progress or summary; only errors.")] = (
        False
    )
    verbose: Annotated[bool, _option("--verbose", "-v", help="Log each retry on stderr.")] = False
    trust_env: Annotated[
        bool,
        _option("--trust-env/--no-trust-env", help="Use HTTPS_PROXY, HTTP_PROXY and NO_PROXY."),
    ] = True
    demo: Annotated[bool, _option("--demo", help="Run against an embedded fake; no credentials needed.")] = (
        False
    )


@frozen(kw_only=True)
class Planning:
    """Options of every command that makes or reads a plan."""

    allow_empty: Annotated[bool, _option("--allow-empty", help="No match is a success (0 instead of 4).")] = (
        False
    )
    rate_limit: Annotated[
        float | None,
        _option("--rate-limit", metavar="NUMBER", help="Calls per second at most, lists included."),
    ] = None

    def __attrs_post_init__(self) -> None:
        if self.rate_limit is not None and not 0 < self.rate_limit < float("inf"):
            raise typer.BadParameter("--rate-limit must be a positive number of calls per second")


@frozen(kw_only=True)
class Excluding(Planning):
    """The options of a command whose plan may have exclusions: one more than those of every plan."""

    allow_unmatched: Annotated[
        bool,
        _option(
            "--allow-unmatched", help="Accept an exclusion that matches nothing, without a terminal too."
        ),
    ] = False


@frozen(kw_only=True)
class Output:
    """Options of a command that keeps a plan."""

    output: Annotated[
        Path | None,
        _option(
            "--output", "-o", metavar="FILE", help="Keep the plan in this file, for `aioturso apply FILE`."
        ),
    ] = None

    def __attrs_post_init__(self) -> None:
        if self.output == Path(STDIN):
            raise typer.BadParameter("--output is a file; --json prints the plan on stdout")


@frozen(kw_only=True)
class Running:
    """Options of every command that destroys."""

    yes: Annotated[bool, _option("--yes", "-y", help="Skip the confirmation. Needed without a terminal.")] = (
        False
    )
    dry_run: Annotated[bool, _option("--dry-run", help="Show the plan and change nothing.")] = False
    stream: Annotated[
        bool,
        _option(
            "--stream", help="Print a line of JSON for each outcome as it comes, and one for the report."
        ),
    ] = False
    audit_log: Annotated[
        Path | None,
        _option(
            "--audit-log",
            metavar="FILE",
            help="A file that gets a line of JSON before the first send of each target, and for each outcome.",
        ),
    ] = None
    max_targets: Annotated[
        int, _option("--max-targets", metavar="NUMBER", min=0, help="Refuse a plan with more.")
    ] = MAX_TARGETS
    concurrency: Annotated[
        int | None,
        _option(
            "--concurrency",
            metavar="NUMBER",
            min=1,
            help="Calls at once. (default: as many as the server keeps up with)",
        ),
    ] = None
    verify: Annotated[bool, _option("--verify", help="List again at the end: has it worked?")] = False

    def __attrs_post_init__(self) -> None:
        if self.audit_log == Path(STDIN):
            raise typer.BadParameter(
                "--audit-log is a file; --stream prints a line for each outcome on stdout"
            )


@frozen(kw_only=True)
class Names:
    """Options that select by name."""

    match: Annotated[
        list[str], _option("--match", metavar="GLOB", help="Names that match a glob (*, ?, [...]).")
    ] = field(factory=list)
    name: Annotated[list[str], _option("--name", metavar="NAME", help="Exactly this name.")] = field(
        factory=list
    )
    names_from: Annotated[
        list[str],
        _option("--names-from", metavar="FILE", help="The names in a file, one a line; - is stdin."),
    ] = field(factory=list)
    prefix: Annotated[
        list[str], _option("--prefix", metavar="TEXT", help="Names that begin with this text.")
    ] = field(factory=list)
    exclude: Annotated[
        list[str], _option("--exclude", metavar="GLOB", help="Names to leave alone (globs).")
    ] = field(factory=list)
    everything: Annotated[
        bool, _option("--everything", help="Needed without names, or with a glob that matches every name.")
    ] = False

    def selection(self) -> dict[str, Any]:
        """Returns the arguments of a `plan_*`; reads the files."""
        if self.names_from.count(STDIN) > 1:
            raise InvalidInputError("--names-from - can be given once")
        names = [*self.name, *(name for path in self.names_from for name in names_in(path))]
        return {
            "match": self.match or None,
            # No names in a file are no names at all, and never every one.
            "names": names if self.name or self.names_from else None,
            "prefix": self.prefix or None,
            "exclude": self.exclude,
            "everything": self.everything,
        }


def check(running: Running) -> None:
    """Raises for a value that the library would refuse, before anything is sent."""
    # The run would find it only after the plan was made.
    Checked(concurrency=running.concurrency, max_targets=running.max_targets, audit_log=running.audit_log)


def takes(finish: Callable[..., int], make: Callable[..., Any], *classes: type) -> Callable[..., None]:
    """Returns a command, which passes `make` and the options to `finish` and exits with its int.

    The parameters of `make` are the command's, those that are classes of options field by field; typer reads them.
    """
    hints = get_type_hints(make, include_extras=True)
    own = {name: hints[name] for name in inspect.signature(make).parameters}
    spread = {name: cls for name, cls in own.items() if attrs.has(cls)}
    plain = [p for name, p in inspect.signature(make).parameters.items() if name not in spread]

    def command(**given: Any) -> None:
        arguments = {parameter.name: given[parameter.name] for parameter in plain}
        arguments |= {name: _made(cls, given) for name, cls in spread.items()}
        raise typer.Exit(finish(lambda: make(**arguments), *(_made(cls, given) for cls in classes)))

    parameters = [p.replace(annotation=own[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in plain]
    for cls in (*spread.values(), *classes):
        parameters += _parameters(cls)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # which typer reads
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


# The types of defaults; an option that can be given several times has a factory of lists.
_PLAIN = (bool, int, type(None))


def _made(cls: Any, given: dict[str, Any]) -> Any:
    return cls(**{attribute.name: given[attribute.name] for attribute in attrs.fields(cls)})


def _parameters(cls: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(cls, include_extras=True)
    found = []
    for attribute in attrs.fields(cls):
        default: object = attribute.default if attribute.default.__class__ in _PLAIN else []
        kind = inspect.Parameter.KEYWORD_ONLY
        annotation = hints[attribute.name]
        found.append(inspect.Parameter(attribute.name, kind, default=default, annotation=annotation))
    return found
