"""Pure: a long list of an answer, some objects at a time: at no moment is all of it in memory as text or as objects."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from ._protocol import DECODER

_SPACE = r"[ \t\r\n]*"  # JSON's own
_NEXT = re.compile(rf"{_SPACE}(?:(\])|,{_SPACE}(?=\{{))").match
_SLICE = 256  # objects
_TOGETHER = 32 * 1024  # characters
_TRIES = 4  # ends of objects, of which one is mostly that of an object of the list


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


# As a whole answer is read: a key with two values is refused, and the event loop runs between objects.
_LIST, _OBJECT = DECODER.decode, DECODER.raw_decode
_ONCE = json.JSONDecoder(object_pairs_hook=_once).decode
_PLAIN = json.JSONDecoder().decode  # without a look at the keys of each object


def _are_objects(items: list[Any]) -> bool:
    return set(map(type, items)) == {dict}


@define(repr=False)
class Slices:
    """Mutable: an answer whose first key is `key`, with a list of objects that is not empty. It is iterated once.

    Iteration yields the list's objects, some at a time; after the last ones, `rest` is the answer with an empty list.
    It raises ValueError or RecursionError for an answer of any other shape, whether that is JSON or not, and possibly
    after some objects: what came before must then not be used. `window`: how many bytes are text at a time.
    """

    body: bytes
    key: str
    window: int = 256 * 1024
    rest: dict[str, Any] = field(init=False)
    _read: int = field(init=False)
    # As if an object came before the first one: each comes after a comma.
    _text: str = field(default=",", init=False)
    _place: int = field(default=0, init=False)
    _apart: bool = field(default=False, init=False)
    _counts: bool = field(default=True, init=False)
    _decoder: codecs.IncrementalDecoder = field(factory=codecs.getincrementaldecoder("utf-8"), init=False)

    def __iter__(self) -> Iterator[list[Any]]:
        start = rf'{_SPACE}\{{{_SPACE}"{self.key}"{_SPACE}:{_SPACE}\['
        if (found := re.match(start.encode(), self.body)) is None:
            raise ValueError("the answer does not begin with the list")
        self._read = found.end()
        self._widen()
        while objects := self._together() or self._some():
            yield objects
        end = self._text[self._place :] + self._decoder.decode(self.body[self._read :], final=True)
        # Read as a whole, without the objects: a list that ends too early makes no valid answer.
        self.rest = _ONCE(f'{{"{self.key}":[{end}')

    def _together(self) -> list[Any] | None:
        """Returns the next objects, read all at once in half the time; None where that cannot be done."""
        mark = _NEXT(self._text, self._place)
        if self._apart or mark is None or mark[1]:
            return None
        start, end = mark.end(), mark.end() + _TOGETHER
        for _ in range(_TRIES):
            end = self._text.rfind("}", start, end)
            if end < 0:
                return None
            if _NEXT(self._text, end + 1) is not None:
                break
        else:
            return None
        try:
            # It is no list if it ends within an object, or in a text.
            objects = self._listed(f"[{self._text[start : end + 1]}]")
        except ValueError:
            objects = []
        # Once only: what fails again and again would be read again and again.
        self._apart = not _are_objects(objects)
        if self._apart:
            return None
        self._place = end + 1
        return objects

    def _listed(self, text: str) -> list[Any]:
        if self._counts:
            objects: list[Any] = _PLAIN(text)
            # A colon comes after each key: where there are no more colons than keys, no key came twice.
            self._counts = _are_objects(objects) and text.count(":") == sum(map(len, objects))
        if not self._counts:
            objects = _LIST(text)
        return objects

    def _some(self) -> list[Any]:
        """Returns the next objects, one by one; none at the list's end, which is left where it is."""
        objects: list[Any] = []
        most = _SLICE
        while len(objects) < most:
            try:
                if (mark := _NEXT(self._text, self._place)) is None:
                    raise ValueError("no object, and no end of the list")
                if mark[1]:
                    break
                item, end = _OBJECT(self._text, mark.end())
            except ValueError:
                # Mostly cut by the window's end. What is wrong is so with more text too.
                self._widen()
                most = len(objects) + 1  # those after it may be read together
                continue
            objects.append(item)
            self._place = end
        return objects

    def _widen(self) -> None:
        left = self._text[self._place :]
        # Twice as much each time, for an object that is larger than the window.
        piece = self.body[self._read : self._read + max(self.window, len(left))]
        if not piece:
            raise ValueError("the list has no end")
        self._read += len(piece)
        self._text, self._place = left + self._decoder.decode(piece), 0
