"""What was written about clips, checked: every class known, every span a span, no thing twice."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.domain import Zone
from cvinspect.evaluate.faults import Faults, found
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.geometry import Box, iou

_ONE_THING_IOU = 0.5
"""Two events of one class at one time that overlap this much are one thing labelled twice."""

_END_S = 0.5
"""What ends this near to the clip's end is still there; so far may an end lie behind it, too: lengths are rounded."""

_ID_LENGTH = 80
"""Of a camera's id; the end of a path tells more than its beginning."""

Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class WrittenSpell:
    """A negative or an ignored place as it stands in a file; `at` says where, for messages."""

    at: str
    why: str
    box: Corners | None
    from_s: float
    to_s: float
    class_name: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """An event as it stands in a file; `at` says where, for messages."""

    at: str
    class_name: str
    start_s: float
    end_s: float
    box: Corners | None = None
    zone: str | None = None
    ends_with_clip: bool = False


@dataclass(frozen=True, slots=True)
class WrittenClip:
    """A clip as it stands in a file; `at` says where, for messages."""

    at: str
    name: str
    path: Path
    camera: str | None
    duration_s: float | None
    zones: tuple[Zone, ...]
    events: tuple[WrittenEvent, ...] | None
    """None: nobody labelled it."""
    negatives: tuple[WrittenSpell, ...] = ()
    ignored: tuple[WrittenSpell, ...] = ()
    classes: tuple[str, ...] | None = None


def checked(clips: Sequence[WrittenClip], classes: Mapping[str, str], faults: Faults) -> tuple[TruthClip, ...]:
    """The clips that somebody labelled, in the file's order; what is wrong goes to `faults`.

    `classes` are the ids of the violation classes, by every name that they go by.
    """
    _refuse_one_file_twice(clips, faults)
    return tuple(_clip(clip, classes, faults) for clip in clips if clip.events is not None)


def _clip(written: WrittenClip, classes: Mapping[str, str], faults: Faults) -> TruthClip:
    camera = written.camera or _camera_of(written.name)
    events: list[tuple[str, TruthEvent]] = []
    for one in written.events or ():
        if _event_is_sound(one, written, classes, faults):
            event = _event(one, written, camera, classes)
            _refuse_double(one.at, event, events, faults)
            events.append((one.at, event))
    named = written.classes if written.classes is not None else ()
    for name in named:
        _is_known(written.at, name, classes, faults)
    return TruthClip(
        name=written.name,
        path=written.path,
        camera=camera,
        duration_s=written.duration_s,
        zones=written.zones,
        events=tuple(event for _, event in events),
        negatives=_spells(written.negatives, classes, faults),
        ignored=_spells(written.ignored, classes, faults),
        classes=None if written.classes is None else frozenset(classes.get(name, name) for name in named),
    )


def _camera_of(name: str) -> str:
    """A camera's id for a clip whose camera is not named: the file's, folders included, without suffix.

    >>> _camera_of("north/gate.mp4"), _camera_of(".mp4")
    ('north-gate', '.mp4')
    """
    plain = str(Path(name).with_suffix("")) if Path(name).suffix else name
    return "".join("-" if letter in "/\\" or not letter.isprintable() else letter for letter in plain)[-_ID_LENGTH:]


def _event(one: WrittenEvent, clip: WrittenClip, camera: str, classes: Mapping[str, str]) -> TruthEvent:
    ends_with_clip = one.ends_with_clip or one.end_s >= (clip.duration_s or math.inf) - _END_S
    return TruthEvent(
        clip=clip.name,
        camera=camera,
        class_id=classes[one.class_name],
        start_s=one.start_s,
        end_s=one.end_s,
        is_there_at_end=ends_with_clip,
        box=Box(*one.box) if one.box else None,
        zone=one.zone,
    )


def _event_is_sound(one: WrittenEvent, clip: WrittenClip, classes: Mapping[str, str], faults: Faults) -> bool:
    before = len(faults)
    _is_known(one.at, one.class_name, classes, faults)
    _check_span(one.at, one.start_s, one.end_s, faults)
    _check_box(one.at, one.box, faults)
    if clip.duration_s is not None and one.end_s > clip.duration_s + _END_S:
        faults.add(one.at, f"ends at {one.end_s:g} s, but the clip is {clip.duration_s:g} s long")
    drawn = [zone.id for zone in clip.zones]
    if one.zone is not None and drawn and one.zone not in drawn:
        faults.add(one.at, f"zone {found(one.zone)} is not drawn for this clip; allowed: {', '.join(drawn)}")
    return len(faults) == before


def _spells(written: Sequence[WrittenSpell], classes: Mapping[str, str], faults: Faults) -> tuple[Spell, ...]:
    spells = []
    for one in written:
        before = len(faults)
        _check_span(one.at, one.from_s, one.to_s, faults)
        _check_box(one.at, one.box, faults)
        if one.class_name is not None:
            _is_known(one.at, one.class_name, classes, faults)
        if len(faults) == before:
            class_id = None if one.class_name is None else classes[one.class_name]
            spells.append(Spell(one.why, Box(*one.box) if one.box else None, one.from_s, one.to_s, class_id))
    return tuple(spells)


def _is_known(at: str, name: str, classes: Mapping[str, str], faults: Faults) -> None:
    if name not in classes:
        faults.add(at, f"no such class: {found(name)}; allowed: {', '.join(dict.fromkeys(classes.values()))}")


def _check_span(at: str, start_s: float, end_s: float, faults: Faults) -> None:
    if start_s < 0:
        faults.add(at, f"starts at {start_s:g} s; allowed: 0 and more")
    if end_s <= start_s:
        faults.add(at, f"ends at {end_s:g} s, but starts at {start_s:g} s; the end comes after the start")


def _check_box(at: str, box: Corners | None, faults: Faults) -> None:
    if box is None:
        return
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        shown = ", ".join(f"{value:g}" for value in box)
        faults.add(at, f"box {shown}; allowed: x0 < x1 and y0 < y1, shares of the picture from 0 to 1")


def _refuse_double(at: str, event: TruthEvent, before: Sequence[tuple[str, TruthEvent]], faults: Faults) -> None:
    """The same thing twice would be missed once, however well it is found."""
    for other_at, other in before:
        if other.class_id == event.class_id and _are_one(event, other):
            key = other_at.rpartition(": ")[2]
            faults.add(at, f"the same {event.class_id} at the same place and time as {key}; leave one of them")
            return


def _are_one(one: TruthEvent, other: TruthEvent) -> bool:
    if one.box is None or other.box is None:
        same_place = one.box is other.box and one.zone == other.zone
        return same_place and (one.start_s, one.end_s) == (other.start_s, other.end_s)
    is_then = min(one.end_s, other.end_s) > max(one.start_s, other.start_s)
    return is_then and iou(one.box, other.box) >= _ONE_THING_IOU


def _refuse_one_file_twice(clips: Sequence[WrittenClip], faults: Faults) -> None:
    names: dict[str, str] = {}
    for clip in clips:
        file = os.path.normpath(clip.path)
        if file in names:
            faults.add(clip.at, f"is the same file as {found(names[file])}; write each clip once")
        names[file] = clip.name
