"""What the machine can do: rates of matrix products of the encoder's sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from evaluation.timing import seconds

# Rows, inputs and outputs of a product: a batch of windows through the feed-forward.
SIZES = (2048, 384, 1536)


def _rate(run: Callable[[], Any], repeats: int = 30) -> float:
    rows, inputs, outputs = SIZES
    return 2 * rows * inputs * outputs / seconds(run, repeats) / 1e9


def _session(nodes: list[Any], tensors: dict[str, Any], kind: int, threads: int) -> ort.InferenceSession:
    rows, inputs, outputs = SIZES
    result = TensorProto.INT32 if kind == TensorProto.UINT8 else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "product",
        [helper.make_tensor_value_info("x", kind, [rows, inputs])],
        [helper.make_tensor_value_info("y", result, [rows, outputs])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def product_rates(threads: int) -> dict[str, float]:
    """Measure products in ONNX Runtime (float32, int8) and PyTorch (bfloat16).

    Args:
        threads: threads to use.

    Returns:
        Billions of operations a second by number type.
    """
    import torch

    rows, inputs, outputs = SIZES
    rng = np.random.default_rng(0)
    plain = _session(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        {"w": rng.normal(size=(inputs, outputs)).astype(np.float32)},
        TensorProto.FLOAT,
        threads,
    )
    integer = _session(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        {"w": rng.integers(-64, 65, (inputs, outputs)).astype(np.int8)},
        TensorProto.UINT8,
        threads,
    )
    x = rng.normal(size=(rows, inputs)).astype(np.float32)
    bytes_ = rng.integers(0, 256, (rows, inputs)).astype(np.uint8)
    torch.set_num_threads(threads)
    left, right = torch.randn(rows, inputs).bfloat16(), torch.randn(inputs, outputs).bfloat16()
    return {
        "float32": _rate(lambda: plain.run(None, {"x": x})),
        "int8": _rate(lambda: integer.run(None, {"x": bytes_})),
        "bfloat16": _rate(lambda: left @ right),
    }
