"""From a base network to one with our labels, keeping what it knows of theirs."""

import math
from collections.abc import Sequence

import torch
from torch import nn
from ultralytics.nn.tasks import DetectionModel

from cvinspect.train.coco import COCO_ORIGINS
from cvinspect.train.sizes import Size, size_of

_PRIOR = 0.01
"""Score of a label that was never seen."""


def adopt(model: DetectionModel, labels: Sequence[str]) -> None:
    """Give the network's heads one output per label, in place.

    A label the network already has, by its own name or by COCO's, keeps its weights; any other starts as background,
    in a careful network as the mean of all labels that it has.
    """
    theirs = {name: index for index, name in model.names.items()}
    origins = [[theirs[n] for n in COCO_ORIGINS.get(label, (label,)) if n in theirs] for label in labels]
    origins = [[theirs[label]] if label in theirs else found for label, found in zip(labels, origins, strict=True)]
    head = model.model[-1]
    if size_of(model) is Size.CAREFUL:
        model.txt_feats = nn.Parameter(_vectors(model.txt_feats.detach(), origins))
    else:
        for branches in (head.cv3, head.one2one_cv3):
            for branch in branches:
                branch[-1] = _adopted(branch[-1], origins)
    head.nc = len(labels)
    head.no = head.nc + 4 * head.reg_max
    model.names = dict(enumerate(labels))
    model.nc = model.yaml["nc"] = len(labels)


def _vectors(old: torch.Tensor, origins: Sequence[Sequence[int]]) -> torch.Tensor:
    """Vectors (1, labels, length) of the new labels."""
    everything = range(old.shape[1])
    return torch.stack([old[0, list(found or everything)].mean(dim=0) for found in origins])[None]


def _adopted(old: nn.Conv2d, origins: Sequence[Sequence[int]]) -> nn.Conv2d:
    new = nn.Conv2d(old.in_channels, len(origins), kernel_size=1)
    assert old.bias is not None
    assert new.bias is not None
    with torch.no_grad():
        new.weight.normal_(std=0.01)
        new.bias.fill_(math.log(_PRIOR / (1 - _PRIOR)))
        for row, found in enumerate(origins):
            if found:
                new.weight[row] = old.weight[list(found)].mean(dim=0)
                new.bias[row] = old.bias[list(found)].mean()
    return new


def blend(network: DetectionModel, base: DetectionModel, *, share: float, first_layers: int | None = None) -> None:
    """Draw the weights of `network` towards those of the `base` that it came from, by `share` in [0, 1], in place.

    With `first_layers` only those of so many layers, counted from the picture.

    Part of what training forgot comes back, and what it learnt mostly stays: Wortsman et al., "Robust fine-tuning of
    zero-shot models" (CVPR 2022).
    """
    torch.manual_seed(0)  # for the labels that the base does not know
    adopt(base, tuple(network.names.values()))
    own, theirs = network.state_dict(), base.state_dict()
    network.load_state_dict(
        {
            name: torch.lerp(value, theirs[name], share)
            if value.is_floating_point() and (first_layers is None or int(name.split(".")[1]) < first_layers)
            else value
            for name, value in own.items()
        }
    )
