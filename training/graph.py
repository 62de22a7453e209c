"""The encoder's ONNX graph, written node by node with ONNX Runtime's fused operators.

Built by hand rather than traced, so that every weight keeps its name: the graph's large tensors point into the
release's `model.safetensors`, and retraining reads the same tensors back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

MICROSOFT = "com.microsoft"
_TYPES = {
    np.dtype("f4"): TensorProto.FLOAT,
    np.dtype("i1"): TensorProto.INT8,
}


class GraphBuilder:
    """Collects nodes and initializers.

    Args:
        tensors: all weights by name; the graph takes those that it uses.
        places: for each of them, offset and length of its bytes in the weights file.
        weights: name of that file, relative to the graph.
    """

    def __init__(
        self, tensors: Mapping[str, NDArray[Any]], places: Mapping[str, tuple[int, int]], weights: str
    ) -> None:
        self.tensors, self.places, self.weights = tensors, places, weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str) -> str:
        """Refer to a weight in the weights file."""
        if name not in self.initializers:
            value = self.tensors[name]
            tensor = TensorProto(name=name, data_type=_TYPES[value.dtype], dims=value.shape)
            tensor.data_location = TensorProto.EXTERNAL
            offset, length = self.places[name]
            for key, entry in (("location", self.weights), ("offset", str(offset)), ("length", str(length))):
                tensor.external_data.add(key=key, value=entry)
            self.initializers[name] = tensor
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Put a small constant into the graph itself."""
        self.initializers[name] = onnx.numpy_helper.from_array(value, name)
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; gives the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def linear(self, x: str, name: str, output: str) -> str:
        """Multiply by a weight and add its bias: int8 if `name.scale` is there, else float32.

        The input is multiplied by `name.factors` first where they are there.
        """
        if f"{name}.factors" in self.tensors:
            x = self.add("Mul", [x, self.weight(f"{name}.factors")], f"{output}.smoothed")
        if f"{name}.scale" in self.tensors:
            inputs = [x, self.weight(f"{name}.weight"), self.weight(f"{name}.scale"), "", self.weight(f"{name}.bias")]
            return self.add("DynamicQuantizeMatMul", inputs, output, MICROSOFT)
        product = self.add("MatMul", [x, self.weight(f"{name}.weight")], f"{output}.product")
        return self.add("Add", [product, self.weight(f"{name}.bias")], output)


def build_graph(builder: GraphBuilder, *, layers: int, heads: int, hidden: int, epsilon: float) -> onnx.ModelProto:
    """Build the encoder with its tag heads.

    Args:
        builder: with the tensors `embeddings.positions` (type 0 added in), `embeddings.norm.{weight,bias}`, for each
            layer `layers.N.{qkv,out,up,down}.{weight,bias}` (and what `quantisation.quantise_layer` adds; weights are
            (inputs, outputs)) and `layers.N.{norm1,norm2}.{weight,bias}`, and `tags.{weight,bias}`.
        layers: encoder layers.
        heads: attention heads.
        hidden: width.
        epsilon: of the layer norms.

    Returns:
        The model. Inputs: `words` float (windows, tokens, hidden), `mask` int32 (windows, tokens). Outputs: `tags`,
        `hidden`.
    """
    b = builder
    shape = b.add("Shape", ["words"], "shape")
    tokens = b.add("Gather", [shape, b.constant("one", np.array([1], np.int64))], "tokens", axis=0)
    zero, axis = b.constant("zero", np.array([0], np.int64)), b.constant("axis", np.array([0], np.int64))
    positions = b.add("Slice", [b.weight("embeddings.positions"), zero, tokens, axis], "positions")
    summed = b.add("Add", ["words", positions], "summed")

    def normalised(x: str, name: str, output: str) -> str:
        parameters = [b.weight(f"{name}.weight"), b.weight(f"{name}.bias")]
        return b.add("LayerNormalization", [x, *parameters], output, epsilon=epsilon, axis=-1)

    x = normalised(summed, "embeddings.norm", "embedded")
    thirds = b.constant("thirds", np.array([hidden] * 3, np.int64))
    for i in range(layers):
        at = f"layers.{i}"
        qkv = b.linear(x, f"{at}.qkv", f"{at}.qkv_out")
        parts = [f"{at}.q", f"{at}.k", f"{at}.v"]
        b.nodes.append(helper.make_node("Split", [qkv, thirds], parts, axis=-1))
        mixed = b.add("MultiHeadAttention", [*parts, "", "mask"], f"{at}.mixed", MICROSOFT, num_heads=heads)
        # A sum and a norm apart: ONNX Runtime's kernel that does both is the slower one.
        attended = b.add("Add", [b.linear(mixed, f"{at}.out", f"{at}.out_out"), x], f"{at}.attended")
        x = normalised(attended, f"{at}.norm1", f"{at}.x1")
        up = b.add("Gelu", [b.linear(x, f"{at}.up", f"{at}.up_out")], f"{at}.gelu", MICROSOFT)
        down = b.linear(up, f"{at}.down", f"{at}.down_out")
        if f"{at}.up_kept.weight" in b.tensors:
            kept = b.add("Gelu", [b.linear(x, f"{at}.up_kept", f"{at}.up_kept_out")], f"{at}.gelu_kept", MICROSOFT)
            kept = b.add("MatMul", [kept, b.weight(f"{at}.down_kept.weight")], f"{at}.down_kept_out")
            down = b.add("Add", [down, kept], f"{at}.down_all")
        fed = b.add("Add", [down, x], f"{at}.fed")
        x = normalised(fed, f"{at}.norm2", "hidden" if i == layers - 1 else f"{at}.x2")
    b.linear(x, "tags", "tags")
    width = b.tensors["tags.bias"].shape[0]

    def floats(name: str, last: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["windows", "tokens", last])

    mask = helper.make_tensor_value_info("mask", TensorProto.INT32, ["windows", "tokens"])
    graph = helper.make_graph(
        b.nodes,
        "treaty-events",
        [floats("words", hidden), mask],
        [floats("tags", width), floats("hidden", hidden)],
        list(b.initializers.values()),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="treaty-events")


def tensor_places(path: Path) -> dict[str, tuple[int, int]]:
    """Give offset and length of every tensor's bytes in a safetensors file."""
    from treaty_events.release import tensor_table

    table, start = tensor_table(path)
    return {
        name: (start + e["data_offsets"][0], e["data_offsets"][1] - e["data_offsets"][0]) for name, e in table.items()
    }
