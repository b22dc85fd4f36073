"""The page of `cvinspect evaluate incidents`: scores, timelines of truth against incidents, what went wrong."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cvinspect.report.templates import template
from cvinspect.report.timeline import Tick, ticks

MOST_PICTURES = 150
"""What keeps the page under some 15 MB; further findings are listed without one."""


_ANSWERS = {"supported": "达标", "not_supported": "未达标", "not_enough_data": "数据不足"}


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RateCell:
    """A share with its interval, all in [0, 1]; `share` is None without a trial."""

    hits: int
    of: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The scores of a class, a camera, or all."""

    name: Words
    counts: tuple[int, ...]
    """Due, raised, right, false, twice, missed."""
    precision: RateCell
    lenient: float | None
    recall: RateCell
    f1: float | None
    latency_median_s: float | None
    latency_p95_s: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One span on a clip's axis; shares of its length in [0, 1]."""

    kind: str
    """truth, hit, duplicate, false or ignored: its colour."""
    start_share: float
    due_share: float
    """Before it the bar is hatched: not yet due, or not yet raised."""
    end_share: float
    words: str


@dataclass(frozen=True, slots=True)
class DisjointGroups:
    """One thing: the truth of it, and the incidents that tell of it."""

    name: Words
    fate: str
    """found, missed, taken_in, not_due, or false and ignored where there is no truth."""
    truth: Bar | None
    incidents: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ClipTimeline:
    """Everything in one clip, on its axis."""

    name: str
    camera: str
    length_s: float
    lanes: tuple[DisjointGroups, ...]
    samples: int | None = None
    """Pictures that were looked at; None: not known."""

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Round times along the axis."""
        return ticks(self.length_s)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong."""

    kind: str
    """false, duplicate or missed."""
    name: Words
    clip: str
    when: str
    why: str | None
    picture: bytes | None
    """A JPEG; None where there is none."""

    @property
    def source(self) -> str | None:
        """The picture as a data URI."""
        return None if self.picture is None else f"data:image/jpeg;base64,{b64encode(self.picture).decode()}"


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Everything on the page."""

    made: str
    """Version, model, truth and configuration in one line."""
    at: str
    numbers: tuple[tuple[Words, str, str], ...]
    """Heading, figure and colour of the large numbers."""
    verdicts: tuple[tuple[Words, str, str], ...]
    """Heading, the line, and the answer."""
    classes: tuple[ScoreRow, ...]
    micro: ScoreRow
    macro: Mapping[str, float | None]
    cameras: tuple[ScoreRow, ...]
    facts: tuple[tuple[Words, str], ...]
    failed: tuple[tuple[str, str], ...]
    """Clip and error."""
    interrupted: tuple[str, ...]
    """Clips that were not looked at to their end, since somebody broke off."""
    unlabelled: tuple[str, ...]
    timelines: tuple[ClipTimeline, ...]
    findings: tuple[Finding, ...]
    differences: tuple[tuple[str, str], ...] | None
    """Measure and what is said of it; None where nothing was compared."""
    unpictured: int
    """Findings whose picture was left out."""
    sampling_note: Words | None = None
    """What sets the baseline's sampling apart."""


def render(page: ScorePage) -> str:
    """The page as text: it needs no network, no script and no other file."""
    return template("incident_scores.html.j2").render(
        page=page, percent=_percent, rate=_rate, number=_number, position=_position, answers=_ANSWERS
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _rate(rate: RateCell) -> str:
    return "" if rate.share is None else f"{100 * rate.low:.1f}–{100 * rate.high:.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 1) + 0.0:.1f} s"  # no -0.0


def _position(share: float) -> str:
    """For coordinates in the drawing."""
    return f"{100 * share:.3f}%"
