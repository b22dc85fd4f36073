"""Averages a trained network with one that it came from, COCO's or ours: `python tools/blend.py --help`."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from cvinspect.train.torch_setup import prepare

prepare()

from cvinspect.train.checkpoint import read_base  # noqa: E402
from cvinspect.train.keep import write_network  # noqa: E402
from cvinspect.train.network import blend  # noqa: E402


def main() -> None:
    """Write the average."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path, help="checkpoint (.pt)")
    parser.add_argument("base", type=Path, help="checkpoint that it came from (.pt)")
    parser.add_argument("--share", type=float, default=0.3, help="of the base, 0 to 1 (default: %(default)s)")
    parser.add_argument("--first-layers", type=int, help="average only these; 11: the backbone (default: all)")
    parser.add_argument("--imgsz", type=int, default=640, help="that it is meant for (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        trained, base = (
            read_base(path, copy=Path(scratch) / f"{i}.pt").model.float()
            for i, path in enumerate((options.trained, options.base))
        )
    blend(trained, base, share=options.share, first_layers=options.first_layers)
    write_network(trained, options.out, imgsz=options.imgsz)


if __name__ == "__main__":
    main()
