"""What looking at a part of the picture does to small things: recall by their size, and AP50.

    .venv/bin/python -m benchmarks.windows ../shared/data/street/data.yaml

Four labelled pictures side by side are one camera's picture, twice as wide and high as what each of them shows.
"Whole": the network sees all four at once. "Part": it sees one by itself, as it sees the part around a zone
(`cameras[].look: zones`, `zones[].closer`) or one tile of 2 x 2. A thing counts as found at the card's threshold and
IoU 0.5; its size is the square root of its box's area in the network's input when the whole picture is looked at.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from cvinspect.assembly.models import load_model
from cvinspect.config.site import load_site
from cvinspect.detect.yolo import best_shape, fit
from cvinspect.domain import Detection, Pixels
from cvinspect.evaluate.detections.label_scores import FLOOR, score_labels
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, load_dataset
from cvinspect.geometry import Box, iou
from cvinspect.sources.recorded.pictures import read_picture

SIZES_PX = (0, 16, 32, 64, 641)
FOUND_IOU = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    model = load_model(load_site(None), None)
    detector, thresholds = model.detector(floor=FLOOR), model.card.thresholds
    pictures = [(one, read_picture(one.path)) for one in dataset.split(Split.VAL)]
    side = max(pixels.shape[0] for _, pixels in pictures)
    square = [(one, pixels) for one, pixels in pictures if pixels.shape[:2] == (side, side)]
    scale = fit(2 * side, 2 * side, best_shape(2 * side, 2 * side, model.card.input_shapes)).scale
    things: Counter[int] = Counter()
    found: Counter[tuple[str, int]] = Counter()
    scored: dict[str, list[Predictions]] = {"whole": [], "part": []}
    for start in range(0, len(square) // 4 * 4, 4):
        four = square[start : start + 4]
        at_once = apart(detector.detect(side_by_side([pixels for _, pixels in four])), side)
        for (picture, pixels), of_whole in zip(four, at_once, strict=True):
            seen = {"whole": of_whole, "part": detector.detect(pixels)}
            for name, detections in seen.items():
                one = Predictions.of_detections(
                    picture.path, detections, names=dataset.names, width_px=side, height_px=side
                )
                scored[name].append(one)
            for label, box in labelled(picture, dataset.names, side):
                size = int(np.digitize(scale * (box.width * box.height) ** 0.5, SIZES_PX)) - 1
                things[size] += 1
                for name, detections in seen.items():
                    found[name, size] += is_found(label, box, detections, thresholds[label])
    judged = [picture for picture, _ in square[: len(scored["whole"])]]
    sizes = range(len(SIZES_PX) - 1)
    print(f"{len(judged)} pictures of {side} x {side}, four at once\n")
    print("| size, px | " + " | ".join(f"{SIZES_PX[i]} to {SIZES_PX[i + 1] - 1}" for i in sizes) + " | mean AP50 |")
    print("|---" * (len(SIZES_PX) + 1) + "|")
    print("| things | " + " | ".join(str(things[i]) for i in sizes) + " | |")
    for name, predictions in scored.items():
        ap50 = [one.ap50 for one in score_labels(dataset.names, judged, predictions) if one.ap50 is not None]
        recalls = " | ".join(f"{found[name, i] / max(1, things[i]):.2f}" for i in sizes)
        print(f"| {name} | {recalls} | {np.mean(ap50):.3f} |")


def side_by_side(four: Sequence[Pixels]) -> Pixels:
    """As one picture."""
    return np.vstack([np.hstack(four[:2]), np.hstack(four[2:])])


def apart(seen: Sequence[Detection], side: int) -> list[list[Detection]]:
    """What was seen in each of the four, in its own pixels; by the middle of the box."""
    of_each: list[list[Detection]] = [[] for _ in range(4)]
    for one in seen:
        x0, y0, x1, y1 = one.box.xyxy
        column, row = int((x0 + x1) / 2 >= side), int((y0 + y1) / 2 >= side)
        box = Box(x0 - column * side, y0 - row * side, x1 - column * side, y1 - row * side).clipped(side, side)
        of_each[2 * row + column].append(Detection(one.label, one.confidence, box))
    return of_each


def labelled(picture: LabelledPicture, names: Sequence[str], side: int) -> Iterator[tuple[str, Box]]:
    """Label and place in pixels of each thing of a label that the picture's source drew."""
    for one in picture.boxes:
        if one.label in picture.complete:
            yield names[one.label], Box(*(side * edge for edge in one.box.xyxy))


def is_found(label: str, box: Box, detections: Sequence[Detection], threshold: float) -> bool:
    return any(
        one.label == label and one.confidence >= threshold and iou(one.box, box) >= FOUND_IOU for one in detections
    )


if __name__ == "__main__":
    main()
