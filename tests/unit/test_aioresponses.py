from functools import partial
from unittest.mock import Mock

from aiohttp import ClientResponse
from aioresponses import aioresponses

from aioturso import RetryPolicy, TursoClient

URL = "https://api.turso.tech/v1/organizations/org/databases/db/instances/a"
# aioresponses 0.7.9 leaves out an argument that aiohttp 3.14 wants.
answer = partial(ClientResponse, stream_writer=Mock(output_size=0))


async def test_the_client_works_under_aioresponses_and_counts_its_attempts() -> None:
    async def sleep(seconds: float) -> None:
        pass

    with aioresponses() as mocked:
        listed = {"instances": [{"name": "a", "type": "replica", "region": "fra"}]}
        mocked.get(URL.removesuffix("/a"), payload=listed, response_class=answer)
        mocked.delete(URL, status=503, payload={"error": "busy"}, response_class=answer)
        mocked.delete(URL, payload={"instance": "a"}, response_class=answer)
        async with TursoClient("t", organization="org", retry=RetryPolicy(sleep=sleep)) as turso:
            report = await turso.destroy_by_location("db", "fra")
    assert [(o.status.name, o.attempts) for o in report.outcomes] == [("DESTROYED", 2)]
