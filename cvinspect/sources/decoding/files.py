"""Files that cannot be read, said in one line."""

import stat
from pathlib import Path

from cvinspect.errors import SourceOpenError


def is_folder(path: Path) -> bool:
    """Whether this is a folder; False where the system will not say, and opening it will tell why."""
    try:
        return path.is_dir()
    except OSError:  # a name too long, a folder on the way that may not be entered
        return False


def check_file(path: Path, *, wanted: str) -> None:
    """Raise SourceOpenError unless `path` is a file with content that we may read.

    `wanted` says in the message what would be right. Pipes and devices are refused: opening them may wait for
    ever.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()
    except OSError as error:
        raise unreadable(path, error, wanted=wanted) from error
    if not stat.S_ISREG(status.st_mode):
        raise SourceOpenError(f"{path}: is a pipe or a device; name {wanted}")
    if status.st_size == 0:
        raise SourceOpenError(f"{path}: is empty (0 bytes); name {wanted}")


def unreadable(path: Path, error: OSError, *, wanted: str) -> SourceOpenError:
    """The error to raise when the system will not hand out `path`."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return SourceOpenError(f"{path}: there is no such file; name {wanted}")
        case PermissionError():
            return SourceOpenError(f"{path}: may not be read; give this user read permission")
        case IsADirectoryError():
            return SourceOpenError(f"{path}: is a folder; name {wanted}")
        case _:
            return SourceOpenError(f"{path}: cannot be read ({error.strerror or error})")
