"""What one refusal changes in the schedule: what belongs to it, the pause, and the calm after it."""

import pickle

import pytest
from refusals import accept, known, limited

from aioturso.pace.bucket import PAUSE_OF_WINDOW, STEP, TIGHT
from aioturso.pace.gaps import Gaps
from aioturso.pace.hold import GAP, LEAST, LEAST_ALONE, LONGEST
from aioturso.pace.rate import Learned
from aioturso.pace.stretch import Moment, Send

# What belongs to it


def test_refusals_of_what_was_out_are_one_with_the_first_though_others_were_accepted_between() -> None:
    rate = Learned()
    sends = [rate.sent(0.001 * number) for number in range(10)]
    rate.objected(sends[2], 0.02, 0.0, limited=True)
    for send in sends[3:9]:
        rate.accepted(send, 0.03)
    rate.objected(sends[9], 0.04, 0.0, limited=True)
    assert rate.bucket.known_at is None
    assert rate.bucket.room == 8


@pytest.mark.parametrize(("late", "lone"), [(True, False), (False, True)])
def test_a_refused_send_is_never_counted_as_accepted(late: bool, lone: bool) -> None:
    rate = Learned()
    out = [rate.sent(0.0), rate.sent(0.001)]
    rate.objected(out[0], 0.02, 0.0, limited=True)
    if late:  # at once after the first one
        rate.objected(out[1], 0.021, 0.0, limited=True)
    else:
        rate.accepted(out[1], 0.021)
        accept(rate, 1, 0.5)
        rate.objected(rate.sent(0.6), 0.62, 0.0, limited=True)
    if lone:  # with nothing accepted in between
        rate.objected(rate.sent(1.0), 1.02, 0.0, limited=True)
    accept(rate, 1, 2.0)
    rate.objected(rate.sent(2.1), 2.12, 0.0, limited=True)
    assert rate.bucket.room == 1


@pytest.mark.parametrize(("on_the_way", "ends"), [(3, False), (6, True)])
def test_a_few_that_were_on_the_way_to_a_server_that_closed_end_no_search(
    on_the_way: int, ends: bool
) -> None:
    rate = Learned()
    sends = [rate.sent(0.0001 * number) for number in range(201 + on_the_way)]
    for send in sends[:200]:
        rate.accepted(send, 0.03)
    rate.objected(sends[200], 0.04, 0.0, limited=True)
    for send in sends[201:]:
        rate.accepted(send, 0.05)
    rate.objected(rate.sent(1.0), 1.02, 0.0, limited=True)
    assert (rate.bucket.room == on_the_way) is ends


@pytest.mark.parametrize(("is_known", "on_the_way"), [(True, True), (False, False)])
def test_a_few_end_a_search_where_the_rate_is_known_or_the_server_is_open(
    is_known: bool, on_the_way: bool
) -> None:
    rate = known(at=0.0) if is_known else limited(200)
    rate.bucket.room = 200
    if on_the_way:
        first, *others = [rate.sent(10.0 + 0.001 * number) for number in range(4)]
        rate.objected(first, 10.02, 0.0, limited=True)
        for send in others:
            rate.accepted(send, 10.03)
    else:
        accept(rate, 3, 10.0)
    rate.objected(rate.sent(11.0), 11.02, 0.0, limited=True)
    assert rate.bucket.room == 3


def test_what_was_accepted_after_a_refused_send_is_not_what_came_before_it() -> None:
    rate = known()
    refused, accepted = rate.sent(10.0), rate.sent(10.05)
    rate.accepted(accepted, 10.07)
    rate.bucket.room = 20
    rate.objected(refused, 10.1, 0.0, limited=True)
    assert rate.bucket.room == 20


def test_refusals_with_nothing_accepted_in_between_are_none_of_those_that_were_accepted_at_first() -> None:
    rate = limited(30)
    out = [rate.sent(1.0), rate.sent(1.001)]
    rate.objected(out[0], 1.02, 0.0, limited=True)
    rate.objected(out[1], 1.021, 0.0, limited=True)
    assert rate.bucket.room == 30


@pytest.mark.parametrize(("accepted", "ends"), [(22, False), (30, True)])
def test_less_than_a_quarter_of_a_window_is_not_the_next_one(accepted: int, ends: bool) -> None:
    rate = known()
    rate.bucket.fixed_window, rate.bucket.burst, rate.bucket.room = True, 100.0, 100
    now = accept(rate, accepted, 10.0)
    rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
    assert (rate.bucket.room == accepted) is ends


def test_each_late_refusal_makes_a_window_smaller_and_the_calm_longer() -> None:
    rate = known()
    rate.bucket.fixed_window, rate.bucket.burst = True, 100.0
    accept(rate, 80, 10.0)
    first, second = rate.sent(10.2), rate.sent(10.21)
    rate.objected(second, 10.3, 0.0, limited=True)
    burst, hold = rate.bucket.burst, rate.hold.until
    rate.objected(first, 10.3, 0.0, limited=True)
    assert rate.bucket.burst == burst - 1
    assert rate.hold.until == pytest.approx(hold + LEAST / rate.bucket.rate, rel=1e-3)


@pytest.mark.parametrize(("pause", "window"), [(PAUSE_OF_WINDOW, True), (PAUSE_OF_WINDOW - 0.1, False)])
def test_a_first_pause_so_long_that_no_bucket_needs_it_is_that_of_a_window(
    pause: float, window: bool
) -> None:
    assert limited(pause=pause).bucket.fixed_window is window


def test_a_refusal_long_after_the_first_one_does_not_show_when_the_bucket_was_empty() -> None:
    rate = limited(30)
    rate.objected(rate.sent(1.0), 1.02, 0.0, limited=True)
    assert rate._stretch.empty == Moment(0, 0.03)


def test_what_a_busy_server_refuses_is_not_counted_as_accepted() -> None:
    rate = Learned()
    busy = [rate.sent(0.001 * number) for number in range(10)]
    for send in busy:
        rate.objected(send, 0.02, 0.0, limited=False)
    now = accept(rate, 30, 1.0)
    rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
    assert rate.bucket.room == 30


def test_what_a_busy_server_refuses_late_is_no_sign_of_the_limit() -> None:
    rate = known()
    rate.bucket.fixed_window, rate.bucket.burst = True, 100.0
    now = accept(rate, 80, 10.0)
    late, first = rate.sent(now), rate.sent(now + 0.001)
    rate.objected(first, now + 0.02, 0.0, limited=True)
    before = rate.bucket.burst, rate.hold.until
    rate.objected(late, now + 0.03, 0.0, limited=False)
    assert (rate.bucket.burst, rate.hold.until) == before


# Pauses


def test_the_first_refusal_is_followed_by_a_pause_of_the_time_that_its_answer_took() -> None:
    rate = Learned()
    rate.objected(rate.sent(0.0), 0.1, 0.0, limited=True)
    assert rate.wait(0.1, 0) == pytest.approx(0.1)


def test_a_server_that_is_busy_and_requires_a_pause_shows_no_lenience_about_it() -> None:
    rate = known()
    refused, accepted = rate.sent(10.0), rate.sent(10.05)
    rate.objected(refused, 10.1, 1.0, limited=False)
    rate.accepted(accepted, 10.15)
    assert not rate.lenience.seen


def test_a_lenient_server_of_windows_pauses_for_all() -> None:
    rate = known(lenient=True)
    rate.bucket.fixed_window = True
    rate.objected(rate.sent(5.0), 5.1, 1.0, limited=True)
    assert rate.required == pytest.approx(6.1)


def test_after_a_refusal_the_next_send_is_timed_by_the_last_one_unless_something_is_saved_up() -> None:
    single = thirty(hold=99.0, burst=1.0)
    refused, _ = single.sent(10.02), single.sent(10.025)
    single.objected(refused, 10.03, 0.0, limited=True)
    assert single.wait(10.03, 0) > 1 / single.bucket.rate
    window = known()
    window.bucket.fixed_window, window.bucket.burst, window.bucket.rate = True, TIGHT, 1.0
    accept(window, 2, 10.0)
    window.objected(window.sent(10.1), 10.3, 0.0, limited=True)
    assert window.bucket.burst == TIGHT
    assert window.wait(10.3, 0) == pytest.approx(1 / window.pace(10.3))


# The calm


@pytest.mark.parametrize(
    ("pause", "lenient", "times"), [(0.0, False, LEAST), (1.0, False, LEAST), (1.0, True, LEAST_ALONE)]
)
def test_the_calm_after_an_early_refusal_is_some_times_its_cost_less_where_only_the_refused_call_waits(
    pause: float, lenient: bool, times: float
) -> None:
    rate = known(lenient=lenient)
    now = accept(rate, 30, 10.0)
    rate.objected(rate.sent(now), now + 0.02, pause, limited=True)
    begins = max(now + 0.02, rate.open_at)
    assert rate.hold.until - begins == pytest.approx(times * (pause + 1 / rate.bucket.rate))


def test_the_calm_after_a_test_is_longer_the_longer_the_rate_is_known() -> None:
    rate = known(at=1000.0, hold=1009.0)
    now = accept(rate, 30, 1009.9)
    rate.objected(rate.sent(now), now + 0.02, 1.0, limited=True)
    assert rate.bucket.known_at == 1000
    assert rate.hold.until - rate.open_at == pytest.approx(GAP * (now + 0.02 - 1000))


def thirty(*, hold: float, burst: float) -> Learned:
    """One that believes in 30 per second, with gaps that prove it nearly, and has one success since."""
    rate = known(hold=hold)
    rate.bucket.rate, rate.bucket.burst = 30.0, burst
    rate._gaps = Gaps(low=29.0, high=30.5, last=Send(-1, 9.0))
    accept(rate, 1, 10.0, trip=0.001)
    return rate


@pytest.mark.parametrize(
    ("burst", "pause", "times"), [(1.0, 1.0, LONGEST), (1.0, 0.0, LEAST), (20.0, 1.0, LEAST)]
)
def test_the_calm_is_longest_where_nothing_is_saved_up_and_a_test_wins_little(
    burst: float, pause: float, times: float
) -> None:
    rate = thirty(hold=10.0335, burst=burst)
    rate.objected(rate.sent(10.033), 10.034, pause, limited=True)
    begins = max(10.034, rate.open_at)
    assert rate.hold.until - begins == pytest.approx(times * (pause + 1 / rate.bucket.rate), rel=0.01)


@pytest.mark.parametrize(("hold", "tested"), [(9.0, True), (99.0, False)])
def test_a_refusal_is_one_of_a_test_if_its_send_came_after_the_calm(hold: float, tested: bool) -> None:
    rate = known(hold=hold)
    now = accept(rate, 30, 10.0)
    rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
    assert (rate.hold.reached > 0) is tested
    assert rate._stretch.empty == Moment(0, now)


def test_once_a_second_limit_was_met_a_late_refusal_starts_no_search_again() -> None:
    rate = limited()
    now = accept(rate, 60, 1.0, apart=0.02)
    late, closing = rate.sent(now), rate.sent(now + 0.001)
    rate.objected(closing, now + 0.02, 0.0, limited=True)
    believed = rate.bucket.rate
    rate.objected(late, now + 0.021, 0.0, limited=True)
    assert rate.bucket.rate == believed


def test_a_late_refusal_shows_that_the_bucket_was_still_empty_then() -> None:
    rate = Learned()
    sends = [rate.sent(0.001 * number) for number in range(6)]
    rate.objected(sends[2], 0.02, 0.0, limited=True)
    rate.objected(sends[4], 0.021, 0.0, limited=True)
    assert rate._stretch.empty == Moment(1, sends[4].at)


def test_a_first_burst_is_believed_in_whole_where_all_its_answers_took_as_long() -> None:
    rate = limited(20)
    now = accept(rate, 101, 1.0, apart=0.01)
    rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
    assert 18.3 < rate.bucket.burst < 19.4  # in 20 ms, at some 80 per second


def test_a_first_burst_is_believed_in_less_where_a_refusal_that_belongs_to_it_took_longer() -> None:
    bursts = []
    for took in (0.02, 0.12):
        rate = Learned()
        sends = [rate.sent(10.0 + 0.001 * number) for number in range(22)]
        for send in sends[:20]:
            rate.accepted(send, send.at + 0.02)
        rate.objected(sends[20], sends[20].at + 0.02, 0.0, limited=True)
        rate.objected(sends[21], sends[21].at + took, 0.0, limited=True)
        now = accept(rate, 101, 11.0, apart=0.01)
        rate.objected(rate.sent(now), now + 0.02, 0.0, limited=True)
        bursts.append(rate.bucket.burst)
    # the tokens of a tenth of a second
    assert bursts[0] - bursts[1] == pytest.approx(0.1 * rate.bucket.rate, rel=0.1)


@pytest.mark.parametrize(
    ("burst", "fallen", "calm"), [(1.0, False, 50.0), (1.0, True, 13.0), (20.0, False, 13.0)]
)
def test_an_early_refusal_ends_no_calm_where_nothing_is_saved_up_unless_the_rate_has_fallen(
    burst: float, fallen: bool, calm: float
) -> None:
    rate = thirty(hold=50.0, burst=burst)
    at = 10.2 if fallen else 10.033
    rate.objected(rate.sent(at), at + 0.001, 0.0, limited=True)
    assert rate.hold.until <= calm
    assert (rate.hold.until == 50) is (calm == 50)


@pytest.mark.parametrize(("hold", "lowered"), [(99.0, True), (9.0, False)])
def test_with_many_on_the_way_an_early_refusal_lowers_the_rate_by_little(hold: float, lowered: bool) -> None:
    rate = known(hold=hold)
    rate.bucket.burst = 1.0
    now = accept(rate, 30, 10.0, apart=0.01, trip=0.05)
    rate.objected(rate.sent(now), now + 0.05, 0.0, limited=True)
    assert (rate.bucket.rate == pytest.approx(100 * (1 - STEP))) is lowered


def test_what_a_window_accepts_ends_no_calm() -> None:
    rate = known(hold=99.0)
    rate.bucket.fixed_window, rate.bucket.burst = True, 30.0
    accept(rate, 30, 10.0)
    assert rate.hold.until == 99


def test_where_all_comes_at_once_each_send_waits_for_its_turn() -> None:
    rate = known()
    rate.bucket.fixed_window = True
    rate.sent(10.0)
    assert rate.wait(10.0, 0) == pytest.approx(1 / rate.pace(10.0))


@pytest.mark.parametrize(("pause", "sooner"), [(0.0, False), (3.0, True)])
def test_a_window_is_filled_twice_as_fast_after_a_pause_alone(pause: float, sooner: bool) -> None:
    rate = known()
    rate.bucket.fixed_window, rate.bucket.burst = True, 30.0
    now = accept(rate, 30, 10.0)
    rate.objected(rate.sent(now), now + 0.02, pause, limited=True)
    assert rate.accepted(rate.sent(14.0), 14.02) is sooner


# Memory


def kept(rate: Learned) -> int:
    """The bytes of all that is kept of the sends."""
    return len(pickle.dumps(rate))


def test_a_long_run_keeps_no_more_of_its_sends_than_a_short_one() -> None:
    rate, sizes, now = Learned(), list[int](), 0.0
    for number in range(3000):
        now += 0.01
        rate.accepted(rate.sent(now), now + 0.005)
        if number in (300, 2999):
            sizes.append(kept(rate))
    for number in range(6000):  # two are refused, one after the other, and then many are accepted at once
        now += 0.0001 if number % 50 > 1 else 0.5
        if number % 50 > 1:
            rate.accepted(rate.sent(now), now + 0.005)
        else:
            rate.objected(rate.sent(now), now + 0.005, 0.0, limited=True)
        if number in (2999, 5999):
            sizes.append(kept(rate))
    assert sizes[1] < 1.05 * sizes[0]
    assert sizes[3] < 1.05 * sizes[2]
