"""Pictures over HTTP, and nothing else of the machine."""

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cvinspect.api.evidence import open_exhibit
from cvinspect.api.server import ApiServer
from tests.api.api_makers import Daemon, a_daemon, client_of, raw_answer, serving

PICTURE = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "secret.jpg").write_bytes(b"secret")
    with a_daemon(folder) as started:
        started.picture("a.jpg", PICTURE)
        yield started


@pytest.fixture(scope="module")
def server(daemon: Daemon) -> Iterator[ApiServer]:
    with serving(daemon.app()) as started:
        yield started


@pytest.fixture
def client(server: ApiServer) -> Iterator[httpx.Client]:
    with client_of(server) as opened:
        yield opened


@pytest.fixture(scope="module")
def traps(daemon: Daemon) -> Iterator[None]:
    """Everything in the evidence folder that is no picture."""
    folder = daemon.folder / "evidence"
    for name in ("original/a.jpg", "sub.jpg/b.jpg", ".a.jpg.part", ".hidden.jpg", "notes.txt"):
        daemon.picture(name, b"secret")
    (folder / "outward.jpg").symlink_to(daemon.folder / "secret.jpg")
    (folder / "inward.jpg").symlink_to("notes.txt")
    (folder / "folder").symlink_to(daemon.folder)
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.jpg"))
        yield


def test_a_picture_is_served_at_its_address_in_the_record_with_its_hash(client: httpx.Client) -> None:
    answer = client.get("/evidence/a.jpg")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert {name: answer.headers[name] for name in ("content-type", "etag", "content-length", "cache-control")} == {
        "content-type": "image/jpeg",
        "etag": f'"{SHA256}"',
        "content-length": "256000",
        "cache-control": "private, no-cache",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("tags", [f'"{SHA256}"', f'W/"{SHA256}"', f'"x", "{SHA256}"', "*"])
def test_a_picture_that_the_client_has_is_not_sent_again(client: httpx.Client, tags: str) -> None:
    answer = client.get("/evidence/a.jpg", headers={"if-none-match": tags})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", f'"{SHA256}"')


def test_a_picture_that_has_changed_is_sent_under_its_new_hash(daemon: Daemon, client: httpx.Client) -> None:
    daemon.picture("changed.jpg", PICTURE)
    assert client.get("/evidence/changed.jpg").headers["etag"] == f'"{SHA256}"'
    daemon.picture("changed.jpg", b"tampered with")
    answer = client.get("/evidence/changed.jpg", headers={"if-none-match": f'"{SHA256}"'})
    digest = hashlib.sha256(b"tampered with").hexdigest()
    assert (answer.status_code, answer.headers["etag"]) == (200, f'"{digest}"')


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("b.jpeg", "image/jpeg"), ("c.PNG", "image/png"), ("门口/e 1.jpg", "image/jpeg")],
)
def test_a_file_is_served_as_what_it_is(daemon: Daemon, client: httpx.Client, name: str, media_type: str) -> None:
    daemon.picture(name, b"data")
    answer = client.get(f"/evidence/{name}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, b"data")


def test_untouched_originals_stay_in_the_house(daemon: Daemon, client: httpx.Client) -> None:
    daemon.picture("original/a.jpg", b"faces")
    for address in ("/evidence/original/a.jpg", "/evidence/original/none.jpg", "/evidence/original"):
        assert client.get(address).status_code == 403
    assert client.get("/evidence/./original/a.jpg").status_code == 403  # the client takes the dot away


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2fsecret.jpg",
        "%2e%2e%2fsecret.jpg",
        "x/../../secret.jpg",
        "./original/a.jpg",
        "%2e/original/a.jpg",
        "/original/a.jpg",
        "x/../original/a.jpg",
        "a.jpg/../original/a.jpg",
        "..\\secret.jpg",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "a.jpg/",
        "a.jpg%00.jpg",
        "%00.jpg",
        "a.jpg%0d%0ax: y",
        "",
        ".",
        "..",
        "outward.jpg",
        "folder/secret.jpg",
        "inward.jpg",
        "sub.jpg",
        "pipe.jpg",
        "socket.jpg",
        ".a.jpg.part",
        ".hidden.jpg",
        "notes.txt",
        "%ff%fe.jpg",
        "%ed%a0%80.jpg",
        "x" * 300 + ".jpg",
        "x/" * 3000 + "a.jpg",
    ],
)
@pytest.mark.usefixtures("traps")
def test_nothing_else_can_be_had(server: ApiServer, path: str) -> None:
    request = f"GET /evidence/{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    head, body = raw_answer(server, request.encode()).split(b"\r\n\r\n", 1)
    assert int(head.split()[1]) in (400, 404)
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["status"] in (400, 404)


def test_a_folder_that_is_itself_a_link_is_served(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.jpg").write_bytes(PICTURE)
    (tmp_path / "link").symlink_to("disk")
    exhibit = open_exhibit(tmp_path / "link", "a.jpg")
    assert exhibit is not None
    with exhibit.file:
        assert (exhibit.size_bytes, exhibit.sha256) == (len(PICTURE), SHA256)
    assert open_exhibit(tmp_path / "none", "a.jpg") is None


def test_of_a_file_that_grows_while_it_is_sent_comes_what_was_hashed(daemon: Daemon, client: httpx.Client) -> None:
    path = daemon.picture("growing.mp4", PICTURE * 40)
    with client.stream("GET", "/evidence/growing.mp4") as answer:
        with path.open("ab") as growing:
            growing.write(b"more")
        data = answer.read()
    assert answer.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert len(data) == len(PICTURE) * 40


def test_no_file_stays_open(daemon: Daemon, client: httpx.Client) -> None:
    daemon.picture("big.mp4", b"x" * 3_000_000)

    def opened() -> int:
        return sum(1 for one in Path("/proc/self/fd").iterdir() if "evidence" in os.path.realpath(one))

    for _ in range(5):
        client.get("/evidence/a.jpg")
        client.head("/evidence/a.jpg")
        client.get("/evidence/a.jpg", headers={"if-none-match": "*"})
        client.get("/evidence/none.jpg")
        with client.stream("GET", "/evidence/big.mp4"):
            pass  # left in the middle
    soon_s = time.monotonic() + 10
    while opened() and time.monotonic() < soon_s:
        client.get("/health")
    assert opened() == 0
