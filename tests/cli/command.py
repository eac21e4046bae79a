"""The command as a process, and the wait for something that it does."""

import subprocess
import sys
import time
from collections.abc import Callable

COMMAND = [sys.executable, "-m", "aioturso"]
Start = Callable[..., subprocess.Popen[bytes]]


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
