"""One split of labelled pictures, whatever its format, and what files of detections call its pictures and labels."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.labelled.coco_json import read_coco
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_keys import Key, OwnKeys, PictureKeys
from cvinspect.evaluate.labelled.picture_size import PictureSize, picture_size
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, Notes, load_dataset

COCO_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Pictures with what people drew in them."""

    path: Path
    """The data.yaml or the COCO file."""
    split: Split
    names: tuple[str, ...]
    """Labels; a label's number is its place here."""
    pictures: Sequence[LabelledPicture]
    """In the data set's order."""
    notes: Notes
    picture_keys: Mapping[Key, int]
    """What detections of a file may call a picture, and its place in `pictures`."""
    label_keys: Mapping[int, int]
    """Category ids, and the labels' numbers."""
    keys: Sequence[Key]
    """What detections that we write call each picture."""
    sizes: tuple[PictureSize, ...] | None
    """As the COCO file says; None: the pictures say it."""
    left_out: frozenset[int] = frozenset()
    """Places of pictures that judge nothing, since a network has learnt from them."""

    @property
    def judging(self) -> Sequence[int]:
        """Places of the other pictures, in order."""
        return array("i", (place for place in range(len(self.pictures)) if place not in self.left_out))

    @property
    def judges(self) -> int:
        """How many those are."""
        return len(self.pictures) - len(self.left_out)

    def size_of(self, index: int) -> PictureSize:
        """Width and height of a picture; raises SourceOpenError."""
        return picture_size(self.pictures[index].path) if self.sizes is None else self.sizes[index]

    @property
    def things(self) -> int:
        """Boxes that people drew, on whatever pictures but those left out."""
        return sum(len(self.pictures[place].boxes) for place in self.judging)


def read_labelled_set(path: Path, split: Split) -> LabelledSet:
    """The split of a data.yaml, or a COCO file (.json), which is one split whatever it is called.

    Raises DatasetError: one line for each of the first 20 faults.
    """
    if path.suffix.lower() == COCO_SUFFIX:
        coco = read_coco(path, split)
        places = {key: i for i, key in enumerate(coco.keys)}
        labels = {category: i for i, category in enumerate(coco.category_ids)}
        return LabelledSet(path, split, coco.names, coco.pictures, coco.notes, places, labels, coco.keys, coco.sizes)
    dataset = load_dataset(path, needed={split})
    pictures = dataset.split(split)
    keys = PictureKeys(pictures)
    labels = {i + 1: i for i in range(len(dataset.names))}  # from 1, as Ultralytics numbers them
    return LabelledSet(
        path, split, dataset.names, pictures, dataset.notes, keys, labels, OwnKeys(keys, len(pictures)), None
    )
