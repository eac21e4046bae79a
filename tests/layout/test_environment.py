"""The suite passes whatever the environment that it is started in."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__)
INHERITED = (
    "import json, os, signal; print(json.dumps([dict(os.environ), str(signal.getsignal(signal.SIGINT))]))"
)
HOSTILE = {
    "COLUMNS": "17",
    "FORCE_COLOR": "1",
    "NO_COLOR": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "no_proxy": "example.com",
    "TURSO_API_TOKEN": "callers-own",
    "TURSO_ORG": "callers-own",
    "TURSO_BASE_URL": "http://127.0.0.1:9",
    "PYTHONWARNINGS": "error",
}


def test_a_subprocess_inherits_nothing_of_the_caller() -> None:
    done = subprocess.run([sys.executable, "-c", INHERITED], capture_output=True, text=True, check=True)
    environment, handler = json.loads(done.stdout)
    assert not {name.upper() for name in environment} & {name.upper() for name in HOSTILE}
    assert "default_int_handler" in handler


def test_a_hostile_environment_ends_where_the_suite_begins() -> None:
    """The test above, in a suite whose caller ignores Ctrl-C, has closed its input, and sets all of these."""
    test = f"{HERE}::{test_a_subprocess_inherits_nothing_of_the_caller.__name__}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    shell = ["bash", "-c", 'trap "" INT; exec "$@" <&-', "bash", *command]
    done = subprocess.run(shell, env={**os.environ, **HOSTILE}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_this_process_heeds_ctrl_c() -> None:
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
