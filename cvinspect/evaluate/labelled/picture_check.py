"""Do the pictures of a data set decode, and is none of them in two splits?"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.errors import DatasetError, SourceOpenError
from cvinspect.evaluate.faults import Faults, shown
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.sources.recorded.pictures import read_picture


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture that decodes."""

    path: Path
    width_px: int
    """As it is seen, upright by its EXIF orientation."""
    height_px: int
    sha256: str
    """Of the file."""


def check_pictures(
    pictures: Sequence[LabelledPicture], *, progress: Callable[[int, int], None] | None = None
) -> tuple[CheckedPicture, ...]:
    """Every picture, decoded whole, in order; one in memory at a time.

    `progress` is told (done, all) after each. Raises DatasetError for pictures that do not decode and for files
    with the same content in two splits: what was trained on must not be scored on. Give it all the splits at
    once, for the latter.
    """
    faults = Faults()
    checked: list[CheckedPicture] = []
    firsts: dict[str, LabelledPicture] = {}
    for done, picture in enumerate(pictures, start=1):
        try:
            one = _checked(picture.path)
        except DatasetError as error:
            faults.add(picture.path, str(error))
        else:
            checked.append(one)
            first = firsts.setdefault(one.sha256, picture)
            if first.split != picture.split:
                what = f"in {picture.split}, the same picture as {shown(first.path)} in {first.split}"
                faults.add(picture.path, f"{what}; keep one of the two")
        if progress is not None:
            progress(done, len(pictures))
    faults.raise_any()
    return tuple(checked)


def _checked(path: Path) -> CheckedPicture:
    try:
        height, width = read_picture(path).shape[:2]
        with path.open("rb") as file:
            return CheckedPicture(path, width, height, hashlib.file_digest(file, "sha256").hexdigest())
    except SourceOpenError as error:
        raise DatasetError(str(error).removeprefix(f"{path}: ")) from error
    except OSError as error:  # gone between the two readings
        raise DatasetError(f"cannot be read: {error.strerror}") from error
