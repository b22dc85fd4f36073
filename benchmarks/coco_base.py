"""What the shipped model forgot: AP50 of COCO's labels on val, the base against the model made from it.

    python benchmarks/coco_base.py ../shared/data/street/data.yaml ../shared/weights/yolo26n-coco.pt

Needs the extra `train`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cvinspect.assembly.models import load_model
from cvinspect.config.site import load_site
from cvinspect.detect.yolo import YoloDetector, distinct
from cvinspect.domain import Detection
from cvinspect.evaluate.detections.label_scores import FLOOR, score_labels
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.checkpoint import TorchBackend, read_base
from cvinspect.train.coco import COCO_NAMES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    val = dataset.split(Split.VAL)
    model = load_model(load_site(None), options.model)
    ours = model.detector(floor=FLOOR)
    with TemporaryDirectory() as scratch:
        checkpoint = read_base(options.base, copy=Path(scratch) / "base.pt")
    labels = tuple(checkpoint.names.values())
    theirs = YoloDetector(TorchBackend(checkpoint), labels=labels, shapes=model.card.input_shapes, floor=FLOOR)
    judged = [p for p in val if any(dataset.names[i] in COCO_NAMES.values() for i in p.complete)]
    seen: dict[str, list[Predictions]] = {"base": [], "model": []}
    for picture in judged:
        pixels = read_picture(picture.path)
        size = {"width_px": pixels.shape[1], "height_px": pixels.shape[0]}
        for name, found in (("base", renamed(theirs.detect(pixels))), ("model", ours.detect(pixels))):
            seen[name].append(Predictions.of_detections(picture.path, found, names=dataset.names, **size))
    scores = {name: score_labels(dataset.names, judged, predictions) for name, predictions in seen.items()}
    print(f"{'label':<16}{'boxes':>6}{'base':>8}{'model':>8}")
    for base, mine in zip(scores["base"], scores["model"], strict=True):
        if base.name in COCO_NAMES.values() and base.ap50 is not None and mine.ap50 is not None:
            print(f"{base.name:<16}{base.things:>6}{base.ap50:>8.3f}{mine.ap50:>8.3f}")


def renamed(seen: Sequence[Detection]) -> list[Detection]:
    """COCO's detections under our labels, a thing that is car and truck at once only once."""
    return distinct([replace(one, label=COCO_NAMES[one.label]) for one in seen if one.label in COCO_NAMES])


if __name__ == "__main__":
    main()
