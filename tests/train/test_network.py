"""From a base network to one with our labels."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

LABELS = ("bin", "person", "motor_vehicle", "car")


@pytest.fixture
def base(coco_base: Path) -> Any:
    from ultralytics.nn.tasks import load_checkpoint

    return load_checkpoint(coco_base)[0].float().eval()


def scores(network: Any, picture: Any) -> Any:
    """(labels, anchors) of the end-to-end head."""
    with torch.no_grad():
        return network(picture)[1]["one2one"]["scores"][0].sigmoid()


def test_known_labels_keep_their_weights_and_new_ones_start_as_background(base: Any) -> None:
    from cvinspect.train.network import adopt

    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    person, car, truck, bus = (scores(base, picture)[i] for i in (0, 2, 7, 5))
    adopt(base, LABELS)
    after = scores(base, picture)
    assert after.shape[0] == len(LABELS)
    assert torch.allclose(after[1], person, atol=1e-6)
    assert torch.allclose(after[3], car, atol=1e-6)
    assert (after[2] <= torch.stack([car, truck, bus]).amax(dim=0) + 1e-6).all()
    assert (after[0] < 0.1).all()
    assert base.names == dict(enumerate(LABELS))


def test_it_learns_after_adoption(base: Any) -> None:
    from ultralytics.cfg import get_cfg

    from cvinspect.train.network import adopt
    from cvinspect.train.partial import partial_criterion

    adopt(base, LABELS)
    base.args = get_cfg()
    base.train().requires_grad_(True)
    batch = {
        "img": torch.rand(2, 3, 64, 64),
        "cls": torch.tensor([[0.0], [3.0]]),
        "bboxes": torch.tensor([[0.5, 0.5, 0.4, 0.4], [0.4, 0.6, 0.3, 0.5]]),
        "batch_idx": torch.tensor([0.0, 1.0]),
    }
    loss, _ = partial_criterion(base)(base(batch["img"]), batch)
    loss.sum().backward()
    for branch in (*base.model[-1].cv3, *base.model[-1].one2one_cv3):
        assert branch[-1].weight.grad.abs().sum() > 0


def test_blending_draws_the_weights_towards_the_base_by_the_share(base: Any) -> None:
    from copy import deepcopy

    from cvinspect.train.network import adopt, blend

    network = deepcopy(base)
    adopt(network, LABELS)
    network.requires_grad_(True)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(1.0)
    theirs = base.state_dict()["model.0.conv.weight"].clone()
    blend(network, base, share=0.25)
    assert torch.allclose(network.state_dict()["model.0.conv.weight"], theirs + 0.75, atol=1e-5)
    assert network.names == dict(enumerate(LABELS))
