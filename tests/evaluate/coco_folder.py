"""A small COCO data set on disk, to be spoilt, and results files for it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from cvinspect.evaluate.labelled.labelled_split import LabelledSet, read_labelled_set
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.opencv import cv2


class CocoFolder:
    """Two pictures of 80 x 60, a bag in each, and the file that says so."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.content: dict[str, Any] = {
            "info": {"year": 2026},
            "images": [
                {"id": 7, "file_name": "a.png", "width": 80, "height": 60},
                {"id": 9, "file_name": "街 b.png", "width": 80, "height": 60},
            ],
            "categories": [{"id": 3, "name": "bag"}, {"id": 1, "name": "bin"}],
            "annotations": [
                {"id": 1, "image_id": 7, "category_id": 3, "bbox": [20, 15, 40, 30], "iscrowd": 0},
                {"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 40, 30]},
            ],
        }
        for image in self.content["images"]:
            self.picture(image["file_name"])

    def picture(self, name: str) -> Path:
        path = self.root / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", np.full((60, 80, 3), 90, np.uint8))[1].tobytes())
        return path

    @property
    def path(self) -> Path:
        return self.root / "truth.json"

    def write(self) -> Path:
        self.path.write_text(json.dumps(self.content), encoding="utf-8")
        return self.path

    def read(self) -> LabelledSet:
        return read_labelled_set(self.write(), Split.VAL)

    def results(self, *rows: object, name: str = "found.json") -> Path:
        path = self.root / name
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path


def row(image_id: object = 7, category_id: object = 3, bbox: object = (20, 15, 40, 30), score: object = 0.9) -> object:
    """One detection of a results file: by default the bag of the first picture."""
    box = list(bbox) if isinstance(bbox, tuple) else bbox
    return {"image_id": image_id, "category_id": category_id, "bbox": box, "score": score}
