"""Calls are seen by OpenTelemetry's instrumentation of aiohttp, without a line of ours."""

from collections.abc import Iterator

import pytest
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aioturso import RetryPolicy
from aioturso.testing import FakeTurso, Fault


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()


async def test_each_attempt_is_a_span_whose_name_holds_no_name(
    fake: FakeTurso, fast: RetryPolicy, spans: InMemorySpanExporter
) -> None:
    fake.inject(Fault.status(503), method="DELETE")
    async with fake.client(organization="org", retry=fast) as turso:
        await turso.destroy_instance("db", "fra")
        await turso.instances.list("db")
    finished = spans.get_finished_spans()
    assert [span.name for span in finished] == ["DELETE", "DELETE", "GET"]
    statuses = [(span.attributes or {}).get("http.status_code") for span in finished]
    assert statuses == [503, 200, 200]
    assert fake.token not in "".join(span.to_json() for span in finished)
