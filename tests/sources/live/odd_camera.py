"""RTSP cameras on the loopback that have habits: which packets they lose, what they stamp, what login they want.

    with odd_camera(Footage.of(path), Habits(loses=every(20))) as camera:
        watch(camera.url)

Speaks what is needed of RTSP 1.0 (RFC 2326), RTP over TCP and UDP, H.264 (RFC 6184) and H.265 (RFC 7798).
"""

import base64
import hashlib
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

START_CODE = re.compile(rb"\x00\x00\x00?\x01")
PAYLOAD_BYTES = 400
CLOCK_HZ = 90_000
USER, PASSWORD, REALM, NONCE = "viewer", "p:w", "gate", "5f2c"
BASIC = re.escape(base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


@dataclass(frozen=True)
class Footage:
    """Coded pictures, one access unit each, in the order of decoding."""

    codec: str
    units: tuple[tuple[float, tuple[bytes, ...], bool], ...]
    """When it is shown, seconds; its NAL units; whether it is a key picture."""
    fps: float

    @classmethod
    def of(cls, path: Path) -> "Footage":
        """The H.264 or H.265 video of a file."""
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            codec = stream.codec_context.name
            to_annex_b = BitStreamFilterContext({"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}[codec], stream)
            found = [packet for one in container.demux(stream) for packet in to_annex_b.filter(one) if packet.size]
            units = tuple(
                (
                    float((packet.pts or 0) * (packet.time_base or 0)),
                    tuple(nal for nal in START_CODE.split(bytes(packet)) if nal),
                    packet.is_keyframe,
                )
                for packet in found
            )
            return cls(codec, units, float(stream.average_rate or 10))


@dataclass(frozen=True)
class Habits:
    """What is odd about it."""

    loses: Callable[[int, bool], bool] = lambda _number, _is_key: False
    """Whether this RTP packet, counted from 0, is lost on the way; and whether it is of a key picture."""
    spoils: Callable[[int, bytes], bytes] = lambda _number, nal: nal
    """What becomes of a NAL unit of this picture, counted from 0, before it is sent."""
    numbers: Callable[[int], int] = lambda number: number
    """The sequence number of an RTP packet, counted from 0."""
    leaves_out: Callable[[int], bool] = lambda _number: False
    """Whether this picture, counted from 0, is never sent; its packets are not counted either."""
    stamps: Callable[[float], float] = lambda shown_s: shown_s
    """The RTP time of a picture that is shown at that second."""
    pace: Callable[[float], float] = lambda shown_s: shown_s
    """When a picture that is shown at that second is sent."""
    begins_with: int = 0
    """The first picture that is sent."""
    login: str | None = None
    """"SHA-256", "MD5", "SHA-256-sess", "Basic", "Negotiate"; several, with ", " between, in the order offered."""
    describes: bool = False
    """Whether it tells its H.264 parameter sets before it sends any picture."""


@dataclass
class OddCamera:
    """A running one."""

    port: int
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    """Pictures sent so far, over all connections."""
    connections: int = 0

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/gate"


@contextmanager
def odd_camera(footage: Footage, habits: Habits | None = None) -> Iterator[OddCamera]:
    """It serves whoever asks while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        camera = OddCamera(listening.getsockname()[1])
        stopped = threading.Event()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    camera.connections += 1
                    speaks = Speaking(connection, footage, habits or Habits(), camera, stopped)
                    threading.Thread(target=speaks.serve, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield camera
        finally:
            stopped.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


@dataclass
class Speaking:
    """One connection."""

    connection: socket.socket
    footage: Footage
    habits: Habits
    camera: OddCamera
    stopped: threading.Event
    udp: tuple[socket.socket, int] | None = None
    """Where to send RTP, unless it goes through the connection."""
    opened: ExitStack = field(default_factory=ExitStack)

    def serve(self) -> None:
        with self.connection, suppress(OSError, EOFError), ExitStack() as self.opened:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self.stopped.is_set():
                text = self._request()
                method = text.split(" ", 1)[0]
                self.camera.requests.append(text)
                self.connection.sendall(self._answer(method, text))
                if method == "PLAY" and self._is_let_in(method, text):
                    self._play()

    def _request(self) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.connection.recv(4096)
            if not part:
                raise EOFError
            head += part
        return head.decode("latin-1")

    def _answer(self, method: str, text: str) -> bytes:
        number = re.search(r"(?mi)^CSeq:\s*(\d+)", text)
        tail = f"CSeq: {number[1] if number else 0}\r\n"
        if not self._is_let_in(method, text):
            offered = "".join(f"WWW-Authenticate: {_challenge(one)}\r\n" for one in self._logins)
            return f"RTSP/1.0 401 Unauthorized\r\n{tail}{offered}\r\n".encode()
        body = ""
        match method:
            case "DESCRIBE":
                body = self._description()
                tail += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
            case "SETUP":
                tail += f"{self._transport(text)}Session: 1;timeout=60\r\n"
            case _:
                tail += "Session: 1\r\n"
        return f"RTSP/1.0 200 OK\r\n{tail}\r\n{body}".encode()

    @property
    def _logins(self) -> list[str]:
        return self.habits.login.split(", ") if self.habits.login else []

    def _is_let_in(self, method: str, text: str) -> bool:
        if not self._logins or method == "OPTIONS":
            return True
        if "Basic" in self._logins and re.search(rf"(?mi)^Authorization:\s*Basic\s+{BASIC}\s*$", text):
            return True
        line = re.search(r"(?mi)^Authorization:\s*Digest\s+(.*?)\s*$", text)
        if line is None:
            return False
        said = {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', line[1])}
        login = said.get("algorithm", "MD5")
        if login not in self._logins:
            return False
        hashed = hashlib.sha256 if login.startswith("SHA-256") else hashlib.md5

        def digest(words: str) -> str:
            return hashed(words.encode()).hexdigest()

        secret = digest(f"{USER}:{REALM}:{PASSWORD}")
        if login.endswith("-sess"):
            secret = digest(f"{secret}:{NONCE}:{said['cnonce']}")
        asked = digest(f"{method}:{said['uri']}")
        right = digest(f"{secret}:{NONCE}:{said['nc']}:{said['cnonce']}:auth:{asked}")
        return said["uri"] == text.split(" ")[1] and said["response"] == right

    def _description(self) -> str:
        name = {"h264": "H264", "hevc": "H265"}[self.footage.codec]
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=gate", "t=0 0", "m=video 0 RTP/AVP 96"]
        lines += [f"a=rtpmap:96 {name}/{CLOCK_HZ}", "a=control:video"]
        if name == "H264":
            sets = [nal for _, nals, _ in self.footage.units for nal in nals if nal[0] & 31 in {7, 8}][:2]
            told = ",".join(base64.b64encode(one).decode() for one in sets)
            told = f";sprop-parameter-sets={told}" if self.habits.describes else ""
            lines.append(f"a=fmtp:96 packetization-mode=1{told}")
        return "\r\n".join(lines) + "\r\n"

    def _transport(self, text: str) -> str:
        ports = re.search(r"client_port=(\d+)-(\d+)", text)
        if ports is None:
            return "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        out = self.opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        out.bind(("127.0.0.1", 0))
        self.udp = out, int(ports[1])
        here = out.getsockname()[1]
        return f"Transport: RTP/AVP;unicast;client_port={ports[1]}-{ports[2]};server_port={here}-{here + 1}\r\n"

    def _play(self) -> None:
        units, fps = self.footage.units, self.footage.fps
        length_s, sequence, first = len(units) / fps, 0, self.habits.begins_with
        began_s = time.monotonic()
        for place in count(first):
            if self.stopped.is_set():
                raise EOFError
            loop, index = divmod(place, len(units))
            shown_s, nals, is_key = units[index]
            self._wait_until(began_s + self.habits.pace((place - first) / fps))
            ticks = round(self.habits.stamps(shown_s + loop * length_s) * CLOCK_HZ) & 0xFFFFFFFF
            parts = [part for nal in nals for part in self._payloads(self.habits.spoils(place, nal))]
            if self.habits.leaves_out(place):
                continue
            for number, part in enumerate(parts):
                if not self.habits.loses(sequence, is_key):
                    self._send(part, sequence, ticks, is_last=number == len(parts) - 1)
                sequence += 1
            self.camera.sent += 1

    def _wait_until(self, due_s: float) -> None:
        while (left_s := due_s - time.monotonic()) > 0 and not self.stopped.is_set():
            if select.select([self.connection], [], [], min(left_s, 0.2))[0]:
                said = self.connection.recv(4096)
                if not said:
                    raise EOFError
                if said[:1] != b"$":
                    self.camera.requests.append(said.decode("latin-1"))

    def _send(self, payload: bytes, sequence: int, ticks: int, *, is_last: bool) -> None:
        number = self.habits.numbers(sequence) & 0xFFFF
        packet = struct.pack(">BBHII", 0x80, is_last << 7 | 96, number, ticks, 1) + payload
        if self.udp is None:
            self.connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
        else:
            self.udp[0].sendto(packet, ("127.0.0.1", self.udp[1]))

    def _payloads(self, nal: bytes) -> Iterator[bytes]:
        if len(nal) <= PAYLOAD_BYTES:
            yield nal
            return
        header, step = (1, PAYLOAD_BYTES - 2) if self.footage.codec == "h264" else (2, PAYLOAD_BYTES - 3)
        parts = [nal[i : i + step] for i in range(header, len(nal), step)]
        for number, part in enumerate(parts):
            ends = (number == 0) << 7 | (number == len(parts) - 1) << 6
            if header == 1:
                yield bytes([nal[0] & 0xE0 | 28, ends | nal[0] & 0x1F]) + part
            else:
                yield bytes([nal[0] & 0x81 | 49 << 1, nal[1], ends | nal[0] >> 1 & 0x3F]) + part


def _challenge(login: str) -> str:
    if login == "Negotiate":
        return login
    if login == "Basic":
        return f'Basic realm="{REALM}"'
    return f'Digest realm="{REALM}", nonce="{NONCE}", algorithm={login}, qop="auth", opaque="x"'
