"""A detection loss for pictures in which not every label was drawn."""

from typing import Any

import torch
from ultralytics.utils.loss import E2ELoss, v8DetectionLoss

UNDRAWN = 0.15
"""Weight of background in a picture whose source did not draw the label: most of it is background all the same."""


class PartialLoss(v8DetectionLoss):
    """Ultralytics' detection loss, in full precision, with background weighted by how well it is known."""

    bce: Any

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
        self.bce = lambda scores, targets: plain(scores, targets) * torch.where(targets > 0, 1.0, weights)
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


def partial_criterion(model: torch.nn.Module) -> E2ELoss:
    """The loss of both heads of an end-to-end detector."""
    return E2ELoss(model, loss_fn=PartialLoss)
