"""`report.html`: one self-contained page about one run."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cvinspect.domain import Status
from cvinspect.records.files import write_whole
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.parts import EvidencePart
from cvinspect.records.summary import ClassSummary, InputSummary, MeasuredLabel, MeasuredShare, RunSummary, Unjudged
from cvinspect.records.wording import BACKINGS, CLOCKS, OBSTACLES, STATUS, UNJUDGED
from cvinspect.report.label_names import LABELS_ZH
from cvinspect.report.not_judged import not_judged
from cvinspect.report.pictures import Embedding, Shown, embedding_for, shown
from cvinspect.report.templates import template
from cvinspect.report.timeline import clock_time, timelines
from cvinspect.taxonomy import ZONE_KINDS_ZH

_TOLD = 50
"""Inputs of which a table tells what was not judged; `summary.json` has all."""

_STATES = {
    "done": ("完成", "Done"),
    "incomplete": ("未读全", "Incomplete"),
    "failed": ("失败", "Failed"),
    "interrupted": ("中断", "Interrupted"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of an incident as the page shows it."""

    zh: str
    en: str
    wall: str
    media: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One incident as the page shows it."""

    record: IncidentRecord
    measured: MeasuredLabel | None
    """How well the label of its surest thing is seen; None: nobody measured."""
    hue: int
    """Which of the class colours, from 0."""
    moments: tuple[Moment, ...]
    dwell_share: float
    """Of the bar's full length, in [0, 1]; the threshold lies at `threshold_share`."""
    threshold_share: float
    pictures: tuple[Shown, ...]
    missing_pictures: int
    clips: tuple[EvidencePart, ...] = ()
    """Linked, not embedded: the page keeps beside its evidence folder to show them."""


def write_report(
    path: Path,
    summary: RunSummary,
    *,
    incidents: Sequence[IncidentRecord],
    pre_alarms: Sequence[IncidentRecord] = (),
) -> None:
    """Write the page to `path`, which lies in the output folder whose evidence it shows.

    `incidents` are the latest revisions of violations, `pre_alarms` those that never became one. Pictures
    that cannot be read are counted on the page. Raises DeliveryError when the page cannot be written.
    """
    write_whole(path, render(summary, folder=path.parent, incidents=incidents, pre_alarms=pre_alarms))


def render(
    summary: RunSummary,
    *,
    folder: Path,
    incidents: Sequence[IncidentRecord],
    pre_alarms: Sequence[IncidentRecord] = (),
) -> str:
    """The page as text; `folder` is the output folder that the records' picture paths start from."""
    script = (Path(__file__).parent / "page.js").read_text("utf-8")
    return template("page.html.j2").render(
        **_contents(summary, folder, incidents, pre_alarms),
        **_WORDS,
        summary=summary,
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _contents(
    summary: RunSummary,
    folder: Path,
    incidents: Sequence[IncidentRecord],
    pre_alarms: Sequence[IncidentRecord],
) -> dict[str, Any]:
    seen = {(item.id, one.label): one for item in summary.classes for one in item.measured}
    standing = [record for record in incidents if record.status is not Status.CLOSED]
    withdrawn = [record for record in incidents if record.status is Status.CLOSED]
    hues = _hues(summary.classes, [*incidents, *pre_alarms])
    embedding = embedding_for(len(incidents) + len(pre_alarms))
    lengths_s = _lengths_s(summary.inputs)
    return {
        "cards": _cards(standing, seen, hues, folder, embedding),
        "pre_alarms": _cards(pre_alarms, seen, hues, folder, embedding),
        "withdrawn": _cards(withdrawn, seen, hues, folder, embedding),
        "open_count": sum(record.status is Status.OPEN for record in standing),
        "cleared_count": sum(record.status is Status.CLEARED for record in standing),
        "timelines": timelines(standing, lengths_s, _unjudged(summary.inputs)),
        "unjudged": [item for item in summary.inputs if item.unjudged][:_TOLD],
        "hues": hues,
        "classes": sorted(summary.classes, key=lambda item: (-item.incidents, item.backing == "none")),
        "cameras": sorted({record.camera.id for record in standing}),
        "on_trial": [item for item in summary.classes if item.on_trial and item.id not in summary.unbacked_classes],
        "names": {item.id: item.names for item in summary.classes},
        "guessed": [item for item in summary.inputs if item.clock == "file"],
        "linked": embedding is None,
        "judged_count": sum(item.judged for item in summary.classes),
        "not_judged": not_judged(summary.inputs),
        "seen_s": sum(min(item.media_s, (item.speed or 0.0) * item.elapsed_s) for item in summary.inputs),
    }


def _lengths_s(inputs: Sequence[InputSummary]) -> dict[tuple[str, str], float]:
    """Of each recording, by camera and source as in records."""
    lengths_s: dict[tuple[str, str], float] = {}
    for item in inputs:
        key, ends_s = (
            (item.camera, item.recording or item.name),
            (item.begins_s or 0.0) + (item.duration_s or item.media_s),
        )
        lengths_s[key] = max(lengths_s.get(key, 0.0), ends_s)
    return lengths_s


def _unjudged(inputs: Sequence[InputSummary]) -> dict[tuple[str, str], list[Unjudged]]:
    """Of each recording, by camera and source as in records."""
    found: dict[tuple[str, str], list[Unjudged]] = {}
    for item in inputs:
        found.setdefault((item.camera, item.recording or item.name), []).extend(item.unjudged)
    return found


def _hues(classes: Sequence[ClassSummary], records: Sequence[IncidentRecord]) -> dict[str, int]:
    """A colour number for each class, in the order of the table."""
    ids = [item.id for item in classes] + [record.class_id for record in records]
    return {class_id: number % 12 for number, class_id in enumerate(dict.fromkeys(ids))}


_Measured = Mapping[tuple[str, str], MeasuredLabel]
"""By class and label."""


def _cards(
    records: Sequence[IncidentRecord],
    seen: _Measured,
    hues: dict[str, int],
    folder: Path,
    embedding: Embedding | None,
) -> list[Card]:
    ordered = sorted(records, key=lambda record: (record.first_seen_at, record.incident_id))
    return [_card(record, seen, hues[record.class_id], folder, embedding) for record in ordered]


def _card(record: IncidentRecord, seen: _Measured, hue: int, folder: Path, embedding: Embedding | None) -> Card:
    full_s = max(record.dwell_s, record.dwell_threshold_s, 0.001)
    pictures = [shown(picture, folder, embedding) for picture in record.evidence if picture.role != "clip"]
    found = tuple(picture for picture in pictures if picture is not None)
    return Card(
        record=record,
        measured=seen.get((record.class_id, _main_label(record))),
        hue=hue,
        moments=_moments(record),
        dwell_share=record.dwell_s / full_s,
        threshold_share=record.dwell_threshold_s / full_s,
        pictures=found,
        missing_pictures=len(pictures) - len(found),
        clips=tuple(one for one in record.evidence if one.role == "clip"),
    )


def _main_label(record: IncidentRecord) -> str:
    """That of its surest thing, by which the record's `backing` goes too."""
    return max(record.objects, key=lambda thing: thing.confidence).label if record.objects else ""


def _moments(record: IncidentRecord) -> tuple[Moment, ...]:
    media = record.media
    rows = (
        ("首次发现", "First seen", record.first_seen_at, media and media.first_seen_s),
        ("确认违规", "Confirmed", record.confirmed_at, media and media.confirmed_s),
        ("最后看见", "Last seen", record.last_seen_at, media and media.last_seen_s),
        ("确认清除", "Cleared", record.cleared_at, media and media.cleared_s),
    )
    return tuple(
        Moment(zh, en, _wall(moment), _media_time(seconds) if isinstance(seconds, float) else None)
        for zh, en, moment, seconds in rows
        if moment is not None
    )


def _wall(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} {moment.isoformat()[-6:]}"


def _media_time(seconds: float) -> str:
    """To the tenth, for finding the place in the footage."""
    tenths = round(max(0.0, seconds) * 10)
    return f"{clock_time(tenths // 10)}.{tenths % 10}"


def _duration(seconds: float | None) -> str:
    """Seconds for people: short ones exactly, long ones as a clock."""
    if seconds is None:
        return "–"
    return f"{seconds:.1f} s" if seconds < 60 else clock_time(seconds)


def _rate(share: MeasuredShare | None) -> str:
    """In whole percents, with its interval."""
    if share is None or share.value is None:
        return "–"
    return f"{100 * share.value:.0f} % ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"


_WORDS: dict[str, Any] = {
    "statuses": STATUS,
    "clocks": CLOCKS,
    "states": _STATES,
    "backings": BACKINGS,
    "obstacles": OBSTACLES,
    "unjudged_words": UNJUDGED,
    "kinds_zh": ZONE_KINDS_ZH,
    "wall": _wall,
    "duration": _duration,
    "media_time": _media_time,
    "percent": _percent,
    "rate": _rate,
    "labels_zh": LABELS_ZH,
}
