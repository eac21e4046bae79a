"""A command line in a pseudo-terminal of its own, as its foreground process."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from types import TracebackType
from typing import Self

# The child makes the terminal its own before it becomes the command, so that Ctrl-C reaches it.
_START = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, '-m', 'aioturso', *sys.argv[1:]])"
)
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    def __init__(self, *arguments: str, env: dict[str, str], columns: int = 100) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", **env},
        )
        os.close(slave)
        self.output = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def read_until(self, text: str = "", seconds: float = 30) -> str:
        """Until the text has come, or (empty) until the end."""
        end = time.monotonic() + seconds
        while not text or text not in self.output:
            assert time.monotonic() < end, self.output
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:  # Linux: the other end is closed
                data = b""
            if not data:
                assert not text, self.output
                break
            self.output += data.decode()
        return self.output

    def code(self) -> int:
        """What it exits with."""
        self.read_until()
        return self.process.wait(timeout=10)
