"""A careful network as an ONNX file of one fixed size, and back: the file is also what training can start from."""

import ast
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from torch import nn

from cvinspect.errors import ModelError
from cvinspect.train.half_precision import HALF, halve
from cvinspect.train.torch_setup import silent_libraries

if TYPE_CHECKING:
    from ultralytics.nn.tasks import WorldModel

SIDE_PX = 640
"""Of the square input."""

_OPSET = 17

_COUNT = "num_batches_tracked"
"""Ending of what a network counts while it learns, and does not need."""

_ARCHITECTURE = "yolov8s-world.yaml"
"""Which of Ultralytics' plans a careful network is built after."""


class NineParts(nn.Module):
    """The largest value in each of 3 x 3 parts of a picture, as nn.AdaptiveMaxPool2d(3) has it.

    That one has no form in ONNX where 3 does not divide the picture's sides.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, 9) of (batch, channels, height, width)."""
        height, width = map(int, x.shape[2:])  # else the exporter writes the division down, and rounds it otherwise
        parts = [
            x[:, :, i * height // 3 : -(-(i + 1) * height // 3), j * width // 3 : -(-(j + 1) * width // 3)]
            for i in range(3)
            for j in range(3)
        ]
        return torch.stack([part.amax(dim=(2, 3)) for part in parts], dim=2)


def write_careful(network: "WorldModel", path: Path) -> Path:
    """Write `network` to `path`, its weights in half precision under their own names; returns the path.

    Layers stay apart as they were trained, so that nothing is lost: the runtime joins them when it loads the file.
    Raises ModelError, OSError.
    """
    exported = deepcopy(network).float().eval()
    for layer in exported.modules():
        if hasattr(layer, "im_pools"):
            layer.im_pools = nn.ModuleList(NineParts() for _ in layer.im_pools)
    exported.model[-1].export = True
    try:
        with silent_libraries():
            torch.onnx.export(
                exported,
                (torch.zeros(1, 3, SIDE_PX, SIDE_PX),),
                path,
                input_names=["images"],
                output_names=["output0"],
                opset_version=_OPSET,
                dynamo=False,
                do_constant_folding=False,
                training=torch.onnx.TrainingMode.PRESERVE,
            )
    except Exception as error:  # the exporter raises whatever torch and onnx do
        raise ModelError(f"the exporter failed: {' '.join(str(error).split())[:200]}") from error
    file = onnx.load(path)
    _complete(file, exported)
    halve(file)
    onnx.helper.set_model_props(file, {"names": str(network.names), "license": "AGPL-3.0-or-later"})
    file.doc_string = ""
    onnx.save(file, path)
    return path


def _complete(file: onnx.ModelProto, network: nn.Module) -> None:
    """Put back what the exporter took from another layer that has the very same numbers."""
    there = {tensor.name for tensor in file.graph.initializer}
    weights = {n: value for n, value in network.state_dict().items() if n not in there and not n.endswith(_COUNT)}
    for name, value in weights.items():
        file.graph.initializer.append(onnx.numpy_helper.from_array(value.numpy(), name))
    taken = [node for node in file.graph.node if node.op_type == "Identity" and node.output[0] in weights]
    for node in taken:
        file.graph.node.remove(node)


def read_careful(path: Path) -> "WorldModel":
    """The network that `write_careful` left at `path`, ready to be trained on; raises ModelError."""
    from ultralytics.nn.tasks import WorldModel

    try:
        file = onnx.load(path)
        words = {entry.key: entry.value for entry in file.metadata_props}
        names = dict(ast.literal_eval(words["names"]))
        with silent_libraries():
            network = WorldModel(_ARCHITECTURE, nc=len(names), verbose=False)
        del network.txt_feats
        network.txt_feats = nn.Parameter(torch.zeros(1, len(names), 512))
        _fill(network, {t.name.removesuffix(HALF): onnx.numpy_helper.to_array(t) for t in file.graph.initializer})
    except Exception as error:  # no such file, another kind of file, half a file, another network
        said = " ".join(str(error).split())[:100]
        raise ModelError(f"{path}: not a careful network in ONNX, or not all of one: {said}") from error
    network.names, network.nc, network.task = names, len(names), "detect"
    return network


def _fill(network: "WorldModel", weights: dict[str, Any]) -> None:
    known = network.state_dict()
    names = [name for name in known if not name.endswith(_COUNT)]
    given = {name: torch.from_numpy(weights[name].astype(np.float32)) for name in names}
    # a single number has lost its axis in the file
    network.load_state_dict({n: value.reshape(known[n].shape) for n, value in given.items()}, strict=False)
