"""A camera that sends us elsewhere: nobody there is given its login, and nothing that comes from there is looked at."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.states import LinkState, Reason
from tests import clips
from tests.dispatch.http_server import Answer, says, serving
from tests.sources.live.odd_camera import PASSWORD, USER, Footage, Habits, odd_camera
from tests.sources.live.test_live import watching

LOGINS = {
    "Basic": 'Basic realm="x"',
    "Digest": 'Digest realm="x", nonce="1"',
    "SHA-256": 'Digest realm="x", nonce="1", algorithm=SHA-256',
}


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    options = {"g": "10", "bf": "0"}
    return Footage.of(clips.encode(tmp_path_factory.mktemp("clip") / "gate.mp4", ticks=range(40), options=options))


@contextmanager
def sending(
    to: str, *, login: str | None = None, at: str = "DESCRIBE", status: int = 302
) -> Iterator[tuple[str, list]]:  # type: ignore[type-arg]
    """An RTSP camera that answers such a request with a redirect; its address, and what it was asked."""
    asked: list[str] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while text := _request(connection):
                asked.append(text)
                number = re.search(r"(?mi)^CSeq:\s*(\d+)", text)
                line = f"CSeq: {number[1] if number else 0}\r\n"
                if login and "Authorization:" not in text:
                    line = f"RTSP/1.0 401 Unauthorized\r\n{line}WWW-Authenticate: {login}\r\n\r\n"
                elif text.startswith(at):
                    place = text.split()[1] if to == "itself" else to
                    line = f"RTSP/1.0 {status} Moved\r\n{line}Location: {place}\r\n\r\n"
                else:
                    line = f"RTSP/1.0 200 OK\r\n{line}\r\n"
                connection.sendall(line.encode())

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"rtsp://127.0.0.1:{listening.getsockname()[1]}/x", asked
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _request(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            return ""
        head += part
    return head.decode("latin-1")


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("at", ["DESCRIBE", "OPTIONS"])
def test_a_login_goes_to_nobody_else(footage: Footage, login: str, at: str) -> None:
    with (
        odd_camera(footage, Habits(login="Basic")) as other,
        sending(other.url, login=LOGINS[login], at=at) as (url, asked),
        watching(url, user=USER, password=PASSWORD) as watcher,
    ):
        watcher.until_down(Reason.ELSEWHERE)

        assert watcher.camera.link.detail == (
            f"{Address(url).place}: sends us elsewhere: 127.0.0.1:{other.port}; "
            f'name it in hosts of the camera if that is right: hosts: ["127.0.0.1:{other.port}"]'
        )
        assert any("Authorization" in one for one in asked)
        assert other.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_nothing_is_looked_at_that_comes_from_elsewhere(footage: Footage, status: int) -> None:
    with (
        odd_camera(footage) as other,
        sending(other.url, status=status) as (url, _),
        watching(url) as watcher,
    ):
        watcher.until_down(Reason.ELSEWHERE)

        assert watcher.camera.counts.sampled == 0


@pytest.mark.parametrize("login", [None, "Basic", "MD5"])
def test_where_the_camera_may_send_us_we_go(footage: Footage, login: str | None) -> None:
    who = {"user": USER, "password": PASSWORD} if login else {}
    with (
        odd_camera(footage, Habits(login=login)) as other,
        sending(other.url, login=LOGINS["Basic"] if login else None) as (url, _),
        watching(url, hosts=(f"127.0.0.1:{other.port}",), **who) as watcher,  # type: ignore[arg-type]
    ):
        watcher.more(2)

        assert watcher.camera.counts.failures == {}


@pytest.mark.parametrize("who", [{}, {"user": USER, "password": PASSWORD}], ids=["no login", "login"])
def test_a_circle_of_redirects_ends(who: dict[str, str]) -> None:
    with sending("itself", login=LOGINS["Basic"] if who else None) as (url, asked), watching(url, **who) as watcher:
        watcher.until_down(Reason.FAULTY, Reason.SILENT, Reason.GARBAGE)

        assert asked


ELSEWHERE = (
    ("rtsp://camera:554/y", True),
    ("rtsps://camera:322/y", True),
    ("rtsps://camera/y", True),
    ("rtsp://CAMERA/y", True),
    ("rtsp://camera:8554/y", False),
    ("rtsp://camera.evil.example/y", False),
    ("rtsp://camera@evil.example/y", False),
    ("rtsp://named:8554/y", True),
    ("rtsp://named:8555/y", False),
    ("rtsp://any:9999/y", True),
    ("rtsp://[2001:db8::1]:554/y", True),
    ("http://camera/y", False),
    ("file:///etc/passwd", False),
    ("rtsp://camera:99999/y", False),
    ("rtsp://camera/{password}", False),
    ("", False),
)


@pytest.mark.parametrize(("url", "is_followed"), ELSEWHERE)
def test_whom_a_camera_may_send_us_to(url: str, *, is_followed: bool) -> None:
    hosts = ("named:8554", "any", "[2001:db8::1]")
    address = Address("rtsp://camera/x", user="a", password="b", hosts=hosts)

    assert (address.elsewhere(url) is not None) is is_followed


def test_what_is_encrypted_stays_so() -> None:
    assert Address("https://camera:8443/x").elsewhere("http://camera:8443/x") is None
    assert Address("http://camera/x").elsewhere("https://camera/x") == Address("https://camera:443/x")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    path = clips.encode(
        tmp_path_factory.mktemp("snap") / "gate.jpg", codec="mjpeg", muxer="image2", pixel_format="yuvj420p",
        ticks=range(1), muxer_options={"update": "1"},
    )  # fmt: skip
    return says("200 OK", path.read_bytes(), **{"Content-Type": "image/jpeg"})


def test_over_http_nobody_else_is_asked(picture: Answer) -> None:
    with serving(picture) as other, serving(says("302 Found", Location=f"{other.url}/snap.jpg")) as camera:
        with watching(f"{camera.url}/snap.jpg", user=USER, password=PASSWORD) as watcher:
            watcher.until_down(Reason.ELSEWHERE)

        assert other.requests == []


def test_over_http_a_camera_may_send_us_on_to_itself_and_where_it_is_allowed_to(picture: Answer) -> None:
    with serving(picture) as other, serving(says("302 Found", Location=f"{other.url}/snap.jpg")) as camera:
        named = (f"127.0.0.1:{other.port}",)
        with watching(f"{camera.url}/snap.jpg", user=USER, password=PASSWORD, hosts=named) as watcher:  # type: ignore[arg-type]
            watcher.more(1)

            assert watcher.camera.link.state is LinkState.UP


def playlist(*names: str) -> Answer:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:4", *(line for name in names for line in ("#EXTINF:4,", name))]
    body = "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()
    return says("200 OK", body, **{"Content-Type": "application/vnd.apple.mpegurl"})


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    path = clips.encode(tmp_path_factory.mktemp("hls") / "0.ts", ticks=range(40), options={"g": "10", "bf": "0"})
    return says("200 OK", path.read_bytes(), **{"Content-Type": "video/mp2t"})


def test_of_a_playlist_only_what_lies_with_the_camera_is_read(segment: Answer) -> None:
    with serving(segment) as other:
        # FFmpeg, which knows no playlists here; what it is; the playlist; its segment
        with serving(*[playlist(f"{other.url}/0.ts")] * 3) as camera:
            with watching(f"{camera.url}/live.m3u8", user=USER, password=PASSWORD) as watcher:
                watcher.until_down(Reason.ELSEWHERE)

            assert watcher.camera.counts.sampled == 0
        assert other.requests == []


def test_a_playlist_of_the_camera_itself_is_played(segment: Answer) -> None:
    with serving(*[playlist("0.ts")] * 3, segment) as camera, watching(f"{camera.url}/live.m3u8") as watcher:
        assert watcher.more(1)[0].frame.pixels.shape[2] == 3


def test_a_playlist_that_leads_to_another_by_a_redirect_is_not_followed(segment: Answer) -> None:
    with (
        serving(segment) as other,
        serving(*[playlist("0.ts")] * 3, says("302 Found", Location=f"{other.url}/0.ts")) as camera,
    ):
        with watching(f"{camera.url}/live.m3u8") as watcher:
            watcher.until_down(Reason.ELSEWHERE)
        assert other.requests == []


def test_a_redirect_that_comes_once_the_login_was_made_takes_it_nowhere(picture: Answer) -> None:
    challenge = says("401 Unauthorized", **{"WWW-Authenticate": 'Basic realm="x"'})
    with serving(picture) as other:
        elsewhere = says("302 Found", Location=f"{other.url}/snap.jpg")
        with serving(*[challenge, elsewhere] * 20) as camera:
            with watching(f"{camera.url}/snap.jpg", user=USER, password=PASSWORD) as watcher:
                watcher.until_down(Reason.ELSEWHERE)
            assert any("authorization" in one.headers for one in camera.requests)
        assert other.requests == []


@pytest.mark.parametrize(
    "lines",
    [
        '#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="OTHER/key"\n#EXTINF:4,\n0.ts\n#EXT-X-ENDLIST\n',
        '#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="OTHER/init.mp4"\n#EXTINF:4,\n0.m4s\n#EXT-X-ENDLIST\n',
        "#EXT-X-STREAM-INF:BANDWIDTH=1000\nOTHER/low.m3u8\n",
        '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="a",NAME="a",URI="OTHER/a.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1000,VIDEO="a"\nOTHER/low.m3u8\n',
    ],
    ids=["key", "head", "variant", "medium"],
)
def test_nothing_that_a_playlist_names_is_fetched_from_elsewhere(segment: Answer, lines: str) -> None:
    with serving(segment) as other:
        body = ("#EXTM3U\n" + lines.replace("OTHER", other.url)).encode()
        with (
            serving(says("200 OK", body, **{"Content-Type": "application/vnd.apple.mpegurl"})) as camera,
            watching(f"{camera.url}/live.m3u8", user=USER, password=PASSWORD) as watcher,
        ):
            watcher.until_down(Reason.ELSEWHERE, Reason.GARBAGE)
        assert other.requests == []


@pytest.mark.parametrize(
    "address", ["/user={user}&password={password}&channel=1", "/x?user={user}&password={password}"]
)
def test_a_login_that_stands_in_the_address_is_filled_in_and_shown_to_nobody(footage: Footage, address: str) -> None:
    with odd_camera(footage) as camera:
        url = f"rtsp://127.0.0.1:{camera.port}{address}"
        with watching(url, user=USER, password=PASSWORD) as watcher:
            watcher.more(1)
        asked = "\n".join(camera.requests)

        assert "user=viewer&password=p%3Aw" in asked
        assert "Authorization" not in asked
        assert PASSWORD not in repr(Address(url, user=USER, password=PASSWORD))
    assert Address("rtsp://c/p={password}&u={user}", user="a", password="").target == "rtsp://c/p=&u=a"
