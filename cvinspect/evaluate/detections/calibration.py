"""Thresholds from validation pictures, and what they may be expected to do on pictures they were not chosen on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cvinspect.evaluate.detections.matching import Matches, Predictions, match
from cvinspect.evaluate.detections.thresholds import best_f1_threshold, lowest_threshold
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally


class Rule(StrEnum):
    """Why a threshold is what it is."""

    PRECISION = "precision"
    """The lowest one that reaches the wanted precision with enough recall."""
    F1 = "f1"
    """That precision is out of reach: the best F1."""
    DEFAULT = "default"
    """Too little was drawn, or nothing of it found, to choose one."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of a threshold; shares in [0, 1]."""

    precision: float = 0.95
    """What the field calls accuracy, and asks for."""
    recall: float = 0.5
    """Below it precision is bought with blindness."""
    least_things: int = 10
    """With fewer, a threshold would be chance."""
    default: float = 0.25
    """What Ultralytics takes."""
    floor: float = 0.15
    """No threshold is lower: a track goes on down to 0.1, and what begins one has to be surer than that."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A threshold and its reason."""

    threshold: float
    rule: Rule


@dataclass(frozen=True, slots=True)
class Calibration:
    """The threshold of one label, chosen on all the pictures, and what it rests on."""

    name: str
    threshold: float
    """A detection this confident counts."""
    rule: Rule
    pictures: int
    things: int
    fitted: Tally
    """On the pictures that it was chosen on: flattering."""
    held_out: Tally
    """Each picture judged at the threshold that the other blocks chose: honest."""
    block_choices: tuple[Choice, ...]
    """Those thresholds, block by block; their spread shows how much is chance."""


def calibrate_labels(
    names: Sequence[str],
    pictures: Sequence[LabelledPicture],
    predictions: Sequence[Predictions],
    *,
    policy: Policy | None = None,
    blocks: int = 5,
) -> tuple[Calibration, ...]:
    """A threshold for every label of `names`, in that order, each from the pictures that can judge it.

    Pictures keep the data set's order, in which neighbours stand together. Raises ValueError for a picture without
    Predictions.
    """
    each = (match(name, [i], pictures, predictions) for i, name in enumerate(names))
    return tuple(calibrate(matches, policy=policy, blocks=blocks) for matches in each)


def calibrate(matches: Matches, *, policy: Policy | None = None, blocks: int = 5) -> Calibration:
    """The threshold that `policy` asks for, with cross-fitted counts.

    The pictures of each source are cut, in their order, into `blocks` (at least 2) runs of neighbours; block i holds
    the i-th run of every source. Single pictures drawn at random would put two views of one street corner on both
    sides. Raises ValueError for fewer than 2 blocks.
    """
    if blocks < 2:
        raise ValueError(f"blocks is {blocks}; at least 2 are needed: one to judge, the others to choose")
    policy = policy or Policy()
    shipped = choose(matches, policy)
    # Where the whole suffices, so must its parts: a default among their thresholds would judge another rule.
    parts = replace(policy, least_things=1) if matches.things >= policy.least_things else policy
    held_out, choices = Tally(0, 0, 0), []
    block_of = contiguous_blocks([picture.source for picture in matches.pictures], blocks)
    for block in sorted(set(block_of)):
        inside = tuple(p for p, i in zip(matches.pictures, block_of, strict=True) if i == block)
        outside = tuple(p for p, i in zip(matches.pictures, block_of, strict=True) if i != block)
        choices.append(choose(Matches(matches.name, outside), parts))
        held_out += Matches(matches.name, inside).tally(choices[-1].threshold)
    return Calibration(
        name=matches.name,
        threshold=shipped.threshold,
        rule=shipped.rule,
        pictures=len(matches.pictures),
        things=matches.things,
        fitted=matches.tally(shipped.threshold),
        held_out=held_out,
        block_choices=tuple(choices),
    )


def choose(matches: Matches, policy: Policy) -> Choice:
    """The threshold for these pictures: by precision where it can be reached, else by F1, else the default."""
    if matches.things < policy.least_things:
        return Choice(policy.default, Rule.DEFAULT)
    precise = lowest_threshold(matches, precision=policy.precision, recall=policy.recall, floor=policy.floor)
    if precise is not None:
        return Choice(precise, Rule.PRECISION)
    balanced = best_f1_threshold(matches, floor=policy.floor)
    return Choice(policy.default, Rule.DEFAULT) if balanced is None else Choice(balanced, Rule.F1)


def contiguous_blocks(sources: Sequence[str], blocks: int) -> list[int]:
    """The block, 0 to `blocks` - 1, of each picture: every source's pictures in runs of nearly equal length.

    >>> contiguous_blocks(["a", "a", "b", "a", "a", "b"], 2)
    [0, 0, 0, 1, 1, 1]
    """
    sizes, seen = Counter(sources), Counter[str]()
    placed = []
    for source in sources:
        placed.append(seen[source] * blocks // sizes[source])
        seen[source] += 1
    return placed
