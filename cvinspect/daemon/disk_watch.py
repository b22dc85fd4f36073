"""Whether pictures can be kept: there is room for them, and their folders may be written to."""

import logging
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cvinspect.config.site import Site
from cvinspect.daemon.retention import GIGABYTE, PICTURE_FOLDERS

_LOG = logging.getLogger(__name__)

_ASK_EVERY_S = 1.0
_AGAIN_FROM = 1.1
"""Share of the least free room from which on pictures are taken again, so that they do not stop and go."""


def free_bytes_of(folder: Path) -> int:
    """Room that is left to this user on the folder's disk; of the nearest that is there, where it is not made yet."""
    return shutil.disk_usage(_nearest(folder)).free


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that is there, be it a link that leads nowhere; raises OSError."""
    for one in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            one.lstat()
            return one
    return folder


def unwritable(folder: Path) -> str | None:
    """Why this user can make no files in a folder that may have to be made first, one line; None where that works."""
    try:
        nearest = _nearest(folder)
        if not nearest.is_dir():
            return f"{folder}: no folder can be made there: {nearest} is none"
    except OSError as error:
        return f"{folder}: {error.strerror or error}"
    return None if os.access(nearest, os.W_OK | os.X_OK) else f"{folder}: {nearest} may not be written to"


def unwritable_evidence(folder: Path) -> str | None:
    """The same of the folders of pictures below the one that URIs are relative to."""
    return next(filter(None, (unwritable(folder / name) for name in PICTURE_FOLDERS)), None)


class DiskWatch:
    """Says when pictures must stop, so that there is room for records. Safe to ask from many threads."""

    def __init__(
        self,
        folder: Path,
        *,
        min_free_bytes: int,
        seconds: Callable[[], float],
        free_bytes: Callable[[Path], int] = free_bytes_of,
    ) -> None:
        """`seconds` is a clock that only goes forward; the disk is asked once a second at most."""
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._seconds = seconds
        self._free_bytes = free_bytes
        self._asked_s: float | None = None
        self._lock = threading.Lock()
        self.trouble: str | None = None
        """Why no pictures are taken, one line; None while they are."""

    def may_keep_pictures(self) -> bool:
        """Whether there is room for pictures now."""
        with self._lock:
            now_s = self._seconds()
            if self._asked_s is None or now_s - self._asked_s >= _ASK_EVERY_S:
                self._asked_s = now_s
                self._tell(self._look())
            return self.trouble is None

    def _look(self) -> str | None:
        if (fault := unwritable_evidence(self._folder)) is not None:
            return f"{fault}; no pictures are taken"
        try:
            free_bytes = self._free_bytes(self._folder)
        except OSError as error:
            return f"{self._folder}: its free room cannot be told: {error.strerror or error}; no pictures are taken"
        needed_bytes = self._min_free_bytes * (1.0 if self.trouble is None else _AGAIN_FROM)
        if free_bytes >= needed_bytes:
            return None
        least = f"{self._min_free_bytes / GIGABYTE:g} GB"
        return f"{self._folder}: less than watch.retention.min_free_gb, {least}, is free; no pictures are taken"

    def _tell(self, trouble: str | None) -> None:
        """In the log once when it begins, and once when it is over."""
        if trouble is not None and self.trouble is None:
            _LOG.warning("%s", trouble)
        if trouble is None and self.trouble is not None:
            _LOG.info("%s: there is room for pictures again", self._folder)
        self.trouble = trouble


def disk_watch_of(site: Site, *, seconds: Callable[[], float]) -> DiskWatch:
    """As the site's configuration wants it; `seconds` is a clock that only goes forward."""
    least_gb = site.config.watch.retention.min_free_gb
    return DiskWatch(site.evidence, min_free_bytes=round(least_gb * GIGABYTE), seconds=seconds)
