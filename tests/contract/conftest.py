from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from exchange import Exchange


@pytest.fixture(scope="session")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """What all calls exchange with the fake."""
    from exchange import everything  # not before the tests: without the vendor's document it skips them

    return asyncio.run(everything(tmp_path_factory.mktemp("exchanges")))
