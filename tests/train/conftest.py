"""Tests of training run where the extra is installed; elsewhere they are skipped and say so."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cvinspect.errors import InstallationError

BASE = Path(__file__).parents[3] / "shared" / "weights" / "yolo26n-coco.pt"


def _missing() -> str | None:
    if find_spec("torch") is None or find_spec("ultralytics") is None:
        return "the extra `train` is not installed"
    from cvinspect.train.torch_setup import prepare

    try:
        prepare()
    except InstallationError as error:
        return str(error)
    return None


@pytest.fixture(scope="session", autouse=True)
def torch_is_there() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if reason := _missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def coco_base() -> Any:
    if not BASE.exists():
        pytest.skip(f"no base weights at {BASE}")
    return BASE
