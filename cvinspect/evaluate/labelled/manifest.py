"""data.yaml, as Ultralytics writes it: the label names and where each split's pictures are."""

import os
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from cvinspect.config.strict_yaml import line_of, read_yaml
from cvinspect.errors import ConfigError, DatasetError
from cvinspect.evaluate.faults import shown

_WANTED_ENTRY = "allowed: a folder, a txt list, or a list of those"


class Split(StrEnum):
    """What pictures are for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A data.yaml that was read."""

    path: Path
    names: tuple[str, ...]
    entries: Mapping[Split, tuple[Path, ...]]
    """Folders and txt lists of each split that it names."""
    points: int = 0
    """Numbers after each box, in a pose set: `kpt_shape`."""
    beside: tuple[str, ...] = ()
    """What is wrong with splits that are not needed, a line each."""

    def place_of(self, split: Split) -> str:
        """`FILE:LINE` where the split is named."""
        return f"{shown(self.path)}{line_of(self.path, split)}"


def read_manifest(path: Path, *, needed: Collection[Split] = tuple(Split)) -> Manifest:
    """The data.yaml at `path`; keys that are not ours (`download`, ...) are left alone.

    Faults of splits that are not `needed` are noted, and those splits left out. `path` in it, and the splits without
    it, are relative to the file's folder. Raises DatasetError with the first fault: nothing else can be read before
    this file is right.
    """
    try:
        data = read_yaml(path)
    except ConfigError as error:
        raise DatasetError(str(error)) from error
    if not isinstance(data, dict):
        raise DatasetError(f"{shown(path)}: {_written(data)} is no data.yaml; keys are needed: train, val, names")
    names = _names(data, path)
    root = data.get("path", ".")
    if not isinstance(root, str):
        _fail(path, f"path is {_written(root)}; allowed: a folder", "path")
    if "nc" in data and (data["nc"] != len(names) or isinstance(data["nc"], bool)):
        _fail(path, f"nc is {_written(data['nc'])}, but names has {len(names)} labels; leave nc out or mend it", "nc")
    entries: dict[Split, tuple[Path, ...]] = {}
    beside = []
    for split in (one for one in Split if data.get(one) is not None):
        try:
            entries[split] = _entries(data, split, path, path.parent / root)
        except DatasetError as error:
            if split in needed:
                raise
            beside.append(str(error))
    if not entries:
        raise DatasetError(f"{shown(path)}: names no pictures; at least one of train, val, test is needed")
    return Manifest(path, names, entries, _points(data, path), tuple(beside))


def _points(data: dict[object, object], path: Path) -> int:
    shape = data.get("kpt_shape")
    if shape is None:
        return 0
    numbers = [one for one in shape if type(one) is int] if isinstance(shape, list) and len(shape) == 2 else []
    if len(numbers) != 2 or numbers[0] < 1 or numbers[1] not in (2, 3):
        allowed = "allowed: [points, 2] or [points, 3], as Ultralytics writes it for poses"
        _fail(path, f"kpt_shape is {_written(shape)}; {allowed}", "kpt_shape")
    return numbers[0] * numbers[1]


def _names(data: dict[object, object], path: Path) -> tuple[str, ...]:
    match data.get("names"):
        case list() as listed:
            numbered: dict[object, object] = dict(enumerate(listed))
        case dict() as numbered:
            pass
        case None:
            raise DatasetError(f"{shown(path)}: names is missing; the labels are needed, as a list or as 0: NAME, ...")
        case other:
            _fail(path, f"names is {_written(other)}; allowed: a list of labels, or 0: NAME, 1: NAME, ...", "names")
    if not numbered:
        _fail(path, "names is empty; at least one label is needed", "names")
    for key in numbered:
        if type(key) is not int or not 0 <= key < len(numbered):
            span = f"0 to {len(numbered) - 1} without gaps"
            _fail(path, f"names has the number {_written(key)}; its {len(numbered)} labels need {span}", "names", key)
    seen: dict[str, int] = {}
    for number in range(len(numbered)):
        name = numbered[number]
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            wanted = "a name is needed, in quotes where it looks like something else"
            _fail(path, f"label {number} is {_written(name)}; {wanted}", "names", number)
        if name in seen:
            _fail(path, f"label {number} is {name!r}, as label {seen[name]} is; each needs its own", "names", number)
        seen[name] = number
    return tuple(seen)


def _entries(data: dict[object, object], split: Split, path: Path, root: Path) -> tuple[Path, ...]:
    value = data[split]
    listed = value if isinstance(value, list) else [value]
    entries = []
    for number, entry in enumerate(listed):
        if not isinstance(entry, str) or not entry.strip():
            _fail(path, f"{split} is {_written(entry)}; {_WANTED_ENTRY}", split, number)
        entries.append(_resolved(entry, root))
    if not entries:
        _fail(path, f"{split} is empty; {_WANTED_ENTRY}", split)
    return tuple(entries)


def _resolved(entry: str, root: Path) -> Path:
    """Exports of Roboflow say `../train/images` and mean `train/images`; Ultralytics reads them so, and so do we."""
    path = root / entry
    inside = root / entry.removeprefix("../")
    return inside if not os.path.lexists(path) and os.path.lexists(inside) else path


def _written(value: object) -> str:
    return reprlib.repr(value)


def _fail(path: Path, what: str, *keys: object) -> NoReturn:
    numbers_and_names = [key if isinstance(key, int | str) else str(key) for key in keys]
    raise DatasetError(f"{shown(path)}{line_of(path, *numbers_and_names)}: {what}")
