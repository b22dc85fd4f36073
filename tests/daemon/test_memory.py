"""Unused memory goes back to the system."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from cvinspect.daemon.memory import give_back, trim_of

_MB = 2**20
_BLOCK = 64 * 1024
"""glibc takes blocks of this size from its heap, and keeps the holes that they leave."""


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc")
def test_holes_that_freed_blocks_left_go_back() -> None:
    blocks = [np.ones(_BLOCK, np.uint8) for _ in range(128 * _MB // _BLOCK)]
    kept = blocks[::16]
    del blocks
    before_mb = _resident_mb()
    give_back()
    assert _resident_mb() < before_mb - 80
    assert all(block.all() for block in kept)


def test_another_c_library_is_left_alone() -> None:
    assert trim_of(object())() is None
