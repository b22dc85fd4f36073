"""What must outlive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """A new file's name is on disk once its folder is; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
