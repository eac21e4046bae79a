"""The time of the next send: no loop, no waiting, times are plain numbers."""

from math import inf
from random import Random

import pytest
from refusals import limited
from scripted import believing

from aioturso.pace.bucket import FEW, TIGHT, Bucket
from aioturso.pace.rate import Fixed, Learned
from aioturso.pace.silence import Silence
from aioturso.pace.slow_start import SlowStart
from aioturso.pace.stretch import Send, Stretch


def test_a_fixed_rate_spaces_sends_evenly_and_saves_nothing_up() -> None:
    rate = Fixed(10)
    assert rate.wait(5.0, 0) == 0
    rate.sent(5.0)
    assert rate.wait(5.0, 0) == pytest.approx(0.1, abs=2e-3)
    assert rate.wait(9.0, 0) == 0
    rate.sent(9.0)
    assert rate.wait(9.0, 3) == pytest.approx(0.1, abs=2e-3)


def test_there_is_no_pace_before_the_first_refusal() -> None:
    rate = Learned()
    for number in range(100):
        assert rate.wait(number * 0.001, 0) == 0
        assert not rate.accepted(rate.sent(number * 0.001), number * 0.001)
    assert rate.pace(1.0) == inf


@pytest.mark.parametrize(("alone", "room"), [(True, 1), (False, 4)])
def test_calls_made_one_by_one_at_the_start_are_not_counted_as_accepted_at_once(
    alone: bool, room: int
) -> None:
    rate = Learned()
    sends = []
    for at in (0.0, 0.1, 0.2):
        sends.append(rate.sent(at))
        if alone:
            rate.accepted(sends[-1], at + 0.01)
    # two at once, and then one more that is refused
    sends += [rate.sent(0.3), rate.sent(0.3)]
    rate.objected(sends[-1], 0.32, 0.0, limited=True)
    assert rate.bucket.room == room


@pytest.mark.parametrize("seed", range(40))
def test_a_clock_of_whole_milliseconds_or_one_that_stands_still_gives_a_finite_pace(seed: int) -> None:
    """The clock of uvloop is so coarse: a call and its answer may have one time."""
    random, rate, out, now = Random(seed), Learned(), list[Send](), 0.0
    for _ in range(300):
        now += random.choice([0.0, 0.0, 0.0, 0.001, 0.05 if seed % 2 else 0.0])
        if not out or random.random() < 0.5:
            out.append(rate.sent(now))
        elif random.random() < 0.6:
            rate.accepted(out.pop(random.randrange(len(out))), now)
        else:
            pause = random.choice([0.0, 1.0, 5.0])
            rate.objected(out.pop(random.randrange(len(out))), now, pause, limited=random.random() < 0.8)
        assert rate.pace(now) > 0 and 0 <= rate.wait(now, 1) < inf


@pytest.mark.parametrize("seed", range(40))
def test_the_pace_does_not_depend_on_where_the_clock_begins(seed: int) -> None:
    assert paces(seed, 2048.0) == pytest.approx(paces(seed, 0.0))


def paces(seed: int, now: float) -> list[float]:
    """The pace and the wait after each of many sends and answers."""
    random, rate, out, found = Random(seed), Learned(), list[Send](), list[float]()
    for _ in range(200):
        now += random.randrange(64) / 1024
        if not out or random.random() < 0.5:
            out.append(rate.sent(now))
        elif random.random() < 0.7:
            rate.accepted(out.pop(0), now)
        else:
            rate.objected(out.pop(0), now, random.choice([0.0, 0.0, 3.0]), limited=random.random() < 0.9)
        found += rate.pace(now), rate.wait(now, 1)
    return found


def test_a_pause_holds_for_all_and_is_known_as_required() -> None:
    rate = Learned()
    send = rate.sent(0.0)
    assert rate.objected(send, 0.1, 3.0, limited=True)
    assert rate.wait(0.1, 0) == pytest.approx(3.0)
    assert rate.required == pytest.approx(3.1)
    assert rate.wait(3.2, 0) == 0


def test_a_refusal_of_what_was_out_when_the_last_one_was_heard_is_no_news() -> None:
    rate = Learned()
    first, second = rate.sent(0.0), rate.sent(0.01)
    assert rate.objected(first, 0.1, 0.0, limited=True)
    assert not rate.objected(second, 0.11, 0.0, limited=True)


@pytest.mark.parametrize("pause", [0.0, 1.0])
@pytest.mark.parametrize(
    "order", [(0, 1), (1, 0)], ids=["the later one was busy", "the earlier one was busy"]
)
def test_the_first_limit_may_be_met_by_what_was_out_when_the_server_was_busy(
    order: tuple[int, int], pause: float
) -> None:
    rate = Learned()
    out = [rate.sent(0.0), rate.sent(0.01)]
    assert rate.objected(out[order[1]], 0.1, 0.0, limited=False)
    assert not rate.objected(out[order[0]], 0.11, pause, limited=True)
    assert rate.pace(0.2) < inf and rate.wait(0.11, 0) >= pause
    rate.accepted(rate.sent(2.0), 2.1)


def test_a_silent_server_gets_lone_probes_at_growing_gaps_and_calls_sent_often_wait_longer() -> None:
    rate, now, gaps = Learned(), 0.0, []
    for _ in range(8):
        wait = rate.wait(now, 1)
        gaps.append(wait)
        now += wait
        send = rate.sent(now)
        now += 0.02
        rate.objected(send, now, 0.0, limited=True)
    assert rate.silence.on
    assert gaps[3:] == sorted(gaps[3:])
    assert gaps[-1] > 3 * gaps[3] > 0
    assert rate.wait(now, 3) > rate.wait(now, 1)
    send = rate.sent(now + rate.wait(now, 1))
    assert rate.accepted(send, send.at + 0.02)  # so the call that waits for its turn as a probe looks again
    assert not rate.silence.on


def test_after_a_silence_nothing_counts_as_saved_up() -> None:
    rate = believing(Bucket(rate=10.0, burst=20.0, known_at=0.0), 0.0, silence=Silence(on=True))
    probe = rate.sent(50.0)
    rate.accepted(probe, 50.02)
    assert rate.wait(50.02, 0) == pytest.approx(0.1, abs=0.002)


def test_a_success_that_ends_a_silence_does_not_end_the_pause_that_a_later_send_has_met() -> None:
    rate = Learned()
    rate.accepted(rate.sent(0.0), 0.02)
    rate.objected(rate.sent(0.5), 0.52, 0.0, limited=True)
    accepted, refused = rate.sent(2.0), rate.sent(2.05)
    rate.objected(refused, 2.2, 5.0, limited=True)
    assert rate.silence.on
    rate.accepted(accepted, 2.22)
    assert not rate.silence.on
    assert rate.wait(2.22, 0) == pytest.approx(4.98)


def test_a_server_that_opens_for_one_of_three_after_a_silence_has_a_rate_above_zero() -> None:
    rate = Learned()
    first = [rate.sent(0.001 * number) for number in range(31)]
    for send in first[:30]:
        rate.accepted(send, send.at + 0.02)
    rate.objected(first[30], 0.05, 0.0, limited=True)
    accepted, *refused = (rate.sent(at) for at in (2.0, 2.05, 2.1))
    for send in refused:  # their answers are there sooner
        rate.objected(send, 2.2, 0.0, limited=True)
    rate.accepted(accepted, 2.22)
    assert rate.bucket.fixed_window
    assert rate.bucket.rate == pytest.approx(rate.bucket.room / 2.0, rel=0.1)


def test_in_a_silence_before_any_limit_each_call_may_be_the_probe() -> None:
    rate = Learned()
    for at in (0.0, 1.0):
        rate.objected(rate.sent(at), at + 0.1, 0.0, limited=False)
    assert rate.silence.on
    assert rate.wait(1.1, 9) == rate.wait(1.1, 1) > 0


@pytest.mark.parametrize(("burst", "window"), [(1.0, False), (20.0, True)])
def test_a_silence_shows_no_window_where_nothing_is_saved_up(burst: float, window: bool) -> None:
    bucket = Bucket(rate=30.0, burst=burst, known_at=0.0, room=50)
    rate = believing(bucket, 0.0, silence=Silence(on=True), accepted_at=0.0, count=50)
    rate.accepted(rate.sent(5.0), 5.02)
    assert rate.bucket.fixed_window is window


def test_a_call_that_was_refused_twice_or_more_waits_for_one_interval_longer() -> None:
    rate = Learned()
    rate.objected(rate.sent(0.0), 0.1, 0.0, limited=True)
    once, twice, often = (rate.wait(0.1, attempts) for attempts in (1, 2, 9))
    assert twice - once == pytest.approx(1 / rate.pace(0.1))
    assert often == twice


def test_a_test_of_a_higher_pace_is_not_held_up_by_a_call_that_was_refused_twice() -> None:
    rate = believing(Bucket(rate=0.1, burst=20.0, known_at=0.0), 0.0, last=3.0)
    for _ in range(30):
        rate.sent(3.0)
    assert rate.wait(3.0, 1) < rate.wait(3.0, 2) < rate.wait(3.0, 1) + 1


def tight(*, last_answer_after: float | None, costly: bool = False) -> Learned:
    """One that knows a server of ten per second that saves nothing up; its last send was answered after so long, or not yet."""
    rate = Learned(costly=costly)
    rate.bucket.rate, rate.bucket.burst, rate.bucket.known_at = 10.0, 1.0, 0.0
    for at in (10.0, 11.0):
        rate.accepted(rate.sent(at), at + 0.02)
    last = rate.sent(12.0)
    if last_answer_after is not None:
        rate.accepted(last, 12.0 + last_answer_after)
    return rate


@pytest.mark.parametrize(("costly", "waits"), [(False, 0.015), (True, 0.03)])
def test_where_nothing_is_saved_up_the_next_send_waits_for_half_of_what_the_last_answer_was_late_or_for_all_of_it(
    costly: bool, waits: float
) -> None:
    in_time = tight(last_answer_after=0.02, costly=costly)
    late = tight(last_answer_after=0.05, costly=costly)
    assert late.wait(12.06, 0) - in_time.wait(12.06, 0) == pytest.approx(waits, abs=1e-6)


def test_where_nothing_is_saved_up_the_next_send_waits_for_the_answer_to_the_last_one() -> None:
    in_time, missing = tight(last_answer_after=0.02), tight(last_answer_after=None)
    assert in_time.wait(12.1, 0) < 0.002
    assert missing.wait(12.1, 0) == pytest.approx(0.03, abs=0.002)


def test_where_nothing_is_saved_up_a_call_that_waits_looks_again_if_the_last_answer_was_in_time() -> None:
    rate = tight(last_answer_after=None)
    assert [rate.accepted(rate.sent(at), at + trip) for at, trip in ((13.0, 0.02), (14.0, 0.2))] == [
        True,
        False,
    ]


@pytest.mark.parametrize(("was_limited", "rate"), [(True, 10 + 2.5 / 3), (False, 10.0)])
def test_where_nothing_is_saved_up_the_gaps_before_an_accepted_and_a_refused_send_are_bounds_of_the_rate(
    was_limited: bool, rate: float
) -> None:
    found = tight(last_answer_after=0.02)
    found.bucket.first = Stretch(0)
    found.accepted(found.sent(12.1), 12.12)
    found.objected(found.sent(12.18), 12.2, 0.0, limited=was_limited)
    found.objected(found.sent(12.3), 12.32, 0.0, limited=True)
    assert found.bucket.rate == pytest.approx(rate)


def test_where_nothing_is_saved_up_a_call_is_sent_an_interval_after_the_last_accepted_one_and_not_after_a_refused_one() -> (
    None
):
    rate = tight(last_answer_after=0.02)
    rate.bucket.first = Stretch(0)
    rate.accepted(rate.sent(12.1), 12.12)
    rate.objected(rate.sent(12.15), 12.17, 0.0, limited=True)
    assert 12.17 + rate.wait(12.17, 0) == pytest.approx(12.1 + 1 / rate.pace(12.17))


def test_the_last_send_is_the_one_that_nothing_was_sent_after() -> None:
    rate = Learned()
    first, second = rate.sent(0.0), rate.sent(0.1)
    assert rate.is_last(second)
    assert not rate.is_last(first)


def saved_up(rate: Learned, now: float = 100.0) -> int:
    """How many are sent at once after a long time without any."""
    count = 0
    while rate.wait(now, 0) == 0:
        rate.sent(now)
        count += 1
    return count


@pytest.mark.parametrize(("burst", "count"), [(1.0, 1), (20.0, 18), (200.0, 180)])
def test_nine_tenths_of_what_is_saved_up_are_sent_at_once(burst: float, count: int) -> None:
    assert saved_up(believing(Bucket(rate=10.0, burst=burst, known_at=0.0), inf)) == count


def test_where_a_refusal_costs_a_pause_as_many_are_kept_in_reserve_as_may_come_together() -> None:
    counts = []
    for costly in (False, True):
        rate = believing(Bucket(rate=100.0, burst=20.0, known_at=0.0), inf, costly=costly)
        for at, trip in ((1.0, 0.02), (2.0, 0.2)):
            rate.accepted(rate.sent(at), at + trip)
        counts.append(saved_up(rate))
    assert counts == [18, 15]  # twice the mean of 19.7 ms at 100 per second, and a half


@pytest.mark.parametrize(("burst", "tight"), [(1.0, True), (TIGHT, False)])
def test_a_send_within_the_exactness_of_timers_is_sent_at_once_unless_nothing_is_saved_up(
    burst: float, tight: bool
) -> None:
    rate = Learned(bucket=Bucket(rate=10.0, burst=burst, known_at=0.0), next=5.0005)
    assert (rate.wait(5.0, 0) > 0) is tight


@pytest.mark.parametrize(("lone", "room"), [(FEW - 1, 1), (FEW, 2), (FEW + 10, 12)])
def test_only_calls_at_the_very_start_are_taken_for_those_of_a_list(lone: int, room: int) -> None:
    rate = Learned()
    for number in range(lone):
        rate.accepted(rate.sent(float(number)), number + 0.02)
    sends = [rate.sent(100.0), rate.sent(100.0)]
    rate.objected(sends[1], 100.02, 0.0, limited=True)
    assert rate.bucket.room == room


def test_where_nothing_is_saved_up_only_the_answer_to_the_last_send_moves_the_next_one() -> None:
    rate = tight(last_answer_after=None)
    rate.accepted(rate.sent(13.0), 13.02)
    before = rate.sent(14.0)
    rate.sent(14.05)
    waits = rate.wait(14.06, 0)
    assert not rate.accepted(before, 14.06)
    assert rate.wait(14.06, 0) == waits


@pytest.mark.parametrize(("slow", "waits"), [(0, 0.03), (1, 0.03 - 0.03 / 8)])
def test_an_answer_is_late_by_what_it_takes_longer_than_the_shortest_way_and_one_slow_answer_moves_that_by_little(
    slow: int, waits: float
) -> None:
    rates = [tight(last_answer_after=0.02, costly=True) for _ in range(2)]
    for rate, trip in zip(rates, (0.02, 0.05), strict=True):
        for _ in range(slow):
            rate.accepted(rate.sent(13.0), 13.05)
        rate.accepted(rate.sent(14.0), 14.0 + trip)
    in_time, late = (rate.wait(14.05, 0) for rate in rates)
    assert late - in_time == pytest.approx(waits, abs=1e-6)


def test_a_window_that_accepts_far_more_than_the_one_before_is_searched_anew_at_once() -> None:
    rate = believing(Bucket(rate=10.0, burst=20.0, fixed_window=True, room=20, known_at=0.0), 99.0)
    for number in range(60):
        rate.accepted(rate.sent(1 + 0.001 * number), 1.02 + 0.001 * number)
    assert not rate.bucket.fixed_window
    rate.sent(1.1)
    assert rate.pace(1.1 + rate.wait(1.1, 0)) > 10


def test_a_success_in_a_window_that_has_opened_lets_two_more_be_sent_at_once() -> None:
    bucket = Bucket(rate=1.0, burst=10.0, fixed_window=True, room=11, known_at=0.0)
    rate = Learned(bucket=bucket, slow_start=SlowStart(10.0), next=99.0)
    rate.accepted(rate.sent(1.0), 1.02)
    assert saved_up(rate, 1.02) == 2


def test_an_objection_takes_back_what_a_success_has_earned() -> None:
    bucket = Bucket(rate=1.0, burst=10.0, fixed_window=True, room=11, known_at=0.0)
    rate = Learned(bucket=bucket, slow_start=SlowStart(10.0), next=99.0)
    rate.accepted(rate.sent(1.0), 1.02)
    rate.objected(rate.sent(1.03), 1.05, 0.0, limited=False)
    assert saved_up(rate, 1.05) == 0


@pytest.mark.parametrize(("pause", "fills"), [(0.0, False), (1.0, False), (5.0, True)])
def test_what_is_accepted_after_a_first_refusal_lets_more_be_sent_if_its_pause_was_that_of_a_window(
    pause: float, fills: bool
) -> None:
    rate = limited(100, pause)
    assert rate.accepted(rate.sent(9.0), 9.02) is fills
    assert rate.bucket.rate == pytest.approx(max(10.0, 100 / (0.1 + 0.02 + pause)))


def test_what_is_accepted_after_a_pause_of_a_bucket_lets_no_more_be_sent_at_once() -> None:
    rate = believing(Bucket(rate=10.0, burst=20.0, known_at=0.0, first=Stretch(0)), 0.0)
    rate.accepted(rate.sent(1.0), 1.02)
    rate.objected(rate.sent(1.1), 1.12, 5.0, limited=True)
    assert not rate.accepted(rate.sent(9.0), 9.02)
