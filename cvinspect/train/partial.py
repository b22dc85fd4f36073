"""A detection loss for pictures in which not every label was drawn."""

from typing import Any

import torch
from ultralytics.utils.loss import E2ELoss, v8DetectionLoss

from cvinspect.train.sizes import Size, size_of
from cvinspect.train.teacher import Teacher

UNDRAWN = 0.15
"""Weight of background in a picture whose source did not draw the label: most of it is background all the same."""


class PartialLoss(v8DetectionLoss):
    """Ultralytics' detection loss, in full precision, with background weighted by how well it is known."""

    bce: Any
    head = "one2many"

    def loss(
        self, preds: dict[str, torch.Tensor], batch: dict[str, Any]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Loss of one head, times the batch size, and its parts (box, class, distance)."""
        # Half precision cannot hold a coordinate to the pixel.
        preds = {**preds, "boxes": preds["boxes"].float(), "scores": preds["scores"].float()}
        drawn = batch["cls"].view(-1) < self.nc
        known = {**batch, **{key: batch[key][drawn] for key in ("cls", "bboxes", "batch_idx")}}
        weights = self._background_weights(preds, batch, ~drawn)
        plain = self.bce
        taught = batch.get("taught")

        def known_loss(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            factors = torch.where(targets > 0, 1.0, weights)
            if taught is not None:
                places, said = taught["places"], taught[self.head]
                ours = targets[..., places]
                targets, factors = targets.clone(), factors.clone()
                targets[..., places] = torch.where(ours > 0, ours, said)
                factors[..., places] = 1.0  # the teacher was asked everywhere, so nothing is unknown
            weighted: torch.Tensor = plain(scores, targets) * factors
            return weighted

        self.bce = known_loss
        try:
            total, parts = super().loss(preds, known)
        finally:
            self.bce = plain
        return total, parts

    def _background_weights(
        self, preds: dict[str, torch.Tensor], batch: dict[str, Any], marks: torch.Tensor
    ) -> torch.Tensor:
        """(batch, anchors, labels) in [0, 1]: how much a false alarm there counts."""
        centres = self._centres(preds["feats"])
        pictures = preds["scores"].shape[0]
        weights = torch.ones(pictures * self.nc, len(centres), device=centres.device)
        boxes, indices = batch["bboxes"][marks].float(), batch["cls"].view(-1)[marks].long()
        half = boxes[:, 2:] / 2
        low, high = (boxes[:, :2] - half)[:, None], (boxes[:, :2] + half)[:, None]
        inside = ((centres >= low) & (centres <= high)).all(dim=2)
        value = torch.where(indices < 2 * self.nc, UNDRAWN, 0.0)[:, None]
        rows = batch["batch_idx"][marks].long() * self.nc + indices % self.nc
        weights.scatter_reduce_(0, rows[:, None].expand_as(inside), torch.where(inside, value, 1.0), "amin")
        return weights.view(pictures, self.nc, -1).transpose(1, 2)

    def _centres(self, features: list[torch.Tensor]) -> torch.Tensor:
        """Centres (anchors, 2) of the cells of every level, as fractions of width and height."""
        levels = []
        for feature in features:
            height, width = feature.shape[2:]
            y, x = torch.meshgrid(
                (torch.arange(height, device=feature.device) + 0.5) / height,
                (torch.arange(width, device=feature.device) + 0.5) / width,
                indexing="ij",
            )
            levels.append(torch.stack([x.flatten(), y.flatten()], dim=1))
        return torch.cat(levels)


class TaughtLoss(E2ELoss):
    """The loss of both heads of an end-to-end detector, with or without a teacher."""

    def __init__(self, model: torch.nn.Module, teacher: Teacher | None = None) -> None:
        super().__init__(model, loss_fn=PartialLoss)
        self.one2one.head = "one2one"
        self._teacher = teacher

    def __call__(self, preds: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Loss (3,) times the batch size, and its parts."""
        if self._teacher is not None:
            taught = {"places": self._teacher.taught, **self._teacher.scores(batch["img"])}
            batch = {**batch, "taught": taught}
        total, parts = super().__call__(preds, batch)
        return total, parts


def partial_criterion(model: torch.nn.Module, teacher: Teacher | None = None) -> TaughtLoss | PartialLoss:
    """The loss of a detector for pictures in which not every label was drawn.

    A careful network has one head and no teacher: what it knows of COCO's things is more than a teacher does.
    """
    return PartialLoss(model) if size_of(model) is Size.CAREFUL else TaughtLoss(model, teacher)
