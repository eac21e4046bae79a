"""The command line: `aioturso --help`, or `python -m aioturso --help`. It needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version

MISSING = "aioturso: the command line is not installed: pip install 'aioturso[cli]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and return the exit code: 0 all gone, 1 failed or unknown, 2 refused, 130 interrupted."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments == ["--version"]:
        print(f"aioturso {version('aioturso')}")
        return 0
    try:
        from ._app import invoke
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("typer", "rich"):
            raise
        print(MISSING, file=sys.stderr)
        return 2
    return invoke(arguments)
