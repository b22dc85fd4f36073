"""Training that ends at a given time, however much of the machine others leave to it."""

import csv
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cvinspect.errors import DeliveryError

LOWEST = 0.02
"""The learning rate ends at this share of what it began with."""


def factor(share: float) -> float:
    """What the learning rate is multiplied with after this share of the time: a cosine from 1 down to 0.02.

    >>> [round(factor(share), 2) for share in (0, 0.5, 1, 1.5)]
    [1.0, 0.51, 0.02, 0.02]
    """
    return LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


class TimedFall:
    """Lets the learning rate fall with time instead of epochs, and stops the trainer when the time is over."""

    def __init__(self, minutes: float, *, spent_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`spent_s` seconds of the time were spent before a run went on."""
        self._whole_s = minutes * 60
        self._clock = clock
        self._began_s = clock() - spent_s

    def join(self, trainer: Any) -> None:
        """Be asked before and after every step."""
        trainer.add_callback("on_train_batch_start", self.before_step)
        trainer.add_callback("on_train_batch_end", self.after_step)

    def before_step(self, trainer: Any) -> None:
        """Set the rate of the step that comes; Ultralytics' warm-up, which comes after, has the last word."""
        for group in trainer.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor(self._share)

    def after_step(self, trainer: Any) -> None:
        """Have the epoch end here, with its checkpoint, when there is no time left."""
        trainer.stop = trainer.stop or self._share >= 1

    @property
    def _share(self) -> float:
        return (self._clock() - self._began_s) / self._whole_s


def spent_s(table: Path) -> float:
    """Seconds that the epochs in a run's table took; 0 where there is none. Raises DeliveryError."""
    if not table.exists():
        return 0.0
    try:
        with table.open(encoding="utf-8", newline="") as file:
            return sum(float(row["seconds"]) for row in csv.DictReader(file))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise DeliveryError(f"{table}: not the table of a run: {error}; choose another --out") from error
