"""`metrics.json` of `cvinspect evaluate incidents`: every figure, and every event and incident behind them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cvinspect.evaluate.incidents.comparison import Measure
from cvinspect.evaluate.incidents.event_matching import Fate, Outcome
from cvinspect.evaluate.incidents.event_scores import EventTally
from cvinspect.evaluate.incidents.sampling_facts import Alike
from cvinspect.evaluate.statistics.poisson import Frequency
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.evaluate.statistics.verdict import Answer
from cvinspect.modes import Sampling
from cvinspect.records import Backing
from cvinspect.records.parts import FileName, Instant, Part, Sha256
from cvinspect.records.summary import ConfigSummary, ModelSummary

SCHEMA: Literal["cvinspect.incident_metrics/v1"] = "cvinspect.incident_metrics/v1"

Share = Annotated[float, Field(ge=0, le=1)]
Corners = tuple[float, float, float, float]


class RatePart(Part):
    """A share with its Wilson 95 % interval."""

    hits: int = Field(ge=0, description="Of the trials, those that were right.")
    of: int = Field(ge=0, description="Trials.")
    share: Share | None = Field(description="hits / of; null without a trial.")
    low: Share = Field(description="Lower end of the interval.")
    high: Share = Field(description="Upper end of the interval.")

    @classmethod
    def of_rate(cls, rate: Rate) -> "RatePart":
        """The same, written out."""
        return cls(hits=rate.hits, of=rate.of, share=rate.share, low=rate.low, high=rate.high)


class FrequencyPart(Part):
    """Happenings a camera-day with their exact Poisson 95 % interval."""

    count: int = Field(ge=0, description="Happenings.")
    camera_days: float = Field(ge=0, description="Days of footage of one camera each.")
    per_day: float | None = Field(description="count / camera_days; null without footage.")
    low: float = Field(ge=0, description="Lower end of the interval.")
    high: float | None = Field(description="Upper end of the interval; null without footage: nothing is known.")

    @classmethod
    def of_frequency(cls, frequency: Frequency) -> "FrequencyPart":
        """The same, written out."""
        return cls(
            count=frequency.count,
            camera_days=frequency.days,
            per_day=frequency.per_day,
            low=frequency.low,
            high=frequency.high if frequency.days > 0 else None,
        )


class ScorePart(Part):
    """The scores of some events and incidents."""

    hits: int = Field(ge=0, description="Events that were due and raised.")
    misses: int = Field(ge=0, description="Events that were due and not raised.")
    false_alarms: int = Field(ge=0, description="Incidents of nothing, or of what left before its dwell.")
    duplicates: int = Field(ge=0, description="Second and further incidents of one event.")
    not_due: int = Field(ge=0, description="Events that left, or whose clip ended, before their dwell.")
    not_due_raised: int = Field(ge=0, description="Of those, the ones that were raised all the same.")
    taken_in: int = Field(ge=0, description="Events told as related within another class's incident.")
    ignored: int = Field(ge=0, description="Incidents that nobody can judge; in no rate.")
    switches: int = Field(ge=0, description="Identity switches: an event went from one incident to the next.")
    early: int = Field(ge=0, description="Hits raised more than 1 s before they were due.")
    precision: RatePart = Field(description="Strict: duplicates are false.")
    precision_lenient: RatePart = Field(description="Duplicates are left out.")
    recall: RatePart = Field(description="hits of hits + misses.")
    f1: Share | None = Field(description="Of strict precision and recall.")
    duplicate_rate: RatePart = Field(description="Duplicates of all that was raised.")
    false_per_camera_day: FrequencyPart = Field(description="False alarms, duplicates left out.")
    latency_median_s: float | None = Field(description="From start + dwell to the alarm, over the hits.")
    latency_p95_s: float | None = Field(description="Nearest rank.")

    @property
    def raised(self) -> int:
        """Incidents, right or wrong."""
        return self.hits + self.false_alarms + self.duplicates + self.not_due_raised + self.ignored

    @classmethod
    def of_tally(cls, tally: EventTally) -> "ScorePart":
        """The same, written out."""
        return cls(
            hits=tally.hits,
            misses=tally.misses,
            false_alarms=tally.false_alarms,
            duplicates=tally.duplicates,
            not_due=tally.not_due,
            not_due_raised=tally.not_due_raised,
            taken_in=tally.taken_in,
            ignored=tally.ignored,
            switches=tally.switches,
            early=tally.early,
            precision=RatePart.of_rate(tally.precision),
            precision_lenient=RatePart.of_rate(tally.lenient_precision),
            recall=RatePart.of_rate(tally.recall),
            f1=tally.f1,
            duplicate_rate=RatePart.of_rate(tally.duplicate_rate),
            false_per_camera_day=FrequencyPart.of_frequency(tally.false_frequency),
            latency_median_s=tally.median_latency_s,
            latency_p95_s=tally.p95_latency_s,
        )


class MacroPart(Part):
    """Means over the classes with an event that was due."""

    classes: int = Field(ge=0, description="How many those are.")
    precision: Share | None = Field(description="Over those of which something was raised.")
    precision_lenient: Share | None = Field(description="Likewise.")
    recall: Share | None
    f1: Share | None


class IntervalPart(Part):
    """The middle 95 % of the bootstrap's draws."""

    low: Share
    high: Share


class BootstrapPart(Part):
    """Intervals over draws of whole clips."""

    clips: int = Field(ge=0, description="How many there are to draw from.")
    precision: IntervalPart | None
    precision_lenient: IntervalPart | None
    recall: IntervalPart | None
    f1: IntervalPart | None
    macro_precision: IntervalPart | None
    macro_recall: IntervalPart | None
    macro_f1: IntervalPart | None


class VerdictPart(Part):
    """May it be said that a share is at least the target?"""

    target: Share
    answer: Answer
    needed: int | None = Field(description="Further trials, all right, that would support it; null: answer is clear.")
    needed_at_this_share: int | None = Field(description="Likewise at the present share; null: it never would.")
    words: str = Field(description="The same as one line.")


class ClassPart(Part):
    """One violation class."""

    id: str
    dwell_s: float = Field(ge=0, description="From here on it is due.")
    backing: Backing = Field(description="What its labels rest on in this model.")
    scores: ScorePart


class CameraPart(Part):
    """One camera."""

    id: str
    scores: ScorePart


class EventPart(Part):
    """One true event and what became of it."""

    class_id: str
    start_s: float = Field(description="Media seconds.")
    end_s: float = Field(description="Media seconds.")
    is_there_at_end: bool = Field(description="Whether it still stands there when the clip ends.")
    box: Corners | None = Field(description="x0 y0 x1 y1 as shares of the picture; null: not labelled.")
    zone: str | None
    dwell_s: float = Field(ge=0)
    fate: Fate
    incident_id: str | None = Field(description="The incident that tells of it.")
    duplicate_ids: tuple[str, ...] = Field(description="Further incidents of it.")
    latency_s: float | None = Field(description="Seconds from start + dwell to the alarm; negative: before it.")


class IncidentPart(Part):
    """One raised incident and what it turned out to be."""

    incident_id: str
    class_id: str
    first_seen_s: float = Field(description="Media seconds.")
    confirmed_s: float = Field(description="Media seconds.")
    end_s: float = Field(description="Media seconds: last seen.")
    box: Corners | None = Field(description="x0 y0 x1 y1 as shares of the picture, when it was raised.")
    related: tuple[str, ...]
    outcome: Outcome
    event: int | None = Field(description="Position of the event that it tells of among the clip's events.")
    why: str | None = Field(description="What the truth says is there, for false and ignored ones.")


class ClipPart(Part):
    """One labelled clip."""

    name: FileName
    camera: str
    state: Literal["scored", "failed", "interrupted"]
    error: FileName | None = Field(description="Why it could not be scored.")
    watched_s: float = Field(ge=0)
    sampling: Sampling | None = Field(None, description="What was asked for or configured; null: not known.")
    keyframes_only: bool | None = Field(None, description="Whether key frames alone were decoded; null: not known.")
    samples: int | None = Field(None, ge=0, description="Pictures that were looked at; null: not known.")
    events: tuple[EventPart, ...] = ()
    incidents: tuple[IncidentPart, ...] = ()

    @model_validator(mode="after")
    def _names_what_it_holds(self) -> Self:
        ids = {one.incident_id for one in self.incidents}
        named = {id_ for one in self.events for id_ in (one.incident_id, *one.duplicate_ids) if id_ is not None}
        if len(ids) < len(self.incidents) or named - ids:
            raise ValueError("an incident id stands here twice, or is named without an incident")
        if any(one.event is not None and not 0 <= one.event < len(self.events) for one in self.incidents):
            raise ValueError("an incident names an event that is not there")
        return self


class DifferencePart(Part):
    """One measure of two runs, over the cases in which they disagree."""

    measure: Measure
    class_id: str | None = Field(description="null: all classes.")
    better: int = Field(ge=0, description="Cases in which this run does better.")
    worse: int = Field(ge=0)
    p: Share = Field(description="Chance of so uneven a split: exact, two-sided.")
    is_beyond_chance: bool = Field(description="By Holm's rule at 5 % over all measures.")


class ComparisonPart(Part):
    """This run against an earlier one."""

    baseline: FileName = Field(description="The metrics.json that it is compared with.")
    clips: int
    events: int
    left_out: int
    median_latency_change_s: float | None
    differences: tuple[DifferencePart, ...]
    sampling: Alike = Field(Alike.UNKNOWN, description="Whether both runs sampled those clips in the same way.")
    sampling_before: str = Field("not known", description="How the baseline's clips were sampled, in words.")


class TruthPart(Part):
    """The truth that the run was held against."""

    path: FileName
    sha256: Sha256
    unlabelled: tuple[FileName, ...] = Field(description="Clips that nobody labelled; not scored.")


class IncidentMetrics(Part):
    """Everything that `cvinspect evaluate incidents` found out."""

    schema_: Literal["cvinspect.incident_metrics/v1"] = Field(SCHEMA, alias="schema")
    version: str = Field(description="Version of cvinspect.")
    evaluated_at: Instant
    state: Literal["done", "failed", "interrupted"] = Field(
        "done", description="failed: some clip could not be scored; interrupted: somebody broke off before the end."
    )
    truth: TruthPart
    model: ModelSummary
    config: ConfigSummary
    fps: float = Field(gt=0, description="Samples a second of footage, at most; `clips` say how many were taken.")
    verdicts: dict[Literal["precision", "recall"], VerdictPart]
    total: ScorePart = Field(description="Micro: every event and incident counts the same.")
    macro: MacroPart
    bootstrap: BootstrapPart | None = Field(description="By clip; null for fewer than ten clips.")
    classes: tuple[ClassPart, ...]
    cameras: tuple[CameraPart, ...]
    clips: tuple[ClipPart, ...]
    comparison: ComparisonPart | None = None

    def to_json(self) -> str:
        """Indented JSON for people and programs."""
        return self.model_dump_json(indent=1, by_alias=True) + "\n"
