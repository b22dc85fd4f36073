"""Reads a checkpoint: the network as it was trained, before it becomes a file that anything else may open."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.suppression import suppressed
from cvinspect.errors import ModelError
from cvinspect.train.keep import write_network
from cvinspect.train.sizes import Size, size_of
from cvinspect.train.torch_setup import prepare, require

if TYPE_CHECKING:
    from ultralytics import YOLO


def read_checkpoint(path: Path, *, labels: tuple[str, ...], copy: Path) -> "YOLO":
    """Ultralytics' handle on the detection network in `path`, which sees `labels` in that order.

    A `.pt` is a pickle. Ultralytics is told to build nothing from it but the classes that a network is made of, and
    is handed the file at `copy` (`*.pt`), since it writes beside what it reads. Raises InstallationError, and
    ModelError when the file is no checkpoint, has other labels, or is of neither size that is trained here.
    """
    found = read_base(path, copy=copy)
    names = tuple(found.names.values())
    if names != labels:
        raise ModelError(f"{path}: its labels are {', '.join(names)}; the card to write says {', '.join(labels)}")
    return found


def read_base(path: Path, *, copy: Path) -> "YOLO":
    """As `read_checkpoint`, with whatever labels it has; a careful network also from its ONNX file."""
    prepare()
    from ultralytics import YOLO
    from ultralytics.nn.tasks import torch_safe_load

    _copied(path, copy)
    try:
        torch_safe_load(copy, safe_only=True)  # whether or not `prepare` came before the first import
        found = YOLO(copy)
    except Exception as error:  # whatever the pickle of another program, or half a file, leads to
        raise ModelError(f"{path}: not a YOLO checkpoint, or not all of one") from error
    if found.task != "detect" or size_of(found.model) is None:
        raise ModelError(
            f"{path}: has no end-to-end detection head and no learnt label vectors; allowed: a YOLO26 detector, or a "
            "YOLO-World whose text was replaced by a parameter"
        )
    return found


def _copied(path: Path, copy: Path) -> None:
    try:
        if path.suffix == ".onnx":
            require("onnx")
            from cvinspect.train.careful_file import SIDE_PX, read_careful

            write_network(read_careful(path), copy, imgsz=SIDE_PX)
        else:
            shutil.copyfile(path, copy)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}; name a checkpoint (.pt)") from error


class TorchBackend:
    """The network itself: what its exported forms are measured against."""

    def __init__(self, checkpoint: "YOLO") -> None:
        """Take over the network of `checkpoint`, in full precision; a quick one with its end-to-end head."""
        self._network = checkpoint.model.float().eval()
        self._size = size_of(self._network)
        if self._size is Size.QUICK:
            self._network.end2end = True

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (300 at most, 6) of x0 y0 x1 y1 confidence label-index for one input (1, 3, h, w), RGB in [0, 1]."""
        import torch

        with torch.inference_mode():
            output: NDArray[np.float32] = self._network(torch.from_numpy(tensor))[0][0].numpy()
        return output if self._size is Size.QUICK else suppressed(output)
