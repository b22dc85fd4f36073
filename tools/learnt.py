"""Says what a network has learnt from, where it was made before `cvinspect train` did: `python tools/learnt.py --help`.

Writes NAME.learnt.txt beside the card, and into the card how many boxes of each label people drew, in how many places.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from street_pictures import moved_pictures

from cvinspect.detect.model import CardLabel, ModelCard, load_card
from cvinspect.errors import DatasetError
from cvinspect.evaluate.labelled.learnt import learnt_path, picture_digits, write_learnt
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture, load_dataset
from cvinspect.train.card import write_card
from cvinspect.train.figures import SYNTHETIC, boxes_drawn


def main() -> None:
    """Write the list and the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "data", type=Path, help="data.yaml of the pictures; those of the card's sources were learnt from"
    )
    parser.add_argument("cards", type=Path, nargs="+", help="of one network in several forms")
    parser.add_argument("--moved", type=Path, help="names of val pictures that were learnt from too")
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    for path in options.cards:
        card = load_card(path)
        pictures = learnt_pictures(card, dataset, options.moved)
        write_learnt(learnt_path(path), (picture_digits(picture.path) for picture in pictures))
        write_card(path, with_drawn(card, dataset.names, pictures))


def learnt_pictures(card: ModelCard, dataset: Dataset, moved: Path | None) -> list[LabelledPicture]:
    """The real ones; raises DatasetError where they are not as many of each source as the card says."""
    told = {} if card.training is None else {one.source: one.pictures for one in card.training.data}
    told = {source: count for source, count in told.items() if not source.startswith(f"{SYNTHETIC}/")}
    found = [picture for picture in dataset.split(Split.TRAIN) if picture.source in told]
    if moved is not None:
        found += [replace(sheet.picture, complete=sheet.complete) for sheet in moved_pictures(dataset, moved)[0]]
    counts = Counter(picture.source for picture in found)
    apart = [
        f"{source} {counts[source]}, by the card {told[source]}" for source in told if counts[source] != told[source]
    ]
    if apart:
        raise DatasetError(f"{dataset.path}: not what {card.name} has learnt from: {'; '.join(apart)}")
    return found


def with_drawn(card: ModelCard, names: Sequence[str], pictures: Sequence[LabelledPicture]) -> ModelCard:
    """The card, what its labels rest on told in full."""
    drawn = boxes_drawn(names, pictures)
    return card.model_copy(update={"labels": tuple(_label(label, drawn) for label in card.labels)})


def _label(label: CardLabel, drawn: Mapping[str, tuple[int, int | None]]) -> CardLabel:
    if label.training is None or label.name not in drawn:
        return label
    boxes, places = drawn[label.name]
    return label.model_copy(update={"training": label.training.model_copy(update={"drawn": boxes, "places": places})})


if __name__ == "__main__":
    main()
