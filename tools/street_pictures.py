"""Prepares the pictures that the shipped model is trained on: `python tools/street_pictures.py --help`.

Out of real pictures, boxes drawn by eye, a teacher's doubts and rendered objects it makes a folder that
`cvinspect train FOLDER/data.yaml` takes.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from picture_folder import Sheet, Writer

from cvinspect.detect.yolo import YoloDetector
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture, load_dataset
from cvinspect.geometry import Box, iou
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.coco import COCO_NAMES
from cvinspect.train.compose import SIZES, RenderedObject, compose, read_objects
from cvinspect.train.finish import LICENCES
from cvinspect.train.sizes import HABITS, Size

RARE = ("vendor_stall", "banner", "hanging_laundry", "material_pile")
SEARCHED = ("atanu0023", "saulvas_malta", "rdd2022_china", "storm_graffiti")
"""Sources whose training pictures were gone through by eye, each one, for the rare labels."""
WALLED = ("atanu0023", "storm_graffiti", "saulvas_malta")
"""Of these, sources whose pictures mostly show walls, fences and fronts, where washing may hang."""

FAVOURED_SIZES = (0.16, 0.7)
LEAST_FILL = 0.36
"""A rendering that fills less of its box is mostly air, or seen from the side."""

DOUBTFUL = 0.10
"""From here on a teacher may be right."""

SAME = 0.5


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data.yaml of the real pictures")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by-eye", type=Path, default=Path("models/street-26n.by-eye.csv"))
    parser.add_argument("--doubts", type=Path, default=Path("runs/doubts.jsonl"), help="what the teacher saw")
    parser.add_argument("--teacher", type=Path, help="COCO checkpoint (.pt), where --doubts is not there yet")
    parser.add_argument("--licences", type=Path, default=Path("models/street-26n.licences.txt"), help="of the sources")
    parser.add_argument(
        "--moved", type=Path, default=Path("models/street-26n.moved.txt"), help="val pictures to learn from"
    )
    parser.add_argument("--objects", type=Path, help="folder of samples/objects/render.py")
    parser.add_argument("--scenes", type=Path, help="folder of samples/objects/scenes.py")
    parser.add_argument("--composites", type=int, default=900)
    parser.add_argument("--favour", default="hanging_laundry", help="a label that gets composites of its own")
    parser.add_argument("--favoured", type=int, default=0, help="how many of those")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    sheets = [Sheet(p, list(p.boxes), p.complete) for p in dataset.split(Split.TRAIN)]
    add_by_eye(sheets, options.by_eye, dataset)
    add_doubts(sheets, options.doubts, options.teacher, dataset.names)
    moved, val = moved_pictures(dataset, options.moved)
    sheets += moved
    writer = Writer(options.out, dataset)
    for sheet in sheets:
        writer.link(sheet)
    if options.objects is not None:
        objects = read_objects(options.objects)
        for name, pixels, sheet in composites(sheets, objects, dataset.names, options):
            writer.paint(name, pixels, sheet)
        for name, pixels, sheet in favoured(sheets, objects, dataset.names, options):
            writer.paint(name, pixels, sheet)
    if options.scenes is not None:
        for path in sorted((options.scenes / "images").iterdir()):
            writer.take_over(path)
    writer.finish(val)
    write_licences(options.out / LICENCES, options.licences)


def add_by_eye(sheets: Sequence[Sheet], table: Path, dataset: Dataset) -> None:
    """Boxes drawn, doubted or struck out by eye; the rare labels become complete where everything was searched."""
    by_name = {sheet.picture.path.stem: sheet for sheet in sheets}
    rare = {dataset.names.index(label) for label in RARE}
    for sheet in sheets:
        if any(source in sheet.picture.source for source in SEARCHED):
            sheet.complete = sheet.complete | rare
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sheet, label = by_name[row["image"]], dataset.names.index(row["label"])
            if row["verdict"] == "wrong":
                sheet.unsure += [box for box in sheet.boxes if box.label == label]
                sheet.boxes = [box for box in sheet.boxes if box.label != label]
                continue
            drawn = LabelledBox(label, Box(*(float(row[key]) for key in ("x0", "y0", "x1", "y1"))))
            if row["verdict"] == "unsure":
                sheet.unsure.append(drawn)
            elif not _is_among(drawn, sheet.boxes):
                sheet.boxes.append(drawn)


def add_doubts(sheets: Sequence[Sheet], doubts: Path, teacher: Path | None, names: tuple[str, ...]) -> None:
    """Where a COCO network half sees something that nobody drew, nothing is to be learnt from its absence.

    What it saw is kept in `doubts`, one line a picture, and taken from there the next time.
    """
    taught = {names.index(label) for label in COCO_NAMES.values()}
    if teacher is not None and not doubts.exists():
        write_doubts(sheets, doubts, teacher, names)
    lines = [json.loads(line) for line in doubts.read_text(encoding="utf-8").splitlines()]
    seen = {line["image"]: line["boxes"] for line in lines}
    for sheet in sheets:
        for label, _, *xyxy in seen.get(sheet.picture.path.name, []):
            doubt = LabelledBox(names.index(label), Box(*xyxy))
            if doubt.label not in sheet.picture.complete and not _is_among(doubt, [*sheet.boxes, *sheet.unsure]):
                sheet.unsure.append(doubt)
        sheet.complete = sheet.complete | taught


def moved_pictures(dataset: Dataset, listed: Path) -> tuple[list[Sheet], list[LabelledPicture]]:
    """Val's pictures that are to be learnt from, and those that stay to be judged on."""
    lines = {line.strip() for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
    val = dataset.split(Split.VAL)
    rubbish = {dataset.names.index(label) for label in ("exposed_garbage", "overflowing_bin", "bin")}
    moved = [
        Sheet(p, list(p.boxes), p.complete | (rubbish if p.path.stem.startswith("rare_at_") else set()))
        for p in val
        if p.path.name in lines
    ]
    return moved, [p for p in val if p.path.name not in lines]


def write_doubts(sheets: Sequence[Sheet], doubts: Path, teacher: Path, names: tuple[str, ...]) -> None:
    """A line a picture: label, confidence and box (shares of width and height) of all that the teacher sees."""
    from cvinspect.train.checkpoint import TorchBackend, read_base

    with TemporaryDirectory() as scratch, doubts.open("w", encoding="utf-8") as file:
        checkpoint = read_base(teacher, copy=Path(scratch) / "teacher.pt")
        labels = tuple(checkpoint.names.values())
        detector = YoloDetector(
            TorchBackend(checkpoint), labels=labels, shapes=HABITS[Size.QUICK].shapes, floor=DOUBTFUL
        )
        for number, sheet in enumerate(sheets, start=1):
            pixels = read_picture(sheet.picture.path)
            height, width = pixels.shape[:2]
            found = [
                (COCO_NAMES[one.label], round(one.confidence, 3), *shares(one.box, width, height))
                for one in detector.detect(pixels)
                if COCO_NAMES.get(one.label) in names
            ]
            file.write(json.dumps({"image": sheet.picture.path.name, "boxes": found}) + "\n")
            if number % 200 == 0:
                print(f"teacher: {number} of {len(sheets)}", flush=True)


def shares(box: Box, width: int, height: int) -> tuple[float, ...]:
    """The box's corners as shares of the picture's width and height."""
    return tuple(round(value / side, 5) for value, side in zip(box.xyxy, (width, height) * 2, strict=True))


def composites(
    sheets: Sequence[Sheet], objects: Sequence[RenderedObject], names: tuple[str, ...], options: argparse.Namespace
) -> Iterable[tuple[str, np.ndarray, Sheet]]:
    """Street pictures with one to three rendered objects each; every object comes up equally often."""
    rng = np.random.default_rng(options.seed)
    streets = [s for s in sheets if any(source in s.picture.source for source in SEARCHED)]
    queue: list[RenderedObject] = []
    for number in range(options.composites):
        sheet = streets[rng.integers(len(streets))]
        count = int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
        while len(queue) < count:
            queue += [objects[i] for i in rng.permutation(len(objects))]
        chosen, queue = queue[:count], queue[count:]
        yield laid(f"composite_{number:05d}", sheet, chosen, names, rng, SIZES)


def favoured(
    sheets: Sequence[Sheet], objects: Sequence[RenderedObject], names: tuple[str, ...], options: argparse.Namespace
) -> Iterable[tuple[str, np.ndarray, Sheet]]:
    """Pictures of walls and fronts with one to three renderings of the favoured label; none of that are mostly air."""
    rng = np.random.default_rng(options.seed + 1)
    streets = [s for s in sheets if any(source in s.picture.source for source in WALLED)]
    chosen = [one for one in objects if one.label == options.favour and fill_of(one) >= LEAST_FILL]
    for number in range(options.favoured):
        sheet = streets[rng.integers(len(streets))]
        count = int(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2]))
        some = [chosen[i] for i in rng.choice(len(chosen), count, replace=False)]
        yield laid(f"{options.favour}_{number:05d}", sheet, some, names, rng, FAVOURED_SIZES)


def fill_of(thing: RenderedObject) -> float:
    """Share of the box of its own label that it covers, 0 where it has none."""
    boxes = [np.rint(box).astype(int) for label, box in thing.boxes if label == thing.label]
    rgba = cv2.imread(str(thing.picture), cv2.IMREAD_UNCHANGED)
    return min((float((rgba[y0:y1, x0:x1, 3] > 127).mean()) for x0, y0, x1, y1 in boxes), default=0.0)


def laid(
    name: str,
    sheet: Sheet,
    chosen: Sequence[RenderedObject],
    names: tuple[str, ...],
    rng: np.random.Generator,
    sizes: tuple[float, float],
) -> tuple[str, np.ndarray, Sheet]:
    """The picture with the objects in it."""
    own = [(names[box.label], np.array(box.box.xyxy)) for box in sheet.boxes]
    made = compose(read_picture(sheet.picture.path), own, chosen, rng, sizes=sizes)
    boxes = [LabelledBox(names.index(label), Box(*map(float, box))) for label, box in made.boxes if label in names]
    hidden = [LabelledBox(names.index(label), Box(*map(float, box))) for label, box in made.hidden]
    return name, made.pixels, Sheet(sheet.picture, boxes, sheet.complete, sheet.unsure + hidden)


def write_licences(path: Path, listed: Path) -> None:
    """As listed; a composite stands under its background's licence, and the objects in it are ours."""
    lines = [line for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    path.write_text("".join(f"{line}\nsynthetic/{line}; objects rendered by us\n" for line in lines), encoding="utf-8")


def _is_among(box: LabelledBox, others: Iterable[LabelledBox]) -> bool:
    return any(other.label == box.label and iou(other.box, box.box) > SAME for other in others)


if __name__ == "__main__":
    main()
