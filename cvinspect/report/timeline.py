"""When incidents stood, as shares of one input's time: what the drawing on the page is made of. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cvinspect.records.incident import IncidentRecord
from cvinspect.records.summary import Unjudged
from cvinspect.records.wording import UNJUDGED

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_MOST_TICKS = 8
"""More labels than this run into each other on a phone."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis."""

    share: float
    """Of the axis, in [0, 1]."""
    label: str


@dataclass(frozen=True, slots=True)
class DisjointGroups:
    """One incident on the axis; every share is of the axis, in [0, 1]."""

    record: IncidentRecord
    start_share: float
    confirmed_share: float
    """Equal to the end where it was never confirmed."""
    end_share: float
    cleared_share: float | None
    times: tuple[str, ...]
    """First seen, confirmed, last seen, cleared; as far as they happened."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A stretch of the axis that was not judged; shares are of the axis, in [0, 1]."""

    start_share: float
    end_share: float
    title: str
    """Why, and when."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All incidents of one camera in one input, and what of it was not judged."""

    camera: str
    source: str
    length_s: float
    ticks: tuple[Tick, ...]
    lanes: tuple[DisjointGroups, ...]
    blanks: tuple[Blank, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moments:
    """Seconds on the axis."""

    first_s: float
    confirmed_s: float | None
    last_s: float
    cleared_s: float | None

    @property
    def latest_s(self) -> float:
        return max(
            value for value in (self.first_s, self.last_s, self.confirmed_s, self.cleared_s) if value is not None
        )


def clock_time(seconds: float) -> str:
    """Media time for people.

    >>> clock_time(65.25), clock_time(3725)
    ('1:05', '1:02:05')
    """
    whole = int(max(0.0, seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


Key = tuple[str, str]
"""Camera and source, as in records."""


def timelines(
    records: Iterable[IncidentRecord],
    lengths_s: Mapping[Key, float],
    unjudged: Mapping[Key, Sequence[Unjudged]] = MappingProxyType({}),
) -> tuple[Timeline, ...]:
    """One timeline for each (camera, source) with incidents, or of which not all was judged.

    `lengths_s` are the known lengths.
    """
    groups: dict[Key, list[IncidentRecord]] = {key: [] for key, found in unjudged.items() if found}
    for record in records:
        groups.setdefault((record.camera.id, record.source), []).append(record)
    return tuple(
        _timeline(key, group, lengths_s.get(key, 0.0), unjudged.get(key, ())) for key, group in sorted(groups.items())
    )


def ticks(length_s: float) -> tuple[Tick, ...]:
    """Round times along an axis of that length, never more than eight.

    >>> [tick.label for tick in ticks(20)]
    ['0:00', '0:05', '0:10', '0:15', '0:20']
    """
    step_s = next((step for step in _STEPS_S if length_s / step < _MOST_TICKS), None)
    step_s = step_s or int(length_s // _MOST_TICKS) + 1
    count = int(length_s // step_s) + 1
    return tuple(Tick(number * step_s / length_s, clock_time(number * step_s)) for number in range(count))


def _timeline(key: Key, group: Sequence[IncidentRecord], known_s: float, unjudged: Sequence[Unjudged]) -> Timeline:
    origin = min((record.first_seen_at.timestamp() for record in group), default=0.0)
    moments = [_moments(record, origin) for record in group]
    length_s = max([known_s, 1.0, *(moment.latest_s for moment in moments)])
    pairs = sorted(zip(moments, group, strict=True), key=lambda pair: (pair[0].first_s, pair[1].incident_id))
    lanes = tuple(_lane(record, moment, length_s) for moment, record in pairs)
    return Timeline(*key, length_s, ticks(length_s), lanes, tuple(_blanks(unjudged, length_s)))


def _blanks(unjudged: Sequence[Unjudged], length_s: float) -> Iterator[Blank]:
    for one in unjudged:
        for stretch in one.stretches:
            begin, end = (min(max(at_s / length_s, 0.0), 1.0) for at_s in (stretch.begin_s, stretch.end_s))
            when = f"{clock_time(stretch.begin_s)}–{clock_time(stretch.end_s)}"
            yield Blank(round(begin, 5), round(end, 5), f"{' '.join(UNJUDGED[one.reason])} {when}")


def _moments(record: IncidentRecord, origin: float) -> _Moments:
    """Media time where there is one, else seconds since the first incident."""
    media = record.media
    if media is not None:
        return _Moments(media.first_seen_s, media.confirmed_s, media.last_seen_s, media.cleared_s)
    return _Moments(
        record.first_seen_at.timestamp() - origin,
        record.confirmed_at.timestamp() - origin if record.confirmed_at else None,
        record.last_seen_at.timestamp() - origin,
        record.cleared_at.timestamp() - origin if record.cleared_at else None,
    )


def _lane(record: IncidentRecord, moments: _Moments, length_s: float) -> DisjointGroups:
    def share(seconds: float) -> float:
        return round(min(max(seconds / length_s, 0.0), 1.0), 5)

    end_s = max(moments.last_s, moments.confirmed_s or 0.0)
    named = (
        ("首次发现 first seen", moments.first_s),
        ("确认 confirmed", moments.confirmed_s),
        ("最后看见 last seen", moments.last_s),
        ("清除 cleared", moments.cleared_s),
    )
    return DisjointGroups(
        record=record,
        start_share=share(moments.first_s),
        confirmed_share=share(end_s if moments.confirmed_s is None else moments.confirmed_s),
        end_share=share(end_s),
        cleared_share=None if moments.cleared_s is None else share(moments.cleared_s),
        times=tuple(f"{name} {clock_time(seconds)}" for name, seconds in named if seconds is not None),
    )
