"""One split of labelled pictures, whatever its format, and what files of detections call its pictures and labels."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.coco_json import read_coco
from cvinspect.evaluate.dataset import LabelledPicture, Notes, load_dataset
from cvinspect.evaluate.manifest import Split
from cvinspect.evaluate.picture_size import PictureSize, picture_size

COCO_SUFFIX = ".json"

Key = int | str
"""An image_id of a COCO file."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Pictures with what people drew in them."""

    path: Path
    """The data.yaml or the COCO file."""
    split: Split
    names: tuple[str, ...]
    """Labels; a label's number is its place here."""
    pictures: tuple[LabelledPicture, ...]
    """In the data set's order."""
    notes: Notes
    picture_keys: Mapping[Key, int]
    """What detections of a file may call a picture, and its place in `pictures`."""
    label_keys: Mapping[int, int]
    """Category ids, and the labels' numbers."""
    keys: tuple[Key, ...]
    """What detections that we write call each picture."""
    sizes: tuple[PictureSize, ...] | None
    """As the COCO file says; None: the pictures say it."""

    def size_of(self, index: int) -> PictureSize:
        """Width and height of a picture; raises SourceOpenError."""
        return picture_size(self.pictures[index].path) if self.sizes is None else self.sizes[index]

    @property
    def things(self) -> int:
        """Boxes that people drew, on whatever pictures."""
        return sum(len(picture.boxes) for picture in self.pictures)


def read_labelled_set(path: Path, split: Split) -> LabelledSet:
    """The split of a data.yaml, or a COCO file (.json), which is one split whatever it is called.

    Raises DatasetError: one line for each of the first 20 faults.
    """
    if path.suffix.lower() == COCO_SUFFIX:
        coco = read_coco(path, split)
        places = {key: i for i, key in enumerate(coco.keys)}
        labels = {category: i for i, category in enumerate(coco.category_ids)}
        return LabelledSet(path, split, coco.names, coco.pictures, coco.notes, places, labels, coco.keys, coco.sizes)
    dataset = load_dataset(path)
    pictures = dataset.split(split)
    keys = tuple(_keys([picture.path for picture in pictures]))
    labels = {i + 1: i for i in range(len(dataset.names))}  # from 1, as Ultralytics numbers them
    return LabelledSet(path, split, dataset.names, pictures, dataset.notes, _places(pictures, keys), labels, keys, None)


def _keys(paths: list[Path]) -> list[Key]:
    """The name without suffix, a number where it is one, as Ultralytics has it; the path where two have that name."""
    stems = [ultralytics_key(path) for path in paths]
    counts = Counter(stems)
    return [stem if counts[stem] == 1 else path.as_posix() for stem, path in zip(stems, paths, strict=True)]


def ultralytics_key(path: Path) -> Key:
    """What `yolo val save_json` calls a picture (ultralytics models/yolo/detect/val.py, pred_to_json).

    >>> ultralytics_key(Path("a/000012.jpg")), ultralytics_key(Path("a/kerb.jpg"))
    (12, 'kerb')
    """
    return int(path.stem) if path.stem.isascii() and path.stem.isdecimal() else path.stem


def _places(pictures: tuple[LabelledPicture, ...], keys: tuple[Key, ...]) -> dict[Key, int]:
    """Our key, the file's name with and without suffix; a name that two pictures have means none of them."""
    counts = Counter(picture.path.name for picture in pictures)
    stems = Counter(picture.path.stem for picture in pictures)
    named: dict[Key, int] = {p.path.stem: i for i, p in enumerate(pictures) if stems[p.path.stem] == 1}
    named |= {p.path.name: i for i, p in enumerate(pictures) if counts[p.path.name] == 1}
    return named | {key: i for i, key in enumerate(keys)}
