"""What every network file keeps to, whichever runtime runs it."""

import ast
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.suppression import suppressed
from cvinspect.errors import ModelError


def rows_of(output: NDArray[np.float32], *, labels: int, path: Path) -> NDArray[np.float32]:
    """The (n, 6) rows of an output; raises ModelError for a head of another kind.

    An end-to-end head has said them (1, n, 6); of what another says (1, 4 + labels, places), most is suppressed.
    """
    match output.shape:
        case (1, _, 6):
            rows: NDArray[np.float32] = output[0]
            return rows
        case (1, values, _) if values == 4 + labels:
            return suppressed(output[0])
        case _:
            allowed = f"[1, n, 6], an end-to-end head, or [1, {4 + labels}, n]"
            raise ModelError(f"{path}: output has shape {list(output.shape)}; allowed: {allowed}")


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
