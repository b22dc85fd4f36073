"""From which confidence on a careful network agrees with a quick one, and what both are worth together."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cvinspect.detect.figures import ENOUGH_TO_AGREE
from cvinspect.evaluate.detections.calibration import Policy, choose, contiguous_blocks
from cvinspect.evaluate.detections.matching import MatchedPicture, Matches, Predictions, match
from cvinspect.evaluate.detections.pairing import Flags, Floats, ious
from cvinspect.evaluate.detections.thresholds import LOWEST_THRESHOLD
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Rate, Tally

SAME_IOU = 0.3
"""Above it, a careful detection of the same label is the thing that the quick one pre-alarmed."""

KEPT_SHARE = 0.95
"""Of the quick network's right detections, so many are to be agreed with."""


LEAST_RIGHT = 10
"""With fewer right detections of the quick network the 95 % of them would be chance too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One network's threshold of one label."""

    threshold: float
    policy: Policy | None
    """How it was chosen on these same pictures, so that each block can be judged at one that the others chose; None:
    it was not."""


@dataclass(frozen=True, slots=True)
class SecondLookChoice:
    """The threshold of one label, and what is to be expected of it; all counts are cross-fitted."""

    name: str
    threshold: float
    """In [0, 1]: from here on the careful network agrees."""
    is_default: bool
    """Too little was drawn, or too little of it found by the quick network, to choose one: it is the one from which
    the careful network raises the thing by itself."""
    things: int
    right: int
    """Detections of the quick network, at its threshold, that the choice rests on."""
    kept: Rate
    """Right detections of the quick network that are agreed with."""
    quick: Tally
    """The quick network alone."""
    both: Tally
    """What the quick network sees and the careful one agrees with."""
    with_patrol: Tally
    """That, and what the careful network sees by itself at its own threshold."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """One picture's detections of one label by both networks."""

    picture: LabelledPicture
    quick: MatchedPicture
    careful: MatchedPicture
    agreements: Floats
    """(n,) the best confidence of the careful network at the place of each quick detection; 0: nothing is seen."""

    def right(self, threshold: float) -> Flags:
        """(n,) quick detections that found a thing, from this confidence on."""
        return self.quick.hits & ~self.quick.ignored & (self.quick.confidences >= threshold)


@dataclass(frozen=True, slots=True)
class _Thresholds:
    quick: float
    careful: float
    agrees: float


def second_look(
    name: str,
    label: int,
    pictures: Sequence[LabelledPicture],
    quick: Iterable[Predictions],
    careful: Iterable[Predictions],
    *,
    asked: tuple[Asked, Asked],
    blocks: int = 5,
) -> SecondLookChoice:
    """The highest threshold at which the careful network agrees with 95 % of the quick one's right detections.

    `label` is its number in the data set, `asked` the thresholds of the quick and of the careful network's card. Where
    too little is drawn or found, the latter stands. A quick detection is right as everywhere (IoU >= 0.5), and agreed
    with where a careful one of its label overlaps it (IoU > 0.3). Blocks are those of `calibrate`: runs of neighbours.

    Raises ValueError for a picture without Predictions.
    """
    pairs = _pairs(name, label, pictures, quick, careful)
    things = sum(len(pair.quick.things_xyxy) for pair in pairs)
    right = sum(int(pair.right(asked[0].threshold).sum()) for pair in pairs)
    is_enough = things >= ENOUGH_TO_AGREE and right >= LEAST_RIGHT
    chosen = _agree_threshold(pairs, asked[0].threshold) if is_enough else None
    counts = _Counts(name, label)
    for inside, outside in _folds(pairs, blocks):
        at = _thresholds(name, outside, asked, is_default=chosen is None)
        for pair in inside:
            counts.add(pair, at)
    return SecondLookChoice(
        name=name,
        threshold=asked[1].threshold if chosen is None else chosen,
        is_default=chosen is None,
        things=things,
        right=right,
        kept=Rate(counts.kept, counts.right),
        quick=counts.quick,
        both=counts.both,
        with_patrol=counts.with_patrol,
    )


class _Counts:
    """What came of pictures that had no part in choosing the thresholds they are judged at."""

    def __init__(self, name: str, label: int) -> None:
        self._name, self._label = name, label
        self.kept = self.right = 0
        self.quick = self.both = self.with_patrol = Tally(0, 0, 0)

    def add(self, pair: _Pair, at: _Thresholds) -> None:
        """One picture."""
        seen = pair.quick.confidences >= at.quick
        agreed = seen & (pair.agreements >= at.agrees)
        right = pair.right(at.quick)
        self.kept += int((right & agreed).sum())
        self.right += int(right.sum())
        self.quick += _tally(pair, seen)
        self.both += _tally(pair, agreed)
        self.with_patrol += _patrolled(self._name, self._label, pair, agreed, at.careful)


def _folds(pairs: Sequence[_Pair], blocks: int) -> Iterator[tuple[list[_Pair], list[_Pair]]]:
    """Each block, and all the others."""
    block_of = contiguous_blocks([pair.quick.source for pair in pairs], blocks)
    for block in sorted(set(block_of)):
        inside = [pair for pair, i in zip(pairs, block_of, strict=True) if i == block]
        yield inside, [pair for pair, i in zip(pairs, block_of, strict=True) if i != block]


def _pairs(
    name: str,
    label: int,
    pictures: Sequence[LabelledPicture],
    quick: Iterable[Predictions],
    careful: Iterable[Predictions],
) -> list[_Pair]:
    judging = [picture for picture in pictures if label in picture.complete]
    sides = (match(name, [label], judging, quick).pictures, match(name, [label], judging, careful).pictures)
    return [
        _Pair(picture, one, other, _agreements(one, other)) for picture, one, other in zip(judging, *sides, strict=True)
    ]


def _agreements(quick: MatchedPicture, careful: MatchedPicture) -> Floats:
    same = ious(quick.boxes_xyxy, careful.boxes_xyxy) > SAME_IOU
    best: Floats = np.where(same, careful.confidences[None, :], 0.0).max(axis=1, initial=0.0)
    return best


def _agree_threshold(pairs: Sequence[_Pair], quick: float) -> float | None:
    """Of at least LOWEST_THRESHOLD, also where even that keeps fewer than 95 %; None without a right detection."""
    agreements = np.sort(np.concatenate([np.zeros(0), *(pair.agreements[pair.right(quick)] for pair in pairs)]))[::-1]
    if not len(agreements):
        return None
    last = float(agreements[math.ceil(KEPT_SHARE * len(agreements)) - 1])
    return max(LOWEST_THRESHOLD, math.floor(last * 1000) / 1000)


def _thresholds(name: str, pairs: Sequence[_Pair], asked: tuple[Asked, Asked], *, is_default: bool) -> _Thresholds:
    """What these pictures choose; of agreement the careful one's own where the whole chose none, or these cannot."""
    quick = _chosen(Matches(name, tuple(pair.quick for pair in pairs)), asked[0])
    careful = _chosen(Matches(name, tuple(pair.careful for pair in pairs)), asked[1])
    agrees = None if is_default else _agree_threshold(pairs, quick)
    return _Thresholds(quick, careful, careful if agrees is None else agrees)


def _chosen(matches: Matches, asked: Asked) -> float:
    if asked.policy is None:
        return asked.threshold
    return choose(matches, replace(asked.policy, least_things=1, default=asked.threshold)).threshold


def _tally(pair: _Pair, raised: Flags) -> Tally:
    counted = raised & ~pair.quick.ignored
    hits = int((pair.quick.hits & counted).sum())
    return Tally(hits, int(counted.sum()) - hits, len(pair.quick.things_xyxy) - hits)


def _patrolled(name: str, label: int, pair: _Pair, agreed: Flags, careful: float) -> Tally:
    """Everything that is raised: what the careful network sees, and what it agrees with and does not see by itself."""
    sure = pair.careful.confidences >= careful
    own, other = pair.careful.boxes_xyxy[sure], pair.quick.boxes_xyxy[agreed]
    alone = ~(ious(other, own) > SAME_IOU).any(axis=1)
    boxes = np.vstack([own, other[alone]])
    confidences = np.concatenate([pair.careful.confidences[sure], pair.agreements[agreed][alone]])
    labels = np.full(len(boxes), label, np.int64)
    return match(
        name, [label], [pair.picture], [Predictions(pair.picture.path, 1, 1, labels, confidences, boxes)]
    ).tally(0.0)
