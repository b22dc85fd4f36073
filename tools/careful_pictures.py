"""Prepares the pictures that the careful network is trained on: `python tools/careful_pictures.py --help`.

Real pictures with their labels and unsure boxes, the boxes drawn by eye, and frames of fixed cameras that show nothing:
a folder that `cvinspect train FOLDER/data.yaml --size careful` takes.
"""

import argparse
from pathlib import Path

from clip_frames import frames
from picture_folder import Sheet, Writer
from street_pictures import add_by_eye, moved_pictures, write_licences

from cvinspect.evaluate.faults import Faults
from cvinspect.evaluate.labelled.label_file import read_labels
from cvinspect.evaluate.labelled.listing import path_beside
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, load_dataset
from cvinspect.train.finish import LICENCES
from cvinspect.train.samples import UNSURE_FOLDER


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data.yaml of the real pictures")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by-eye", type=Path, default=Path("models/street-26n.by-eye.csv"))
    parser.add_argument("--moved", type=Path, default=Path("models/street-26n.moved.txt"))
    parser.add_argument("--licences", type=Path, default=Path("models/street-world-s.licences.txt"))
    parser.add_argument("--clips", type=Path, nargs="*", default=[], help="truth.json beside clips: hard negatives")
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    count = len(dataset.names)
    sheets = [Sheet(p, list(p.boxes), p.complete, _unsure(p, count)) for p in dataset.split(Split.TRAIN)]
    add_by_eye(sheets, options.by_eye, dataset)
    moved, val = moved_pictures(dataset, options.moved)
    writer = Writer(options.out, dataset)
    for sheet in [*sheets, *moved]:
        writer.link(sheet)
    for truth in options.clips:
        for name, pixels, sheet in frames(truth, dataset.names):
            writer.put(name, pixels, sheet)
    writer.finish(val)
    write_licences(options.out / LICENCES, options.licences)


def _unsure(picture: LabelledPicture, labels: int) -> list:
    path = path_beside(picture.path, UNSURE_FOLDER)
    return read_labels(path, labels=labels, faults=Faults()) if path.exists() else []


if __name__ == "__main__":
    main()
