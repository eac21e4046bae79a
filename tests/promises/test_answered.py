"""`CREATED` is reported only for what the platform has answered to be created, never for something that was there before."""

import pytest

from aioturso import OutcomeStatus, RetryPolicy
from aioturso.testing import FakeTurso, Fault

FAULTS = [
    *(Fault.drop_after(), Fault.truncate(), Fault.drop_mid_headers(), Fault.reset(acts=True)),
    *(Fault.drop_before(), Fault.reset(), Fault.raw(b"no HTTP\r\n\r\n")),
    *(Fault.status(code) for code in (200, 202, 400, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504, 522)),
]


def name(fault: Fault) -> str:
    return f"{fault.kind}{'-acts' if fault.acts else ''}{fault.code or ''}"


@pytest.mark.parametrize("fault", FAULTS, ids=name)
@pytest.mark.parametrize("when", ["before the plan", "before the create", "never"])
async def test_only_an_answer_of_the_platform_makes_it_created(
    fault: Fault, when: str, fast: RetryPolicy
) -> None:
    async with FakeTurso() as fake, fake.client(organization="org", retry=fast) as turso:
        fake.add_group("g", organization="org")
        if when == "before the plan":
            fake.add_database("a", organization="org", group="g")
        plan = await turso.creation.plan_databases(["a"], group="g")
        if when == "before the create":
            fake.add_database("a", organization="org", group="g")
        fake.inject(fault, method="POST")
        report = await plan.execute(return_exceptions=True)
        fake.clear_faults()
        (outcome,) = report.outcomes
        answered = (
            fake.sent("POST")
            and fake.sent("POST")[-1].status == 200
            and not (fault.acts or fault.code == 200)
        )
        assert (outcome.status is OutcomeStatus.CREATED) == bool(answered and when == "never")
        if outcome.status is OutcomeStatus.CREATED:
            assert outcome.target.uuid == fake.databases("org")[0].uuid
        if when == "before the plan":
            assert outcome.status is OutcomeStatus.ALREADY_THERE and not fake.sent("POST")


async def test_what_was_created_at_the_second_attempt_has_the_uuid_of_its_answer(fast: RetryPolicy) -> None:
    async with FakeTurso() as fake, fake.client(organization="org", retry=fast) as turso:
        fake.add_group("g", organization="org")
        plan = await turso.creation.plan_databases(["a"], group="g")
        fake.inject(Fault.status(500), method="POST")
        (outcome,) = (await plan.execute()).created
        assert (outcome.attempts, outcome.target.uuid) == (2, fake.databases("org")[0].uuid)
