"""A server that accepts nothing: the probes that it gets, and what shows that it accepts again."""

import pytest
from refusals import accept, known, limited

from aioturso.pace.bucket import FEW, Bucket
from aioturso.pace.rate import Learned
from aioturso.pace.silence import Silence


@pytest.mark.parametrize(
    ("accepted", "silence", "window"), [(FEW, 2.0, True), (FEW - 1, 2.0, False), (FEW, 0.5, False)]
)
def test_a_server_that_accepts_again_after_a_long_silence_has_windows_if_it_had_accepted_some(
    accepted: int, silence: float, window: bool
) -> None:
    rate = limited(accepted, begins=1000.0)
    now = 1000.0 + 0.05
    rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
    assert rate.silence.on
    at = 1000.0 + 0.001 * (accepted - 1) + silence
    rate.accepted(rate.sent(at), at + 0.02)
    assert rate.bucket.fixed_window is window
    # A window is filled at once: a further success lets more be sent.
    assert rate.accepted(rate.sent(at + 0.03), at + 0.05) is window
    if window:
        assert rate.bucket.rate == pytest.approx(accepted / silence)


@pytest.mark.parametrize(("trips", "wait"), [((0.5, 0.5), 1.0), ((0.5, 0.8), 1.15)])
def test_the_first_probe_of_a_silent_server_waits_for_two_round_trips_longer_if_they_vary(
    trips: tuple[float, ...], wait: float
) -> None:
    rate = Learned()
    *sends, last = [rate.sent(0.0) for _ in (*trips, 0)]
    for send, trip in zip(sends, trips, strict=True):
        rate.accepted(send, trip)
    rate.objected(last, 1.01, 0.0, limited=False)
    rate.objected(rate.sent(1.02), 1.03, 0.0, limited=False)
    assert rate.silence.on
    assert wait <= rate.wait(1.03, 0) < wait + 0.1


def test_probes_of_a_window_begin_shortly_before_it_fills_and_are_near_each_other_then() -> None:
    rate = known()
    now = accept(rate, 100, 0.0)
    rate.objected(rate.sent(now), now + 0.01, 0.0, limited=True)
    rate.bucket.fixed_window, rate.bucket.burst, rate.bucket.rate = True, 100.0, 10.0
    now += 0.02
    rate.objected(rate.sent(now), now + 0.01, 0.0, limited=True)
    assert rate.silence.on
    assert 7 < now + rate.wait(now, 0) < 8
    now += rate.wait(now, 0)
    rate.objected(rate.sent(now), now + 0.01, 0.0, limited=True)
    assert 0.5 < rate.wait(now, 0) < 1


def test_the_next_probe_is_timed_by_the_last_one_and_not_by_its_answer() -> None:
    rate = limited()
    for at in (1.0, 2.0):
        probe = rate.sent(at)
        due = rate.open_at
        rate.objected(probe, at + 0.1, 0.0, limited=True)
    assert rate.silence.on and rate.open_at == due


@pytest.mark.parametrize("gone", [0.0, 2.0])
def test_probes_of_a_window_that_fills_fast_are_two_round_trips_apart(gone: float) -> None:
    bucket = Bucket(rate=100.0, burst=10.0, fixed_window=True, known_at=0.0)
    assert Silence().probed(gone, 0.5, bucket) == 1.0
