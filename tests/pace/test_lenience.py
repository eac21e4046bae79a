"""A server that accepts others while a refused call should wait, and one that does not."""

import pytest

from aioturso.pace.rate import Learned


def lenient() -> Learned:
    """One send was refused, and one that was on the way then was accepted."""
    rate = Learned()
    refused, accepted = rate.sent(0.0), rate.sent(0.05)
    rate.objected(refused, 0.1, 1.0, limited=True)
    assert not rate.lenience.seen
    rate.accepted(accepted, 0.15)
    assert rate.lenience.seen
    return rate


def test_the_first_pause_is_for_all_also_when_others_are_accepted_during_it() -> None:
    assert lenient().wait(0.2, 0) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("pause", "limited", "asked"), [(1.0, True, 1.1), (2.0, True, 7.1), (1.0, False, 6.1)]
)
def test_after_it_a_short_pause_of_a_429_is_for_the_refused_call_alone(
    pause: float, limited: bool, asked: float
) -> None:
    rate = lenient()
    rate.accepted(rate.sent(4.0), 4.1)
    rate.objected(rate.sent(5.0), 5.1, pause, limited=limited)
    assert rate.required == pytest.approx(asked)


def test_pauses_are_for_all_again_once_a_lone_probe_is_refused() -> None:
    rate = lenient()
    rate.accepted(rate.sent(4.0), 4.1)
    for at in (5.0, 5.3, 5.6):
        assert rate.required == pytest.approx(1.1)
        rate.objected(rate.sent(at), at + 0.1, 1.0, limited=True)
    assert rate.required == pytest.approx(6.7)


@pytest.mark.parametrize(("at", "pause"), [(0.022, 1.0), (0.06, 0.05)])
def test_a_send_that_may_have_come_before_or_after_the_pause_proves_nothing(at: float, pause: float) -> None:
    rate = Learned()
    refused, accepted = rate.sent(0.0), rate.sent(at)
    rate.objected(refused, 0.1, pause, limited=True)
    rate.accepted(accepted, 0.1 + at)
    assert not rate.lenience.seen


def test_what_is_accepted_in_the_pause_of_a_busy_server_proves_nothing() -> None:
    rate = lenient()
    rate.lenience.seen = False
    busy, accepted = rate.sent(4.0), rate.sent(4.3)
    rate.objected(busy, 4.4, 1.0, limited=False)
    rate.accepted(accepted, 4.5)
    assert not rate.lenience.seen


def test_a_refusal_without_a_pause_does_not_end_the_pause_of_another_one() -> None:
    rate = Learned()
    first, second, accepted = rate.sent(0.0), rate.sent(0.01), rate.sent(0.2)
    rate.objected(first, 0.3, 1.0, limited=True)
    rate.objected(second, 0.31, 0.0, limited=True)
    rate.accepted(accepted, 0.5)
    assert rate.lenience.seen
