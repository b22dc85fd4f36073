"""What training starts from, or goes on with."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from cvinspect.errors import DeliveryError, ModelError
from cvinspect.train.checkpoint import read_base
from cvinspect.train.coco import COCO_ORIGINS
from cvinspect.train.sizes import Size, size_of


def require_base(path: Path, labels: Sequence[str], *, size: Size) -> None:
    """Raise ModelError unless `path` is a checkpoint of a detector of that size that knows one of the labels."""
    found, names = _size_and_names(path)
    if found is not size:
        raise ModelError(f"{path}: is a {found} network; allowed: a {size} one, or another --size")
    known = set(names)
    wanted = {origin for label in labels for origin in (label, *COCO_ORIGINS.get(label, ()))}
    if not known & wanted:
        raise ModelError(
            f"{path}: its labels are {', '.join(sorted(known))[:200]}; allowed: a base that knows one of "
            f"{', '.join(labels)}, or COCO's labels"
        )


def checkpoint_from(network: Path, checkpoint: Path) -> Path:
    """The ONNX file of a careful network written as a checkpoint; raises ModelError, DeliveryError."""
    try:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryError(f"{checkpoint.parent}: {error.strerror or error}") from error
    read_base(network, copy=checkpoint)
    return checkpoint


def size_in(checkpoint: Path) -> Size:
    """Of the network in a checkpoint, or in the ONNX file of a careful one; raises ModelError, InstallationError."""
    return _size_and_names(checkpoint)[0]


def _size_and_names(path: Path) -> tuple[Size, tuple[str, ...]]:
    with TemporaryDirectory(prefix="cvinspect-base-") as scratch:
        base = read_base(path, copy=Path(scratch) / "base.pt")
    size = size_of(base.model)
    assert size is not None  # `read_base` refuses any other
    return size, tuple(base.names.values())


def epochs_of(checkpoint: Path) -> int:
    """Epochs done; raises ModelError."""
    from ultralytics.nn.tasks import load_checkpoint

    if not checkpoint.exists():
        raise ModelError(f"{checkpoint}: is not there, so there is nothing to go on with; leave out --resume")
    try:
        _, found = load_checkpoint(checkpoint)
        return int(found["epoch"]) + 1
    except Exception as error:  # whatever the pickle of another program, or half a file, leads to
        raise ModelError(f"{checkpoint}: not a checkpoint of a training run, or not all of one") from error
