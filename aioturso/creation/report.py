"""The report of a creation: exactly one outcome for each name."""

from __future__ import annotations

from attrs import frozen

from ..teardown.report import Outcome, OutcomeStatus, Report, ReportError


@frozen
class CreationReport(Report):
    """Holds exactly one outcome for each name, in the order given.

    `remaining`: what a verification did not find listed. `unverified`: why a requested verification was not possible.
    `failure`: an error of a callback or of the audit log, which ended the run early.
    """

    @property
    def created(self) -> tuple[Outcome, ...]:
        """Created by this run: the platform has answered so, with the UUID in `target.uuid`."""
        return self._of(OutcomeStatus.CREATED)

    @property
    def found(self) -> tuple[Outcome, ...]:
        """There after a create without a usable answer: this run has created it, or another client at that moment."""
        return self._of(OutcomeStatus.FOUND)

    def as_error(self) -> CreationError:
        """Returns the error that holds this report."""
        return self._error(CreationError)


class CreationError(ReportError):
    """Some databases were not created, or it is unknown; the members are the causes, `report` has every outcome."""

    report: CreationReport
    _empty = CreationReport
