"""Prepares the pictures that both networks are trained on: `python tools/careful_pictures.py --help`.

Real pictures with their labels and unsure boxes, the boxes drawn by eye, frames of fixed cameras that show nothing,
what a careful network sees of labels that nobody drew, and cut-outs of rare things laid into streets: a folder that
`cvinspect train FOLDER/data.yaml` takes, for either size.
"""

import argparse
from pathlib import Path

from clip_frames import frames
from picture_folder import Sheet, Writer
from street_pictures import add_by_eye, favoured, moved_pictures, write_licences
from teach import add_taught

from cvinspect.detect.model import read_card
from cvinspect.evaluate.faults import Faults
from cvinspect.evaluate.labelled.label_file import read_labels
from cvinspect.evaluate.labelled.listing import path_beside
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, load_dataset
from cvinspect.train.compose import read_objects
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
    parser.add_argument("--taught", type=Path, help="what tools/teach.py wrote of these pictures")
    parser.add_argument("--teacher-card", type=Path, default=Path("models/street-world-s.yaml"))
    parser.add_argument("--cut", type=Path, help="folder of folders LABEL of tools/cut_out.py")
    parser.add_argument("--pasted", type=int, default=200, help="pictures with cut-outs of each of those labels")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    count = len(dataset.names)
    sheets = [Sheet(p, list(p.boxes), p.complete, _unsure(p, count)) for p in dataset.split(Split.TRAIN)]
    add_by_eye(sheets, options.by_eye, dataset)
    moved, val = moved_pictures(dataset, options.moved)
    sheets += moved
    stills = [still for truth in options.clips for still in frames(truth, dataset.names)]
    if options.taught is not None:
        sure = read_card(options.teacher_card).thresholds
        add_taught([*sheets, *(sheet for _, _, sheet in stills)], options.taught, sure, dataset.names)
    writer = Writer(options.out, dataset)
    for sheet in sheets:
        writer.link(sheet)
    for name, pixels, sheet in stills:
        writer.put(name, pixels, sheet)
    for folder in sorted(options.cut.iterdir()) if options.cut else ():
        settings = argparse.Namespace(seed=options.seed, favour=folder.name, favoured=options.pasted)
        for name, pixels, sheet in favoured(sheets, read_objects(folder), dataset.names, settings):
            writer.paint(name, pixels, sheet)
    writer.finish(val)
    write_licences(options.out / LICENCES, options.licences)


def _unsure(picture: LabelledPicture, labels: int) -> list:
    path = path_beside(picture.path, UNSURE_FOLDER)
    return read_labels(path, labels=labels, faults=Faults()) if path.exists() else []


if __name__ == "__main__":
    main()
