"""The command line: `aioturso --help`, or `python -m aioturso --help`. It needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .._version import __version__
from ._signals import NOTHING, Signals
from ._streams import open_streams, say

MISSING = "aioturso: the command line is not installed: pip install 'aioturso[cli]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs it and returns the exit code: see the command's help."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    open_streams()
    # Before typer is imported, which may be missing.
    if arguments == ["--version"]:
        say(f"aioturso {__version__}\n")
        return 0
    # A process of its own is about to end: a late Ctrl-C must not change what was reported.
    signals = Signals(last=argv is None)
    try:
        with signals:
            return _invoked(arguments or ["--help"], signals)
    except KeyboardInterrupt:  # while modules are imported, or handlers are set
        say(f"aioturso: {NOTHING}\n", on_stderr=True)
        return signals.code


def _invoked(arguments: Sequence[str], signals: Signals) -> int:
    try:
        from ._app import invoke
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("typer", "rich"):
            raise
        say(MISSING + "\n", on_stderr=True)
        return 2
    return invoke(arguments, signals)
