"""Paths and boxes of many pictures in a few long arrays: as Python's objects they would take 2 kB a picture."""

import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.geometry import Box


class PackedPaths:
    """Paths of files, most of them in few folders: their names' letters and 12 bytes each."""

    def __init__(self) -> None:
        self._folders: list[Path] = []
        self._numbers: dict[Path, int] = {}
        self._folder_of = array("i")
        self._names = bytearray()
        self._ends = array("q", [0])

    def __len__(self) -> int:
        return len(self._folder_of)

    def append(self, path: Path) -> None:
        """One more."""
        folder = path.parent
        if folder not in self._numbers:
            self._numbers[folder] = len(self._folders)
            self._folders.append(folder)
        self._folder_of.append(self._numbers[folder])
        self._names += os.fsencode(path.name)
        self._ends.append(len(self._names))

    def __iter__(self) -> Iterator[Path]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Path:
        name = os.fsdecode(bytes(self._names[self._ends[index] : self._ends[index + 1]]))
        return self._folders[self._folder_of[index]] / name


class PackedBoxes:
    """The boxes of one picture after the other: 36 bytes each."""

    def __init__(self) -> None:
        self._labels = array("i")
        self._edges = array("d")
        self._ends = array("q", [0])

    def append(self, boxes: Sequence[LabelledBox]) -> None:
        """Those of one more picture."""
        for one in boxes:
            self._labels.append(one.label)
            self._edges.extend(one.box.xyxy)
        self._ends.append(len(self._labels))

    def __getitem__(self, index: int) -> tuple[LabelledBox, ...]:
        places = range(self._ends[index], self._ends[index + 1])
        return tuple(LabelledBox(self._labels[i], Box(*self._edges[4 * i : 4 * i + 4])) for i in places)
