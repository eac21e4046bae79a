"""Schedules that have met refusals, and sends that are accepted. Pure."""

from math import inf

from scripted import believing

from aioturso.pace.bucket import Bucket
from aioturso.pace.lenience import Lenience
from aioturso.pace.opening import Opening
from aioturso.pace.rate import Learned
from aioturso.pace.stretch import Send


def accept(rate: Learned, count: int, begins: float, apart: float = 0.001, trip: float = 0.02) -> float:
    """So many sends, all accepted; returns the time of the last answer."""
    sends = [rate.sent(begins + apart * number) for number in range(count)]
    for send in sends:
        rate.accepted(send, send.at + trip)
    return sends[-1].at + trip if sends else begins


def limited(accepted: int = 30, pause: float = 0.0, begins: float = 0.0) -> Learned:
    """One whose first limit was met after so many accepted sends."""
    rate = Learned()
    sends = [rate.sent(begins + 0.001 * number) for number in range(accepted + 1)]
    for send in sends[:-1]:
        rate.accepted(send, send.at + 0.02)
    rate.objected(sends[-1], sends[-1].at + 0.02, pause, limited=True)
    return rate


def known(at: float = 0.0, hold: float = inf, lenient: bool = False) -> Learned:
    """One that knows a bucket of a hundred per second, twenty of them at once."""
    first = limited()
    bucket = Bucket(rate=100.0, burst=20.0, known_at=at, first=first.bucket.first, refusals=[Send(30, 0.03)])
    return believing(bucket, hold, opening=Opening(over=True), lenience=Lenience(seen=lenient))
