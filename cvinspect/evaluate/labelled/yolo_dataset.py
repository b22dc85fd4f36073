"""Labelled pictures: a data.yaml with its YOLO labels, read whole and checked."""

import os
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import Faults, shown
from cvinspect.evaluate.labelled.compact_arrays import PackedBoxes, PackedPaths
from cvinspect.evaluate.labelled.label_file import LabelledBox, read_labels
from cvinspect.evaluate.labelled.listing import label_path, labels_without_picture, pictures_of
from cvinspect.evaluate.labelled.manifest import Manifest, Split, read_manifest
from cvinspect.evaluate.labelled.source_table import UNNAMED_SOURCE, Origin, SourceTable, read_source_table

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


class PictureStore:
    """Where labelled pictures lie while a set is read: some 200 bytes each."""

    def __init__(self) -> None:
        self._paths = PackedPaths()
        self._boxes, self._doubtful = PackedBoxes(), PackedBoxes()
        self._origins: dict[tuple[Split, str, frozenset[int]], int] = {}
        self._origin_of = array("i")

    def append(self, picture: LabelledPicture) -> None:
        """One more."""
        origin = picture.split, picture.source, picture.complete
        self._origin_of.append(self._origins.setdefault(origin, len(self._origins)))
        self._paths.append(picture.path)
        self._boxes.append(picture.boxes)
        self._doubtful.append(picture.doubtful)

    def pictures(self) -> "PackedPictures":
        """All that were put in so far."""
        return PackedPictures(self, list(self._origins), range(len(self._paths)))

    def picture(self, place: int, origins: Sequence[tuple[Split, str, frozenset[int]]]) -> LabelledPicture:
        """The one at this place, built anew."""
        origin = origins[self._origin_of[place]]
        return LabelledPicture(self._paths[place], *origin, self._boxes[place], self._doubtful[place])


class PackedPictures(Sequence[LabelledPicture]):
    """The pictures of a store, or a run of them; each is built when it is asked for. Equal to a sequence of equals."""

    def __init__(
        self, store: PictureStore, origins: Sequence[tuple[Split, str, frozenset[int]]], places: range
    ) -> None:
        self._store = store
        self._origins = origins
        self._places = places
        self._last: tuple[int, LabelledPicture] | None = None

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> LabelledPicture: ...
    @overload
    def __getitem__(self, index: slice) -> "PackedPictures": ...
    def __getitem__(self, index: int | slice) -> "LabelledPicture | PackedPictures":
        if isinstance(index, slice):
            return PackedPictures(self._store, self._origins, self._places[index])
        place = self._places[index]
        if self._last is None or self._last[0] != place:  # one is mostly asked for several times on end
            self._last = place, self._store.picture(place, self._origins)
        return self._last[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


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
    beside: tuple[str, ...] = ()
    """What is wrong with splits that were not needed, the first fault of each."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Every picture that a data.yaml names."""

    path: Path
    """The data.yaml."""
    names: tuple[str, ...]
    """Labels, in the order of their numbers."""
    pictures: Sequence[LabelledPicture]
    """Split by split; within a split in natural order of the names, or as listed."""
    notes: Notes

    def split(self, name: Split) -> Sequence[LabelledPicture]:
        """The pictures of one split, in order; raises DatasetError when data.yaml does not name it."""
        places = [i for i, picture in enumerate(self.pictures) if picture.split == name]
        if not places:
            raise DatasetError(f"{shown(self.path)}: names no pictures for {name}; add `{name}: FOLDER`")
        return self.pictures[places[0] : places[-1] + 1]


def load_dataset(data_yaml: Path, *, needed: Collection[Split] = tuple(Split)) -> Dataset:
    """The data set that an Ultralytics-style data.yaml describes, its labels read and checked.

    Of splits that are not `needed` only the pictures are listed, to find those that stand in two splits; what is
    wrong there is noted.

    Pictures are listed, not opened: `check_pictures` decodes them. Labels lie where YOLO keeps them; a picture
    without a label file is background.

    `source.csv` beside it (split, image, source, labels_human) says which labels are complete in a picture.
    Without that file all are, as YOLO takes it. A picture that an existing table leaves out has none: it would
    count misses and false alarms that nobody made. `Notes` counts such pictures.

    Raises DatasetError: one line for each of the first 20 faults, and one that counts the rest.
    """
    manifest = read_manifest(data_yaml, needed=needed)
    faults = Faults()
    table_path = data_yaml.with_name(SOURCE_TABLE)
    table = read_source_table(table_path, manifest.names, faults) if os.path.lexists(table_path) else None
    files, beside = _files(manifest, faults, needed)
    reader = _Reader(manifest, table, faults)
    for split, paths in files.items():
        for path in paths:
            reader.read(split, path)
    for split, paths in files.items():
        _require_labels(split, manifest, paths, faults)
    notes = reader.notes(path for paths in files.values() for path in paths)
    faults.raise_any()
    notes = replace(notes, beside=(*manifest.beside, *beside))
    return Dataset(data_yaml, manifest.names, reader.store.pictures(), notes)


def _files(
    manifest: Manifest, needed_faults: Faults, needed: Collection[Split]
) -> tuple[dict[Split, PackedPaths], list[str]]:
    """Every picture file by needed split, splits without one left out; and the first fault of each other one."""
    files: dict[Split, PackedPaths] = {}
    beside: list[str] = []
    seen = _SeenFiles()
    for split in sorted(manifest.entries, key=lambda one: one in needed):  # what is needed is checked against the rest
        entries = manifest.entries[split]
        faults = needed_faults if split in needed else Faults()
        before = len(faults)
        place = manifest.place_of(split)
        paths = PackedPaths()
        listed = 0
        for path in (path for entry in entries for path in pictures_of(entry, faults, named_at=place)):
            listed += 1
            first = seen.first(split, path)
            if first is None:
                paths.append(path)
            else:
                faults.add(path, f"in {split}, and as {shown(first[1])} in {first[0]}; name each picture once")
        if not listed and len(faults) == before:
            faults.add(place, f"{split} is empty: there is no picture in {', '.join(map(shown, entries))}")
        if split not in needed:
            beside += [f"{split} is not used here: {faults.first}"] if faults.first else []
        elif len(paths):
            files[split] = paths
    return files, beside


class _SeenFiles:
    """Which files were named already, whatever links lead to them: by their paths' hashes, to keep little."""

    def __init__(self) -> None:
        self._paths = PackedPaths()
        self._splits: list[Split] = []
        self._places: dict[int, int] = {}

    def first(self, split: Split, path: Path) -> tuple[Split, Path] | None:
        """Split and path under which the file was named before; None, and remembered, where it was not."""
        real = os.path.realpath(path)
        place = self._places.setdefault(hash(real), len(self._paths))
        if place < len(self._paths) and os.path.realpath(self._paths[place]) == real:
            return self._splits[place], self._paths[place]
        self._paths.append(path)
        self._splits.append(split)
        return None


def _require_labels(split: Split, manifest: Manifest, pictures: PackedPaths, faults: Faults) -> None:
    if not any(os.path.lexists(label_path(path)) for path in pictures):
        what = f"not one of the {len(pictures)} pictures of {split} has a label file"
        faults.add(manifest.place_of(split), f"{what}; looked for {shown(label_path(pictures[0]))} and the like")


class _Reader:
    """Reads pictures' labels one after the other and counts what is odd."""

    def __init__(self, manifest: Manifest, table: SourceTable | None, faults: Faults) -> None:
        self._labels, self._points = len(manifest.names), manifest.points
        self._table = table
        self._whole = Origin(UNNAMED_SOURCE, frozenset(range(self._labels)))
        self._faults = faults
        self._used: set[tuple[Split, str]] = set()
        self._splits: set[Split] = set()
        self.store = PictureStore()
        """What was read so far."""
        self._without_label_file = self._not_in_table = self._doubled_boxes = 0

    def read(self, split: Split, path: Path) -> None:
        """One picture with its boxes."""
        self._splits.add(split)
        origin = self._origin(split, path)
        self.store.append(LabelledPicture(path, split, origin.source, origin.complete, self._boxes(path)))

    def notes(self, paths: Iterable[Path]) -> Notes:
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
        boxes = read_labels(labels, labels=self._labels, faults=self._faults, points=self._points)
        distinct = tuple(dict.fromkeys(boxes))
        self._doubled_boxes += len(boxes) - len(distinct)
        return distinct
