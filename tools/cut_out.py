"""Cuts drawn things out of real pictures, to be laid into others: `python tools/cut_out.py --help`.

Writes what `cvinspect.train.compose.read_objects` reads: transparent pictures, here without shadows. What belongs to
the thing inside its box is found by GrabCut (Rother, Kolmogorov and Blake, 2004), so that gaps stay open.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.pictures import read_picture

LEAST_PX = 24
"""Of the shorter side: what is smaller shows nothing when it is enlarged."""
LEAST_SHARE = 0.35
"""Of the box: where less is left, the cut went wrong, and the whole box is taken."""
ROUNDS = 5


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data.yaml; only its training pictures are cut from")
    parser.add_argument("--label", default="hanging_laundry")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    label = dataset.names.index(options.label)
    options.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for picture in dataset.split(Split.TRAIN):
        drawn = [one.box for one in picture.boxes if one.label == label]
        if not drawn or picture.source.startswith("synthetic/"):
            continue
        pixels = read_picture(picture.path)
        for number, box in enumerate(drawn):
            piece = cut(pixels, box)
            if piece is not None:
                name = f"{picture.path.stem}-{number}.png"
                cv2.imwrite(str(options.out / name), piece)
                lines.append(index_line(name, options.label, piece))
    (options.out / "index.jsonl").write_text("".join(lines), encoding="utf-8")


def cut(pixels: Pixels, box: Box) -> Pixels | None:
    """BGRA of the box (shares of width and height); None where it is too small."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = np.rint(np.array(box.xyxy) * (width, height, width, height)).astype(int)
    if min(x1 - x0, y1 - y0) < LEAST_PX:
        return None
    mask = np.zeros((height, width), np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(pixels, mask, (x0, y0, x1 - x0, y1 - y0), *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    own = np.isin(mask[y0:y1, x0:x1], (cv2.GC_FGD, cv2.GC_PR_FGD))
    alpha = np.full(own.shape, 255, np.uint8) if own.mean() < LEAST_SHARE else own.astype(np.uint8) * 255
    return np.dstack([pixels[y0:y1, x0:x1], alpha])


def index_line(name: str, label: str, piece: Pixels) -> str:
    """As the renderer writes it."""
    height, width = piece.shape[:2]
    box = {"label": label, "box": [0, 0, width, height]}
    return json.dumps({"file": name, "shadow": None, "label": label, "boxes": [box], "stands_on": "wall"}) + "\n"


if __name__ == "__main__":
    main()
