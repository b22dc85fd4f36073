"""Average precision as COCO computes it: the one place that calls faster-coco-eval."""

from dataclasses import dataclass

from cvinspect.errors import InstallationError
from cvinspect.evaluate.detections.matching import Matches
from cvinspect.evaluate.detections.pairing import Floats

_WHOLE_RANGE = (0.0, 1e10)
"""COCO's areas, in pixels squared: every size counts, and ours are shares."""

_ROUNDING = 1e-9
"""What is taken off each IoU threshold: shares are pixels divided, and exactly a half may come out below it."""


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Area under the precision-recall curve, at 101 recalls."""

    ap50: float
    """At IoU 0.50, in [0, 1]."""
    ap50_95: float
    """Mean over IoU 0.50, 0.55 ... 0.95, in [0, 1]."""


def average_precision(matches: Matches) -> AveragePrecision | None:
    """COCO's AP over the pictures of `matches`; None where there is nothing to find.

    All detections count, not COCO's 100 a picture. Raises InstallationError where faster-coco-eval is missing.
    """
    if not matches.things:
        return None
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ImportError as error:
        raise InstallationError("faster-coco-eval is not installed: pip install 'cvinspect[evaluate]'") from error
    truth = COCO(_truth(matches))
    found = truth.loadRes(_found(matches))
    evaluation = COCOeval_faster(truth, found, "bbox")
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [list(_WHOLE_RANGE)], ["all"]
    evaluation.params.iouThrs = evaluation.params.iouThrs - _ROUNDING
    evaluation.params.maxDets = [max(1, *(len(picture.confidences) for picture in matches.pictures))]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"]  # (IoU, recall, label, area, most detections)
    return AveragePrecision(float(precision[0].mean()), float(precision.mean()))


def _truth(matches: Matches) -> dict[str, object]:
    # In order of the paths: detections of equal confidence in two pictures are counted in the pictures' order.
    pictures = sorted(matches.pictures, key=lambda picture: picture.path)
    boxes = [
        (number, box, crowd)
        for number, picture in enumerate(pictures, start=1)
        for crowd, places in enumerate((picture.things_xyxy, picture.places.doubtful_xyxy))
        for box in _xywh(places)
    ]
    return {
        "images": [{"id": number} for number in range(1, len(pictures) + 1)],
        "categories": [{"id": 1, "name": matches.name}],
        "annotations": [
            {"id": i, "image_id": number, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": crowd}
            for i, (number, box, crowd) in enumerate(boxes, start=1)
        ],
    }


def _found(matches: Matches) -> list[dict[str, object]]:
    pictures = sorted(matches.pictures, key=lambda picture: picture.path)
    return [
        {"image_id": number, "category_id": 1, "bbox": box, "score": confidence}
        for number, picture in enumerate(pictures, start=1)
        for box, confidence in zip(_xywh(picture.boxes_xyxy), picture.confidences.tolist(), strict=True)
    ]


def _xywh(boxes: Floats) -> list[list[float]]:
    return [[x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in boxes.tolist()]
