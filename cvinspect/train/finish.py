"""The end of a training run: networks, measured, with cards that say how well they see."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from cvinspect.assembly.models import Model
from cvinspect.detect.figures import Training, TrainingData
from cvinspect.detect.model import Backing, CardLabel, ModelCard
from cvinspect.evaluate.detections.label_scores import BUDGET, FAMILIES, FLOOR
from cvinspect.evaluate.labelled.learnt import learnt_path, picture_digits, write_learnt
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture
from cvinspect.train.card import write_card
from cvinspect.train.export import Exported, Tell, export
from cvinspect.train.figures import detected, measured
from cvinspect.train.keep import keep_network
from cvinspect.train.past import Past
from cvinspect.train.quantize import quantize
from cvinspect.train.recipe import Trained
from cvinspect.train.sizes import HABITS, Size

LICENCES = "LICENCES"
"""Beside data.yaml: a line `SOURCE: LICENCE` for each source of source.csv whose licence is known."""

_MORE = "models/README.md says how it was made and how well it sees."
_LICENCE = "AGPL-3.0-or-later"


def finish(
    run: Trained,
    dataset: Dataset,
    out: Path,
    *,
    name: str,
    training: Training,
    size: Size = Size.QUICK,
    int8: bool,
    tell: Tell,
) -> list[Path]:
    """Export the run's checkpoint into `out`, measure each network on val, and write the cards; returns their paths.

    Beside them NAME.pt, which the next training can start from, and the lists of the pictures learnt from. Pictures of
    val that are among those measure nothing.

    Raises InstallationError, ModelError, DatasetError, SourceOpenError or DeliveryError.
    """
    train = [picture.path for picture in dataset.split(Split.TRAIN)]
    blank = tuple(CardLabel(name=label, backing=Backing.NONE, threshold=0.25) for label in dataset.names)
    template = ModelCard(
        schema="cvinspect.model/v1",
        name=name,
        file=f"{name}.onnx",
        sha256="0" * 64,
        licence=_LICENCE,
        about=f"{HABITS[size].about} {_MORE}",
        training=training,
        input_shapes=HABITS[size].shapes,
        inner_boxes=HABITS[size].inner_boxes,
        labels=blank,
    )
    done = export(run.checkpoint, out, template=template, pictures=train, tell=tell)
    keep_network(run.checkpoint, out / f"{name}.pt", imgsz=training.imgsz)
    val = _not_learnt(dataset.split(Split.VAL), run.past, tell)
    full = _measured(done[0], dataset, val, run.past, tell=tell)
    made = [full.card_path]
    if int8:
        small = quantize(full.network, train, out, template=full.card, tell=tell)
        made.append(_measured(small, dataset, val, run.past, tell=tell, thresholds=full.card.thresholds).card_path)
    return made


def _not_learnt(val: Sequence[LabelledPicture], past: Past, tell: Tell) -> Sequence[LabelledPicture]:
    """Pictures that the base has not learnt from either."""
    kept = [picture for picture in val if picture_digits(picture.path) not in past.learnt] if past.learnt else val
    if len(kept) < len(val):
        tell(f"{len(val) - len(kept)} of {len(val)} pictures of val measure nothing: the base has learnt from them")
    return kept


def _measured(
    made: Exported,
    dataset: Dataset,
    val: Sequence[LabelledPicture],
    past: Past,
    *,
    tell: Tell,
    thresholds: Mapping[str, float] | None = None,
) -> Exported:
    """Measures a network and writes its card anew, with `thresholds` or such as the pictures ask for, and its list."""
    card = made.card
    detector = Model(card, made.card_path).detector(floor=FLOOR, budget=BUDGET)
    seen = detected(detector, val, dataset.names)
    card = measured(card, dataset, seen, families=FAMILIES, val=val, past=past, thresholds=thresholds)
    write_learnt(learnt_path(made.card_path), past.learnt)
    write_card(made.card_path, card)
    for label in card.labels:
        tell(f"{card.name} {said(label)}")
    return replace(made, card=card)


def said(label: CardLabel) -> str:
    """One label's figures in a line."""
    if label.val is None or label.val.ap50 is None:
        return f"{label.name}: rests on {label.backing}, no validation box"
    precision, recall = label.val.precision, label.val.recall
    return (
        f"{label.name}: AP50 {label.val.ap50:.2f} on {label.val.boxes} boxes; at {label.threshold:.2f} ({label.rule}) "
        f"precision {precision.value or 0:.2f} ({precision.low:.2f} to {precision.high:.2f}), "
        f"recall {recall.value or 0:.2f} ({recall.low:.2f} to {recall.high:.2f}); rests on {label.backing}"
    )


def training_of(dataset: Dataset, *, base: str, epochs: int, imgsz: int, ended: date) -> Training:
    """Where a network comes from; pictures counted source by source."""
    counts = Counter(picture.source or "unnamed" for picture in dataset.split(Split.TRAIN))
    licences = _licences(dataset.path.with_name(LICENCES))
    data = tuple(
        TrainingData(source=source, licence=licences.get(source, "not stated"), pictures=count)
        for source, count in sorted(counts.items())
    )
    return Training(base=base, ended=ended, epochs=epochs, imgsz=imgsz, data=data)


def _licences(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines() if ":" in line)
    return {source.strip(): licence.strip() for source, _, licence in pairs}
