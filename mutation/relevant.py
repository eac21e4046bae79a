"""Which tests are run for a module: the longest prefix of its name decides; the first failing test ends the run."""

from __future__ import annotations

from pathlib import Path

_CALLS = ("tests/calls", "tests/promises", "tests/api")
RELEVANT = {
    "aioturso": (*_CALLS, "tests/teardown"),
    "aioturso._credentials": (
        "tests/calls/test_providers.py",
        "tests/calls/test_destroy_instance.py",
        *_CALLS,
    ),
    "aioturso._deadlines": ("tests/calls/test_deadlines.py", "tests/calls"),
    "aioturso._decode": ("tests/calls/test_protocol.py", "tests/api", "tests/calls"),
    "aioturso._protocol": (
        "tests/calls/test_protocol.py",
        "tests/promises/test_names.py",
        "tests/promises/test_own_answers.py",
        "tests/promises/test_secrecy.py",
        "tests/calls/test_requests.py",
        "tests/calls/test_answers.py",
        "tests/calls/test_heartbeat.py",
        "tests/api/test_inputs.py",
        "tests/api/test_upload.py",
    ),
    "aioturso._sqlite": ("tests/api",),
    "aioturso._upload": ("tests/api/test_upload.py",),
    "aioturso.api": ("tests/api", "tests/promises"),
    "aioturso.cli": ("tests/cli",),
    "aioturso.creation": ("tests/creation",),
    "aioturso.errors": ("tests/layout", *_CALLS),
    "aioturso.events": ("tests/calls/test_events.py", "tests/calls"),
    "aioturso.inputs": ("tests/api",),
    "aioturso.models": ("tests/api",),
    "aioturso.pace": ("tests/pace", "tests/teardown"),
    "aioturso.retries": ("tests/calls",),
    "aioturso.teardown": ("tests/teardown", "tests/promises", "tests/property", "tests/cli/test_cli.py"),
    "aioturso.testing": ("tests/fake",),
}


def tests_of(module: str, root: Path) -> list[str]:
    """Returns the files and folders of tests for a module, those that say most first."""
    prefix = max((known for known in RELEVANT if f"{module}.".startswith(f"{known}.")), key=len)
    return [path for path in dict.fromkeys(RELEVANT[prefix]) if (root / path).exists()]
