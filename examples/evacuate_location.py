"""Evacuate a location: destroy its replicas in every database, and remove it from every group.

Run without arguments it evacuates `fra` in an embedded fake that now and then loses an answer.
"""

import asyncio

from aioturso import Progress, TeardownReport, TursoClient
from aioturso.testing import FakeTurso, Fault


async def evacuate(turso: TursoClient, location: str) -> TeardownReport:
    plan = await turso.teardown.plan_instances(location=location, groups=True)
    print(f"{plan.title}: {len(plan)} to destroy")
    for outcome in plan.skipped:
        print(f"  {outcome.target} stays: {outcome.reason}")

    def show(now: Progress) -> None:
        print(f"  {now.done} of {now.total}, {now.rate:.0f}/s, {now.concurrency} at once")

    # verify: list everything again at the end, which also settles unknown outcomes.
    return await plan.execute(verify=True, on_progress=show, return_exceptions=True)


def add_world(fake: FakeTurso) -> None:
    for number in range(60):
        name = f"tenant-{number:02}"
        fake.add_database(name, organization="demo", instances={"iad": 1, "fra": 2}, primary="iad")
    fake.add_database("berlin", organization="demo", instances={"fra": 2}, primary="fra")
    fake.add_group("shop", organization="demo", locations=["iad", "fra", "lhr"])
    for name in ("orders", "stock"):
        fake.add_database(name, organization="demo", group="shop")
    fake.inject(Fault.drop_after(), method="DELETE", path="/fra", times=3)
    fake.inject(Fault.status(503), method="DELETE", path="/fra-2", times=3)
    fake.inject(Fault.delay(0.05), method="DELETE", times=1000)


async def demo() -> None:
    async with FakeTurso() as fake:
        add_world(fake)
        async with fake.client(organization="demo") as turso:
            report = await evacuate(turso, "fra")
            again = sum(outcome.attempts > 1 for outcome in report.outcomes)
            print(f"{report}; verified: nothing is still listed" if report.ok else report)
            print(f"{again} of them needed more than one attempt")
            shop = await turso.groups.get("shop")
            print(f"the group shop is now in {', '.join(shop.locations)}")
            orders = await turso.instances.list("orders")
            print(f"its database orders has instances in {', '.join(str(i.region) for i in orders)}")


if __name__ == "__main__":
    asyncio.run(demo())
