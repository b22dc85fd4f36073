"""From an fp32 network to one whose convolutions calculate in int8. Needs no torch."""

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.model import OPENVINO_SUFFIX, ModelCard, sha256_of
from cvinspect.detect.network import said
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.openvino_backend import OpenVinoBackend
from cvinspect.detect.yolo import best_shape, fit, network_input
from cvinspect.errors import DeliveryError, ModelError
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.agreement import Agreement, agreement
from cvinspect.train.card import write_card
from cvinspect.train.export import PICTURES, Exported, Tell, evenly
from cvinspect.train.torch_setup import require

if TYPE_CHECKING:
    import nncf
    import openvino

CALIBRATION_PICTURES = 300

_CONVOLUTIONS = frozenset({"Convolution", "GroupConvolution"})

_FLOAT_PARTS = (
    r"/model\.0/.*",
    r".*/one2one_.*",
    r"/model\.23/(cv|dfl).*",
    r"/model\.16/projections.*",
    r".*/attn/proj_conv/.*",
)
"""Patterns of names of convolutions that stay in float: the first, and those of a quick network's head; a careful one's
head, and its attention between picture and labels. A quick one's in float cost 2 to 6 % of the time, and scores lie a
fifth nearer to those of the fp32 network; a careful one all in int8 loses 0.09 of its mean AP50."""


_SURE = 0.25
"""Confidence from which on things are compared with the fp32 network: the lowest threshold of a card."""

_IN_WORDS = "Its convolutions calculate in int8, for OpenVINO. "


def quantize(onnx: Path, pictures: Sequence[Path], out: Path, *, template: ModelCard, tell: Tell) -> Exported:
    """Write `out`/NAME-int8.xml, .bin and .yaml, from the network `onnx` and its card `template` of that NAME.

    Only convolutions become int8 (weights per channel, symmetric; activations asymmetric), and of these not the first
    and not the head's (of a careful network neither what attends to labels); softmax and all else stays in float.
    Ranges are calibrated on 300 of `pictures`, letterboxed as the detector does it: give training pictures, since a
    network measured on what it was calibrated on is flattered. Height and width stay free. `tell` hears how far it is
    from the fp32 network.

    Raises InstallationError, ModelError, SourceOpenError or DeliveryError.
    """
    require("openvino", "nncf")
    os.environ["NNCF_CI"] = "1"  # it tells Google Analytics of every run otherwise
    name = f"{template.name}-int8"
    network = _quantized(_folded(onnx), evenly(pictures, CALIBRATION_PICTURES), template)
    xml, weights, card_path = (out / f"{name}{suffix}" for suffix in (OPENVINO_SUFFIX, ".bin", ".yaml"))
    _save(network, xml, weights)
    card = template.model_copy(
        update={
            "name": name,
            "about": _IN_WORDS + template.about,
            "file": xml.name,
            "sha256": sha256_of(xml),
            "weights_file": weights.name,
            "weights_sha256": sha256_of(weights),
        }
    )
    write_card(card_path, card)
    check = _checked(onnx, xml, weights, pictures, card)
    tell(f"{name} against {onnx.name}, {check}")
    return Exported(xml, card_path, card, (check,))


def _checked(onnx: Path, xml: Path, weights: Path, pictures: Sequence[Path], card: ModelCard) -> Agreement:
    shown = (read_picture(path) for path in evenly(pictures, PICTURES))
    before = OnnxBackend(onnx, labels=card.names)
    after = OpenVinoBackend(xml, weights, labels=card.names)
    return agreement(before, after, shown, shape=card.input_shapes[0], floor=_SURE)


def _folded(onnx: Path) -> "openvino.Model":
    """The network with everything calculated that does not depend on the input's size: half as many layers."""
    import openvino
    from openvino.passes import ConstantFolding, Manager

    try:
        network = openvino.Core().read_model(onnx)
    except RuntimeError as error:
        raise ModelError(f"{onnx}: not a network that OpenVINO can load: {said(error, line=-1)}") from error
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(network)
    return network


def _quantized(network: "openvino.Model", pictures: Sequence[Path], card: ModelCard) -> "openvino.Model":
    with redirect_stdout(sys.stderr):  # its log and its progress bars are words
        import nncf

        nncf.set_log_level(logging.ERROR)
    others = sorted({layer.get_type_name() for layer in network.get_ops()} - _CONVOLUTIONS)

    def tensor(path: Path) -> NDArray[np.float32]:
        pixels = read_picture(path)
        height, width = pixels.shape[:2]
        shape = best_shape(width, height, card.input_shapes)
        return network_input(pixels, fit(width, height, shape), shape)

    with redirect_stdout(sys.stderr):
        return nncf.quantize(
            network,
            nncf.Dataset(pictures, tensor),
            preset=nncf.QuantizationPreset.MIXED,
            target_device=nncf.TargetDevice.CPU,
            subset_size=len(pictures),
            advanced_parameters=_advanced(),
            ignored_scope=nncf.IgnoredScope(types=others, patterns=list(_FLOAT_PARTS), validate=False),
        )


def _advanced() -> "nncf.AdvancedQuantizationParameters":
    """What NNCF does by default and is better left, by the distance of scores from those of the fp32 network.

    Correcting biases moves them away. So does giving the first layers' weights 7 bits, which is to keep sums of
    products within 16 bits on CPUs without VNNI: run as on such a CPU, the network with 8 bits is the better one too.
    """
    import nncf
    from nncf.quantization.advanced_parameters import OverflowFix

    return nncf.AdvancedQuantizationParameters(disable_bias_correction=True, overflow_fix=OverflowFix.DISABLE)


def _save(network: "openvino.Model", xml: Path, weights: Path) -> None:
    """Write both files; the first holds the second's hash, so that its own hash stands for both."""
    import openvino

    try:
        xml.parent.mkdir(parents=True, exist_ok=True)
        openvino.save_model(network, xml, compress_to_fp16=False)
        network.set_rt_info(sha256_of(weights), ["cvinspect", "weights_sha256"])
        openvino.save_model(network, xml, compress_to_fp16=False)
    except (OSError, RuntimeError) as error:
        raise DeliveryError(f"{xml}: cannot be written: {said(error, line=-1)}") from error
