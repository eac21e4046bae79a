"""A sleep that takes no time."""


class Sleeps(list[float]):
    """The seconds of each sleep so far."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
