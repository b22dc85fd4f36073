"""Samples in the form that Ultralytics' augmentation takes."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from ultralytics.data.dataset import YOLODataset

from cvinspect.train.looks import camera_look
from cvinspect.train.samples import Sample


class SampleDataset(YOLODataset):
    """Ultralytics' augmenting dataset over samples that were read and checked elsewhere.

    Nothing is written beside the pictures.
    """

    def __init__(self, samples: Sequence[Sample], **options: Any) -> None:
        self._samples = tuple(samples)
        super().__init__(img_path="", **options)

    def get_img_files(self, img_path: str | list[str]) -> list[str]:  # noqa: ARG002
        """Paths in the samples' order."""
        return [str(sample.path) for sample in self._samples]

    def load_image(self, i: int, **options: Any) -> tuple[Any, tuple[int, int], tuple[int, int]]:
        """As its own; where training sees it, with the look of some camera."""
        pixels, whole, scaled = super().load_image(i, **options)
        if self.augment:
            pixels = camera_look(pixels, np.random.default_rng(random.getrandbits(32)))
        return pixels, whole, scaled

    def get_labels(self) -> list[dict[str, Any]]:
        """One record a sample, in the form that Ultralytics' transforms expect."""
        return [
            {
                "im_file": str(sample.path),
                "shape": (sample.height, sample.width),
                "cls": sample.indices.astype(np.float32)[:, None],
                "bboxes": sample.boxes.astype(np.float32),
                "segments": [],
                "keypoints": None,
                "normalized": True,
                "bbox_format": "xywh",
            }
            for sample in self._samples
        ]
