"""What is believed of a server's limit."""

import pytest

from aioturso.pace.bucket import Bucket


def window() -> Bucket:
    """A hundred in ten seconds."""
    return Bucket(rate=10.0, burst=100.0, window=True, room=100, known_at=0.0)


@pytest.mark.parametrize(
    ("room", "seconds", "refused"), [(100, 0.1, True), (60, 0.1, True), (150, 3.0, False)]
)
def test_a_window_is_believed_in_as_long_as_it_accepts_about_as_many_each_time(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert bucket.window


@pytest.mark.parametrize(("room", "seconds", "refused"), [(40, 0.1, True), (210, 0.1, False)])
def test_a_window_that_accepts_half_or_twice_as_many_is_none(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert not bucket.window
    assert bucket.known_at is None
