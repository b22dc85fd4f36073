"""Weights of an ONNX file in half precision: half the bytes, calculated with as floats."""

import numpy as np
import onnx

HALF = "_half"
"""Added to the name of a tensor that is kept so."""
_WORTH_HALVING = 256
"""Numbers in a tensor: smaller ones would save nothing."""


def halve(file: onnx.ModelProto) -> None:
    """Keep large tensors in half precision, each with a cast back, which the runtime does once, at the start."""
    casts = []
    for tensor in file.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= _WORTH_HALVING:
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), name + HALF))
            casts.append(onnx.helper.make_node("Cast", [name + HALF], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *file.graph.node]
    del file.graph.node[:]
    file.graph.node.extend(nodes)
