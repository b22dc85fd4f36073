import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cvinspect.errors import DeliveryError
from cvinspect.train.timed import LOWEST, TimedFall, spent_s


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def trainer() -> Any:
    return SimpleNamespace(stop=False, optimizer=SimpleNamespace(param_groups=[{"initial_lr": 0.01, "lr": 0.0}]))


def test_the_rate_falls_with_time_and_the_run_stops_when_it_is_over() -> None:
    clock, run = Clock(), trainer()
    fall = TimedFall(10, spent_s=0, clock=clock)
    rates, stops = [], []
    for passed_s in (0, 300, 599, 601):
        clock.now_s = 100.0 + passed_s
        fall.before_step(run)
        fall.after_step(run)
        rates.append(run.optimizer.param_groups[0]["lr"])
        stops.append(run.stop)

    half = 0.01 * (LOWEST + (1 - LOWEST) / 2)
    assert rates == pytest.approx([0.01, half, 0.01 * LOWEST, 0.01 * LOWEST], rel=1e-3)
    assert stops == [False, False, False, True]


def test_what_was_spent_before_a_run_went_on_counts() -> None:
    run = trainer()
    TimedFall(10, spent_s=600, clock=Clock()).after_step(run)

    assert run.stop


def test_the_time_spent_stands_in_the_runs_table(tmp_path: Path) -> None:
    table = tmp_path / "epochs.csv"
    assert spent_s(table) == 0
    table.write_text("epoch,seconds\n1,12\n2,30.5\n", encoding="utf-8")
    assert math.isclose(spent_s(table), 42.5)
    table.write_text("epoch\n1\n", encoding="utf-8")
    with pytest.raises(DeliveryError, match="not the table of a run"):
        spent_s(table)
