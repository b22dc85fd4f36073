"""Makes files and card of a checkpoint that no run of training left, such as an average: `tools/finish.py --help`."""

import argparse
from datetime import date
from pathlib import Path

from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_check import check_pictures
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.train.base import size_in
from cvinspect.train.figures import is_real
from cvinspect.train.finish import finish, training_of
from cvinspect.train.past import past_of
from cvinspect.train.recipe import Trained
from cvinspect.train.sizes import HABITS
from cvinspect.words import say


def main() -> None:
    """Export, measure on val, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path, help="data.yaml that it has learnt from last; val measures it")
    parser.add_argument("--base", type=Path, required=True, help="network that it came from, beside its card and list")
    parser.add_argument("--epochs", type=int, required=True, help="how often each picture was shown, rounded")
    parser.add_argument("--imgsz", type=int, default=640, help="side of the squares that training saw")
    parser.add_argument("--ended", type=date.fromisoformat, required=True, help="day of the training")
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    real = [picture for picture in dataset.split(Split.TRAIN) if is_real(picture)]
    past = past_of(options.base).with_pictures(one.sha256 for one in check_pictures(real))
    size = size_in(options.checkpoint)
    training = training_of(
        dataset,
        base=options.base.name,
        epochs=options.epochs,
        imgsz=options.imgsz,
        ended=options.ended,
    )
    run = Trained(options.checkpoint, options.base.name, epochs=options.epochs, past=past)
    name = HABITS[size].name
    for path in finish(run, dataset, options.out, name=name, training=training, size=size, int8=options.int8, tell=say):
        print(path)


if __name__ == "__main__":
    main()
