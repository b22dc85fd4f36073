"""The folder of pictures that `street_pictures.py` prepares, as `cvinspect train` takes it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml

from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture
from cvinspect.opencv import cv2


@dataclass(slots=True)
class Sheet:
    """One picture on its way."""

    picture: LabelledPicture
    boxes: list[LabelledBox]
    complete: frozenset[int]
    unsure: list[LabelledBox] = field(default_factory=list)


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

    def put(self, name: str, pixels: np.ndarray, sheet: Sheet) -> None:
        """A frame of a video."""
        cv2.imwrite(str(self._out / "images" / "real" / f"{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
        self._write("real", f"{name}.jpg", sheet, sheet.picture.source)

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
