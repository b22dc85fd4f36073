"""ONNX Runtime on the CPU, one thread an input."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.network import check_labels, rows_of, said
from cvinspect.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

_ERRORS_ONLY = 3


class OnnxBackend:
    """A network file: rows come out, (300, 6) of an end-to-end head, else what suppression leaves.

    Where the file's height and width are free, each input shape gets a session of its own with the shape pinned, so
    that the runtime can fold what depends on it. A video needs one shape, a folder of pictures at most three. Threads
    may share one: each runs its inputs by itself.
    """

    def __init__(self, path: Path, *, labels: tuple[str, ...]) -> None:
        """Open the network at `path`.

        Raises ModelError when it is no such network, or when its labels are not `labels` in that order.
        """
        self._path = path
        self._sessions: dict[tuple[int, int], onnxruntime.InferenceSession] = {}
        self._opening = threading.Lock()
        self._labels = labels

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (n, 6) of x0 y0 x1 y1 confidence label-index for one input (1, 3, h, w), RGB in [0, 1]."""
        session = self._session(tensor.shape[2], tensor.shape[3])
        name = session.get_inputs()[0].name
        try:
            output: NDArray[np.float32] = session.run(None, {name: tensor})[0]
        except Exception as error:  # the runtime raises its own undocumented types
            raise ModelError(f"{self._path}: the network failed: {said(error)}") from error
        return rows_of(output, labels=len(self._labels), path=self._path)

    def warm_up(self, height: int, width: int) -> None:
        """Load the network and check its labels before the first picture comes."""
        self._session(height, width)

    def _session(self, height: int, width: int) -> "onnxruntime.InferenceSession":
        if (session := self._sessions.get((height, width))) is not None:
            return session
        with self._opening:
            if (height, width) not in self._sessions:
                self._sessions[height, width] = self._open(height, width)
            return self._sessions[height, width]

    def _open(self, height: int, width: int) -> "onnxruntime.InferenceSession":
        session = _session(self._path, height, width)
        check_labels(session.get_modelmeta().custom_metadata_map.get("names", ""), self._labels, path=self._path)
        return session


class OnnxLayers:
    """A network file whose outputs are decoded elsewhere. Threads may share one."""

    def __init__(self, path: Path, *, labels: tuple[str, ...]) -> None:
        """Open the network at `path`, at any input size.

        Raises ModelError when it is no such network, or when its labels are not `labels` in that order.
        """
        self._path = path
        self._session = _session(path)
        check_labels(self._session.get_modelmeta().custom_metadata_map.get("names", ""), labels, path=path)

    def outputs(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """What the network says of one input (1, 3, h, w), output by output in the file's order."""
        try:
            found: list[NDArray[np.float32]] = self._session.run(None, {self._session.get_inputs()[0].name: tensor})
        except Exception as error:  # the runtime raises its own undocumented types
            raise ModelError(f"{self._path}: the network failed: {said(error)}") from error
        return found


def _session(path: Path, height: int | None = None, width: int | None = None) -> "onnxruntime.InferenceSession":
    """A file opened on the CPU, its free sizes pinned where they are given; raises ModelError."""
    import onnxruntime as ort  # slow to load, and not needed where OpenVINO runs the network

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # in the thread that asks
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.add_free_dimension_override_by_name("batch", 1)
    if height is not None and width is not None:
        options.add_free_dimension_override_by_name("height", height)
        options.add_free_dimension_override_by_name("width", width)
    else:  # pictures of many sizes would leave as many arenas behind
        options.enable_cpu_mem_arena = False
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises its own undocumented types
        raise ModelError(f"{path}: not a network that ONNX Runtime can load: {said(error)}") from error
