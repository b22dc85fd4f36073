"""Truth and incidents for tests, filled with plain values; name only what the test is about."""

from pathlib import Path

from cvinspect.evaluate.incidents.event_matching import RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.incidents.sampling_facts import Sampled
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.geometry import Box

PARKING, RUBBISH = "illegal_parking_motor", "exposed_garbage"
DWELL_S = {PARKING: 5.0, RUBBISH: 10.0}
BAY, NEXT_BAY, FAR = Box(0.1, 0.1, 0.3, 0.3), Box(0.3, 0.1, 0.5, 0.3), Box(0.7, 0.7, 0.9, 0.9)


def event(start_s: float = 0.0, end_s: float = 20.0, **given: object) -> TruthEvent:
    """A car in the bay."""
    values = {"clip": "a.mp4", "camera": "gate", "class_id": PARKING, "start_s": start_s, "end_s": end_s, "box": BAY}
    return TruthEvent(**{**values, **given})  # type: ignore[arg-type]


def raised(first_seen_s: float = 0.0, end_s: float = 20.0, **given: object) -> RaisedIncident:
    """The car in the bay, raised 6 s after it was first seen."""
    values = {
        "clip": "a.mp4",
        "incident_id": "i1",
        "class_id": PARKING,
        "first_seen_s": first_seen_s,
        "confirmed_s": first_seen_s + 6.0,
        "end_s": end_s,
        "box": BAY,
    }
    return RaisedIncident(**{**values, **given})  # type: ignore[arg-type]


def clip(*events: TruthEvent, **given: object) -> TruthClip:
    """A clip of 30 s."""
    values = {"name": "a.mp4", "path": Path("a.mp4"), "camera": "gate", "duration_s": 30.0, "zones": ()}
    return TruthClip(**{**values, **given}, events=events)  # type: ignore[arg-type]


def watched(
    events: list[TruthEvent],
    incidents: list[RaisedIncident],
    *,
    name: str = "a.mp4",
    camera: str = "gate",
    negatives: tuple[Spell, ...] = (),
    sampled: Sampled | None = None,
) -> WatchedClip:
    """A clip of 30 s that was inspected, with what was raised in it."""
    matching = match_incidents(clip(*events, name=name, camera=camera, negatives=negatives), incidents, dwell_s=DWELL_S)
    return WatchedClip(name, camera, 30.0, matching, sampled)
