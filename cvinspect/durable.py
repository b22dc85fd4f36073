"""What must outlive a power cut."""

import errno
import os
from pathlib import Path

_UNKNOWN = (errno.EINVAL, errno.ENOTSUP)


def sync_folder(folder: Path) -> None:
    """A new file's name is on disk once its folder is; raises OSError where the disk fails.

    A folder that may be written to and not be listed, and a file system without such a thing, are left to the system.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    finally:
        os.close(handle)
