import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from cvinspect.errors import InstallationError
from cvinspect.train.torch_setup import prepare, require
from tests.command_line import cvinspect
from tests.fakes import texture

NO_TORCH = find_spec("torch") is None


def test_what_is_missing_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(InstallationError) as caught:
        require("numpy", "no_such_one", "nor_this")

    assert str(caught.value) == "not installed: no_such_one, nor_this; pip install 'cvinspect[train]' brings it"


@pytest.mark.skipif(not NO_TORCH, reason="the extra `train` is installed")
def test_export_without_the_extra_ends_with_one_line(tmp_path: Path) -> None:
    from cvinspect.opencv import cv2

    cv2.imwrite(str(tmp_path / "1.png"), texture(1, 64, 36))
    outcome = cvinspect("export", tmp_path / "best.pt", "--pictures", tmp_path, "--out", tmp_path / "out")

    assert outcome.code == 7
    assert len(outcome.err.splitlines()) == 1
    assert outcome.errors[0].startswith("not installed: ")
    assert outcome.errors[0].endswith("; pip install 'cvinspect[train]' brings it")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(NO_TORCH, reason="the extra `train` is not installed")
def test_ultralytics_is_ready_stays_offline_and_builds_no_strangers() -> None:
    prepare()
    import torchvision
    from ultralytics.utils import AUTOINSTALL, ONLINE, SAFE_LOAD

    assert (AUTOINSTALL, ONLINE, SAFE_LOAD) == (False, False, True)
    assert os.environ["YOLO_OFFLINE"] == "1"
    assert callable(torchvision.ops.nms)


@pytest.mark.skipif(NO_TORCH, reason="the extra `train` is not installed")
def test_suppression_works_with_or_without_torchvisions_operators() -> None:
    prepare()
    import torch
    import torchvision

    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [1.0, 0.0, 11.0, 10.0], [50.0, 50.0, 60.0, 60.0]])
    assert torchvision.ops.nms(boxes, torch.tensor([0.5, 0.9, 0.4]), 0.5).tolist() == [1, 2]
