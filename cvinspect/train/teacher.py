"""A COCO network that keeps teaching what it knows while its pupil learns our labels.

A few thousand street pictures hold few people, umbrellas and chairs: a network that learns from them alone forgets
these. So wherever nobody drew a thing, the pupil is asked for what the teacher says of COCO's labels there, anchor by
anchor, instead of for nothing; Li and Hoiem, "Learning without Forgetting" (2016).
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from cvinspect.errors import ModelError
from cvinspect.train.checkpoint import read_base
from cvinspect.train.coco import COCO_NAMES
from cvinspect.train.sizes import Size, size_of

HEADS = ("one2many", "one2one")


class Teacher:
    """The base network, fixed."""

    def __init__(self, network: torch.nn.Module, labels: Sequence[str]) -> None:
        """Take over `network`, with COCO's labels, as a teacher of those `labels` that it knows."""
        self._network = network.float().eval().requires_grad_(False).to(memory_format=torch.channels_last)
        theirs = {name: index for index, name in network.names.items()}
        self._sources = [
            (place, [theirs[name] for name, ours in COCO_NAMES.items() if ours == label and name in theirs])
            for place, label in enumerate(labels)
        ]
        self._sources = [(place, indices) for place, indices in self._sources if indices]
        self.taught = torch.tensor([place for place, _ in self._sources], dtype=torch.long)
        """Places of the labels that it teaches."""

    @torch.no_grad()
    def scores(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        """For each head (batch, anchors, taught labels) in [0, 1], for pictures (batch, 3, h, w) in [0, 1]."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=pictures.device.type == "cpu"):
            said = self._network(pictures)[1]
        found = {}
        for head in HEADS:
            scores = said[head]["scores"].float().sigmoid()
            found[head] = torch.stack([scores[:, indices].amax(dim=1) for _, indices in self._sources], dim=2)
        return found


def teacher_from(checkpoint: Path, labels: Sequence[str]) -> Teacher:
    """The network in `checkpoint` as a teacher of `labels`; raises ModelError where it knows none of them."""
    with TemporaryDirectory(prefix="cvinspect-teacher-") as scratch:
        network = read_base(checkpoint, copy=Path(scratch) / "teacher.pt").model
    if size_of(network) is not Size.QUICK:
        raise ModelError(f"{checkpoint}: has no end-to-end detection head; allowed: a YOLO26 on COCO")
    if not {COCO_NAMES[name] for name in network.names.values() if name in COCO_NAMES} & set(labels):
        raise ModelError(f"{checkpoint}: knows none of COCO's labels among {', '.join(labels)}; leave out --teacher")
    return Teacher(network, labels)
