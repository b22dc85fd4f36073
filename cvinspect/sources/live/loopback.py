"""Recordings as RTSP cameras on this machine, to rehearse with and to try how many it can watch.

    python -m cvinspect.sources.live.loopback CLIP

prints the port and serves until its standard input ends. It speaks what is needed of RTSP 1.0 (RFC 2326) with RTP for
H.264 (RFC 6184) inside its TCP connection. Recordings are looped at real speed; a path that ends in a number begins at
another key frame, so that numbered cameras do not all show the same moment.
"""

import re
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
from av.bitstream import BitStreamFilterContext

from cvinspect.errors import SourceOpenError

_PAYLOAD_BYTES = 1400
_CLOCK_HZ = 90_000
_PAYLOAD_TYPE = 96
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")
_FU_A = 28
_IDR = 5
_GOLDEN = 0.618034
"""Multiples of it, less their whole part, lie evenly between 0 and 1 however many there are."""

_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=loop\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
_SDP += "a=fmtp:96 packetization-mode=1\r\na=control:video\r\n"


@dataclass(frozen=True, slots=True)
class Unit:
    """The coded picture of one moment."""

    decoded_s: float
    """When it is sent, seconds since the recording began."""
    shown_s: float
    payloads: tuple[bytes, ...]
    """Of its RTP packets."""

    @property
    def is_key(self) -> bool:
        """Whether it can be decoded without the ones before."""
        types = (one[1] if one[0] & 0x1F == _FU_A else one[0] for one in self.payloads)
        return any(kind & 0x1F == _IDR for kind in types)


@dataclass(frozen=True, slots=True)
class Recording:
    """A video, ready to be sent any number of times."""

    units: tuple[Unit, ...]
    length_s: float

    def start(self, path: str) -> int:
        """Which unit this path begins with."""
        number = re.search(r"(\d+)$", path)
        keys = [i for i, unit in enumerate(self.units) if unit.is_key]
        return keys[int(int(number[1]) * _GOLDEN % 1.0 * len(keys))] if number and keys else 0


def read_recording(path: Path) -> Recording:
    """The H.264 video of a file; raises SourceOpenError for anything else."""
    try:
        with av.open(str(path.absolute())) as container:
            stream = container.streams.video[0]
            if stream.codec_context.name != "h264":
                raise SourceOpenError(f"{path}: its video is {stream.codec_context.name}; allowed: h264")
            to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
            units = [
                Unit(float(p.dts * p.time_base), float(p.pts * p.time_base), tuple(_payloads(bytes(p))))
                for packet in container.demux(stream)
                for p in to_annex_b.filter(packet)
                if p.dts is not None and p.pts is not None and p.time_base is not None
            ]
            frame_s = 1 / float(stream.guessed_rate or 25)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise SourceOpenError(f"{path}: is not a video that can be read") from error
    if not units:
        raise SourceOpenError(f"{path}: holds no picture")
    begin_s = units[0].decoded_s
    shifted = tuple(Unit(u.decoded_s - begin_s, u.shown_s - begin_s, u.payloads) for u in units)
    return Recording(shifted, shifted[-1].decoded_s + frame_s)


def _payloads(annex_b: bytes) -> Iterator[bytes]:
    for nal in _START_CODE.split(annex_b):
        if 0 < len(nal) <= _PAYLOAD_BYTES:
            yield nal
        elif nal:
            parts = [nal[i : i + _PAYLOAD_BYTES - 2] for i in range(1, len(nal), _PAYLOAD_BYTES - 2)]
            for number, part in enumerate(parts):
                first, last = number == 0, number == len(parts) - 1
                yield bytes([nal[0] & 0xE0 | _FU_A, first << 7 | last << 6 | nal[0] & 0x1F]) + part


class LoopbackCameras:
    """Serves recordings to whoever asks, in a thread for each connection, until the process ends.

    `recordings` by the first part of their path, without its slash; one under "" is any other path's. `port` 0: any
    free one. Raises OSError where nobody may listen there.
    """

    def __init__(self, recordings: Mapping[str, Recording], *, port: int = 0) -> None:
        self._recordings = recordings
        self._socket = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=_serve, args=(connection, self._recordings), daemon=True).start()


def _serve(connection: socket.socket, recordings: Mapping[str, Recording]) -> None:
    try:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                method, path, number = _request(connection)
                recording = recordings.get(_name(path)) or recordings.get("")
                connection.sendall(_answer(method, number) if recording else _none_there(number))
                if method == "PLAY" and recording:
                    _play(connection, recording, recording.start(path))
    except (OSError, EOFError):
        return


def _name(address: str) -> str:
    return unquote(urlsplit(address).path.strip("/").split("/")[0])


def _request(connection: socket.socket) -> tuple[str, str, str]:
    """Method, path and CSeq of the next request; raises EOFError when the other side hangs up."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            raise EOFError
        head += part
    text = head.decode("latin-1")
    found = re.search(r"(?mi)^CSeq:\s*(\d+)", text)
    method, _, rest = text.partition(" ")
    return method, rest.split(" ", 1)[0].rstrip("/"), found[1] if found else "0"


def _answer(method: str, number: str) -> bytes:
    head, body = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n", ""
    match method:
        case "OPTIONS":
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        case "DESCRIBE":
            body = _SDP
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        case "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1;timeout=60\r\n"
        case _:
            head += "Session: 1\r\n"
    return (head + "\r\n" + body).encode()


def _none_there(number: str) -> bytes:
    return f"RTSP/1.0 404 Not Found\r\nCSeq: {number}\r\n\r\n".encode()


def _play(connection: socket.socket, recording: Recording, start: int) -> None:
    """Send for ever, from that unit on; raises OSError or EOFError when the other side is gone."""
    units, sequence = recording.units, 0
    began_s = time.monotonic() - units[start].decoded_s
    for place in count(start):
        loop, index = divmod(place, len(units))
        unit, passed_s = units[index], loop * recording.length_s
        while (left_s := began_s + passed_s + unit.decoded_s - time.monotonic()) > 0:
            if select.select([connection], [], [], left_s)[0] and not connection.recv(4096):
                raise EOFError
        packets = _packets(unit, sequence, round((passed_s + unit.shown_s) * _CLOCK_HZ) & 0xFFFFFFFF)
        sequence += len(unit.payloads)
        connection.sendall(packets)


def _packets(unit: Unit, sequence: int, ticks: int) -> bytes:
    """Its RTP packets, as they go through the RTSP connection."""
    found = bytearray()
    for number, payload in enumerate(unit.payloads):
        marked = (number == len(unit.payloads) - 1) << 7
        header = struct.pack(">BBHII", 0x80, marked | _PAYLOAD_TYPE, (sequence + number) & 0xFFFF, ticks, 1)
        found += struct.pack(">cBH", b"$", 0, len(header) + len(payload)) + header + payload
    return bytes(found)


def main() -> None:
    """Serve the file named on the command line."""
    cameras = LoopbackCameras({"": read_recording(Path(sys.argv[1]))})
    print(cameras.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
