"""The verb of creations: the call of each target, and what its answer means."""

from __future__ import annotations

from functools import partial

from ..teardown.after_failure import THERE
from ..teardown.report import OutcomeStatus
from ..teardown.verb import Verb, never
from .making import create
from .new import New
from .report import CreationReport
from .there import rejudged
from .verify import verified


def creating(new: New) -> Verb:
    """Returns the verb that creates databases of this kind."""
    return Verb(
        word="create",
        noun="creation",
        sending="creating",
        send=partial(create, new),
        already=never,
        is_own=never,
        recheck=rejudged,
        verify=verified,
        report=CreationReport,
        done=OutcomeStatus.CREATED,
        seen=OutcomeStatus.FOUND,
        nothing_to_do=OutcomeStatus.ALREADY_THERE,
        refused=OutcomeStatus.FAILED,
        idle=THERE,
    )
