"""Logins: what FFmpeg cannot make is made, and what cannot be made at all is named."""

import hashlib
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from cvinspect.sources.live.challenge import challenges, is_for_ffmpeg
from cvinspect.sources.live.states import LinkState, Reason
from tests import clips
from tests.dispatch.http_server import Answer, Server, serving
from tests.sources.live.odd_camera import PASSWORD, USER, Footage, Habits, odd_camera
from tests.sources.live.test_live import watching


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    options = {"g": "10", "bf": "0"}
    return Footage.of(clips.encode(tmp_path_factory.mktemp("clip") / "gate.mp4", ticks=range(40), options=options))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-256-sess"])
def test_a_camera_that_asks_for_a_digest_is_given_it(footage: Footage, algorithm: str, transport: str) -> None:
    with (
        odd_camera(footage, Habits(login=algorithm)) as camera,
        watching(camera.url, user=USER, password=PASSWORD, transport=transport) as watcher,
    ):
        samples = watcher.more(4)

        assert watcher.camera.counts.failures == {}
        assert samples[-1].frame.media_s - samples[0].frame.media_s == pytest.approx(1.5, abs=0.3)
        assert not any(PASSWORD in one for one in camera.requests)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_wrong_password_is_told_as_one_and_tried_once(footage: Footage, algorithm: str) -> None:
    with (
        odd_camera(footage, Habits(login=algorithm)) as camera,
        watching(camera.url, user=USER, password="wrong") as watcher,
    ):
        watcher.until_down(Reason.UNAUTHORISED)

        assert watcher.camera.link.detail == f"127.0.0.1:{camera.port}: refuses user or password"
        assert sum("Authorization:" in one for one in camera.requests) == 1


@pytest.mark.parametrize("offers", ["SHA-256, Basic", "Basic, SHA-256", "MD5, SHA-256", "SHA-256, MD5", "MD5, Basic"])
def test_where_a_camera_offers_several_logins_one_that_can_be_made_is(footage: Footage, offers: str) -> None:
    with (
        odd_camera(footage, Habits(login=offers)) as camera,
        watching(camera.url, user=USER, password=PASSWORD) as watcher,
    ):
        watcher.more(2)

        assert watcher.camera.counts.failures == {}
        assert any("Authorization: Digest" in one for one in camera.requests)
        assert not any("Authorization: Basic" in one for one in camera.requests)


@pytest.mark.parametrize("offers", ["SHA-256, Basic", "MD5, SHA-256"])
def test_a_wrong_password_is_tried_once_where_several_logins_are_offered(footage: Footage, offers: str) -> None:
    with (
        odd_camera(footage, Habits(login=offers)) as camera,
        watching(camera.url, user=USER, password="wrong") as watcher,
    ):
        watcher.until_down(Reason.UNAUTHORISED)

        assert watcher.camera.link.detail == f"127.0.0.1:{camera.port}: refuses user or password"
        assert sum("Authorization:" in one for one in camera.requests) == 1


def test_a_camera_that_is_switched_off_is_told_as_absent_though_its_login_was_made(footage: Footage) -> None:
    with ExitStack() as stack:
        with odd_camera(footage, Habits(login="SHA-256")) as camera:
            watcher = stack.enter_context(watching(camera.url, user=USER, password=PASSWORD))
            watcher.more(1)
        watcher.until_down(Reason.REFUSED)

        assert watcher.camera.link.detail == f"127.0.0.1:{camera.port}: refuses the connection"


def test_a_login_that_cannot_be_made_is_named(footage: Footage) -> None:
    with (
        odd_camera(footage, Habits(login="Negotiate")) as camera,
        watching(camera.url, user=USER, password=PASSWORD) as watcher,
    ):
        watcher.until_down(Reason.UNAUTHORISED)

        assert watcher.camera.link.detail == (
            f"127.0.0.1:{camera.port}: wants a login that this program cannot make: Negotiate"
        )


def test_a_missing_login_is_told_as_missing(footage: Footage) -> None:
    with odd_camera(footage, Habits(login="SHA-256")) as camera, watching(camera.url) as watcher:
        watcher.until_down(Reason.UNAUTHORISED)

        assert watcher.camera.link.detail == f"127.0.0.1:{camera.port}: wants user and password, and none are given"


def asking_for_sha_256(http: list[Server], data: bytes, kind: str) -> Answer:
    """A picture for whoever answers the challenge right; it looks into the last request."""

    def answer(connection: object) -> None:
        request = http[0].requests[-1]
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', request.headers.get("authorization", "")))
        right = ""
        if said:
            secret = hashlib.sha256(f"{USER}:gate:{PASSWORD}".encode()).hexdigest()
            asked = hashlib.sha256(f"GET:{said['uri']}".encode()).hexdigest()
            words = f"{secret}:n1:{said['nc']}:{said['cnonce']}:auth:{asked}"
            right = hashlib.sha256(words.encode()).hexdigest()
        if said.get("response") == right and said:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
            connection.sendall(head.encode() + data)  # type: ignore[attr-defined]
        else:
            challenge = 'Digest realm="gate", nonce="n1", algorithm=SHA-256, qop="auth"'
            head = f"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode())  # type: ignore[attr-defined]

    return answer


def test_so_it_is_over_http(tmp_path: Path) -> None:
    path = clips.encode(
        tmp_path / "gate.jpg", codec="mjpeg", muxer="image2", pixel_format="yuvj420p", ticks=range(1),
        muxer_options={"update": "1"},
    )  # fmt: skip
    servers: list[Server] = []
    with serving(asking_for_sha_256(servers, path.read_bytes(), "image/jpeg")) as http:
        servers.append(http)
        with watching(f"{http.url}/snap.jpg?channel=1", user=USER, password=PASSWORD) as watcher:
            watcher.more(3)

            assert watcher.camera.link.state is LinkState.UP
            assert http.requests[-1].line == "GET /snap.jpg?channel=1 HTTP/1.1"
            assert http.requests[-1].headers["host"] == f"127.0.0.1:{http.port}"


@pytest.mark.parametrize(
    ("headers", "kinds", "for_ffmpeg"),
    [
        ('WWW-Authenticate: Basic realm="x"', ["Basic"], True),
        ('www-authenticate: digest realm="x", nonce="1"', ["Digest MD5"], True),
        ('WWW-Authenticate: Digest realm="a \\"b\\", c", nonce="1", algorithm=SHA-256', ["Digest SHA-256"], False),
        (
            'WWW-Authenticate: Digest algorithm="SHA-512-256"\r\nWWW-Authenticate: Digest algorithm=MD5',
            ["Digest SHA-512-256", "Digest MD5"],
            True,
        ),
        (
            "WWW-Authenticate: Digest algorithm=MD5\r\nWWW-Authenticate: Digest algorithm=SHA-256",
            ["Digest MD5", "Digest SHA-256"],
            False,
        ),
        (
            'WWW-Authenticate: Digest algorithm=SHA-256\r\nWWW-Authenticate: Basic realm="x"',
            ["Digest SHA-256", "Basic"],
            False,
        ),
        ("Server: x", [], True),
    ],
)
def test_what_a_camera_asks_for_is_read_from_its_answer(headers: str, kinds: list[str], for_ffmpeg: bool) -> None:
    found = challenges(f"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n{headers}\r\n")

    assert [one.kind for one in found] == kinds
    assert is_for_ffmpeg(found) is for_ffmpeg


def test_the_digest_is_that_of_the_standard() -> None:
    """RFC 7616, 3.9.1."""
    (asked,) = challenges(
        'WWW-Authenticate: Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    asked._client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

    answer = asked.answer("GET", "/dir/index.html", user="Mufasa", password="Circle of Life")

    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in answer
    assert "qop=auth, nc=00000001" in answer
