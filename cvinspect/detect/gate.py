"""Whether the network need look at a picture at all: what has not changed shows what it showed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Detector
from cvinspect.detect.windows import View, detect_in
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import iou
from cvinspect.modes import Gate
from cvinspect.opencv import cv2

_STEP = 4
_CELL_PX = 16
"""A cell is the mean of every fourth pixel, across and down, of so many. Of a 1080-row picture it is 5 px wide in the
network's input: what is smaller is not seen there."""

_CHANGED_LEVELS = 6.0
"""Of 255. A still street's cells move by 1 to 3 with noise and coding."""

_LONGEST_S = 10.0
"""After so long the network looks again, whatever the gate says."""

_AUDITED_EVERY = 20
"""Of so many pictures that could be left out one is looked at all the same."""

_SAME_THING_IOU = 0.5

Cells = NDArray[np.float32]


@dataclass(slots=True)
class GateCounts:
    """What became of a camera's samples."""

    seen: int = 0
    left_out: int = 0
    """Nothing had changed in them, and the network did not look."""
    audited: int = 0
    """Nothing had changed in them, and it looked all the same."""
    missed: int = 0
    """Of those, the ones in which it surely detected what it had not detected before."""

    @property
    def by_fate(self) -> dict[str, int]:
        """All but the whole."""
        return {"left_out": self.left_out, "audited": self.audited, "missed": self.missed}

    def __str__(self) -> str:
        return (
            f"{self.left_out} of {self.seen} samples not looked at; {self.audited} unchanged ones looked at all the "
            f"same, something new in {self.missed}"
        )


class ChangeGate:
    """Has one camera's pictures looked at, but for those in which nothing has changed since the last look."""

    def __init__(self, mode: Gate, *, thresholds: Mapping[str, float]) -> None:
        """`thresholds`: from which confidence on a thing of a label is surely detected."""
        self.counts = GateCounts()
        self._mode = mode
        self._thresholds = thresholds
        self._cells: Cells | None = None
        """Of the picture that was looked at last; under audit, that would have been."""
        self._looked_s = 0.0
        self._found: list[Detection] = []
        """What it showed."""

    def detections(
        self, view: View | None, detector: Detector, pixels: Pixels, *, at_s: float, may_rest: bool
    ) -> list[Detection]:
        """What the picture shows; where it was left out, what was found before.

        `at_s`: media seconds. `may_rest`: nothing is pending that another look would tell of.
        """
        self.counts.seen += 1
        cells = cells_of(pixels)
        is_same = may_rest and self._is_same(cells, at_s)
        if is_same and self._mode is Gate.UNCHANGED and not self._is_audited:
            self.counts.left_out += 1
            return self._found
        found = detect_in(view, detector, pixels)
        if is_same:
            self._audit(found)
        if not is_same or self._mode is Gate.UNCHANGED:
            self._cells, self._looked_s, self._found = cells, at_s, found
        return found

    def _is_same(self, cells: Cells, at_s: float) -> bool:
        before = self._cells
        if before is None or before.shape != cells.shape or not 0 <= at_s - self._looked_s < _LONGEST_S:
            return False
        return float(np.abs(cells - before).max(initial=0.0)) < _CHANGED_LEVELS

    @property
    def _is_audited(self) -> bool:
        """Whether the next unchanged picture is."""
        return (self.counts.left_out + self.counts.audited + 1) % _AUDITED_EVERY == 0

    def _audit(self, found: Sequence[Detection]) -> None:
        self.counts.audited += 1
        sure = [one for one in found if one.confidence >= self._thresholds.get(one.label, 1.0)]
        self.counts.missed += any(not self._was_found(one) for one in sure)

    def _was_found(self, thing: Detection) -> bool:
        return any(one.label == thing.label and iou(one.box, thing.box) >= _SAME_THING_IOU for one in self._found)


def cells_of(pixels: Pixels) -> Cells:
    """The picture as means of its cells; what is left over at its right and lower edges belongs to the last ones."""
    green = np.ascontiguousarray(pixels[::_STEP, ::_STEP, 1])
    height, width = (max(1, side // _CELL_PX) for side in pixels.shape[:2])
    return np.asarray(cv2.resize(green, (width, height), interpolation=cv2.INTER_AREA), np.float32)
