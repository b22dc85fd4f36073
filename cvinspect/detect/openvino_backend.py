"""OpenVINO on the CPU, one thread an input: the runtime of the int8 network."""

import sys
import threading
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.network import check_labels, rows_of, said
from cvinspect.errors import ModelError

if TYPE_CHECKING:
    import openvino

_LABELS = ["framework", "names"]
"""Where OpenVINO keeps what the ONNX file said of itself; it survives conversion and quantization."""

_TELLING = -1
"""The line that says what is wrong comes after those that say where in OpenVINO's source it was noticed."""

_CONVERTERS = "openvino.tools.ovc"
"""Not needed to run a network. Loading it leaves an id for Google Analytics in the home folder, and takes 14 MB."""


class OpenVinoBackend:
    """An OpenVINO network (`.xml` beside its weights) of either kind of head: rows come out.

    The file's height and width are free; for each input shape the network is pinned to it and compiled, so that
    the runtime can fold what depends on it. OpenVINO is optional and loaded with the first network. Threads may share
    one: what was compiled is there once for all.
    """

    def __init__(self, path: Path, weights: Path, *, labels: tuple[str, ...], at_once: int = 1) -> None:
        """Name the network at `path` and its `weights`; they are opened by `warm_up` or with the first input.

        As many as `at_once` inputs run at the same time, on a core each; more wait for one another.

        Raises ModelError then, when they are no such network, when its labels are not `labels` in that order, or
        when OpenVINO is not installed.
        """
        self._path = path
        self._weights = weights
        self._labels = labels
        self._options = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": at_once,
            "INFERENCE_NUM_THREADS": at_once,
            # Processes that each pin their thread would all pin it to the same core.
            "ENABLE_CPU_PINNING": False,
            # Else newer CPUs take bfloat16 for what is not int8, and answers differ from machine to machine.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._compiled: dict[tuple[int, int], _Compiled] = {}
        self._opening = threading.Lock()

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (n, 6) of x0 y0 x1 y1 confidence label-index for one input (1, 3, h, w), RGB in [0, 1]."""
        compiled = self._of_shape(tensor.shape[2], tensor.shape[3])
        try:
            output = compiled.infer(tensor)
        except Exception as error:  # the runtime raises bare RuntimeErrors and errors of its bindings
            raise ModelError(f"{self._path}: the network failed: {said(error, line=_TELLING)}") from error
        return rows_of(output, labels=len(self._labels), path=self._path)

    def warm_up(self, height: int, width: int) -> None:
        """Load the network, check its labels and run it once, before the first picture comes and before threads begin.

        What OpenVINO's bindings set up with their first inference in a process, two threads must not set up at the same
        time: one would wait for the other with the interpreter's lock in its hand, for ever.
        """
        self.infer(np.zeros((1, 3, height, width), np.float32))

    def _of_shape(self, height: int, width: int) -> "_Compiled":
        if (compiled := self._compiled.get((height, width))) is not None:
            return compiled
        with self._opening:
            if (height, width) not in self._compiled:
                self._compiled[height, width] = self._open(height, width)
            return self._compiled[height, width]

    def _open(self, height: int, width: int) -> "_Compiled":
        openvino = _openvino(self._path)
        core = openvino.Core()
        try:
            network = core.read_model(self._path, self._weights)
            network.reshape([1, 3, height, width])
            compiled = _Compiled(core.compile_model(network, "CPU", self._options))
        except Exception as error:  # the runtime raises bare RuntimeErrors and errors of its bindings
            raise ModelError(
                f"{self._path}: not a network that OpenVINO can load: {said(error, line=_TELLING)}"
            ) from error
        written = network.get_rt_info(_LABELS).astype(str) if network.has_rt_info(_LABELS) else ""
        check_labels(written, self._labels, path=self._path)
        return compiled


class _Compiled:
    """A network for one input shape, with the room to work in of each thread that runs it at the moment."""

    def __init__(self, network: "openvino.CompiledModel") -> None:
        self._network = network
        self._spare: deque[openvino.InferRequest] = deque([network.create_infer_request()])

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            request = self._spare.pop()
        except IndexError:
            request = self._network.create_infer_request()
        try:
            rows: NDArray[np.float32] = request.infer({0: tensor}, share_inputs=True)[0].copy()
        finally:
            self._spare.append(request)  # it writes its next answer over this one
        return rows


def _openvino(path: Path) -> ModuleType:
    is_new = "openvino" not in sys.modules
    try:
        if is_new:
            sys.modules[_CONVERTERS] = None  # type: ignore[assignment]
        import openvino  # optional, and slow to load
    except ImportError as error:
        raise ModelError(
            f"{path}: needs OpenVINO, which is not installed: pip install 'cvinspect[openvino]'"
        ) from error
    finally:
        if is_new:
            sys.modules.pop(_CONVERTERS, None)
    module: ModuleType = openvino
    return module
