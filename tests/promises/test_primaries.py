"""A primary, and any instance whose type is not known to be `replica`, is never destroyed by location."""

from instances import instance
from raw import RawServer, answer

from aioturso.testing import FakeTurso


async def test_one_location_is_destroyed_and_its_primary_is_skipped(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "iad")
    assert [(o.target.instance, o.status.name) for o in report.outcomes] == [
        ("iad", "SKIPPED"),
        ("iad-2", "DESTROYED"),
    ]
    assert (report.ok, str(report)) == (True, "1 destroyed, 1 skipped")
    assert [i.region for i in fake.instances("org", "db")] == ["iad", "fra", "fra", "fra"]


async def test_the_primary_is_never_raced_with_its_replicas_and_unknown_types_count_as_one() -> None:
    kinds = ["primary", "replica", "replica", "PRIMARY", "Replica", None, "shadow", ""]
    items = [instance(f"x{n}", kind=kind) for n, kind in enumerate(kinds)]
    first = answer(200, {"instances": items})
    async with RawServer(first, then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert sorted(raw.lines) == ["DELETE /x1", "DELETE /x2", "GET "]
    assert [o.target.instance for o in report.skipped] == ["x0", "x3", "x4", "x5", "x6", "x7"]
    assert [o.target.instance for o in report.outcomes] == [f"x{n}" for n in range(8)]
    assert report.ok
