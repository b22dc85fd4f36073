"""Labelled pictures: a data.yaml with its YOLO labels, read whole and checked."""

import os
from dataclasses import dataclass
from pathlib import Path

from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import Faults, shown
from cvinspect.evaluate.label_file import LabelledBox, read_labels
from cvinspect.evaluate.listing import label_path, labels_without_picture, pictures_of
from cvinspect.evaluate.manifest import Manifest, Split, read_manifest
from cvinspect.evaluate.source_table import UNNAMED_SOURCE, Origin, SourceTable, read_source_table

SOURCE_TABLE = "source.csv"


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture and what people drew in it."""

    path: Path
    split: Split
    source: str
    """Where it is from; empty where no table says so."""
    complete: frozenset[int]
    """Labels of which every thing in the picture is drawn. The boxes of other labels help to train, and a
    detection of such a label must not be judged here."""
    boxes: tuple[LabelledBox, ...]
    """Empty: background."""
    doubtful: tuple[LabelledBox, ...] = ()
    """Crowds and the like, COCO's `iscrowd`: a detection there is neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is odd about a data set and yet allowed."""

    without_label_file: int
    """Pictures that count as background because there is no label file."""
    not_in_table: int
    """Pictures that source.csv does not list: no label counts as complete there."""
    absent: int
    """Rows of source.csv, in splits that were read, whose picture is not there."""
    doubled_boxes: int
    """Lines left out since the same label file has them already."""
    labels_without_picture: tuple[Path, ...]
    """Label files beside the others that no picture belongs to."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Every picture that a data.yaml names."""

    path: Path
    """The data.yaml."""
    names: tuple[str, ...]
    """Labels, in the order of their numbers."""
    pictures: tuple[LabelledPicture, ...]
    """Split by split; within a split in natural order of the names, or as listed."""
    notes: Notes

    def split(self, name: Split) -> tuple[LabelledPicture, ...]:
        """The pictures of one split, in order; raises DatasetError when data.yaml does not name it."""
        chosen = tuple(picture for picture in self.pictures if picture.split == name)
        if not chosen:
            raise DatasetError(f"{shown(self.path)}: names no pictures for {name}; add `{name}: FOLDER`")
        return chosen


def load_dataset(data_yaml: Path) -> Dataset:
    """The data set that an Ultralytics-style data.yaml describes, its labels read and checked.

    Pictures are listed, not opened: `check_pictures` decodes them. Labels lie where YOLO keeps them; a picture
    without a label file is background.

    `source.csv` beside it (split, image, source, labels_human) says which labels are complete in a picture.
    Without that file all are, as YOLO takes it. A picture that an existing table leaves out has none: it would
    count misses and false alarms that nobody made. `Notes` counts such pictures.

    Raises DatasetError: one line for each of the first 20 faults, and one that counts the rest.
    """
    manifest = read_manifest(data_yaml)
    faults = Faults()
    table_path = data_yaml.with_name(SOURCE_TABLE)
    table = read_source_table(table_path, manifest.names, faults) if os.path.lexists(table_path) else None
    files = _files(manifest, faults)
    reader = _Reader(manifest.names, table, faults)
    pictures = tuple(reader.read(split, path) for split, path in files)
    for split in dict.fromkeys(split for split, _ in files):
        _require_labels(split, manifest, [path for other, path in files if other == split], faults)
    notes = reader.notes([path for _, path in files])
    faults.raise_any()
    return Dataset(data_yaml, manifest.names, pictures, notes)


def _files(manifest: Manifest, faults: Faults) -> list[tuple[Split, Path]]:
    files: list[tuple[Split, Path]] = []
    seen: dict[str, tuple[Split, Path]] = {}
    for split, entries in manifest.entries.items():
        before = len(faults)
        place = manifest.place_of(split)
        paths = [path for entry in entries for path in pictures_of(entry, faults, named_at=place)]
        if not paths and len(faults) == before:
            faults.add(place, f"{split} is empty: there is no picture in {', '.join(map(shown, entries))}")
        for path in paths:
            where, first = seen.setdefault(os.path.realpath(path), (split, path))
            if first is not path:
                faults.add(path, f"in {split}, and as {shown(first)} in {where}; name each picture once")
            else:
                files.append((split, path))
    return files


def _require_labels(split: Split, manifest: Manifest, pictures: list[Path], faults: Faults) -> None:
    if not any(os.path.lexists(label_path(path)) for path in pictures):
        what = f"not one of the {len(pictures)} pictures of {split} has a label file"
        faults.add(manifest.place_of(split), f"{what}; looked for {shown(label_path(pictures[0]))} and the like")


class _Reader:
    """Reads pictures' labels one after the other and counts what is odd."""

    def __init__(self, names: tuple[str, ...], table: SourceTable | None, faults: Faults) -> None:
        self._names = names
        self._table = table
        self._whole = Origin(UNNAMED_SOURCE, frozenset(range(len(names))))
        self._faults = faults
        self._used: set[tuple[Split, str]] = set()
        self._splits: set[Split] = set()
        self._without_label_file = self._not_in_table = self._doubled_boxes = 0

    def read(self, split: Split, path: Path) -> LabelledPicture:
        """One picture with its boxes."""
        self._splits.add(split)
        origin = self._origin(split, path)
        return LabelledPicture(path, split, origin.source, origin.complete, self._boxes(path))

    def notes(self, paths: list[Path]) -> Notes:
        """What was odd, all pictures read."""
        listed = {key for key in self._table.rows if key[0] in self._splits} if self._table else set()
        return Notes(
            without_label_file=self._without_label_file,
            not_in_table=self._not_in_table,
            absent=len(listed - self._used),
            doubled_boxes=self._doubled_boxes,
            labels_without_picture=labels_without_picture(paths, self._faults),
        )

    def _origin(self, split: Split, path: Path) -> Origin:
        if self._table is None:
            return self._whole
        key = self._table.row_of(split, path)
        if key is None:
            self._not_in_table += 1
            return Origin(UNNAMED_SOURCE, frozenset())
        self._used.add(key)
        return self._table.rows[key]

    def _boxes(self, path: Path) -> tuple[LabelledBox, ...]:
        labels = label_path(path)
        if not os.path.lexists(labels):
            self._without_label_file += 1
            return ()
        boxes = read_labels(labels, labels=len(self._names), faults=self._faults)
        distinct = tuple(dict.fromkeys(boxes))
        self._doubled_boxes += len(boxes) - len(distinct)
        return distinct
