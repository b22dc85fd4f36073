"""The nouns: frozen values that the stages hand to each other.

A *run* is one connection to a source: tracks live for a run, incidents outlive it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cvinspect.geometry import Box, Polygon
from cvinspect.taxonomy import Violation

Pixels = NDArray[np.uint8]
"""A picture: uint8, (height, width, 3), BGR."""


def as_text(name: str) -> str:
    """A name made of a file's: Linux lets it be bytes that are no text; a question mark stands for each of them."""
    return name.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One picture between two samples."""

    before_s: float
    """Seconds before the later of the two."""
    pixels: Pixels


class Passage(Protocol):
    """What a camera sent between two samples, which nobody has looked at yet."""

    @property
    def span_s(self) -> float:
        """How many seconds before the later sample it begins."""
        ...

    def stretches(self) -> Iterator[Iterator[Glimpse]]:
        """Pieces that can be looked at one without the other, the last first, each in order of time.

        Everything is done when it is asked for, and may be slow.
        """
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One sampled picture of one camera."""

    camera: str
    index: int
    """Position among the frames of the source, from 0; skipped frames count."""
    media_s: float
    """Seconds since this run began; never goes back. For durations."""
    captured_at: datetime
    """Aware UTC. For records."""
    pixels: Pixels
    passage: Passage | None = None
    """What came since the sample before, where the source still has it."""


class Pace(StrEnum):
    """How often a camera is looked at until the next sample."""

    SPARSE = "sparse"
    """Nothing goes on that a sample more would tell of."""
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Detection:
    """What the detector saw in one frame."""

    label: str
    confidence: float
    """In [0, 1]."""
    box: Box


@dataclass(frozen=True, slots=True)
class CarefulLook:
    """What the careful network saw in one frame, in which the quick one had looked too."""

    detections: tuple[Detection, ...]
    """In pixels of the picture, however unsure."""
    agrees_from: Mapping[str, float]
    """By label: the confidence from which on it bears out what the quick network sighted."""
    sure_from: Mapping[str, float]
    """By label: the confidence from which on its own word counts."""


@dataclass(frozen=True, slots=True)
class Track:
    """One thing followed through the frames of a run, as it stands at the present frame."""

    id: int
    """Unique within the run."""
    label: str
    box: Box
    """The present detection's box, unsmoothed."""
    smoothed: Box
    """Median of the last boxes: what stillness is judged on."""
    confidence: float
    """The present detection's, in [0, 1]."""
    peak_confidence: float
    """The best so far, in [0, 1]."""
    first_seen_s: float
    last_seen_s: float
    rest_since_s: float | None
    """Media seconds at which the thing came to rest, or None while it moves."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A drawn area of a camera's picture."""

    id: str
    kind: str
    polygon: Polygon
    """Corners (x, y) as shares of width and height, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a camera stands."""

    lon: float | None = None
    """Degrees, WGS-84."""
    lat: float | None = None
    """Degrees, WGS-84."""
    address: str | None = None
    grid_code: str | None = None
    """单元网格 code, 15 digits."""
    road_id: str | None = None


FIRST_VIEW = "1"
"""What the view of a camera is called where nobody has named any; others that it shows count on."""


@dataclass(frozen=True, slots=True)
class View:
    """One of the pictures that a camera which turns goes back to, with what is drawn in it."""

    id: str
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """Where pictures come from: one fixed view, or several.

    A view without zones is judged as if its whole picture were every kind of zone.
    """

    id: str
    location: Location = Location()
    zones: tuple[Zone, ...] = ()
    """Of the view that it shows; of a camera with named views, none."""
    device_gbid: str | None = None
    """GB/T 28181 device id, 20 digits."""
    views: tuple[View, ...] = ()
    """Those that somebody has named; empty: it has one, and what else it shows it was not drawn for."""

    @property
    def view_ids(self) -> tuple[str, ...]:
        """Of all views in which something can be judged for certain."""
        return tuple(view.id for view in self.views) or (FIRST_VIEW,)

    def showing(self, view: str) -> "Camera | None":
        """The camera with the zones of one view; None: nothing is to be judged in that.

        Zones that were drawn for the camera hold in its first view. Without zones any view of it is judged whole.
        """
        if self.views:
            zones = next((one.zones for one in self.views if one.id == view), None)
            return None if zones is None else replace(self, zones=zones, views=())
        return self if view == FIRST_VIEW or not self.zones else None


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks."""

    media_s: float
    """Seconds since the run began. For durations."""
    at: datetime
    """Aware UTC. For records."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One track that met one rule of one zone at one moment."""

    violation: Violation
    zone: Zone | None
    """None where the rule holds anywhere or the camera has no zones."""
    track: int
    label: str
    confidence: float
    box: Box
    rest_since: Moment
    sure: bool
    """Whether the confidence reaches the label's threshold; the rest only carries a track on."""
    by_careful: bool = False
    """Whether the careful network sees it, and the quick one does not."""


class Stage(StrEnum):
    """How far an incident has come."""

    PRE_ALARM = "pre_alarm"
    VIOLATION = "violation"


class Status(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    CLEARED = "cleared"
    """The camera saw the place without it."""
    CLOSED = "closed"
    """Withdrawn: a pre-alarm that lapsed, or a duplicate of another incident."""


class Reason(StrEnum):
    """Why an incident stands where it stands, as far as this program gives reasons."""

    PLACE_EMPTY = "place_empty"
    """Its place was seen without it for long enough."""
    NOT_DETECTED = "not_detected"
    """Its place looks as before, but nothing was detected in it for very long."""
    NEVER_LEFT = "never_left"
    """It was called cleared, and its place never looked otherwise: reopened."""
    LAPSED = "lapsed"
    """A pre-alarm whose thing left before its dwell."""
    NOT_BORNE_OUT = "not_borne_out"
    """A pre-alarm whose dwell is over, and which the careful network does not see."""
    MERGED = "merged"
    """It is the incident that `duplicate_of` names."""
    ZONE_CHANGED = "zone_changed"
    CAMERA_REMOVED = "camera_removed"
    RULE_CHANGED = "rule_changed"


@dataclass(frozen=True, slots=True)
class SeenObject:
    """One thing that belongs to an incident, as last seen."""

    label: str
    confidence: float
    """In [0, 1]."""
    box: Box
    track: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One real-world violation: it survives lost tracks, lost connections and restarts.

    The id is stable, so that sending the same incident again is harmless. Revision 0 is a pre-alarm; a
    violation's revisions count up from 1.
    """

    id: str
    revision: int
    camera: str
    violation: Violation
    zone: Zone | None
    stage: Stage
    status: Status
    objects: tuple[SeenObject, ...]
    confidence: float
    """The best confidence of any of its objects so far, in [0, 1]."""
    first_seen: Moment
    last_seen: Moment
    confirmed: Moment | None = None
    cleared: Moment | None = None
    recurrence_of: str | None = None
    duplicate_of: str | None = None
    related: tuple[str, ...] = ()
    """Ids of violation classes that this one absorbed, such as the umbrella over a stall."""
    unseen_s: float = 0.0
    """Of the dwell, in which nobody saw the place: hidden, between samples far apart, or nothing came."""
    uncounted_s: float = 0.0
    """Between first and last sight, but no dwell: the place was seen empty, or nobody saw it for too long."""
    reason: Reason | None = None
    """Why it stands where it stands; None: nothing else is known than that it is there."""
    reopenings: int = 0
    """How often it was called cleared, and was found never to have left."""
    view: str | None = None
    """Which of its views the camera showed; None: it has but one."""
    quick: float = 0.0
    """The quick network's best confidence, in [0, 1]; 0: it never saw it."""
    careful: float = 0.0
    """The careful one's; 0: it never saw it, or there is none."""

    @property
    def is_pending(self) -> bool:
        """Whether it may soon be a violation; what is doubted may stand as a pre-alarm for ever."""
        return self.stage is Stage.PRE_ALARM and self.reason is not Reason.NOT_BORNE_OUT

    @property
    def dwell_s(self) -> float:
        """Seconds from first to last sight that count: those in which it was seen, and some in which nobody looked."""
        return self.last_seen.media_s - self.first_seen.media_s - self.uncounted_s


def main_label(incident: Incident) -> str:
    """The label of the surest of an incident's things."""
    return max(incident.objects, key=lambda item: item.confidence).label


class ChangeKind(StrEnum):
    """What happened to an incident; the words of the delivered event types."""

    PRE_ALARM = "pre_alarm"
    OPENED = "opened"
    UPDATED = "updated"
    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    """A platform calls it resolved, and the camera still sees it."""
    CLOSED = "closed"
    REOPENED = "reopened"
    """It was called cleared, and had never left."""
    DOUBTED = "doubted"
    """The dwell is over, and the careful network does not see what the quick one sees: it stays a pre-alarm."""


@dataclass(frozen=True, slots=True)
class Change:
    """One revision of an incident, with the frame that brought it about."""

    kind: ChangeKind
    incident: Incident
    frame: Frame
