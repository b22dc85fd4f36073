"""Makes torch, torchvision and Ultralytics ready. Called before any module that imports one of them is loaded."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cvinspect.errors import InstallationError

_OPERATOR = re.compile(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"')
"""How torchvision's `_meta_registrations.py` names each of its compiled operators."""

_KEPT: list[Any] = []
"""Declared operators live as long as the library object that declares them."""


def require(*packages: str) -> None:
    """Raise InstallationError unless these packages of the extra `train` are installed."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise InstallationError(f"not installed: {', '.join(missing)}; pip install 'cvinspect[train]' brings it")


@cache
def prepare() -> None:
    """Check that the extra is installed, keep Ultralytics offline, and mend a torchvision without its operators.

    Raises InstallationError.
    """
    require("torch", "torchvision", "ultralytics")
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "false"  # it would call pip behind the user's back
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"  # from a checkpoint, only the classes that a network is made of
    _mend_torchvision()


@contextmanager
def silent_libraries() -> Iterator[None]:
    """Keep torch's and Ultralytics' words to their developers from the user; errors still come."""
    from ultralytics.utils import LOGGER

    before = LOGGER.level
    LOGGER.setLevel(logging.CRITICAL)  # it talks on stdout
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        LOGGER.setLevel(before)


def _mend_torchvision() -> None:
    """Declare the operators that torchvision lacks where it was compiled for another torch; else touch nothing.

    There is no torchvision for PyPI's CPU build of torch 2.13: without its compiled part it cannot even be imported,
    though a detector needs none of its operators but `nms`, which Ultralytics also has in plain torch.
    """
    try:
        import torchvision
    except RuntimeError:  # "operator torchvision::nms does not exist"
        _declare_missing()
        import torchvision
    if not torchvision.extension._has_ops():
        from ultralytics.utils.nms import TorchNMS

        torchvision.ops.nms = TorchNMS.nms


def _declare_missing() -> None:
    import torch

    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    spec = find_spec("torchvision")
    assert spec is not None
    assert spec.origin is not None
    source = (Path(spec.origin).parent / "_meta_registrations.py").read_text(encoding="utf-8")
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in sorted(set(_OPERATOR.findall(source))):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor x) -> Tensor")
    _KEPT.append(library)
