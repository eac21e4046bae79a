"""Pace: as many sends per second, and as many at once, as the server accepts, found out by sending.

`stretch` is evidence (the meaning of one refusal); `gaps` is that of a server that saves nothing up. `bucket` is
belief (the limit that explains the evidence). `rate` is the schedule (the time of the next send), with parts of its
own: `opening` (how far apart the first calls arrived), `hold` (when a higher pace is tested, and how fast it rises),
`trips` (how late sends arrive), `lenience` (whether a pause holds for all), `silence` (when a server that accepts
nothing is tried again) and `slow_start` (how a fixed window that has opened is filled). `window` bounds how many are
out at once. All of these are pure. `gate` and `limiter` await.

Two things are called windows. A fixed window is a limit of the server: a number of sends for each period. The window
alone is a bound of this side: the sends that may be out at once.

The limiter believes that the server is a token bucket, and is a copy of it: a pause fills the copy as it fills the
server's, and what is saved up is sent at once after it. A 429 speaks about the rate and never about the window, a 503
or a timeout about the window and never about the rate; either may require a pause, which holds for all sends. Only a
503 to the second of two calls, or to a lone one, has no other reason than a rate.

One exception: a send that was on the way when a pause began, and surely arrived after the refused one, was accepted.
Such a server limits the rate and does not require silence. From its next refusal on, a pause below two seconds holds
for the refused call alone, until the server is silent and refuses a lone probe too. No send is ever made to find this
out.

What was taken from where:

- the adaptive retry mode of the AWS SDKs: a token bucket on the client's side, fed by throttling answers. Unlike there
  the rate is measured and not searched for by halving, as a refusal with Retry-After costs a whole pause.
- CUBIC (RFC 9438): growth that starts flat at the rate that was last right and gets steeper, so that a rise is found
  soon.
- BBR: the model before the reaction; the rate is what was delivered between two known states, and is tested by a
  short, rare excess; the start doubles with each round trip.
- Netflix concurrency-limits and Envoy's adaptive concurrency: a window of sends in flight that is learnt and not
  configured. Unlike there it does not follow latency, since the far end is a shared service whose latency has other
  reasons.

Sends do not arrive as regularly as they are sent. Where the server saves nothing up, one that comes early is refused.
So a late answer to the last send delays the next one by as much (by half where a refusal costs no pause), and a
missing answer does so until it is there. There the time between two sends is the evidence. It is an interval at least
if both are accepted, and less than one if the second is refused, give or take what their answers were late. Where a
refusal costs a pause, a part of the burst is kept in reserve for sends that arrive together.

A trace: 200 per second, burst 20, `Retry-After: 1`, 20 ms away, 4,000 calls.

    0.06  first 429: 27 accepted in 0.04 s. Any pair on one line (burst 20 at 200/s, 26 at 20/s ...) explains it
    1.07  after the pause from 25/s on, doubling each quarter of a second
    2.11  second 429: 129 accepted since the first. A second line: 200/s and 20 is near where they meet; 194/s is tried.
          Of the sends that are on the way one is accepted, so later pauses are for the refused call alone
    3.15  18 at once, then 192/s, for four seconds of calm
    7.64  third 429, of the test that follows: 900 accepted, which moves the estimate to 197/s; the others are sent
    11.3  fourth 429: 200/s
    22.5  done: 1.13 times the ideal of 19.9 s, with 41 refused of 4,000, nearly all in the first round trip

The lines meet since both refusals found an empty bucket: accepted = burst + rate * seconds, from a full one on.
"""
