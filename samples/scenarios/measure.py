"""How the shipped detector errs on real pictures: the figures behind `noise.py`.

    python samples/scenarios/measure.py ../shared/footage ../shared/data/street/data.yaml

Clips: of things that are known to rest, how often they are missed, for how long, how sure and how steady their boxes
are; of labels that no clip shows, how many boxes there are, at how many places and how often each place comes up.
Validation pictures: boxes of nothing, where a picture's source labels the label.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from cvinspect.assembly.models import load_model
from cvinspect.assembly.sources import open_source
from cvinspect.config.site import load_site
from cvinspect.detect import Detector
from cvinspect.domain import Detection
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.geometry import Box, iou
from cvinspect.sources.recorded.pictures import read_picture

FPS = 2.0
SHOWN = frozenset({"motor_vehicle", "two_wheeler", "person"})
"""Labels of which the clips show true things; every box of another one is false."""


@dataclass(slots=True)
class Spot:
    """A place at which boxes of one label come up again and again."""

    label: str
    box: Box
    confidences: list[float] = field(default_factory=list)


def main() -> None:
    """Prints every figure, clip by clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pictures", type=int, default=500, help="at most so many validation pictures")
    options = parser.parse_args()
    model = load_model(load_site(None), None)
    detector = model.detector()
    truth = json.loads((options.footage / "truth.json").read_text(encoding="utf-8"))["clips"]
    for name, clip in truth.items():
        seen = list(clip_detections(options.footage / name, detector))
        print(f"\n{name}: {len(seen)} frames, {FPS:g} a second")
        resting(seen, clip["events"] or (), model.card.thresholds["motor_vehicle"])
        spots(seen, model.card.thresholds)
    still_pictures(options.data, detector, model.card.thresholds, options.pictures)


def clip_detections(path: Path, detector: Detector) -> Iterator[tuple[float, tuple[int, int], list[Detection]]]:
    """Media second, (width, height) and what is seen, of every sampled frame."""
    source = open_source(path, camera="c", fps=FPS, started_at=None, site=load_site(None))
    for frame in source.frames():
        height, width = frame.pixels.shape[:2]
        yield frame.media_s, (width, height), detector.detect(frame.pixels)
    source.close()


def resting(
    seen: Sequence[tuple[float, tuple[int, int], list[Detection]]], events: Sequence[dict[str, Any]], sure: float
) -> None:
    """Of each thing at rest: misses, their runs, confidence, and how its edges jitter (px of the clip)."""
    for event in events:
        found: list[Detection | None] = []
        for media_s, (width, height), detections in seen:
            if not event["start_s"] + 0.5 <= media_s <= event["end_s"] - 0.5:
                continue
            place = in_pixels(Box(*event["box"]), width, height)
            fits = [one for one in detections if one.label == "motor_vehicle" and iou(one.box, place) >= 0.3]
            found.append(max(fits, key=lambda one: iou(one.box, place), default=None))
        hits = [one for one in found if one is not None]
        runs = [len(list(run)) for missed, run in groupby(found, key=lambda one: one is None) if missed]
        if not hits:
            print(f"  at rest {event['box']}: never seen")
            continue
        confidences = np.array([one.confidence for one in hits])
        edges = np.array([one.box.xyxy for one in hits])
        steps = np.diff(edges, axis=0).std(axis=0).mean() / 2**0.5
        print(
            f"  at rest, {np.median([one.box.size for one in hits]):.0f} px: missed {1 - len(hits) / len(found):.2f} "
            f"in runs of {runs}, unsure {np.mean(confidences < sure):.2f}; confidence {confidences.mean():.2f} "
            f"sd {confidences.std():.2f}; edges sd {edges.std(axis=0).mean():.1f} px, frame to frame {steps:.1f} px"
        )


def spots(seen: Sequence[tuple[float, tuple[int, int], list[Detection]]], thresholds: dict[str, float]) -> None:
    """Boxes of what is not there: how many, and whether they come up at the same places."""
    found: list[Spot] = []
    for _, _, detections in seen:
        for one in detections:
            if one.label in SHOWN:
                continue
            spot = next((s for s in found if s.label == one.label and iou(s.box, one.box) >= 0.3), None)
            if spot is None:
                spot = Spot(one.label, one.box)
                found.append(spot)
            spot.confidences.append(one.confidence)
    for spot in sorted(found, key=lambda spot: -len(spot.confidences)):
        sure = sum(confidence >= thresholds[spot.label] for confidence in spot.confidences)
        print(
            f"  false {spot.label}: {spot.box.size:.0f} px, in {len(spot.confidences) / len(seen):.3f} of the frames, "
            f"sure in {sure / len(seen):.3f}, mean confidence {np.mean(spot.confidences):.2f}"
        )


def in_pixels(share: Box, width: int, height: int) -> Box:
    """A box given in shares of the picture."""
    return Box(share.x0 * width, share.y0 * height, share.x1 * width, share.y1 * height)


def still_pictures(data: Path, detector: Detector, thresholds: dict[str, float], most: int) -> None:
    """Boxes of nothing on validation pictures, per label and picture."""
    dataset = load_dataset(data)
    pictures = dataset.split(Split.VAL)
    taken = pictures[:: max(1, len(pictures) // most)]
    of: dict[str, int] = defaultdict(int)
    false: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for picture in taken:
        pixels = read_picture(picture.path)
        height, width = pixels.shape[:2]
        detections = detector.detect(pixels)
        for index in picture.complete:
            label = dataset.names[index]
            of[label] += 1
            true = [in_pixels(drawn.box, width, height) for drawn in picture.boxes if drawn.label == index]
            for one in detections:
                if one.label == label and not any(iou(one.box, box) >= 0.1 for box in true):
                    false[label].append((one.confidence, one.box.size / (width * height) ** 0.5))
    print(f"\n{len(taken)} of {len(pictures)} validation pictures: boxes that touch no true thing of their label")
    for label, count in of.items():
        sizes = [size for _, size in false[label]] or [0.0]
        sure = sum(confidence >= thresholds[label] for confidence, _ in false[label])
        print(
            f"  {label:<16} {count:>4} pictures: {len(false[label]) / count:.3f} a picture, sure {sure / count:.3f}, "
            f"median size {np.median(sizes):.2f} of the picture's"
        )


if __name__ == "__main__":
    main()
