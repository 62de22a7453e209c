"""The encoder in OpenVINO, built from the release's tensors: bfloat16 where the processor has it."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

from .. import release
from . import Array

# What is added to the attention scores of padding.
_HIDDEN = np.float32(-30000)


def has_bfloat16() -> bool:
    """Tell whether the processor computes in bfloat16."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _weight(value: Array) -> Any:
    return op.constant(np.ascontiguousarray(value, np.float32))


def _integers(*values: int) -> Any:
    return op.constant(np.array(values, np.int64))


def _linear(x: Any, weight: Array, bias: Array) -> Any:
    return op.add(op.matmul(x, _weight(weight), False, False), _weight(bias))


class _Builder:
    """Builds the encoder's graph from a release's tensors."""

    def __init__(self, tensors: release.Tensors, config: dict[str, Any]) -> None:
        self.tensors = tensors
        encoder = config["encoder"]
        self.layers, self.heads = int(encoder["num_hidden_layers"]), int(encoder["num_attention_heads"])
        self.hidden, self.epsilon = int(encoder["hidden_size"]), float(encoder["layer_norm_eps"])

    def norm(self, x: Any, name: str) -> Any:
        """Layer normalisation with the release's weights."""
        centred = op.mvn(x, _integers(-1), True, self.epsilon, "inside_sqrt")
        scaled = op.multiply(centred, _weight(self.tensors[f"{name}.weight"]))
        return op.add(scaled, _weight(self.tensors[f"{name}.bias"]))

    def attention(self, qkv: Any, bias: Any) -> Any:
        """Multi-head attention over queries, keys and values that lie side by side."""
        parts = op.variadic_split(qkv, op.constant(-1), _integers(*[self.hidden] * 3))
        shape, order = _integers(0, 0, self.heads, self.hidden // self.heads), _integers(0, 2, 1, 3)
        q, k, v = (op.transpose(op.reshape(parts.output(i), shape, True), order) for i in range(3))
        mixed = op.scaled_dot_product_attention(q, k, v, bias)
        return op.reshape(op.transpose(mixed, order), _integers(0, 0, self.hidden), True)

    def build(self) -> ov.Model:
        """Build the model: inputs `words` and `mask`, outputs tag logits and encoder output."""
        words = op.parameter([-1, -1, self.hidden], np.float32, "words")
        mask = op.parameter([-1, -1], np.float32, "mask")
        tokens = op.gather(op.shape_of(words, output_type="i64"), _integers(1), op.constant(0))
        positions = op.slice(
            _weight(self.tensors["embeddings.positions"]), _integers(0), tokens, _integers(1), _integers(0)
        )
        x = self.norm(op.add(words, positions), "embeddings.norm")
        missing = op.subtract(op.constant(np.float32(1)), mask)
        bias = op.unsqueeze(op.multiply(missing, op.constant(_HIDDEN)), _integers(1, 2))
        for i in range(self.layers):
            products = release.layer_products(self.tensors, i)
            mixed = self.attention(_linear(x, *products["qkv"]), bias)
            x = self.norm(op.add(x, _linear(mixed, *products["out"])), f"layers.{i}.norm1")
            up = op.gelu(_linear(x, *products["up"]), "erf")
            x = self.norm(op.add(x, _linear(up, *products["down"])), f"layers.{i}.norm2")
        tags = _linear(x, self.tensors["tags.weight"], self.tensors["tags.bias"])
        return ov.Model([op.result(tags), op.result(x)], [words, mask], "treaty-events")


class OpenVinoEngine:
    """A release's encoder in OpenVINO.

    Args:
        directory: the release.
        config: its configuration.
        threads: threads to run on; None lets the runtime choose.
    """

    name = "openvino"

    def __init__(self, directory: Path, config: dict[str, Any], threads: int | None = None) -> None:
        settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads is not None:
            settings["INFERENCE_NUM_THREADS"] = threads
        built = _Builder(release.Tensors(directory / release.WEIGHTS), config).build()
        self.compiled = ov.Core().compile_model(built, "CPU", settings)
        # A request runs one batch at a time: each caller takes one that is free, or makes one.
        self.free: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()

    def __call__(self, words: Array, mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Engine.__call__`."""
        try:
            request = self.free.get_nowait()
        except queue.Empty:
            request = self.compiled.create_infer_request()
        outputs = request.infer([words, mask.astype(np.float32)], share_inputs=True)
        tags, hidden = np.array(outputs[0]), np.array(outputs[1])
        self.free.put(request)
        return tags, hidden
