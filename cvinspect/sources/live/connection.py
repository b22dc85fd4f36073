"""Connecting to a camera: a stream is read on, a single picture is asked for again and again."""

import threading
from collections.abc import Generator
from dataclasses import dataclass
from itertools import chain

from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.sources.decoding.complaints import Complaints
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.sources.live.feed import Feed, LiveFeed, Watched
from cvinspect.sources.live.opening import Opener, OpenStream
from cvinspect.sources.live.snapshot import SnapshotFeed, read_all


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a connection is asked for."""

    rule: SamplingRule
    fps: float
    """Samples a second; a camera that gives single pictures is asked as often."""
    time_out_s: float
    """For each packet."""
    doubt: str | None = None
    """Why the camera's time stamps were not believed in the connection before; None where they were."""


def connect(opener: Opener, watched: Watched, wanted: Wanted, *, stop: threading.Event) -> Feed:
    """Connect to a camera; raises LinkLostError. To be closed in the thread that opens it."""
    complaints = Complaints()
    try:
        opened = opener.open(seconds=watched.seconds, alive=watched.alive, time_out_s=wanted.time_out_s)
        try:
            return _feed(opened, opener, watched, wanted, stop=stop, complaints=complaints)
        except BaseException:
            opened.container.close()
            raise
    except BaseException:
        complaints.close()
        raise


def _feed(
    opened: OpenStream,
    opener: Opener,
    watched: Watched,
    wanted: Wanted,
    *,
    stop: threading.Event,
    complaints: Complaints,
) -> Feed:
    address = opener.address
    ahead: list[Packet[VideoStream]] = []
    if opened.is_picture and not address.is_rtsp:
        watched.alive()
        ahead = read_all(opened, address, watched.seconds, time_out_s=wanted.time_out_s, most=2)
        if len(ahead) == 1:
            return SnapshotFeed(
                opened, ahead, opener, watched,
                fps=wanted.fps, stop=stop, complaints=complaints, time_out_s=wanted.time_out_s,
            )  # fmt: skip
    return LiveFeed(
        opened, _chained(ahead, opened), address, watched, wanted.rule,
        complaints=complaints, doubt=wanted.doubt, time_out_s=wanted.time_out_s,
    )  # fmt: skip


def _chained(ahead: "list[Packet[VideoStream]]", opened: OpenStream) -> "Generator[Packet[VideoStream], None, None]":
    """What was read ahead, and then the rest; closing it lets go of the stream's reader."""
    try:
        yield from chain(ahead, opened.packets)
    finally:
        opened.packets.close()
