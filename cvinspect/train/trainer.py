"""Ultralytics' trainer, taught to use half precision on a CPU and to never lose a checkpoint."""

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import RandomSampler
from ultralytics.data import build_dataloader
from ultralytics.data.build import InfiniteDataLoader, seed_worker
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.torch_utils import unwrap_model

from cvinspect.train.network import adopt
from cvinspect.train.partial import TaughtLoss, partial_criterion
from cvinspect.train.pictures import SampleDataset
from cvinspect.train.samples import Sample
from cvinspect.train.teacher import Teacher

Scores = dict[str, float]


class StreetTrainer(DetectionTrainer):
    """Trains on samples with partial labels."""

    def __init__(
        self,
        overrides: dict[str, Any],
        *,
        labels: Sequence[str],
        train: Sequence[Sample],
        val: Sequence[Sample],
        score: Callable[[DetectionModel], Scores],
        teacher: Teacher | None = None,
        loaders: int = 1,
        shown: int | None = None,
    ) -> None:
        """`shown`: so many pictures an epoch, drawn anew each time; all of them where it is None."""
        self._labels = tuple(labels)
        self._splits = {"train": tuple(train), "val": tuple(val)}
        self._score = score
        self._loaders = loaders
        self._shown = shown
        self.teacher = teacher
        self.best_fitness: float | None = None
        self.last = self.best = Path()
        super().__init__(overrides=overrides)
        self.add_callback("on_train_start", _begin)

    def get_dataset(self) -> dict[str, Any]:
        """Names of the two splits in place of paths: the samples are already here."""
        return {
            "train": "train",
            "val": "val",
            "nc": len(self._labels),
            "names": dict(enumerate(self._labels)),
            "channels": 3,
        }

    def get_model(
        self,
        cfg: str | dict[str, Any] | None = None,
        weights: torch.nn.Module | None = None,
        verbose: bool = True,  # noqa: ARG002
    ) -> DetectionModel:
        """The base or checkpoint itself, its heads fitted to our labels."""
        assert isinstance(weights, DetectionModel), cfg
        if tuple(weights.names.values()) != self._labels:
            adopt(weights, self._labels)
        for parameter in weights.parameters():
            parameter.requires_grad_(True)
        return weights.float()

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> SampleDataset:
        """The split named `img_path`."""
        return SampleDataset(
            self._splits[img_path],
            data=self.data,
            task="detect",
            imgsz=self.args.imgsz,
            batch_size=batch,
            augment=mode == "train",
            hyp=self.args,
            rect=mode == "val",
            stride=int(unwrap_model(self.model).stride.max()),
            pad=0.0 if mode == "train" else 0.5,
        )

    def get_dataloader(
        self, dataset_path: str, batch_size: int = 16, rank: int = 0, mode: str = "train"
    ) -> torch.utils.data.DataLoader[Any]:
        """Ultralytics' loader with processes of its own on a CPU too: preparing pictures is a third of the work."""
        dataset = self.build_dataset(dataset_path, mode, batch_size)
        if mode == "train" and self._shown is not None and self._shown < len(dataset):
            return InfiniteDataLoader(
                dataset,
                batch_size=batch_size,
                sampler=RandomSampler(dataset, num_samples=self._shown),
                num_workers=self._loaders,
                collate_fn=dataset.collate_fn,
                worker_init_fn=seed_worker,
            )
        return build_dataloader(
            dataset,
            batch=batch_size,
            workers=self._loaders if mode == "train" else 0,
            shuffle=mode == "train",
            rank=rank,
        )

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """As Ultralytics', channels last on a CPU, where convolutions are fastest so."""
        batch = super().preprocess_batch(batch)
        batch["txt_feats"] = None  # a careful network takes its own vectors then
        if self.device.type == "cpu":
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def validate(self) -> tuple[Scores, float]:
        """Scores of the averaged network; their mean is the fitness."""
        assert self.ema is not None
        scores = self._score(self.ema.ema)
        fitness = sum(scores.values()) / max(len(scores), 1)
        self.best_fitness = max(fitness, self.best_fitness or 0.0)
        return dict(scores), fitness

    def final_eval(self) -> None:
        """Nothing: the card is written from the exported network."""

    def save_model(self) -> bool:
        """Write the checkpoint beside the old one, then put it in its place, so that a kill costs an epoch at most."""
        last, best = self.last, self.best
        self.last, self.best = _part(last), _part(best)
        try:
            saved = super().save_model()
        finally:
            self.last, self.best = last, best
        for path in (last, best):
            if _part(path).exists():
                _part(path).replace(path)
        return bool(saved)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _begin(trainer: StreetTrainer) -> None:
    model = unwrap_model(trainer.model)
    model.criterion = partial_criterion(model, trainer.teacher)
    if isinstance(model.criterion, TaughtLoss):
        model.criterion.updates = trainer.start_epoch
        if trainer.start_epoch:
            model.criterion.updates -= 1
            model.criterion.update()
    else:
        trainer.ema.decay = _short_memory
    if trainer.device.type == "cpu":
        # Ultralytics leaves a core to the loaders; they need a tenth of one.
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
        model.to(memory_format=torch.channels_last)
        model.forward = _half(model.forward, model)


def _short_memory(updates: int) -> float:
    """Share of the average that stays at a step: a careful run is so short that Ultralytics' would average little."""
    return 0.998 * (1 - math.exp(-updates / 300))


def _half(forward: Callable[..., Any], model: torch.nn.Module) -> Callable[..., Any]:
    """The same, its network in bfloat16 where the processor has it; the loss stays in single precision."""

    def run(x: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(x, dict):
            return model.loss(x, *rest, **options)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=model.training):
            return forward(x, *rest, **options)

    return run
