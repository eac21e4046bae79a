"""Plans and names in files. A saved plan carries a digest, and one that was changed is refused."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from .._protocol import DECODER, DoubledError
from ..errors import InvalidInputError

STDIN = "-"


def digest_of(data: Mapping[str, Any]) -> str:
    """Returns the digest of a plan's data, whatever its order and spacing."""
    # The JSON on stdout has the code too, and can be applied as a file can.
    rest = {name: value for name, value in data.items() if name not in ("digest", "exit_code")}
    return sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a plan's data with its digest."""
    return {**data, "digest": digest_of(data)}


def save(path: Path, data: Mapping[str, Any]) -> None:
    """Writes a plan. A file of that name is replaced whole or left as it was."""
    text = json.dumps(sealed(data), indent=2) + "\n"
    if path.exists() and not path.is_file():  # a device or a pipe
        path.write_text(text)
        return
    try:
        _replace(path.resolve(), text)  # a link stays a link
    except OSError as error:  # which may name the file that stands in for it
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(target: Path, text: str) -> None:
    # In the same folder: a file system can replace only a file of its own.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())  # mkstemp makes a file for its owner alone
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)  # it cannot be read without being set
    os.umask(mask)
    return mask


def load(path: str) -> dict[str, Any]:
    """Returns the data of a saved plan; raises InvalidInputError for one that was changed, or is none."""
    text = _read(path)
    try:
        data = DECODER.decode(text)
    except DoubledError:
        raise InvalidInputError(f"{path} was changed after the plan was made: a key comes twice") from None
    except (ValueError, RecursionError):
        raise InvalidInputError(f"{path} is not a plan: it is not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("digest"), str):
        raise InvalidInputError(f"{path} is not a plan: `aioturso plan ... -o FILE` makes one")
    if data["digest"] != digest_of(data):
        raise InvalidInputError(f"{path} was changed after the plan was made: its digest does not match")
    return data


def names_in(path: str) -> list[str]:
    """Returns the names in a file, one a line; blank lines are left out."""
    return [name for line in _read(path).split("\n") if (name := line.strip())]


def _read(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
        return data.decode("utf-8-sig")  # editors on Windows begin a file with a mark
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is not a text in UTF-8") from None
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror or error}") from None
