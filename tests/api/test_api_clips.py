"""Clips over HTTP are masked when they are asked for; untouched ones only where the configuration allows it."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cvinspect.api.masked_clips import MaskedClips
from cvinspect.api.problems import ApiError
from cvinspect.errors import DeliveryDelayed, DeliveryError
from tests.api.api_makers import BEARER, TOKEN, Daemon, a_daemon, backwards, client_of, serving

CLIP, MASKED = b"faces", b"secaf"
ETAG = f'"{hashlib.sha256(MASKED).hexdigest()}"'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Daemon]:
    with a_daemon(tmp_path) as started:
        started.picture("inc-1_clip_1.mp4", CLIP)
        started.picture("original/a.jpg", b"a face")
        yield started


def test_a_clip_comes_masked_under_the_hash_of_what_is_sent(site: Daemon) -> None:
    with serving(site.app()) as server, client_of(server) as client:
        answer = client.get("/evidence/inc-1_clip_1.mp4")
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, MASKED, ETAG)
        assert client.get("/evidence/masked/inc-1_clip_1.mp4").content == MASKED
        part = client.get("/evidence/inc-1_clip_1.mp4", headers={"range": "bytes=1-2"})
        assert (part.status_code, part.content) == (206, MASKED[1:3])
        known = hashlib.sha256(CLIP).hexdigest()
        assert client.get("/evidence/inc-1_clip_1.mp4", headers={"if-none-match": f'"{known}"'}).content == MASKED
        assert client.get("/evidence/inc-1_clip_1.mp4", headers={"if-none-match": ETAG}).status_code == 304


def test_without_permission_nothing_untouched_is_served(site: Daemon) -> None:
    with serving(site.app()) as server, client_of(server) as client:
        for address in ("/evidence/inc-1_clip_1.mp4?original=true", "/evidence/original/a.jpg"):
            answer = client.get(address)
            assert (answer.status_code, b"face" in answer.content.replace(b"faces and", b"")) == (403, False)


def test_with_permission_the_untouched_is_served_too_and_clips_still_come_masked(site: Daemon) -> None:
    with serving(site.app(token=TOKEN, originals=True)) as server, client_of(server) as client:
        assert client.get("/evidence/original/a.jpg").status_code == 401
        client.headers.update(BEARER)
        assert client.get("/evidence/original/a.jpg").content == b"a face"
        assert client.get("/evidence/inc-1_clip_1.mp4?original=true").content == CLIP
        assert client.get("/evidence/inc-1_clip_1.mp4").content == MASKED


def test_where_nothing_masks_no_clip_is_served(site: Daemon) -> None:
    with serving(site.app(mask=None)) as server, client_of(server) as client:
        assert client.get("/evidence/inc-1_clip_1.mp4").status_code == 503


@pytest.mark.parametrize(("error", "retry"), [(DeliveryError("no"), None), (DeliveryDelayed("no room"), "5")])
def test_a_clip_that_cannot_be_masked_is_not_served(site: Daemon, error: DeliveryError, retry: str | None) -> None:
    def fails(clip: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise error

    with serving(site.app(mask=fails)) as server, client_of(server) as client:
        answer = client.get("/evidence/inc-1_clip_1.mp4")
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, retry)
    assert list((site.folder / "evidence" / "masked").iterdir()) == []


def counted(done: list[Path]) -> Callable[[Path, Path], None]:
    def mask(clip: Path, target: Path) -> None:
        done.append(clip)
        backwards(clip, target)

    return mask


def test_a_clip_is_masked_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    done: list[Path] = []
    clips, clip = MaskedClips(tmp_path, counted(done)), tmp_path / "a_clip_1.mp4"
    clip.write_bytes(CLIP)
    assert [clips.of(clip.name) for _ in range(3)] == ["masked/a_clip_1.mp4"] * 3
    assert done == [clip]
    clip.write_bytes(b"other")
    clips.of(clip.name)
    assert (len(done), (tmp_path / "masked" / clip.name).read_bytes()) == (2, b"rehto")


def test_who_comes_while_another_clip_is_being_masked_is_asked_to_come_again(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(clip: Path, target: Path) -> None:
        begun.set()
        assert go_on.wait(10)
        backwards(clip, target)

    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(CLIP)
    clips = MaskedClips(tmp_path, slow, wait_s=0.05)
    first = threading.Thread(target=clips.of, args=("a.mp4",))
    first.start()
    assert begun.wait(10)
    with pytest.raises(ApiError, match="other clips are being masked"):
        clips.of("b.mp4")
    go_on.set()
    first.join(10)
    assert clips.of("a.mp4") == "masked/a.mp4"


def test_of_an_address_outside_nothing_is_masked(site: Daemon) -> None:
    site.picture("../secret.mp4", b"secret")
    with serving(site.app()) as server, client_of(server) as client:
        for path in ("..%2fsecret.mp4", "none.mp4", "x/../inc-1_clip_1.mp4/.."):
            assert isinstance(client.get(f"/evidence/{path}"), httpx.Response)
            assert client.get(f"/evidence/{path}").status_code == 404
    assert not (site.folder / "evidence" / "masked").exists()
