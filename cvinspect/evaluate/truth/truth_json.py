"""Truth as JSON: our own format, and ActivityNet's, whose segments have labels but no boxes."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cvinspect.config.strict_yaml import Number, Strict, validated
from cvinspect.domain import Zone
from cvinspect.errors import ConfigError, DatasetError
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.truth.truth_checks import WrittenClip, WrittenEvent, WrittenSpell

_AT_THE_END = ("clip ends", "end of clip")
"""What `ends` says of a thing that is still there."""

_SUFFIXES = (".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v", ".ts", ".flv")

Finite = Annotated[Number, Field(allow_inf_nan=False)]
FileName = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]
Corners = tuple[Finite, Finite, Finite, Finite]
Model = TypeVar("Model", bound=BaseModel)


class _ZoneEntry(Strict):
    id: str
    kind: str
    polygon: tuple[tuple[Finite, Finite], ...]


class _OfClass(Strict):
    """An entry with the key `class`, which is no name in Python."""

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: object) -> object:
        allowed = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [str(key) for key in data if key not in allowed] if isinstance(data, dict) else []
        if unknown:
            named = {"key": unknown[0], "allowed": ", ".join(allowed)}
            raise PydanticCustomError("unknown_key", "unknown key '{key}'; allowed: {allowed}", named)
        return data


class _EventEntry(_OfClass):
    class_: str = Field(alias="class")
    start_s: Finite
    end_s: Finite
    box: Corners | None = None
    zone: str | None = None
    ends: str | None = None
    note: str | None = None


class _NegativeEntry(Strict):
    what: str
    box: Corners | None = None
    from_s: Finite = 0.0
    to_s: Finite | None = None


class _IgnoredEntry(_OfClass):
    why: str
    box: Corners | None = None
    from_s: Finite = 0.0
    to_s: Finite | None = None
    class_: str | None = Field(None, alias="class")


class _ClipEntry(Strict):
    events: tuple[_EventEntry, ...] | None = Field(description="null: nobody labelled it")
    zones: tuple[_ZoneEntry, ...] = ()
    negatives: tuple[_NegativeEntry, ...] = ()
    ignore: tuple[_IgnoredEntry, ...] = ()
    camera: Annotated[str, Field(min_length=1)] | None = None
    length_s: Annotated[Finite, Field(gt=0)] | None = None
    rate_hz: Finite | None = None
    note: str | None = None


class _TruthFile(Strict):
    clips: dict[FileName, _ClipEntry]
    classes: tuple[str, ...] | None = Field(None, description="what was labelled; incidents of others are not judged")
    about: str | None = None


class _Open(BaseModel):
    """Other keys are the format's own business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Annotation(_Open):
    label: str
    segment: tuple[Finite, Finite]


class _Video(_Open):
    annotations: tuple[_Annotation, ...] | None = None
    duration: Annotated[Finite, Field(gt=0)] | None = None


class _ActivityNetFile(_Open):
    database: dict[FileName, _Video]


def read_own(data: Mapping[str, Any], path: Path) -> list[WrittenClip]:
    """The clips of `{"clips": {FILE: {"events": [...], ...}}}`; raises DatasetError for what is not that."""
    file = _as(_TruthFile, data, path)
    return [_own_clip(name, clip, file.classes, path) for name, clip in file.clips.items()]


def read_activitynet(data: Mapping[str, Any], path: Path) -> list[WrittenClip]:
    """The videos of `{"database": {ID: {"annotations": [{"label", "segment"}]}}}`; raises DatasetError.

    Caba Heilbron et al. (2015), "ActivityNet: A Large-Scale Video Benchmark"; a video without annotations, such as
    those of its test subset, is not labelled. The file of a video is its id, with `v_` before it or not and any
    video suffix, beside the truth.
    """
    file = _as(_ActivityNetFile, data, path)
    return [_video(name, video, path) for name, video in file.database.items()]


def _as(model: type[Model], data: Mapping[str, Any], path: Path) -> Model:
    try:
        return validated(model, data, path)
    except ConfigError as error:
        raise DatasetError(str(error)) from error


def _own_clip(name: str, clip: _ClipEntry, classes: tuple[str, ...] | None, path: Path) -> WrittenClip:
    at = f"{shown(path)}: clips.{name}"
    return WrittenClip(
        at=at,
        name=name,
        path=path.parent / name,
        camera=clip.camera,
        duration_s=clip.length_s,
        zones=tuple(Zone(zone.id, zone.kind, zone.polygon) for zone in clip.zones),
        events=None if clip.events is None else _events(clip.events, at),
        negatives=tuple(
            WrittenSpell(f"{at}.negatives.{i}", one.what, one.box, one.from_s, _until(one.to_s))
            for i, one in enumerate(clip.negatives)
        ),
        ignored=tuple(
            WrittenSpell(f"{at}.ignore.{i}", one.why, one.box, one.from_s, _until(one.to_s), one.class_)
            for i, one in enumerate(clip.ignore)
        ),
        classes=classes,
    )


def _events(entries: tuple[_EventEntry, ...], at: str) -> tuple[WrittenEvent, ...]:
    return tuple(
        WrittenEvent(f"{at}.events.{i}", one.class_, one.start_s, one.end_s, one.box, one.zone, one.ends in _AT_THE_END)
        for i, one in enumerate(entries)
    )


def _video(name: str, video: _Video, path: Path) -> WrittenClip:
    at = f"{shown(path)}: database.{name}"
    events = None
    if video.annotations is not None:
        events = tuple(
            WrittenEvent(f"{at}.annotations.{i}", one.label, *one.segment) for i, one in enumerate(video.annotations)
        )
    return WrittenClip(at, name, _video_file(path.parent, name), None, video.duration, (), events)


def _video_file(folder: Path, name: str) -> Path:
    """The first of the names that such a video goes by that is there; else the likeliest."""
    stems = (name, f"v_{name}")
    candidates = [folder / f"{stem}{suffix}" for stem in stems for suffix in ("", *_SUFFIXES)]
    return next((path for path in candidates if _is_file(path)), folder / f"{name}.mp4")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, a folder on the way that may not be entered
        return False


def _until(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds
