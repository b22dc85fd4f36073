"""The one import of OpenCV, with an answer for machines that lack what it needs.

    from cvinspect.opencv import cv2

raises InstallationError where `import cv2` would raise ImportError.
"""

import os
import re

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


try:
    import cv2
except ImportError as error:
    raise explained(str(error)) from error

if "OPENCV_LOG_LEVEL" not in os.environ:
    # A broken picture is counted and reported by name; OpenCV's own lines would stand in the user's way.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2", "explained"]
