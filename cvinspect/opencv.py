"""The one import of OpenCV, with an answer for machines that lack what it needs.

    from cvinspect.opencv import cv2

raises InstallationError where `import cv2` would raise ImportError.
"""

import os
import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cvinspect.errors import InstallationError

_DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
}


def explained(reason: str) -> InstallationError:
    """The error for an `import cv2` that failed with these words: which library, which Debian package.

    >>> print(explained("libGL.so.1: cannot open shared object file: No such file or directory"))
    OpenCV needs the system library libGL.so.1, which is not installed: apt-get install libgl1
    """
    if re.search(r"No module named '?cv2'?$", reason):
        return InstallationError("OpenCV is not installed: pip install opencv-python")
    missing = re.search(r"(\S+\.so[.\d]*): cannot open shared object file", reason)
    if missing is None:
        return InstallationError(f"OpenCV does not load: {' '.join(reason.split())}")
    library = missing[1]
    package = _DEBIAN_PACKAGES.get(library)
    advice = f"apt-get install {package}" if package else "install the package of your system that brings it"
    return InstallationError(f"OpenCV needs the system library {library}, which is not installed: {advice}")


MOST_PIXELS = 150_000_000
"""Of a picture that is decoded: what claims to have more, in a file of a few bytes, would fill the memory."""
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))  # OpenCV looks once, when it is loaded

try:
    import cv2
except ImportError as error:
    raise explained(str(error)) from error

if "OPENCV_LOG_LEVEL" not in os.environ:
    # A broken picture is counted and reported by name; OpenCV's own lines would stand in the user's way.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

Grey = NDArray[np.float32]


def shift_of(before: Grey, now: Grey) -> tuple[float, float]:
    """By how many pixels to the right and down `now` shows what `before` showed, by phase correlation.

    It finds a shift of any two pictures: whether that is one is for the parts in common to say.
    """
    # OpenCV lays its window over the very arrays it is given.
    (dx, dy), _ = cv2.phaseCorrelate(before.copy(), now.copy(), _window(now.shape))
    return dx, dy


def parts_in_common(before: Grey, now: Grey, dx: int, dy: int) -> tuple[Grey, Grey]:
    """What both pictures show where the second one is shifted so far against the first.

    >>> line = np.arange(4, dtype=np.float32)[None]
    >>> [part.tolist() for part in parts_in_common(line[:, :3], line[:, 1:], -1, 0)]
    [[[1.0, 2.0]], [[1.0, 2.0]]]
    """
    return _cut(before, -dx, -dy), _cut(now, dx, dy)


def _cut(picture: Grey, dx: int, dy: int) -> Grey:
    height, width = picture.shape
    return picture[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]


@cache
def _window(shape: tuple[int, int]) -> Grey:
    return np.asarray(cv2.createHanningWindow(shape[::-1], cv2.CV_32F), dtype=np.float32)


__all__ = ["MOST_PIXELS", "cv2", "explained", "parts_in_common", "shift_of"]
