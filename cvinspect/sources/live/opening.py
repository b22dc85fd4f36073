"""Opening a camera's address with FFmpeg."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from cvinspect.opencv import MOST_PIXELS
from cvinspect.sources.decoding.complaints import redirects_heard
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.challenge import is_for_ffmpeg
from cvinspect.sources.live.faults import not_opened, not_there, sent_elsewhere
from cvinspect.sources.live.login_relay import LoginRelay, asked_login
from cvinspect.sources.live.states import LinkLostError, Reason
from cvinspect.sources.live.web import Web

_ANALYSED_S = 0.5
"""To look at a stream before its first picture is given; FFmpeg would take 3 s."""

_ANALYSED_PICTURES = 3
"""FFmpeg waits for so many pictures of a slide show before it opens."""

_UNTIMED = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "h264", "hevc", "image2", "image2pipe"})
"""Formats without presentation times: FFmpeg makes them up from an assumed rate. The time of arrival is better."""

_PROTOCOLS = {"rtsp": "rtsp,rtp,rtcp,udp,tcp,srtp", "rtsps": "rtsp,rtsps,rtp,rtcp,udp,tcp,tls,srtp"}
_HTTP_PROTOCOLS = "http,https,tcp,tls,crypto"
"""A camera cannot send us elsewhere, to a file of this machine least of all."""

_HTTP_FORMATS = (
    "mpjpeg,mjpeg,jpeg_pipe,jpegls_pipe,j2k_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe,image2,image2pipe,flv,live_flv,"
    "mpegts,mpeg,mpegvideo,mov,mp4,matroska,webm,avi,asf,ogg,h264,hevc,m4v,obu,ivf,dhav,wtv,gif,apng"
)
"""Of what a camera sends by itself. Playlists, which name others, are read by `Web`."""

_PLAYLIST = {
    "allowed_extensions": "ALL",
    "extension_picky": "0",
    "http_persistent": "0",
    "http_seekable": "0",
    "protocol_whitelist": _HTTP_PROTOCOLS,
}

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
        opening = _Opening(seconds, alive, time_out_s, self.keeps_order)
        if not self._needs_relay and not (self.address.is_rtsp and self.address.logs_in):
            try:
                return self._directly(opening)
            except LinkLostError as lost:
                if lost.reason is not Reason.UNAUTHORISED:
                    raise
                self._look_into(lost)
        return self._through_relay(opening)

    def _directly(self, opening: "_Opening") -> OpenStream:
        """FFmpeg speaks to the camera itself, and to nobody else."""
        if self.address.is_rtsp:
            with redirects_heard() as told:
                try:
                    opened = _opened(self.address, opening)
                except LinkLostError:
                    self._refuse_redirects(told())
                    raise
                try:
                    self._refuse_redirects(told())
                except LinkLostError:
                    opened.packets.close()
                    opened.container.close()
                    raise
                return opened
        try:
            return _opened(self.address, opening)
        except LinkLostError as lost:
            if lost.reason is not Reason.GARBAGE:
                raise
            opening.alive()
            found = Web(self.address, time_out_s=opening.time_out_s).find()
            if found is None:
                raise
        opening.alive()
        web = Web(found.address, time_out_s=opening.time_out_s) if found.is_playlist else None
        return _opened(found.address, opening, web)

    def _refuse_redirects(self, urls: Sequence[str]) -> None:
        address = self.address
        for url in urls:
            following = address.elsewhere(url)
            if following is None:
                raise sent_elsewhere(self.address, url)
            address = following

    def _through_relay(self, opening: "_Opening") -> OpenStream:
        relay = LoginRelay(self.address)
        try:
            return _opened(relay.address, opening)
        except LinkLostError as lost:
            if relay.lost is not None:
                raise relay.lost from None
            if lost.reason is Reason.UNAUTHORISED:
                self._look_into(self._said(lost, relay))
                raise self._said(lost, relay) from None
            absent = not_there(self.address) if lost.reason in _SAID_OF_RELAY else None
            raise (absent or self._said(lost, relay)) from None
        finally:
            relay.close()

    def _said(self, lost: LinkLostError, relay: LoginRelay) -> LinkLostError:
        """As it is so of the camera."""
        return LinkLostError(lost.reason, lost.detail.replace(relay.address.place, self.address.place))

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


@dataclass(frozen=True, slots=True)
class _Opening:
    """What an attempt is made with."""

    seconds: Callable[[], float]
    alive: Callable[[], None]
    time_out_s: float
    keeps_order: bool


def _opened(address: Address, opening: _Opening, web: Web | None = None) -> OpenStream:
    """Raises LinkLostError. With `web` it is a playlist, all of which is read through that."""
    opening.alive()
    began_s, time_out_s = opening.seconds(), opening.time_out_s
    # FFmpeg's own time-outs (`_options`) end a silent stream. With PyAV's for reading, each read of a socket would
    # wait for the interpreter's lock: several times for each RTP packet.
    time_outs = time_out_s if address.is_rtsp else _ANALYSED_PICTURES * time_out_s, None
    try:
        container = av.open(
            address.authenticated() if web is None else address.target,
            format=None if web is None else "hls",
            options=_options(address, time_out_s, keeps_order=opening.keeps_order) if web is None else _PLAYLIST,
            timeout=time_outs,
            metadata_errors="replace",
            io_open=None if web is None else web.open,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        # From None: the error that is left out names the URL, with its password.
        opening.alive()
        raise not_opened(address, error, took_s=opening.seconds() - began_s, time_out_s=time_out_s) from None
    try:
        stream = _stream(container, address)
        packets = cast("Generator[Packet[VideoStream], None, None]", container.demux(stream))
        return OpenStream(container, stream, packets)
    except BaseException:
        container.close()
        raise


def _options(address: Address, time_out_s: float, *, keeps_order: bool) -> dict[str, str]:
    time_out_us = f"{time_out_s * 1e6:.0f}"
    common = {"timeout": time_out_us, "analyzeduration": f"{_ANALYSED_S * 1e6:.0f}", "fpsprobesize": "0"}
    if not address.is_rtsp:
        limits = {"protocol_whitelist": _HTTP_PROTOCOLS, "format_whitelist": _HTTP_FORMATS, "max_redirects": "0"}
        return {**common, **limits, "rw_timeout": time_out_us}
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
