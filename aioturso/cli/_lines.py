"""Outcomes as lines of JSON on stdout while a run is under way; a slow reader delays nothing but the lines."""

from __future__ import annotations

import json
import queue
import threading

from attrs import define, field

from ..teardown.report import Outcome
from ._streams import say
from ._words import outcome_dict


@define(eq=False)
class Lines:
    """Mutable: a thread that writes, and the first error that it met."""

    lost: OSError | None = field(default=None, init=False)
    _queue: queue.SimpleQueue[Outcome | None] = field(factory=queue.SimpleQueue, init=False)
    _thread: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, outcome: Outcome) -> None:
        """Writes an outcome as soon as it is its turn."""
        self._queue.put(outcome)

    def close(self) -> None:
        """Waits until all are written."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (outcome := self._queue.get()) is not None:
            # After an error the rest is taken and dropped: a run does not end for its output.
            if self.lost is None:
                self.lost = say(json.dumps(outcome_dict(outcome)) + "\n")
