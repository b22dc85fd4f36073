"""COCO files of labelled pictures: images, categories and annotations in one json."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cvinspect.evaluate.faults import Faults, found, read_text
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize, is_there
from cvinspect.evaluate.labelled.source_table import UNNAMED_SOURCE, Origin, SourceTable, read_source_table
from cvinspect.evaluate.labelled.yolo_dataset import SOURCE_TABLE, LabelledPicture, Notes, PictureStore
from cvinspect.geometry import Box

_PARTS = ("images", "categories", "annotations")

_SLACK_SHARE = 1e-3
_SLACK_PX = 1.0
"""How far a box may lie outside its picture, whichever is more: rounding; it is clipped."""

_LARGEST_SIDE_PX = 1_000_000


@dataclass(frozen=True, slots=True)
class CocoFile:
    """A COCO file that was read."""

    names: tuple[str, ...]
    """Labels in order of the file's categories."""
    category_ids: tuple[int, ...]
    """Of each label."""
    pictures: Sequence[LabelledPicture]
    keys: tuple[int | str, ...]
    """The image id of each picture."""
    sizes: tuple[PictureSize, ...]
    notes: Notes


@dataclass(slots=True)
class _Image:
    """What the file says of one picture so far."""

    file_name: str
    size: PictureSize
    boxes: list[LabelledBox] = field(default_factory=list)
    crowds: list[LabelledBox] = field(default_factory=list)


def read_coco(path: Path, split: Split) -> CocoFile:
    """The labelled pictures of a COCO file; `iscrowd` marks places where a detection is neither right nor wrong.

    Pictures lie beside the file, in `images` beside it or beside its folder, or where COCO itself has them; that
    each is there is asked when it is opened. Keys that are not ours (`licenses`, `segmentation`, ...) are left alone.
    `source.csv` beside the file says which labels are complete, as beside a data.yaml.

    Raises DatasetError: one line for each of the first 20 faults.
    """
    faults = Faults()
    parts = _parts(path, faults)
    faults.raise_any()
    names = _categories(path, parts["categories"], faults)
    images = _images(path, parts["images"], faults)
    doubled = _annotations(path, parts["annotations"], names, images, faults)
    faults.raise_any()
    labels = tuple(names.values())
    table_path = path.with_name(SOURCE_TABLE)
    table = read_source_table(table_path, labels, faults) if os.path.lexists(table_path) else None
    faults.raise_any()
    folder = pictures_folder(path, split, next(iter(images.values())).file_name)
    files = [folder / image.file_name for image in images.values()]
    origins = [_origin(table, split, file, len(labels)) for file in files]
    store = PictureStore()
    for file, origin, image in zip(files, origins, images.values(), strict=True):
        boxes, crowds = tuple(image.boxes), tuple(image.crowds)
        store.append(LabelledPicture(file, split, origin.source, origin.complete, boxes, crowds))
    listed = sum(table is not None and table.row_of(split, file) is not None for file in files)
    notes = Notes(0, 0 if table is None else len(files) - listed, 0, doubled, ())
    sizes = tuple(image.size for image in images.values())
    return CocoFile(labels, tuple(names), store.pictures(), tuple(images), sizes, notes)


def pictures_folder(path: Path, split: Split, first: str) -> Path:
    """The folder in which the picture named `first` lies; `images` beside the file where it lies in none of them."""
    stem = path.stem.removeprefix("instances_")
    folders = [
        path.parent / "images",
        path.parent,
        path.parent.parent / "images",
        *(base / name for base in (path.parent, path.parent.parent) for name in (stem, f"images/{stem}", split.value)),
    ]
    return next((folder for folder in folders if is_there(folder / first)), folders[0])


def _parts(path: Path, faults: Faults) -> dict[str, list[Any]]:
    text = read_text(path, faults)
    try:
        data = None if text is None else json.loads(text)
    except (ValueError, RecursionError) as error:
        faults.add(path, f"not JSON: {error}")
        return {}
    if text is None:
        return {}
    if not isinstance(data, dict):
        what = "a file of detections belongs to --predictions; " if isinstance(data, list) else ""
        faults.add(path, f"{type(data).__name__} is no COCO file; {what}keys are needed: {', '.join(_PARTS)}")
        return {}
    for part in _PARTS:
        if not isinstance(data.get(part), list):
            faults.add(path, f"{part} is {'missing' if part not in data else 'no list'}; a list is needed")
        elif not data[part] and part != "annotations":
            faults.add(path, f"{part} is empty; at least one is needed")
    return data


def _categories(path: Path, rows: list[Any], faults: Faults) -> dict[int, str]:
    names: dict[int, str] = {}
    for number, row in enumerate(rows):
        place = f"{path}: categories[{number}]"
        key, name = _fields(row, "id", "name")
        if not _is_id(key) or isinstance(key, str):
            faults.add(place, f"id is {key!r:.60}; allowed: a whole number")
        elif not isinstance(name, str) or not name.strip() or not name.isprintable():
            faults.add(place, f"name is {name!r:.60}; a name is needed")
        elif key in names or name in names.values():
            faults.add(place, f"id {key}, name {found(name)} stands here a second time; each needs its own")
        else:
            names[key] = name
    return names


def _images(path: Path, rows: list[Any], faults: Faults) -> dict[int | str, _Image]:
    images: dict[int | str, _Image] = {}
    files: set[str] = set()
    for number, row in enumerate(rows):
        place = f"{path}: images[{number}]"
        key, name, width, height = _fields(row, "id", "file_name", "width", "height")
        if not _is_id(key):
            faults.add(place, f"id is {key!r:.60}; allowed: a whole number or text")
        elif not isinstance(name, str) or not _is_file_name(name):
            faults.add(place, f"file_name is {name!r:.60}; a picture's name is needed")
        elif not _is_side(width) or not _is_side(height):
            faults.add(place, f"width is {width!r:.40}, height is {height!r:.40}; allowed: whole numbers above 0")
        elif key in images or name in files:
            faults.add(place, f"id {key!r:.40}, file_name {found(name)} stands here a second time; each needs its own")
        else:
            images[key] = _Image(name, PictureSize(width, height))
            files.add(name)
    return images


def _annotations(
    path: Path, rows: list[Any], names: Mapping[int, str], images: Mapping[int | str, _Image], faults: Faults
) -> int:
    """Puts the boxes into their images; returns how many of them were there already."""
    numbers = {category: i for i, category in enumerate(names)}
    doubled = 0
    for index, row in enumerate(rows):
        key, category, numbers_xywh, crowd = _fields(row, "image_id", "category_id", "bbox", "iscrowd")
        try:
            image = images.get(key) if _is_id(key) else None
            if image is None:
                raise ValueError(f"image_id is {key!r:.40}; allowed: the ids of images")
            if not _is_id(category) or category not in numbers:
                raise ValueError(f"category_id is {category!r:.40}; allowed: {', '.join(map(str, numbers))}")
            if crowd not in (None, 0, 1):
                raise ValueError(f"iscrowd is {crowd!r:.40}; allowed: 0 or 1")
            box = LabelledBox(numbers[category], _box(numbers_xywh, image.size))
        except ValueError as error:
            faults.add(f"{path}: annotations[{index}]", str(error))
            continue
        listed = image.crowds if crowd else image.boxes
        doubled += box in listed
        listed.extend([] if box in listed else [box])
    return doubled


def _box(numbers: object, size: PictureSize) -> Box:
    """Shares of the picture from x, y, width, height in pixels; raises ValueError."""
    if not isinstance(numbers, list) or len(numbers) != 4 or not all(map(_is_number, numbers)):
        raise ValueError(f"bbox is {numbers!r:.60}; allowed: [x, y, width, height] in pixels")
    x, y, width, height = map(float, numbers)
    if width <= 0 or height <= 0:
        raise ValueError(f"bbox has width {width:g}, height {height:g}; both must be above 0")
    slack = max(_SLACK_PX, _SLACK_SHARE * max(size.width_px, size.height_px))
    if min(x, y) < -slack or x + width > size.width_px + slack or y + height > size.height_px + slack:
        raise ValueError(f"bbox {numbers} leaves the picture of {size.width_px} x {size.height_px} pixels")
    box = Box(x, y, x + width, y + height).clipped(size.width_px, size.height_px)
    if box.width <= 0 or box.height <= 0:
        raise ValueError(f"nothing of bbox {numbers} lies in the picture of {size.width_px} x {size.height_px} pixels")
    return Box(box.x0 / size.width_px, box.y0 / size.height_px, box.x1 / size.width_px, box.y1 / size.height_px)


def _origin(table: SourceTable | None, split: Split, picture: Path, labels: int) -> Origin:
    if table is None:
        return Origin(UNNAMED_SOURCE, frozenset(range(labels)))
    key = table.row_of(split, picture)
    return Origin(UNNAMED_SOURCE, frozenset()) if key is None else table.rows[key]


def _fields(row: object, *keys: str) -> list[Any]:
    return [row.get(key) if isinstance(row, dict) else None for key in keys]


def _is_file_name(name: str) -> bool:
    """JSON can write halves of letters and zeros, which no file's name has."""
    return bool(name) and "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _is_id(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_SIDE_PX


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _LARGEST_SIDE_PX and math.isfinite(value)
