"""What a model card says about how well each label is seen, and what it learnt from."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrainingBoxes(_Part):
    """Boxes that a label was learnt from."""

    real: Count
    synthetic: Count = Field(description="in rendered and composed pictures, those of the real picture below included")
    drawn: Count | None = Field(
        default=None, description="of the real ones, in pictures in which people drew everything of the label"
    )
    places: Count | None = Field(default=None, description="sources that those are from: each stands for a place")


class RateFigure(_Part):
    """A share with its Wilson 95 % interval."""

    value: Share | None = Field(default=None, description="none: there was nothing to count")
    low: Share
    high: Share


class Figures(_Part):
    """Scores on validation pictures whose source labels the label; precision and recall at its threshold."""

    pictures: Count
    boxes: Count
    ap50: Share | None = None
    ap50_95: Share | None = None
    precision: RateFigure
    recall: RateFigure


ENOUGH_TO_AGREE = 50
"""Boxes on val; with fewer a threshold would be chance."""


class Rates(_Part):
    """Precision and recall, cross-fitted."""

    precision: RateFigure
    recall: RateFigure


class SecondLook(_Part):
    """From when on a careful network agrees with what a quick one has pre-alarmed, and what both are worth together."""

    threshold: Share = Field(description="the highest that keeps 95 % of the quick network's right detections")
    boxes: Count = Field(description="on val; with fewer than 50 the label is on trial")
    right: Count | None = Field(default=None, description="detections of the quick network that it was chosen by")
    quick: str | None = Field(default=None, description="the quick network that it was chosen for")
    keeps: RateFigure | None = Field(default=None, description="of those right detections, cross-fitted")
    both: Rates | None = Field(default=None, description="of what the quick one sees and the careful one agrees with")
    with_patrol: Rates | None = Field(
        default=None, description="of that and of what the careful one sees by itself, at its own threshold"
    )

    @property
    def is_on_trial(self) -> bool:
        """Whether too little was drawn on val to choose a threshold by."""
        return self.boxes < ENOUGH_TO_AGREE


class Family(_Part):
    """Labels that count as one."""

    name: str
    labels: tuple[str, ...]
    val: Figures


class TrainingData(_Part):
    """One source of pictures."""

    source: str
    licence: str
    pictures: Count


class Training(_Part):
    """Where the network comes from."""

    base: str
    ended: date
    epochs: Count
    imgsz: Count
    data: tuple[TrainingData, ...]


Rule = Literal["precision", "f1", "default", "shared"]
"""Why a threshold is what it is: lowest with the precision asked for, best F1, too few boxes to choose, or that of the
network that this one is another form of."""
