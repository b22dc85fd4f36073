"""JPEG files of evidence, each there whole or not at all; a numbered one is never replaced by another picture."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path

from cvinspect.domain import Pixels
from cvinspect.durable import sync_folder
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Original
from cvinspect.opencv import cv2

JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture as its file holds it."""

    data: bytes
    sha256: str
    width: int
    height: int


class PictureStore:
    """JPEG files below one folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is what URIs are relative to."""
        self._folder = folder

    def put_numbered(self, stem: str, files: Mapping[str, Jpeg], *, first: int) -> list[Original]:
        """Store one file in each folder under a number, `first` or the next that no other picture has there.

        One with the same content may be there: a crash came before its record. Raises DeliveryError.
        """
        names = (f"{stem}_{number}.jpg" for number in count(first))
        name = next(
            one for one in names if not any(self._is_other(f"{place}/{one}", jpeg) for place, jpeg in files.items())
        )
        return [self.put(f"{place}/{name}", jpeg) for place, jpeg in files.items()]

    def _is_other(self, uri: str, jpeg: Jpeg) -> bool:
        path = self._folder / uri
        try:
            return path.read_bytes() != jpeg.data
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise DeliveryError(f"{path}: cannot be read: {error.strerror or error}") from error

    def put(self, uri: str, jpeg: Jpeg) -> Original:
        """Store under a path relative to the folder, in place of what is there. Raises DeliveryError."""
        path = self._folder / uri
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(jpeg.data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error
        return Original(uri, jpeg.sha256, jpeg.width, jpeg.height, len(jpeg.data))


def encoded(pixels: Pixels) -> Jpeg:
    """Raises DeliveryError."""
    done, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    height, width = pixels.shape[:2]
    if not done:
        raise DeliveryError(f"a picture of {width}x{height} pixels cannot be encoded as JPEG")
    data = coded.tobytes()
    return Jpeg(data, sha256(data).hexdigest(), width, height)
