"""A small state of the fake, used without sockets."""

import json
from datetime import UTC, datetime
from typing import Any

from aioturso.testing.routes import Answer, Asked, answer
from aioturso.testing.state import File, State

DEMO = "/v1/organizations/demo"
DB = DEMO + "/databases/my-db"
LEGACY = DEMO + "/databases/legacy-db"
GROUP = DEMO + "/groups/default"


class World:
    """A state with a grouped database `my-db`, an ungrouped `legacy-db`, and a clock to turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.state = State(clock=lambda: self.now)
        self.state.add_group("demo", "default", ["iad", "fra"])
        self.state.add_database("my-db", "demo", "default")
        self.state.add_database("legacy-db", "demo", None, {"iad": 1, "fra": 2})
        self.state.add_organization("other")

    def ask(
        self, method: str, path: str, body: Any = None, query: str = "", token: str = "", **headers: str
    ) -> Answer:
        headers = {"authorization": f"Bearer {token or self.state.root.value}"} | headers
        data = body if isinstance(body, bytes | File) else b"" if body is None else json.dumps(body).encode()
        return answer(self.state, Asked(method=method, path=path, query=query, headers=headers, body=data))

    def do(self, method: str, path: str, body: Any = None, query: str = "", token: str = "") -> Any:
        """A request that succeeds."""
        got = self.ask(method, path, body, query, token)
        assert got.status == 200, (path, got)
        return json.loads(got.body) if got.body else None

    def refused(
        self, method: str, path: str, body: Any = None, query: str = "", token: str = ""
    ) -> tuple[int, str]:
        """A request that is refused: the status, and the text of the error."""
        got = self.ask(method, path, body, query, token)
        assert got.status >= 400, (path, got)
        return got.status, json.loads(got.body)["error"]

    def names(self, database: str) -> list[str]:
        return list(self.state.organizations["demo"].databases[database].instances)

    def mint(self, name: str, **body: Any) -> str:
        return str(self.do("POST", f"/v1/auth/api-tokens/{name}", body or None)["token"])
