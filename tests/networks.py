"""Network files made from the shipped one, so that every runtime can be asked about the same network."""

import hashlib
from pathlib import Path

import openvino
import yaml

from cvinspect.config.site import shipped

SHIPPED = shipped("models/street-26n.onnx")


def converted(folder: Path) -> Path:
    """`street.xml` in the folder with the shipped network in fp32, and its weights `street.bin`."""
    path = folder / "street.xml"
    openvino.save_model(openvino.Core().read_model(SHIPPED), path, compress_to_fp16=False)
    return path


def with_card(network: Path, **changed: object) -> Path:
    """The card beside a converted network: the shipped one's, with the hashes of its two files."""
    card = yaml.safe_load(SHIPPED.with_suffix(".yaml").read_text(encoding="utf-8"))
    weights = network.with_suffix(".bin")
    card |= {"file": network.name, "sha256": _sha256(network)}
    card |= {"weights_file": weights.name, "weights_sha256": _sha256(weights)}
    path = network.with_suffix(".yaml")
    path.write_text(yaml.safe_dump({**card, **changed}, allow_unicode=True), encoding="utf-8")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
