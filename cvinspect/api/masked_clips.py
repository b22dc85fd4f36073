"""Clips for whoever asks over HTTP: masked when they are asked for the first time, and kept."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cvinspect.api.problems import ApiError

FOLDER = "masked"
"""Below the evidence folder: what is made here. It can be thrown away at any time."""

_WAIT_S = 60.0
"""A clip of 6 s in 1080p takes so long on one core; who comes meanwhile waits so long for the turn."""

_Mask = Callable[[Path, Path], None]


class MaskedClips:
    """Makes masked clips, one at a time. Safe to use from many threads."""

    def __init__(self, root: Path, mask: _Mask, *, wait_s: float = _WAIT_S) -> None:
        """`root`: the evidence folder. `mask` writes a clip, masked, to another path; raises DeliveryError."""
        self._root = root
        self._mask = mask
        self._wait_s = wait_s
        self._making = threading.Lock()

    def of(self, path: str) -> str:
        """Where the masked form of the clip at `path` lies, both below the evidence folder; made if it is not there.

        The clip is there, and no link. Raises ApiError where others have to be made first, DeliveryError.
        """
        clip, masked = self._root / path, self._root / FOLDER / path
        if not self._making.acquire(timeout=self._wait_s):
            raise ApiError(503, "other clips are being masked; ask again", retry_after=str(round(self._wait_s)))
        try:
            if not _is_newer(masked, clip):
                self._make(clip, masked)
        finally:
            self._making.release()
        return f"{FOLDER}/{path}"

    def _make(self, clip: Path, masked: Path) -> None:
        part = masked.with_name(f".{masked.name}.part")
        masked.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._mask(clip, part)
            part.replace(masked)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _is_newer(masked: Path, clip: Path) -> bool:
    try:
        return masked.lstat().st_mtime_ns >= clip.lstat().st_mtime_ns
    except FileNotFoundError:
        return False
