"""`metrics.json` of `evaluate detections`: what was scored, how, and every figure with its interval."""

from typing import Literal

from pydantic import Field

from cvinspect.records.parts import FileName, Instant, Part, Seconds

Share = float
"""In [0, 1]."""


class RateMetric(Part):
    """A share with its Wilson 95 % interval."""

    value: Share | None = Field(ge=0, le=1, description="Null: there was nothing to count.")
    low: Share = Field(ge=0, le=1, description="Lower end of the interval.")
    high: Share = Field(ge=0, le=1, description="Upper end of the interval.")


class CountsMetric(Part):
    """Right and wrong at the thresholds, IoU at least 0.5."""

    hits: int = Field(ge=0, description="Things found.")
    false_alarms: int = Field(ge=0, description="Detections of nothing, or of a thing that a surer one found.")
    misses: int = Field(ge=0, description="Things not found.")
    precision: RateMetric = Field(description="Hits of detections.")
    recall: RateMetric = Field(description="Hits of things.")
    f1: Share | None = Field(ge=0, le=1, description="Harmonic mean of both; null without things and detections.")


class AverageMetric(Part):
    """COCO's AP of the things of one size."""

    things: int = Field(ge=0, description="Boxes that people drew.")
    ap50: Share | None = Field(ge=0, le=1, description="At IoU 0.50; null without things.")
    ap50_95: Share | None = Field(ge=0, le=1, description="Mean over IoU 0.50 to 0.95; null without things.")


class SizesMetric(Part):
    """COCO's size ranges, measured as if the picture's longer side had `matching.size_side_px` pixels."""

    small: AverageMetric = Field(description="Up to 32 x 32 pixels.")
    medium: AverageMetric = Field(description="Up to 96 x 96 pixels.")
    large: AverageMetric = Field(description="From 96 x 96 pixels on.")


class CurveMetric(Part):
    """Precision over recall at IoU 0.50, at the recalls 0.00, 0.01 ... 1.00."""

    precision: tuple[Share, ...] = Field(description="101 values; the best at this recall or a higher one.")
    confidence: tuple[Share, ...] = Field(description="101 values: detections count from here on; 0 where not reached.")


class GroupMetrics(Part):
    """One label, or a family of labels taken as one."""

    name: str = Field(description="The label or family.")
    labels: tuple[str, ...] = Field(description="One, or the family's.")
    threshold: Share | None = Field(description="The card's; null for a family, whose labels keep theirs.")
    backing: Literal["real", "synthetic", "none"] | None = Field(
        description="What the card says the label rests on; null for families and labels that the model lacks."
    )
    pictures: int = Field(ge=0, description="Pictures whose source labels it: on others it is not scored.")
    average: AverageMetric = Field(description="Over things of every size.")
    sizes: SizesMetric
    counts: CountsMetric
    curve: CurveMetric | None = Field(description="Null without things.")


class MacroMetric(Part):
    """Means over the labels of which something was drawn."""

    labels: tuple[str, ...] = Field(description="Those labels.")
    ap50: Share | None
    ap50_95: Share | None
    precision: Share | None = Field(description="Over those of them that were detected at all; null where none was.")
    precision_labels: int = Field(ge=0, description="How many those are.")
    recall: Share | None
    f1: Share | None


class ConfusionMetric(Part):
    """Things by what they were taken for, at the thresholds, IoU at least 0.5."""

    labels: tuple[str, ...] = Field(
        description="Of rows (drawn) and columns (detected); background is the last of both."
    )
    counts: tuple[tuple[int, ...], ...] = Field(description="Rows: drawn; columns: detected.")


class PictureMetric(Part):
    """One picture that is worth a look."""

    picture: FileName
    misses: int = Field(ge=0)
    false_alarms: int = Field(ge=0)
    elapsed_ms: float | None = Field(ge=0, description="Reading and detecting; null where nothing was timed.")


class TimingMetric(Part):
    """Reading and detecting one picture, in milliseconds, on the machine that ran it."""

    pictures: int = Field(ge=1)
    median_ms: float = Field(ge=0)
    p95_ms: float = Field(ge=0)


class DataMetric(Part):
    """What was scored on."""

    path: FileName = Field(description="The data.yaml or COCO file, as given.")
    split: str
    pictures: int = Field(ge=0, description="Those left out are not among them.")
    learnt_from: int = Field(0, ge=0, description="Pictures left out, since the model has learnt from them.")
    scored: int = Field(ge=0, description="Of those; fewer where somebody broke off before the end.")
    things: int = Field(ge=0, description="Boxes that people drew in all of them, of whatever label.")
    notes: tuple[FileName, ...] = Field(description="What is odd about it and yet allowed, one line each.")


class ModelMetric(Part):
    """Whose thresholds held, and who detected unless `predictions` says otherwise."""

    name: str
    sha256: str
    labels_without: tuple[str, ...] = Field(description="Labels of the data set that this model does not have.")


class MatchingMetric(Part):
    """How detections were matched."""

    iou: Share = Field(description="From which on a detection has found a thing, for counts, curves and confusion.")
    size_side_px: int = Field(description="Longer side of the picture that sizes are measured in.")
    floor: Share | None = Field(description="Detections below were not asked for; null where a file held them.")


class RefereeMetric(Part):
    """The same average precisions by another program."""

    name: str
    version: str
    largest_difference: float = Field(ge=0, description="Over AP50 and AP50-95 of every label and family.")


class DetectionMetrics(Part):
    """How well a model detects what people drew in labelled pictures."""

    schema_: Literal["cvinspect.detection-metrics/v1"] = Field("cvinspect.detection-metrics/v1", alias="schema")
    version: str = Field(description="Version of cvinspect.")
    scored_at: Instant
    elapsed_s: Seconds = Field(description="Seconds that the scoring took.")
    state: Literal["done", "interrupted"] = Field(description="interrupted: somebody broke off before the end.")
    data: DataMetric
    model: ModelMetric
    predictions: FileName | None = Field(description="The file of detections; null: the model was run.")
    matching: MatchingMetric
    labels: tuple[GroupMetrics, ...] = Field(description="Every label of the data set, in its order.")
    families: tuple[GroupMetrics, ...]
    micro: CountsMetric = Field(description="Counts of all labels together.")
    macro: MacroMetric
    confusion: ConfusionMetric
    worst: tuple[PictureMetric, ...] = Field(description="Most misses and false alarms first.")
    slowest: tuple[PictureMetric, ...]
    timing: TimingMetric | None
    referee: RefereeMetric | None = Field(description="Null: faster-coco-eval is not installed, or the set is large.")

    def to_json(self) -> str:
        """Indented JSON for people and programs."""
        return self.model_dump_json(indent=2, by_alias=True) + "\n"
