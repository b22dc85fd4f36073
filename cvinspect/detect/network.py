"""What every network file keeps to, whichever runtime runs it."""

import ast
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvinspect.errors import ModelError


def end_to_end_rows(output: NDArray[np.float32], *, path: Path) -> NDArray[np.float32]:
    """The (n, 6) rows of an output (1, n, 6); raises ModelError for a head of another kind."""
    if output.ndim != 3 or output.shape[0] != 1 or output.shape[2] != 6:
        raise ModelError(f"{path}: output has shape {list(output.shape)}; allowed: [1, n, 6], an end-to-end head")
    rows: NDArray[np.float32] = output[0]
    return rows


def check_labels(written: str, expected: tuple[str, ...], *, path: Path) -> None:
    """Raise ModelError unless `written`, the `names` that the exporter left in the file, are those of the card.

    Ultralytics writes a dictionary in Python's notation, index to name.

    >>> check_labels("{0: 'car', 1: 'stall'}", ("car", "stall"), path=Path("street.onnx"))
    """
    try:
        names = tuple(dict(ast.literal_eval(written)).values())
    except (ValueError, SyntaxError, TypeError):
        names = ()
    if names != expected:
        raise ModelError(
            f"{path}: its labels are {', '.join(map(str, names)) or 'not written in it'}; "
            f"its card says {', '.join(expected)}"
        )


def said(error: Exception, *, line: int = 0) -> str:
    """The telling line of what a runtime's exception says: ONNX Runtime's is its first, OpenVINO's its last.

    >>> said(ValueError("no such layer\\nat line 12"))
    'no such layer'
    """
    lines = str(error).strip().splitlines()
    return lines[line][:200] if lines else type(error).__name__
