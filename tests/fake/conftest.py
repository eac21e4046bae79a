"""The fake platform without sockets."""

import pytest
from fake_world import World


@pytest.fixture
def world() -> World:
    return World()
