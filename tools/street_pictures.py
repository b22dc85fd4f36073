"""Prepares the pictures that the shipped model is trained on: `python tools/street_pictures.py --help`.

Out of real pictures, boxes drawn by eye, a teacher's doubts and rendered objects it makes a folder that
`cvinspect train FOLDER/data.yaml` takes.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yaml

from cvinspect.detect.yolo import YoloDetector
from cvinspect.evaluate.dataset import Dataset, LabelledPicture, load_dataset
from cvinspect.evaluate.label_file import LabelledBox
from cvinspect.evaluate.manifest import Split
from cvinspect.geometry import Box, iou
from cvinspect.opencv import cv2
from cvinspect.sources.images import read_picture
from cvinspect.train.coco import COCO_NAMES
from cvinspect.train.compose import RenderedObject, compose, read_objects
from cvinspect.train.finish import LICENCES, SHAPES

RARE = ("vendor_stall", "banner", "hanging_laundry", "material_pile")
SEARCHED = ("atanu0023", "saulvas_malta", "rdd2022_china", "storm_graffiti")
"""Sources whose training pictures were gone through by eye, each one, for the rare labels."""

DOUBTFUL = 0.10
"""From here on a teacher may be right."""

SAME = 0.5


@dataclass(slots=True)
class Sheet:
    """One picture on its way."""

    picture: LabelledPicture
    boxes: list[LabelledBox]
    complete: frozenset[int]
    unsure: list[LabelledBox] = field(default_factory=list)


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
        for name, pixels, sheet in composites(sheets, read_objects(options.objects), dataset.names, options):
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
        detector = YoloDetector(TorchBackend(checkpoint), labels=labels, shapes=SHAPES, floor=DOUBTFUL)
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
        own = [(names[box.label], np.array(box.box.xyxy)) for box in sheet.boxes]
        made = compose(read_picture(sheet.picture.path), own, chosen, rng)
        boxes = [LabelledBox(names.index(label), Box(*map(float, box))) for label, box in made.boxes if label in names]
        hidden = [LabelledBox(names.index(label), Box(*map(float, box))) for label, box in made.hidden]
        yield f"composite_{number:05d}", made.pixels, Sheet(sheet.picture, boxes, sheet.complete, sheet.unsure + hidden)


def write_licences(path: Path, listed: Path) -> None:
    """As listed; a composite stands under its background's licence, and the objects in it are ours."""
    lines = [line for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    path.write_text("".join(f"{line}\nsynthetic/{line}; objects rendered by us\n" for line in lines), encoding="utf-8")


def _is_among(box: LabelledBox, others: Iterable[LabelledBox]) -> bool:
    return any(other.label == box.label and iou(other.box, box.box) > SAME for other in others)


class Writer:
    """The folder: pictures, labels, unsure boxes, source.csv, data.yaml."""

    def __init__(self, out: Path, dataset: Dataset) -> None:
        self._out = out
        self._dataset = dataset
        self._rows: list[tuple[str, str, str, str]] = []
        for kind in ("images", "labels", "unsure"):
            for part in ("real", "synthetic"):
                folder = out / kind / part
                folder.mkdir(parents=True, exist_ok=True)
                for old in folder.iterdir():
                    old.unlink()

    def link(self, sheet: Sheet) -> None:
        """A real picture, where it is."""
        path = sheet.picture.path
        (self._out / "images" / "real" / path.name).symlink_to(path.resolve())
        self._write("real", path.name, sheet, sheet.picture.source)

    def paint(self, name: str, pixels: np.ndarray, sheet: Sheet) -> None:
        """A composite."""
        cv2.imwrite(str(self._out / "images" / "synthetic" / f"{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
        self._write("synthetic", f"{name}.jpg", sheet, f"synthetic/{sheet.picture.source}")

    def take_over(self, path: Path) -> None:
        """A rendered street with its labels and unsure boxes; nothing in it is unknown."""
        (self._out / "images" / "synthetic" / path.name).symlink_to(path.resolve())
        for kind in ("labels", "unsure"):
            name = f"{path.stem}.txt"
            (self._out / kind / "synthetic" / name).symlink_to((path.parents[1] / kind / name).resolve())
        self._rows.append(("train", path.name, "synthetic/scenes", " ".join(self._dataset.names)))

    def finish(self, val: Sequence[LabelledPicture]) -> None:
        """source.csv and data.yaml; val's pictures stay where they are."""
        names = self._dataset.names
        rows = [("val", p.path.name, p.source, " ".join(names[i] for i in sorted(p.complete))) for p in val]
        with (self._out / "source.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("split", "image", "source", "labels_human"))
            writer.writerows(self._rows + rows)
        listed = self._out / "val.txt"
        listed.write_text("".join(f"{p.path.resolve()}\n" for p in val), encoding="utf-8")
        data = {"train": [str((self._out / "images" / part).resolve()) for part in ("real", "synthetic")]}
        if not any(row[2].startswith("synthetic/") for row in self._rows):
            data["train"] = data["train"][:1]
        text = yaml.safe_dump({**data, "val": str(listed.resolve()), "names": dict(enumerate(names))}, sort_keys=False)
        (self._out / "data.yaml").write_text(text, encoding="utf-8")

    def _write(self, part: str, name: str, sheet: Sheet, source: str) -> None:
        names = self._dataset.names
        for kind, boxes in (("labels", sheet.boxes), ("unsure", sheet.unsure)):
            lines = [_line(box) for box in boxes]
            path = self._out / kind / part / Path(name).with_suffix(".txt").name
            path.write_text("".join(lines), encoding="utf-8")
        self._rows.append(("train", name, source, " ".join(names[i] for i in sorted(sheet.complete))))


def _line(labelled: LabelledBox) -> str:
    box = labelled.box
    values = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width, box.height)
    return " ".join([str(labelled.label), *(f"{value:.6f}" for value in values)]) + "\n"


if __name__ == "__main__":
    main()
