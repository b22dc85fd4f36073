"""Real RTSP cameras on the loopback, for tests: H.264 clips that go on for ever.

    with running() as server:
        server.mount("/gate", h264_clip(tmp_path / "gate.h264"))
        camera = server.url("/gate")

The server is a process of its own, which can be killed, frozen, started again on the same port. A scene goes on
whether anybody looks or not, through restarts of the server too: where its clip stands depends on the clock alone.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cvinspect.domain import Pixels
from tests import clips
from tests.faults.relay import free_port

_SYSTEM_PYTHON = "/usr/bin/python3"
_PROGRAM = Path(__file__).with_name("rtsp_server_program.py")
_PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp gstreamer1.0-plugins-base gstreamer1.0-plugins-bad"
_NEEDED = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer;"
    "Gst.init(None); assert all(Gst.ElementFactory.find(n) for n in ('appsrc', 'h264parse', 'rtph264pay'))"
)


def h264_clip(
    path: Path,
    *,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    frames: int = 50,
    key_every: int = 10,
    picture: Callable[[int], Pixels] | None = None,
    pixel: str = "1/1",
) -> Path:
    """Raw H.264 without reordering, with a delimiter before each picture, as `mount` wants it.

    `picture(i)` is frame i, (height, width, 3) BGR; by default a square moves. `pixel` is a pixel's width to height.
    """
    options = {"bf": "0", "g": str(key_every), "preset": "ultrafast", "tune": "zerolatency"}
    x264 = f"aud=1:repeat-headers=1:scenecut=0:sar={pixel}:min-keyint={key_every}:keyint={key_every}:threads=1"
    return clips.encode(
        path,
        size=size,
        fps=fps,
        ticks=range(frames),
        picture=picture,
        options={**options, "x264-params": x264},
        muxer="h264",
    )


_Order = dict[str, str | float]


class RtspServer:
    """One server process with any number of mounts, on one port for as long as this object lives."""

    def __init__(self) -> None:
        """Skips the test where GStreamer is missing."""
        need_gstreamer()
        self.port = free_port()
        self._orders: dict[str, _Order] = {}
        """What a restarted process is told again: one order for each path, and who is let in."""
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the process, with everything that was mounted."""
        self._process = subprocess.Popen(
            [_SYSTEM_PYTHON, str(_PROGRAM), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()
        for order in self._orders.values():
            self._ask(order)

    def kill(self) -> None:
        """The power is cut: the process ends without a word."""
        if self._process is None:
            return
        self._process.kill()
        with self._process:
            self._process = None

    def freeze(self) -> None:
        """The process stands still, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def mount(self, path: str, clip: Path, *, fps: float = 10, began_s: float | None = None) -> None:
        """Show a clip of `h264_clip` at a path such as "/gate", looped, at so many frames a second.

        It begins now, or began at that second of the monotonic clock.
        """
        began_s = time.monotonic() if began_s is None else began_s
        self._orders[path] = _order("mount", path=path, clip=str(clip), fps=fps, began_s=began_s)
        self._ask(self._orders[path])

    def show(self, path: str, clip: Path, *, fps: float = 10, began_s: float | None = None) -> None:
        """Another clip at the same path, in the middle of running connections; it begins now, or began then."""
        began_s = time.monotonic() if began_s is None else began_s
        self._orders[path] = _order("mount", path=path, clip=str(clip), fps=fps, began_s=began_s)
        self._ask({**self._orders[path], "do": "show"})

    def unmount(self, path: str) -> None:
        """Nothing is to be had at the path any more; running connections go on."""
        del self._orders[path]
        self._ask(_order("unmount", path=path))

    def admit(self, user: str, password: str, *, scheme: str = "digest") -> None:
        """Let nobody in but this user, from the next connection on; `scheme` is "digest" or "basic"."""
        self._orders["who"] = _order("admit", user=user, password=password, scheme=scheme)
        self._ask(self._orders["who"])

    def drop_clients(self) -> None:
        """Close all connections; new ones are welcome."""
        self._ask(_order("drop"))

    def clients(self) -> int:
        """How many are connected."""
        return int(self._ask(_order("clients"))["clients"])

    def url(self, path: str) -> str:
        """Where a mount is, without credentials."""
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def _ask(self, order: _Order) -> dict[str, int]:
        assert self._process is not None
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def _answer(self) -> dict[str, int]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the RTSP server has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return dict(answer)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


def _order(do: str, **given: str | float) -> _Order:
    return {"do": do, **given}


def need_gstreamer() -> None:
    """Skip the test where the system has no RTSP server for us."""
    try:
        found = subprocess.run([_SYSTEM_PYTHON, "-c", _NEEDED], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        found = False
    if not found:
        pytest.skip(f"{_SYSTEM_PYTHON} has no GstRtspServer (Debian: {_PACKAGES})")


@contextmanager
def running() -> Iterator[RtspServer]:
    """A server while the block runs."""
    server = RtspServer()
    server.start()
    try:
        yield server
    finally:
        server.kill()
