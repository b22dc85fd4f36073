"""The RTSP server itself, for the system's python3: it has GstRtspServer, a virtual environment has not.

Reads one JSON order a line on stdin and answers each with one JSON line. Stands alone: nothing of the package can be
imported here.
"""

# ruff: noqa: ANN401, BLE001, T201  GStreamer has no types; whatever fails is told to the tests on stdout
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

LAUNCH = (
    "( appsrc name=src is-live=true format=time max-bytes=200000 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
START_CODE = b"\x00\x00\x00\x01"
KEY_UNIT, DELIMITER = 5, 9
RIGHTS = ("media.factory.access", "media.factory.construct")
ROLE = "viewer"

Order = dict[str, Any]


def access_units(path: str) -> list[tuple[bytes, bool]]:
    """Each picture's bytes, and whether it is a key picture; the file has an access unit delimiter before each."""
    units: list[tuple[bytes, bool]] = []
    for part in Path(path).read_bytes().replace(START_CODE, START_CODE[1:]).split(START_CODE[1:])[1:]:
        kind = part[0] & 31
        if kind == DELIMITER:
            units.append((b"", False))
        data, is_key = units[-1]
        units[-1] = data + START_CODE + part, is_key or kind == KEY_UNIT
    return units


class Scene:
    """A clip that goes on whether anybody looks or not: where it stands depends on the machine's steady clock alone."""

    def __init__(self, order: Order) -> None:
        self.units = access_units(order["clip"])
        self.fps = order["fps"]
        self.began_s = order["began_s"]

    def next_key(self) -> int:
        """The first key picture that is due from now on."""
        number = max(0, int((time.monotonic() - self.began_s) * self.fps))
        while not self.unit(number)[1]:
            number += 1
        return number

    def unit(self, number: int) -> tuple[bytes, bool]:
        """A picture of the loop."""
        return self.units[number % len(self.units)]


class Mount(GstRtspServer.RTSPMediaFactory):
    """One path: one pipeline for all who look at it, anew whenever nobody did."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.set_launch(LAUNCH)
        self.set_shared(True)
        permissions = GstRtspServer.RTSPPermissions.new()
        for right in RIGHTS:
            permissions.add_permission_for_role(ROLE, right, True)
        self.set_permissions(permissions)

    def do_configure(self, media: Any) -> None:
        """A connection begins."""
        feeder = Feeder(self)
        media.get_element().get_by_name("src").connect("need-data", feeder.feed)


class Feeder:
    """Feeds one pipeline, from a key picture on; presentation times count on for ever."""

    def __init__(self, mount: Mount) -> None:
        self.mount = mount
        self.scene = mount.scene
        self.number = self.scene.next_key()
        self.time_s = 0.0

    def feed(self, source: Any, _wanted: int) -> None:
        """The next picture; the pipeline's clock keeps the pace."""
        if self.scene is not self.mount.scene:
            self.scene = self.mount.scene
            self.number = self.scene.next_key()
        buffer = Gst.Buffer.new_wrapped(self.scene.unit(self.number)[0])
        buffer.pts = buffer.dts = int(self.time_s * Gst.SECOND)
        buffer.duration = int(Gst.SECOND / self.scene.fps)
        source.emit("push-buffer", buffer)
        self.number += 1
        self.time_s += 1 / self.scene.fps


class Server:
    """All mounts on one port of the loopback."""

    def __init__(self, port: int) -> None:
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
        self.server.set_service(str(port))
        self.mounts: dict[str, Mount] = {}
        if not self.server.attach(None):
            raise OSError(f"port {port} is taken")
        self.port = self.server.get_bound_port()

    def obey(self, order: Order) -> Order:
        """Do what an order says."""
        match order["do"]:
            case "mount":
                mount = self.mounts[order["path"]] = Mount(Scene(order))
                self.server.get_mount_points().add_factory(order["path"], mount)
            case "show":
                self.mounts[order["path"]].scene = Scene(order)
            case "unmount":
                self.server.get_mount_points().remove_factory(order["path"])
            case "admit":
                self.server.set_auth(_admitting(order["user"], order["password"], order["scheme"]))
            case "drop":
                self.server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)
            case "clients":
                return {"clients": len(self.server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REF))}
            case other:
                return {"error": f"no such order: {other}"}
        return {}


def _admitting(user: str, password: str, scheme: str) -> Any:
    """Nobody is let in but this user."""
    auth, token = GstRtspServer.RTSPAuth.new(), GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", ROLE)
    if scheme == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(auth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    return auth


def serve(port: int) -> None:
    """Until stdin closes."""
    Gst.init(None)
    server = Server(port)
    loop = GLib.MainLoop()
    threading.Thread(target=_listen, args=(server, loop), daemon=True).start()
    print(json.dumps({"port": server.port}), flush=True)
    loop.run()


def _listen(server: Server, loop: Any) -> None:
    """Orders are obeyed in the loop's own thread."""
    for line in sys.stdin:
        GLib.idle_add(_answer, server, json.loads(line))
    loop.quit()


def _answer(server: Server, order: Order) -> bool:
    try:
        answer = server.obey(order)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
    return False


if __name__ == "__main__":
    serve(int(sys.argv[1]))
