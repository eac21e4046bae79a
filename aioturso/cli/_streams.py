"""The standard streams: each may be closed, broken, full, or missing from the start."""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TextIO


def open_streams() -> None:
    """Opens each standard stream that is closed on the null device.

    Otherwise the next file or socket would get its number, and text for stderr would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  (open as long as the process)


def is_terminal(stream: TextIO) -> bool:
    """True for a stream that a person sees."""
    try:
        # A bar of rich stands before the stream, and in older versions is none of its own.
        return bool(getattr(stream, "rich_proxied_file", stream).isatty())
    except (OSError, ValueError):
        return False


def say(text: str, *, on_stderr: bool = False) -> OSError | None:
    """Writes all of a text, and returns the error that has prevented it: output never decides what is destroyed."""
    stream = sys.stderr if on_stderr else sys.stdout
    try:
        _write(stream, text)
    except (OSError, ValueError) as error:  # ValueError: the stream object is closed
        _give_up(stream)
        return error if isinstance(error, OSError) else OSError(str(error))
    return None


def _write(stream: TextIO, text: str) -> None:
    try:
        number = -1 if is_terminal(stream) else stream.fileno()
    except io.UnsupportedOperation:
        number = -1
    stream.flush()
    if number < 0:
        stream.write(text)
        stream.flush()
        return
    data = text.encode(stream.encoding, "backslashreplace")
    while data:
        try:
            data = data[os.write(number, data) :]
        except BlockingIOError:  # a pipe that another process has made non-blocking
            select.select([], [number], [])


def _give_up(stream: TextIO) -> None:
    """Sends the rest to the null device: Python flushes at its end, and that error would become the exit code."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return
