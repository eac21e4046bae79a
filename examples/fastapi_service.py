"""A FastAPI service: its lifespan owns the client, and an endpoint streams the outcomes of a teardown.

`uvicorn fastapi_service:app` serves it with TURSO_API_TOKEN and TURSO_ORG set. Run alone, it calls its own
endpoints in this process, against the fake. It needs `pip install fastapi httpx uvicorn`.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from aioturso import InvalidNameError, NoMatchError, NotFoundError, TeardownPlan, TursoClient
from aioturso.testing import FakeTurso


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with TursoClient() as app.state.turso:
        yield


async def progress(plan: TeardownPlan) -> AsyncIterator[str]:
    async with aclosing(plan.stream()) as outcomes:  # a client that disconnects ends the teardown
        async for outcome in outcomes:
            yield json.dumps(outcome.to_dict()) + "\n"


app = FastAPI(lifespan=lifespan)


@app.post("/databases/{database}/locations/{location}/teardown")
async def tear_down(database: str, location: str, request: Request) -> StreamingResponse:
    turso: TursoClient = request.app.state.turso
    try:
        plan = await turso.teardown.plan_instances(database=database, location=location)
    except (NoMatchError, NotFoundError) as error:
        raise HTTPException(404, str(error)) from None
    except InvalidNameError as error:
        raise HTTPException(400, str(error)) from None
    return StreamingResponse(progress(plan), media_type="application/x-ndjson")


async def demo() -> None:
    async with FakeTurso() as fake:
        fake.add_database("my-db", organization="demo", instances={"iad": 1, "fra": 3}, primary="iad")
        os.environ.update(TURSO_API_TOKEN=fake.token, TURSO_ORG="demo", TURSO_BASE_URL=fake.base_url)
        transport = httpx.ASGITransport(app)
        async with lifespan(app), httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            print((await http.post("/databases/my-db/locations/fra/teardown")).text, end="")
            print((await http.post("/databases/my-db/locations/nowhere/teardown")).json())


if __name__ == "__main__":
    asyncio.run(demo())
