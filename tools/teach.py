"""What a careful network sees on pictures that are learnt from: `python tools/teach.py --help`.

One line a picture, for `careful_pictures.py --taught`: boxes of labels that nobody drew there. Run again, it goes on.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from picture_folder import Sheet

from cvinspect.detect.model import load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.yolo import YoloDetector
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.geometry import Box, covered_share, iou
from cvinspect.sources.recorded.pictures import read_picture

DOUBTFUL = 0.10
"""From here on the teacher may be right: nothing is to be learnt from the absence of such a thing."""
SAME = 0.5
MOSTLY = 0.7
"""Share of a box: so much of it inside another one of its label is the same thing, drawn otherwise."""


def main() -> None:
    """Write the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data.yaml of the folder; its training pictures are looked at")
    parser.add_argument("--teacher", type=Path, default=Path("models/street-world-s.onnx"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    card = load_card(options.teacher.with_suffix(".yaml"))
    backend = OnnxBackend(options.teacher, labels=card.names)
    shown = {"labels": card.names, "shapes": card.input_shapes, "inner_boxes": card.inner_boxes}
    detector = YoloDetector(backend, **shown, floor=DOUBTFUL)
    done = {line["image"] for line in _lines(options.out)}
    paths = [one.path for one in load_dataset(options.data).split(Split.TRAIN) if one.path.name not in done]

    def line(path: Path) -> str:
        pixels = read_picture(path)
        sides = (*pixels.shape[1::-1], *pixels.shape[1::-1])
        seen = [
            (d.label, round(d.confidence, 3), *(round(v / s, 5) for v, s in zip(d.box.xyxy, sides, strict=True)))
            for d in detector.detect(pixels)
        ]
        return json.dumps({"image": path.name, "boxes": seen}) + "\n"

    with options.out.open("a", encoding="utf-8", buffering=1) as file, ThreadPoolExecutor(2) as threads:
        for number, text in enumerate(threads.map(line, paths), start=1):
            file.write(text)
            if number % 400 == 0:
                print(f"{number} of {len(paths)}", flush=True)


def add_taught(sheets: Iterable[Sheet], said: Path, sure: dict[str, float], names: tuple[str, ...]) -> None:
    """Of labels that nobody drew in a picture: what the teacher is sure of is a box, what it half sees is unsure.

    `sure`: the teacher's threshold of each label.
    """
    seen = {line["image"]: line["boxes"] for line in _lines(said)}
    for sheet in sheets:
        for label, confidence, *xyxy in seen.get(sheet.picture.path.name, []):
            found = LabelledBox(names.index(label), Box(*xyxy))
            if found.label in sheet.complete or _is_among(found, sheet.boxes):
                continue
            (sheet.boxes if confidence >= sure[label] else sheet.unsure).append(found)


def _lines(said: Path) -> list[dict[str, Any]]:
    text = said.read_text(encoding="utf-8") if said.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def _is_among(box: LabelledBox, others: Sequence[LabelledBox]) -> bool:
    return any(other.label == box.label and _is_same(other.box, box.box) for other in others)


def _is_same(one: Box, other: Box) -> bool:
    return iou(one, other) > SAME or max(covered_share(one, other), covered_share(other, one)) > MOSTLY


if __name__ == "__main__":
    main()
