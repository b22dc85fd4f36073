"""Parts of pictures and clips, as browsers ask for them when somebody jumps about in a clip."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.api_makers import a_daemon, client_of, serving

FILMED = bytes(reversed(range(256))) * 1000
CLIP = FILMED[::-1]
"""What is served of it: `api_makers` masks a clip by turning its bytes round."""
ETAG = f'"{hashlib.sha256(CLIP).hexdigest()}"'
SIZE = len(CLIP)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with a_daemon(tmp_path_factory.mktemp("site")) as daemon:
        daemon.picture("clip.mp4", FILMED)
        daemon.picture("empty.mp4", b"")
        with serving(daemon.app()) as server, client_of(server) as opened:
            yield opened


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=1000-70999", 1000, 70_999),
        ("bytes=255999-", SIZE - 1, SIZE - 1),
        ("bytes=100-999999999999", 100, SIZE - 1),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=-999999999", 0, SIZE - 1),
        ("Bytes=5-9", 5, 9),
    ],
)
def test_a_part_is_sent_as_one(client: httpx.Client, asked: str, first: int, last: int) -> None:
    answer = client.get("/evidence/clip.mp4", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, CLIP[first : last + 1])
    assert {name: answer.headers[name] for name in ("content-range", "content-length", "etag", "content-type")} == {
        "content-range": f"bytes {first}-{last}/{SIZE}",
        "content-length": str(last + 1 - first),
        "etag": ETAG,
        "content-type": "video/mp4",
    }


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "lines=0-5", "bytes=0-1,5-6", "bytes=--5", "bytes=٣-٥"]
)
def test_what_is_no_single_part_is_answered_with_the_whole(client: httpx.Client, asked: str) -> None:
    answer = client.get("/evidence/clip.mp4", headers={"range": asked.encode()})  # type: ignore[dict-item]
    assert (answer.status_code, answer.content, answer.headers["accept-ranges"]) == (200, CLIP, "bytes")
    assert "content-range" not in answer.headers


@pytest.mark.parametrize(
    ("name", "asked", "size"),
    [("clip", f"bytes={SIZE}-", SIZE), ("clip", "bytes=-0", SIZE), ("empty", "bytes=0-", 0), ("empty", "bytes=-1", 0)],
)
def test_a_part_beyond_the_end_is_told(client: httpx.Client, name: str, asked: str, size: int) -> None:
    answer = client.get(f"/evidence/{name}.mp4", headers={"range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    assert answer.json()["detail"] == f"evidence/{name}.mp4: has {size} bytes, and none of those that were asked for"


def test_the_rest_is_sent_only_of_the_file_that_the_client_has_begun_with(client: httpx.Client) -> None:
    codes = [
        client.get("/evidence/clip.mp4", headers={"range": "bytes=5-9", **given}).status_code
        for given in ({"if-range": ETAG}, {"if-range": '"another"'}, {"if-none-match": ETAG})
    ]
    assert codes == [206, 200, 304]


def test_no_file_stays_open_after_any_of_it(client: httpx.Client) -> None:
    for asked in ("bytes=0-9", f"bytes={SIZE}-", "bytes=9-5"):
        client.get("/evidence/clip.mp4", headers={"range": asked})

    def opened() -> int:
        return sum("clip.mp4" in os.path.realpath(one) for one in Path("/proc/self/fd").iterdir())

    soon_s = time.monotonic() + 10
    while opened() and time.monotonic() < soon_s:
        client.get("/health")
    assert opened() == 0
