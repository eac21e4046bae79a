"""Side by side with hand-written aiohttp and others: `python -m benchmarks`."""
