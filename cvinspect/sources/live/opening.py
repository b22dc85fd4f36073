"""Opening a camera's address with FFmpeg."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from cvinspect.opencv import MOST_PIXELS
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.challenge import is_for_ffmpeg
from cvinspect.sources.live.faults import not_opened, not_there
from cvinspect.sources.live.login_relay import LoginRelay, asked_login
from cvinspect.sources.live.states import LinkLostError, Reason

_ANALYSED_S = 0.5
"""To look at a stream before its first picture is given; FFmpeg would take 3 s."""

_ANALYSED_PICTURES = 3
"""FFmpeg waits for so many pictures of a slide show before it opens."""

_UNTIMED = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "h264", "hevc", "image2", "image2pipe"})
"""Formats without presentation times: FFmpeg makes them up from an assumed rate. The time of arrival is better."""

_PROTOCOLS = {"rtsp": "rtsp,rtp,rtcp,udp,tcp", "rtsps": "rtsp,rtsps,rtp,rtcp,udp,tcp,tls,srtp"}
_HTTP_PROTOCOLS = "http,https,tcp,tls,crypto"
"""A camera cannot send us elsewhere, to a file of this machine least of all."""

_REORDERED_PACKETS = "8"
"""Over TCP nothing comes out of order, but FFmpeg tells lost packets only where it keeps a queue."""

_SAID_OF_RELAY = frozenset({Reason.GARBAGE, Reason.SILENT, Reason.ENDED})
"""The relay is always there: so it looks where the camera behind it is not."""

_CHECKED = {"hevc": {"err_detect": "crccheck"}}
"""Cameras that send a checksum with each picture are taken at their word; this decoder finds little damage else."""


@dataclass(frozen=True, slots=True)
class OpenStream:
    """An open connection with its best stream of moving pictures, set to decode in this thread only."""

    container: InputContainer
    stream: VideoStream
    packets: "Generator[Packet[VideoStream], None, None]"
    """The stream's, one after the other; to be closed before the container is."""

    @property
    def is_timed(self) -> bool:
        """Whether its packets carry times of the camera's."""
        return not _UNTIMED & self._formats

    @property
    def is_picture(self) -> bool:
        """Whether it may be a single picture."""
        return any(one in {"image2", "mpjpeg", "mjpeg"} or one.endswith("_pipe") for one in self._formats)

    @property
    def _formats(self) -> set[str]:
        return set(self.container.format.name.split(","))


class Opener:
    """Opens one camera's address, again and again; remembers what login it wants."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._needs_relay = False
        self.keeps_order = True
        """Whether RTP packets are put into the order of their numbers, and lost ones are noticed by them."""

    def open(self, *, seconds: Callable[[], float], alive: Callable[[], None], time_out_s: float) -> OpenStream:
        """Connect to the camera; raises LinkLostError. `time_out_s`: for each packet."""
        if not self._needs_relay:
            try:
                return self._opened(self.address, seconds=seconds, alive=alive, time_out_s=time_out_s)
            except LinkLostError as lost:
                if lost.reason is not Reason.UNAUTHORISED:
                    raise
                self._look_into(lost)
        relay = LoginRelay(self.address)
        try:
            return self._opened(relay.address, seconds=seconds, alive=alive, time_out_s=time_out_s)
        except LinkLostError as lost:
            absent = not_there(self.address) if lost.reason in _SAID_OF_RELAY else None
            if absent is not None:
                raise absent from None
            place = self.address.place
            raise LinkLostError(lost.reason, lost.detail.replace(relay.address.place, place)) from None
        finally:
            relay.close()

    def _opened(
        self, address: Address, *, seconds: Callable[[], float], alive: Callable[[], None], time_out_s: float
    ) -> OpenStream:
        alive()
        began_s = seconds()
        # FFmpeg's own time-outs (`_options`) end a silent stream. With PyAV's for reading, each read of a socket would
        # wait for the interpreter's lock: several times for each RTP packet.
        try:
            container = av.open(
                address.authenticated(),
                options=_options(address, time_out_s, keeps_order=self.keeps_order),
                timeout=(time_out_s if address.is_rtsp else _ANALYSED_PICTURES * time_out_s, None),
                metadata_errors="replace",
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            # From None: the error that is left out names the URL, with its password.
            alive()
            raise not_opened(address, error, took_s=seconds() - began_s, time_out_s=time_out_s) from None
        try:
            stream = _stream(container, address)
            packets = cast("Generator[Packet[VideoStream], None, None]", container.demux(stream))
            return OpenStream(container, stream, packets)
        except BaseException:
            container.close()
            raise

    def _look_into(self, lost: LinkLostError) -> None:
        """Raises what was wrong with the login, unless a relay can make it."""
        asked = asked_login(self.address)
        if self.address.user is None and asked:
            says = f"{self.address.place}: wants user and password, and none are given"
            raise LinkLostError(Reason.UNAUTHORISED, says) from lost
        if is_for_ffmpeg(asked):
            raise lost
        if not any(one.can_be_met for one in asked):
            kinds = ", ".join(sorted({one.kind for one in asked}))
            says = f"{self.address.place}: wants a login that this program cannot make: {kinds}"
            raise LinkLostError(Reason.UNAUTHORISED, says) from lost
        self._needs_relay = True


def _options(address: Address, time_out_s: float, *, keeps_order: bool) -> dict[str, str]:
    time_out_us = f"{time_out_s * 1e6:.0f}"
    common = {"timeout": time_out_us, "analyzeduration": f"{_ANALYSED_S * 1e6:.0f}", "fpsprobesize": "0"}
    if not address.is_rtsp:
        return {**common, "rw_timeout": time_out_us, "protocol_whitelist": _HTTP_PROTOCOLS}
    return {
        **common,
        "rtsp_transport": address.transport.value,
        "allowed_media_types": "video",
        "protocol_whitelist": _PROTOCOLS[address.scheme],
        **_queue(address.transport, keeps_order=keeps_order),
    }


def _queue(transport: Transport, *, keeps_order: bool) -> dict[str, str]:
    if not keeps_order:
        return {"reorder_queue_size": "0"}
    return {"reorder_queue_size": _REORDERED_PACKETS} if transport is Transport.TCP else {}


def _stream(container: InputContainer, address: Address) -> VideoStream:
    """The best stream of moving pictures; raises LinkLostError."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    # PyAV has no codec context where FFmpeg has no decoder, whatever its type hints say.
    streams = [s for s in streams if getattr(s, "codec_context", None)]
    if not streams:
        raise LinkLostError(Reason.GARBAGE, f"{address.place}: sends no video that can be decoded")
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    context = stream.codec_context
    context.thread_count = 1
    context.thread_type = "NONE"
    limits = {"max_pixels": str(MOST_PIXELS)}
    context.options = {**context.options, **limits, **_CHECKED.get(context.name, {})}
    return stream
