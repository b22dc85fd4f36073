"""From a checkpoint to network files with their cards, checked against the network that was trained."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from cvinspect.detect import Backend
from cvinspect.detect.model import ModelCard, sha256_of
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.domain import Pixels
from cvinspect.errors import DeliveryError, ModelError
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.agreement import Agreement, agreement
from cvinspect.train.card import write_card
from cvinspect.train.checkpoint import TorchBackend, read_checkpoint
from cvinspect.train.sizes import HABITS, Size, size_of
from cvinspect.train.torch_setup import require, silent_libraries

if TYPE_CHECKING:
    from ultralytics import YOLO

STATIC_SHAPES = ((384, 640), (640, 640))
"""(height, width): video of 16:9 and 5:3, and everything else."""

PICTURES = 24
"""Checked at each shape, evenly chosen."""

SCORE_TOLERANCE = 0.001
BOX_TOLERANCE_PX = 0.1
"""How far an export may differ from torch: some eighty times what rounding was seen to do."""

_FLOORS = (0.1, 0.01, 0.001)
"""Confidences from which on things are compared, the first at which there is anything."""

_OPSET = 17
_KEPT_METADATA = frozenset({"names", "task", "stride", "end2end", "license", "version"})
"""The rest are dates and names of the machine's files: the same checkpoint is to give the same file."""

Tell = Callable[[str], None]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Exported:
    """One network file with its card, both in their final place."""

    network: Path
    card_path: Path
    card: ModelCard
    checks: tuple[Agreement, ...]
    """One for each shape it was checked at."""


def export(
    checkpoint: Path,
    out: Path,
    *,
    template: ModelCard,
    pictures: Sequence[Path],
    static: bool = False,
    tell: Tell,
) -> list[Exported]:
    """Write `out`/NAME.onnx and NAME.yaml, NAME being the template's; height and width are free.

    With `static`, also NAME-384x640 and NAME-640x640, each with its own card of one input shape. The cards take
    labels, backing, thresholds and words from `template`. Each file is compared with the network in torch on
    `pictures`, and `tell` hears the outcome; one that differs by more than the tolerance is not written.

    A careful network has one size, 640x640, and its file says so.

    Raises InstallationError, ModelError, SourceOpenError or DeliveryError.
    """
    require("onnx", "onnxslim")
    shown = [read_picture(path) for path in evenly(pictures, PICTURES)]
    _make_folder(out)
    done = []
    with TemporaryDirectory(prefix="cvinspect-export-") as scratch:
        copy = Path(scratch) / "network.pt"
        found = read_checkpoint(checkpoint, labels=template.names, copy=copy)
        if size_of(found.model) is Size.CAREFUL:
            return [_careful(found, out, template=template, static=static, pictures=shown, tell=tell)]
        reference = TorchBackend(found)
        for card in (template, *(_static_card(template, shape) for shape in STATIC_SHAPES if static)):
            network = read_checkpoint(checkpoint, labels=template.names, copy=copy)
            made = _to_onnx(network, shape=card.input_shapes[0] if card is not template else None)
            done.append(_placed(made, out, card=card, reference=reference, pictures=shown, tell=tell))
    return done


def _careful(
    found: "YOLO", out: Path, *, template: ModelCard, static: bool, pictures: Sequence[Pixels], tell: Tell
) -> Exported:
    from cvinspect.train.careful_file import SIDE_PX, write_careful

    if static:
        raise ModelError(f"{template.name}: a careful network has one size, {SIDE_PX}x{SIDE_PX}; leave out --static")
    card = template.model_copy(update={"input_shapes": HABITS[Size.CAREFUL].shapes, "inner_boxes": True})
    with TemporaryDirectory(prefix="cvinspect-export-") as scratch:
        try:
            made = write_careful(found.model, Path(scratch) / "network.onnx")
        except OSError as error:
            raise DeliveryError(f"{scratch}: cannot be written: {error.strerror or error}") from error
        return _placed(made, out, card=card, reference=TorchBackend(found), pictures=pictures, tell=tell)


def evenly(paths: Sequence[_Item], count: int) -> list[_Item]:
    """At most `count` of the paths, evenly spread, the first among them.

    >>> evenly([Path("a"), Path("b"), Path("c"), Path("d")], 2)
    [PosixPath('a'), PosixPath('c')]
    """
    return [paths[i * len(paths) // count] for i in range(count)] if len(paths) > count else list(paths)


def _static_card(template: ModelCard, shape: tuple[int, int]) -> ModelCard:
    name = f"{template.name}-{shape[0]}x{shape[1]}"
    return template.model_copy(update={"name": name, "input_shapes": (shape,)})


def _to_onnx(network: "YOLO", *, shape: tuple[int, int] | None) -> Path:
    """The exporter's file; with free height and width where no shape is given."""
    imgsz = 640 if shape is None else list(shape)
    try:
        with silent_libraries():
            # nms=False is the end-to-end head; by default a YOLO26 is exported without it
            made = network.export(
                format="onnx", imgsz=imgsz, dynamic=shape is None, nms=False, simplify=True, opset=_OPSET, verbose=False
            )
    except Exception as error:  # the exporter raises whatever torch, onnx and onnxslim do
        raise ModelError(f"the exporter failed: {' '.join(str(error).split())[:200]}") from error
    path = Path(made)
    _strip(path)
    return path


def _strip(path: Path) -> None:
    import onnx

    network = onnx.load(path)
    kept = sorted((entry.key, entry.value) for entry in network.metadata_props if entry.key in _KEPT_METADATA)
    onnx.helper.set_model_props(network, dict(kept))
    network.doc_string = ""
    onnx.save(network, path)


def _placed(
    made: Path, out: Path, *, card: ModelCard, reference: TorchBackend, pictures: Sequence[Pixels], tell: Tell
) -> Exported:
    """Move what was made into `out` and write its card, if it agrees with the reference."""
    backend = OnnxBackend(made, labels=card.names)
    shapes = STATIC_SHAPES if len(card.input_shapes) > 1 else card.input_shapes
    checks = tuple(_compared(reference, backend, pictures, shape) for shape in shapes)
    for check in checks:
        tell(f"{card.name} against torch, {check}")
        _refuse_if_apart(check, card.name)
    network, card_path = out / f"{card.name}.onnx", out / f"{card.name}.yaml"
    try:
        shutil.copyfile(made, network)
    except OSError as error:
        raise DeliveryError(f"{network}: cannot be written: {error.strerror or error}") from error
    fields = {"file": network.name, "sha256": sha256_of(network), "weights_file": None, "weights_sha256": None}
    card = card.model_copy(update=fields)
    write_card(card_path, card)
    return Exported(network, card_path, card, checks)


def _compared(reference: Backend, other: Backend, pictures: Sequence[Pixels], shape: tuple[int, int]) -> Agreement:
    """Compare what is seen; of a network that is sure of nothing yet, what it suspects."""
    checks = (agreement(reference, other, pictures, shape=shape, floor=floor) for floor in _FLOORS)
    return next((check for check in checks if check.things), Agreement(shape, len(pictures), 0, 0, 0.0, 0.0, 0.0, 0.0))


def _refuse_if_apart(check: Agreement, name: str) -> None:
    if not check.things:
        raise ModelError(f"{name}: nothing was seen in the pictures, so nothing could be compared; give others")
    if check.alone or check.score_largest > SCORE_TOLERANCE or check.box_largest_px > BOX_TOLERANCE_PX:
        raise ModelError(
            f"{name}: differs from torch, so no card is written: {check}; allowed: none seen by one alone, "
            f"{SCORE_TOLERANCE} of score, {BOX_TOLERANCE_PX} px"
        )


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryError(f"{out}: cannot be made a folder: {error.strerror or error}") from error
