"""`cvinspect train`: from labelled pictures to a checkpoint, and from there to a network with its card."""

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvinspect.errors import DatasetError, DeliveryError, ModelError
from cvinspect.evaluate.detections.label_scores import score_labels
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_check import CheckedPicture, check_pictures
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture, load_dataset
from cvinspect.train.export import Tell, evenly
from cvinspect.train.figures import is_real
from cvinspect.train.past import Past, keep_past, past_of
from cvinspect.train.sizes import Size
from cvinspect.train.timed import LOWEST, TimedFall, spent_s
from cvinspect.train.torch_setup import prepare, silent_libraries

if TYPE_CHECKING:
    from ultralytics.nn.tasks import DetectionModel

    from cvinspect.train.samples import Sample

LAST = Path("weights") / "last.pt"
"""In the run's folder: the newest checkpoint."""

FROZEN_LAYERS = 5
"""Edges and textures: a few thousand pictures teach nothing better, and they are the costliest layers to teach."""

_RECIPE: dict[str, Any] = {
    "task": "detect",
    "mode": "train",
    "optimizer": "AdamW",
    "lrf": LOWEST,
    "cos_lr": True,
    "warmup_epochs": 0.5,
    "warmup_bias_lr": 0.0,
    "weight_decay": 5e-4,
    "mosaic": 0.8,
    "scale": 0.5,
    "translate": 0.1,
    "degrees": 3.0,
    "hsv_h": 0.015,
    "hsv_s": 0.6,
    "hsv_v": 0.4,
    "augmentations": [],
    "deterministic": False,
    "amp": False,
    "plots": False,
    "patience": 1_000_000,
    "seed": 1,
}


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What the user chose."""

    data_yaml: Path
    out: Path
    """Folder of this run; its checkpoint is out/weights/last.pt."""
    base: Path
    epochs: int
    imgsz: int
    """Side of the square pictures that training sees, in pixels."""
    batch: int = 16
    resume: bool = False
    teacher: Path | None = None
    """A COCO checkpoint that keeps teaching the labels that it knows."""
    learning_rate: float = 1e-3
    """At the start; it falls to a fiftieth of that."""
    freeze: int = FROZEN_LAYERS
    """So many layers, counted from the picture, stay as they are; 11 are the whole backbone."""
    size: Size = Size.QUICK
    """What the base must be."""
    minutes: float | None = None
    """The learning rate falls over so long, and then training ends, after `epochs` at the latest."""
    shown: int | None = None
    """Pictures an epoch, drawn anew for each; None: all."""
    looked_at: int | None = None
    """Of val, evenly chosen, so many pictures are looked at after an epoch; None: all."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A data set whose every picture decodes."""

    dataset: Dataset
    train: Sequence[LabelledPicture]
    val: Sequence[LabelledPicture]
    sizes: dict[Path, CheckedPicture]

    def sizes_of(self, pictures: Sequence[LabelledPicture]) -> list[CheckedPicture]:
        """Of these pictures, in order."""
        return [self.sizes[picture.path] for picture in pictures]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run leaves."""

    checkpoint: Path
    base: str
    """Name of the file that it began with."""
    epochs: int
    """How often each picture was shown, rounded."""
    past: Past
    """The base's, and every real picture of the run."""


def read_training_set(data_yaml: Path, *, progress: Callable[[int, int], None] | None = None) -> TrainingSet:
    """Labels and pictures, all of them checked before anything is trained; raises DatasetError."""
    dataset = load_dataset(data_yaml, needed=(Split.TRAIN, Split.VAL))
    train, val = dataset.split(Split.TRAIN), dataset.split(Split.VAL)
    if not any(picture.boxes for picture in train):
        raise DatasetError(f"{data_yaml}: no picture of train has a box: there is nothing to learn")
    checked = check_pictures([*train, *val], progress=progress)
    return TrainingSet(dataset, train, val, {one.path: one for one in checked})


def train(options: TrainOptions, data: TrainingSet, *, tell: Tell) -> Trained:
    """Train to the last epoch.

    Every epoch leaves a whole checkpoint; with `resume` training goes on after the newest one. Raises
    InstallationError, ModelError for a base that does not fit, DeliveryError when the disk is full: what was
    trained until then stays.
    """
    prepare()
    from cvinspect.train.base import epochs_of
    from cvinspect.train.samples import samples_of
    from cvinspect.train.teacher import teacher_from
    from cvinspect.train.trainer import StreetTrainer

    last = options.out / LAST
    start = _start(options, last, data.dataset.names)
    base = _remembered(options.out / "base.txt", options.base, resumed=options.resume)
    past = past_of(options.out / "base.txt")
    teacher = None if options.teacher is None else teacher_from(options.teacher, data.dataset.names)
    shown = _shown(data)
    an_epoch = min(options.shown or len(shown), len(shown))
    tell(f"{len(data.train)} pictures to learn from ({an_epoch} an epoch), {len(data.val)} to look how well")
    table = options.out / "epochs.csv"
    before_s = spent_s(table) if options.resume else 0.0
    log = EpochLog(table, data, options, tell=tell)
    try:
        with silent_libraries():
            trainer = StreetTrainer(
                _overrides(options, start),
                labels=data.dataset.names,
                train=shown,
                val=samples_of(data.dataset, data.val, data.sizes_of(data.val), marked=False),
                score=log.score,
                teacher=teacher,
                shown=options.shown,
            )
            trainer.add_callback("on_fit_epoch_end", log.write)
            if options.minutes is not None:
                TimedFall(options.minutes, spent_s=before_s).join(trainer)
            trainer.epochs = trainer.args.epochs = options.epochs  # a resumed run may be made longer or shorter
            trainer.train()
    except OSError as error:
        raise DeliveryError(
            f"{error.filename or options.out}: {error.strerror or error}; "
            f"what was trained is in {last}: make room and go on with --resume"
        ) from error
    real = [one.sha256 for one in data.sizes_of([picture for picture in data.train if is_real(picture)])]
    epochs = max(1, round(epochs_of(last) * an_epoch / len(shown)))
    return Trained(last, base, epochs=epochs, past=past.with_pictures(real))


def _shown(data: TrainingSet) -> "list[Sample]":
    """Each training picture, some of them several times."""
    from cvinspect.train.samples import repeats, samples_of

    samples = samples_of(data.dataset, data.train, data.sizes_of(data.train), marked=True)
    return [s for s, n in zip(samples, repeats(data.dataset, data.train), strict=True) for _ in range(n)]


def _overrides(options: TrainOptions, start: Path) -> dict[str, Any]:
    return {
        **_RECIPE,
        "model": str(start),
        "data": str(options.data_yaml),
        "epochs": options.epochs,
        "imgsz": options.imgsz,
        "batch": options.batch,
        "nbs": options.batch,
        "lr0": options.learning_rate,
        "close_mosaic": 0,  # a last epoch of whole pictures cost 0.016 of mean AP50
        "freeze": options.freeze,
        "project": str(options.out.parent.resolve()),
        "name": options.out.name,
        "exist_ok": True,
        "save_dir": str(options.out.resolve()),  # else a resumed run would go on writing where it was begun
        **({"resume": str(start)} if options.resume else {}),
    }


def _start(options: TrainOptions, last: Path, labels: tuple[str, ...]) -> Path:
    """Where training begins; raises ModelError."""
    from cvinspect.train.base import checkpoint_from, epochs_of, require_base

    if options.resume:
        done = epochs_of(last)
        if done >= options.epochs:
            raise ModelError(f"{last}: {done} epochs are done; go on with more --epochs than that")
        return last
    if last.exists():
        raise DeliveryError(f"{last}: is there already; go on with --resume, or choose another --out")
    require_base(options.base, labels, size=options.size)
    return options.base if options.base.suffix == ".pt" else checkpoint_from(options.base, options.out / "start.pt")


def _remembered(path: Path, base: Path, *, resumed: bool) -> str:
    """The base's name, kept for the card with what lies beside the base: a resumed run is not told it again."""
    try:
        if not resumed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(base.name, encoding="utf-8")
        name = path.read_text(encoding="utf-8") if path.exists() else "not known"
    except OSError as error:
        raise DeliveryError(f"{path}: {error.strerror or error}") from error
    if not resumed or (name == base.name and not path.with_suffix(".yaml").exists()):  # the latter: an older run
        keep_past(base, path)
    return name


class EpochLog:
    """Scores the network after each epoch, tells of it, and keeps a table."""

    def __init__(self, path: Path, data: TrainingSet, options: TrainOptions, *, tell: Tell) -> None:
        self._path = path
        self._data = data
        self._val = evenly(data.val, options.looked_at or len(data.val))
        self._imgsz = options.imgsz
        self._tell = tell
        self._began_s = time.monotonic()

    def score(self, network: "DetectionModel") -> dict[str, float]:
        """AP50 of each label that val can judge."""
        from cvinspect.train.predict import predictions_of

        names = self._data.dataset.names
        seen = predictions_of(network, self._val, self._data.sizes_of(self._val), side=self._imgsz)
        scores = score_labels(names, self._val, seen)
        return {score.name: score.ap50 for score in scores if score.ap50 is not None}

    def write(self, trainer: Any) -> None:
        """A line in the table, and one to read."""
        took_s, self._began_s = time.monotonic() - self._began_s, time.monotonic()
        losses = {name: float(value) for name, value in trainer.tloss.items()}
        scores = {name: value for name, value in trainer.metrics.items() if name in self._data.dataset.names}
        row = {"epoch": trainer.epoch + 1, "seconds": round(took_s), "mean_ap50": trainer.fitness, **losses, **scores}
        is_new = not self._path.exists()
        with self._path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if is_new:
                writer.writeheader()
            writer.writerow({key: f"{value:.5g}" for key, value in row.items()})
        best = ", ".join(f"{name} {value:.2f}" for name, value in scores.items())
        self._tell(
            f"epoch {row['epoch']} of {trainer.epochs}: {took_s / 60:.1f} min, loss "
            f"{sum(losses.values()):.2f}, mean AP50 {trainer.fitness:.3f} ({best})"
        )
