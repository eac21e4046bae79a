"""Database files sent to the fake platform."""

from base64 import b64encode
from hashlib import sha256

from fake_world import DEMO, GROUP, World

from aioturso.testing.state import File


def header(reserved: int = 0, **changes: bytes) -> bytes:
    """The first 100 bytes of a database file that can be uploaded, but for the changes at `_offset`."""
    data = bytearray(100)
    data[:21] = b"SQLite format 3\0" + b"\x10\x00\x02\x02" + bytes([reserved])
    data[56:60] = b"\0\0\0\x01"
    for offset, value in changes.items():
        at = int(offset[1:])
        data[at : at + len(value)] = value
    return bytes(data)


def file(reserved: int = 0, size: int = 8192, **changes: bytes) -> File:
    return File(header=header(reserved, **changes), size=size, sha256="digest")


def test_an_upload_fills_a_database_that_awaits_it_once(world: World) -> None:
    seed = {"type": "database_upload"}
    world.do("POST", DEMO + "/databases", {"name": "up", "group": "default", "seed": seed})
    jwt = world.do("POST", DEMO + "/databases/up/auth/tokens")["jwt"]
    length = {"content-length": "8192"}

    def send(what: File, token: str = jwt, **headers: str) -> int:
        return world.ask("POST", "/v1/upload", what, token=token, **(length | headers)).status

    assert send(file(), token="wrong") == 401
    assert send(file(), token=world.state.root.value) == 401
    for unfit in (
        file(_0=b"x"),
        file(_16=b"\x04\x00"),
        file(_18=b"\x01\x01"),
        file(_52=b"\0\0\0\x01"),
        file(_56=b"\0\0\0\x02"),
        file(size=8191),
    ):
        assert send(unfit) == 400
    assert send(file()) == 200
    assert send(file()) == 400
    database = world.state.organizations["demo"].databases["up"]
    assert database.upload is not None
    assert (database.upload.size, database.upload.sha256) == (8192, "digest")
    assert world.do("GET", DEMO + "/databases/up/usage")["database"]["total"]["storage_bytes"] == 8192


def test_an_encrypted_upload_needs_its_key_its_cipher_and_reserved_bytes(world: World) -> None:
    key = b64encode(bytes(16)).decode()
    encryption = {"encryption_key": key, "encryption_cipher": "aegis128l"}
    body = {"name": "up", "group": "default", "seed": {"type": "database_upload"}}
    world.do("POST", DEMO + "/databases", body | {"remote_encryption": encryption})
    jwt = world.do("POST", DEMO + "/databases/up/auth/tokens")["jwt"]

    def send(reserved: int, **headers: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        data = {"content-length": "8192"} | headers
        return world.ask("POST", "/v1/upload", file(reserved), token=jwt, **data).status

    good = {"x_turso_encryption_key": key, "x_turso_encryption_cipher": "aegis128l"}
    assert send(32) == 400
    assert send(0, **good) == 400
    assert send(32, **(good | {"x_turso_encryption_key": "c2hvcnQ="})) == 400
    assert send(32, **(good | {"x_turso_encryption_cipher": "aegis256"})) == 400
    assert send(32, **good) == 200


def test_a_groups_token_is_enough_for_an_upload_when_one_database_or_host_is_meant(world: World) -> None:
    body = {"group": "default", "seed": {"type": "database_upload"}}
    for name in ("up1", "up2"):
        world.do("POST", DEMO + "/databases", body | {"name": name})
    jwt = world.do("POST", GROUP + "/auth/tokens")["jwt"]
    length = {"content-length": "8192"}
    assert world.ask("POST", "/v1/upload", file(), token=jwt, **length).status == 400
    host = {"host": "up2-demo.localhost:8787"}
    assert world.ask("POST", "/v1/upload", file(), token=jwt, **length, **host).status == 200
    assert world.ask("POST", "/v1/upload", file(), token=jwt, **length).status == 200
    assert world.ask("POST", "/v1/upload", file(), token=jwt).status == 411


def chunked(world: World, data: bytes, size: int | None = None) -> tuple[str, str]:
    """Begin an upload in chunks: a database's token, and the path of the upload."""
    seed = {"type": "database_upload"}
    world.do("POST", DEMO + "/databases", {"name": "up", "group": "default", "seed": seed})
    jwt = world.do("POST", DEMO + "/databases/up/auth/tokens")["jwt"]
    began = world.do("PUT", "/v2/upload/start", {"db_size_bytes": size or len(data)}, token=jwt)
    assert began["chunk_size"] >= 2**20
    return jwt, f"/v2/upload/{began['upload_id']}"


def test_an_upload_in_chunks_fills_a_database_once(world: World) -> None:
    data = header() + bytes(8192 - 100)
    jwt, path = chunked(world, data)
    for number, chunk in ((1, data[5000:]), (0, b"broken"), (0, data[:5000])):
        assert world.ask("PUT", f"{path}/chunk/{number}", chunk, token=jwt).status == 200
    assert world.ask("PUT", path + "/finalize", token=jwt).status == 200
    upload = world.state.organizations["demo"].databases["up"].upload
    assert upload is not None
    assert (upload.size, upload.sha256) == (8192, sha256(data).hexdigest())
    assert world.ask("PUT", path + "/finalize", token=jwt).status == 404
    assert world.refused("PUT", "/v2/upload/start", {"db_size_bytes": 1}, token=jwt)[0] == 400


def test_an_upload_in_chunks_that_is_not_whole_or_not_fit_is_refused(world: World) -> None:
    data = header(_16=b"\x04\x00") + bytes(8192 - 100)
    jwt, path = chunked(world, data)
    assert world.refused("PUT", path + "/finalize", token=jwt)[0] == 400
    assert world.ask("PUT", path + "/chunk/one", data, token=jwt).status == 400
    assert world.ask("PUT", path + "/chunk/1", data, token=jwt).status == 200
    assert "8192 of 8192" in world.refused("PUT", path + "/finalize", token=jwt)[1]
    assert world.ask("PUT", path + "/chunk/0", b"", token=jwt).status == 200
    assert "page size" not in world.refused("PUT", path + "/finalize", token=jwt)[1]
    for token in ("a.b.c", world.state.root.value):
        assert world.ask("PUT", path + "/chunk/0", data, token=token).status == 404
    for size in (0, -1, "x", True, None):
        assert world.refused("PUT", "/v2/upload/start", {"db_size_bytes": size}, token=jwt)[0] == 400
    assert world.ask("PUT", path + "/chunk/0", bytes(8 * 2**20 + 1), token=jwt).status == 413
