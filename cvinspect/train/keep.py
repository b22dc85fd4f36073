"""The checkpoint that is kept: only the network, so that the next training can start from it."""

from pathlib import Path
from typing import TYPE_CHECKING

from cvinspect.errors import DeliveryError
from cvinspect.train.torch_setup import prepare

if TYPE_CHECKING:
    from ultralytics.nn.tasks import DetectionModel


def keep_network(checkpoint: Path, path: Path, *, imgsz: int) -> None:
    """Write the averaged network of a run's checkpoint to `path` in half precision: a fifth of its length.

    Optimizer, options and names of files stay behind. Raises DeliveryError.
    """
    prepare()
    from ultralytics.nn.tasks import load_checkpoint

    network, _ = load_checkpoint(checkpoint)
    write_network(network, path, imgsz=imgsz)


def write_network(network: "DetectionModel", path: Path, *, imgsz: int) -> None:
    """Write a network alone, in half precision; raises DeliveryError."""
    import torch

    network = network.half()
    network.args = {"task": "detect", "imgsz": imgsz}
    for name in ("pt_path", "criterion"):
        if hasattr(network, name):
            delattr(network, name)
    kept = {"model": network, "epoch": -1, "train_args": dict(network.args), "license": "AGPL-3.0-or-later"}
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            torch.save(kept, file)
        new.replace(path)
    except (OSError, RuntimeError) as error:  # torch.save turns some of the system's errors into its own
        raise DeliveryError(f"{path}: cannot be written: {error}") from error
