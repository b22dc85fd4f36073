"""Whether one network says the same on every runtime: F1 of its detections at IoU 0.5, and AP50, on labelled pictures.

    .venv/bin/python -m benchmarks.backends ../shared/data/street/data.yaml

ONNX Runtime in single precision is the reference; its detections above the card's thresholds are taken for the truth of
the F1. Needs OpenVINO.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openvino

from cvinspect.assembly.models import DEFAULT_MODEL, FASTER_MODEL, load_model
from cvinspect.config.site import load_site, shipped
from cvinspect.detect.openvino_backend import OpenVinoBackend
from cvinspect.detect.yolo import YoloDetector
from cvinspect.domain import Detection
from cvinspect.evaluate.detections.label_scores import FLOOR, score_labels
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.geometry import iou
from cvinspect.sources.recorded.pictures import read_picture

SAME_IOU = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    val = dataset.split(Split.VAL)
    card = load_model(load_site(None), shipped(DEFAULT_MODEL)).card
    with TemporaryDirectory() as scratch:
        detectors = opened(Path(scratch))
        scored: dict[str, list[Predictions]] = {name: [] for name in detectors}
        agreed = {name: np.zeros(3, np.int64) for name in detectors}
        spent_s = dict.fromkeys(detectors, 0.0)
        for picture in val:
            pixels = read_picture(picture.path)
            size = {"width_px": pixels.shape[1], "height_px": pixels.shape[0]}
            reference: list[Detection] | None = None
            for name, detector in detectors.items():
                began_s = time.process_time()
                found = detector.detect(pixels)
                spent_s[name] += time.process_time() - began_s
                scored[name].append(Predictions.of_detections(picture.path, found, names=dataset.names, **size))
                sure = [one for one in found if one.confidence >= card.thresholds[one.label]]
                reference = sure if reference is None else reference
                agreed[name] += agreement(reference, sure)
    print(f"{len(val)} pictures\n{'runtime':<24}{'F1':>8}{'detections':>12}{'mean AP50':>11}{'CPU ms':>8}")
    for name, (both, ours, theirs) in agreed.items():
        ap50 = [one.ap50 for one in score_labels(dataset.names, val, scored[name]) if one.ap50 is not None]
        f1 = 2 * both / (ours + theirs)
        print(f"{name:<24}{f1:>8.4f}{theirs:>12}{np.mean(ap50):>11.4f}{1000 * spent_s[name] / len(val):>8.0f}")


def opened(scratch: Path) -> dict[str, YoloDetector]:
    """The reference first."""
    site = load_site(None)
    whole = load_model(site, shipped(DEFAULT_MODEL))
    converted = scratch / "converted.xml"
    openvino.save_model(openvino.Core().read_model(whole.path.parent / whole.card.file), converted, False)
    backend = OpenVinoBackend(converted, converted.with_suffix(".bin"), labels=whole.card.names)
    return {
        "ONNX Runtime fp32": whole.detector(floor=FLOOR),
        "OpenVINO fp32": YoloDetector(backend, labels=whole.card.names, shapes=whole.card.input_shapes, floor=FLOOR),
        "OpenVINO int8": load_model(site, shipped(FASTER_MODEL)).detector(floor=FLOOR),
    }


def agreement(reference: Sequence[Detection], other: Sequence[Detection]) -> tuple[int, int, int]:
    """How many are in both, in the reference and in the other."""
    left = list(other)
    both = 0
    for one in reference:
        same = [two for two in left if two.label == one.label and iou(one.box, two.box) >= SAME_IOU]
        if same:
            left.remove(max(same, key=lambda two: iou(one.box, two.box)))
            both += 1
    return both, len(reference), len(other)


if __name__ == "__main__":
    main()
