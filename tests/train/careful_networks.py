"""Careful networks that learnt nothing, for tests."""

from pathlib import Path
from typing import Any


def untrained(names: tuple[str, ...]) -> Any:
    """A YOLO-World with random vectors of these labels as a parameter, surer of some things than of others."""
    from cvinspect.train.torch_setup import prepare, silent_libraries

    prepare()
    import torch
    from ultralytics.nn.tasks import WorldModel

    torch.manual_seed(0)
    with silent_libraries():
        network = WorldModel("yolov8s-world.yaml", nc=len(names), verbose=False)
    del network.txt_feats
    network.txt_feats = torch.nn.Parameter(torch.randn(1, len(names), 512))
    network.names, network.nc, network.task = dict(enumerate(names)), len(names), "detect"
    with torch.no_grad():
        for head in network.model[-1].cv4:
            head.logit_scale.fill_(4.0)
            head.bias.fill_(-9.0)
        norms = [layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = 1.0
        network.train()(torch.rand(2, 3, 128, 128))  # else its layers say nearly the same of every place
        for norm in norms:
            norm.momentum = 0.03
    return network.eval()


def saved(network: Any, path: Path) -> Path:
    """Its checkpoint."""
    from cvinspect.train.keep import write_network

    write_network(network, path, imgsz=640)
    return path
