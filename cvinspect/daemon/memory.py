"""Memory that the program no longer uses, given back to the system."""

import ctypes
from collections.abc import Callable


def trim_of(library: object) -> Callable[[], object]:
    """What gives unused memory back, of the C library that is loaded; does nothing with one other than glibc."""
    trim = getattr(library, "malloc_trim", None)
    return (lambda: trim(0)) if trim else (lambda: None)


give_back = trim_of(ctypes.CDLL(None))
"""Frames are made by the readers' threads and let go by the workers'. glibc keeps what was freed so, in holes in one
heap per thread, and the program grows by several MB a minute for as long as it is watched."""
