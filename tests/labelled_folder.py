"""A small data set on disk, to be spoilt."""

import os
from pathlib import Path

import numpy as np
import pytest

from cvinspect.errors import DatasetError
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, load_dataset
from cvinspect.opencv import cv2

DATA = "train: train/images\nval: val/images\nnames:\n  0: bag\n  1: bin\n"
TABLE = "split,image,source,labels_human\n"


class Folder:
    """A data set on disk: one picture in train, one in val, each with a bag in the middle."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = self.write("data.yaml", DATA)
        for number, split in enumerate(("train", "val")):
            self.picture(f"{split}/images/a.png", gray=number)
            self.write(f"{split}/labels/a.txt", "0 0.5 0.5 0.5 0.5\n")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def picture(self, name: str, *, gray: int = 200, width: int = 8, height: int = 6) -> Path:
        return self.write(name, cv2.imencode(".png", np.full((height, width, 3), gray, np.uint8))[1].tobytes())

    def load(self) -> Dataset:
        return load_dataset(self.data)

    def faults(self) -> list[str]:
        with pytest.raises(DatasetError) as caught:
            self.load()
        return [line.replace(f"{self.root}{os.sep}", "") for line in str(caught.value).split("\n")]
