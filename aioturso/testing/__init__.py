"""A fake platform: a real HTTP server on a loopback port, with real state."""

from .faults import Fault
from .server import FakeTurso, SeenRequest

__all__ = ["FakeTurso", "Fault", "SeenRequest"]
