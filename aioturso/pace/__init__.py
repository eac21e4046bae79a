"""Pace: as many sends per second, and as many at once, as the server accepts, found out by sending.

`stretch` is evidence (the meaning of one refusal), `bucket` is belief (the limit that explains the evidence), `rate` is the
schedule (the time of the next send), `window` bounds how many are out at once. All four are pure. `gate` and `limiter`
await.

The limiter believes that the server is a token bucket, and is a copy of it: a pause fills the copy as it fills the
server's, and what is saved up is sent at once after it. A 429 speaks about the rate and never about the window, a 503 or
a timeout about the window and never about the rate; either may require a pause, which holds for all sends.

What was taken from where:

- the adaptive retry mode of the AWS SDKs: a token bucket on the client's side, fed by throttling answers. Unlike there the
  rate is measured and not searched for by halving, as a refusal with Retry-After costs a whole pause.
- CUBIC (RFC 9438): growth that starts flat at the rate that was last right and gets steeper, so that a rise is found soon.
- BBR: the model before the reaction; the rate is what was delivered between two known states, and is tested by a short,
  rare excess; the start doubles with each round trip.
- Netflix concurrency-limits and Envoy's adaptive concurrency: a window of sends in flight that is learnt and not
  configured. Unlike there it does not follow latency, since the far end is a shared service whose latency has other reasons.

A trace: 200 per second, burst 20, `Retry-After: 1`, 20 ms away, 4,000 calls.

    0.06  first 429: 29 accepted in 0.04 s. Any pair on one line (burst 20 at 200/s, 28 at 20/s ...) explains it
    1.07  after the pause from 26/s on, doubling each quarter of a second
    2.29  second 429: 147 accepted since the first. A second line: 200/s and 20 is near where they meet; 195/s is tried
    3.29  16 at once, then 193/s, for five seconds of calm
    7.82  third 429, of the test that follows: 901 accepted, which moves the estimate to 197/s; eighteen seconds of calm
    23.8  done: 1.19 times the ideal of 19.9 s, with 35 refused of 4,000, nearly all in the first round trip

The lines meet since both refusals found an empty bucket: accepted = burst + rate * seconds, from a full one on.
"""
