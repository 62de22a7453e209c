"""From float weights to int8 ones that lose little: measured on what the products really see.

A few channels of a transformer carry values many times larger than the rest, and one int8 scale for a whole input
tensor is then too coarse for all the others. Three measures, each decided on the activations of sample texts:

* the inputs of `qkv` and `up` are divided channel by channel, the weights multiplied (SmoothQuant, Xiao et al. 2023);
* the few hidden units of the feed-forward with the largest values stay in float, in a small product of their own;
* weights are rounded one input at a time, the rest making up for the error (GPTQ, Frantar et al. 2023).

training/EXPERIMENTS.md says what each is worth.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from treaty_events import release

from .model import TreatyEventsModel

Array = NDArray[np.float32]
# Largest int8 weight. 7 bits: with 8, CPUs without VNNI saturate when they add two products in 16 bits.
QUANTISED_MAX: Final = 64
# Hidden units of a feed-forward that stay in float.
KEPT_UNITS: Final = 8
# Exponents of the activations' range that are tried for smoothing; the weights' range has what is left to 1.
_EXPONENTS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Rows of activations that a smoothing or a rounding is decided on.
_ROWS_SMOOTHING: Final = 1500
_ROWS_ROUNDING: Final = 6000
# Module of a layer whose input is the product's.
_INPUTS: Final = {
    "qkv": "attention.self.query",
    "out": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}


def quantise_q4(weight: Array) -> NDArray[np.uint8]:
    """Put rows into 4-bit blocks of 32 weights (see `release.WordEmbeddings`).

    Weights that already lie on a 4-bit grid, as the offline base's do, come back the same when they are read.

    Args:
        weight: shape (rows, columns), columns a multiple of 32.

    Returns:
        Blocks, shape (rows, columns / 32, 18).
    """
    blocks = weight.reshape(len(weight), -1, release.BLOCK)
    # The value of largest size sits at -8 on the grid (asymmetric: -8 .. 7), as in the base's own file.
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1)[..., None], axis=-1)
    scale = (extreme / -8).astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float32)
    nibbles = np.clip(np.round(blocks / divisor) + 8, 0, 15).astype(np.uint8)
    packed = nibbles[..., :16] | (nibbles[..., 16:] << 4)
    return np.concatenate([np.ascontiguousarray(scale).view(np.uint8), packed], axis=-1)


def quantise_columns(weight: Array, inputs: Array | None = None) -> tuple[NDArray[np.int8], Array]:
    """Quantise a weight symmetrically, each output column with its own scale.

    Args:
        weight: shape (inputs, outputs).
        inputs: what it is multiplied with, shape (rows, inputs): rounding errors of one input are then made up for by
            those after it. None rounds to the nearest.

    Returns:
        int8 weights, same shape, and scales, shape (outputs,).
    """
    scale = (np.maximum(np.abs(weight).max(axis=0), 1e-12) / QUANTISED_MAX).astype(np.float32)
    if inputs is None:
        return np.round(weight / scale).astype(np.int8), scale
    hessian = inputs.T.astype(np.float64) @ inputs
    hessian += np.eye(len(hessian)) * max(0.01 * float(np.trace(hessian)) / len(hessian), 1e-8)
    factor = np.linalg.cholesky(np.linalg.inv(hessian)).T
    left = weight.astype(np.float64)
    result = np.zeros(weight.shape, np.int8)
    block = 64
    for start in range(0, len(weight), block):
        stop = min(start + block, len(weight))
        errors = np.zeros((stop - start, weight.shape[1]))
        for row in range(start, stop):
            rounded = np.clip(np.round(left[row] / scale), -QUANTISED_MAX, QUANTISED_MAX)
            result[row] = rounded
            error = errors[row - start] = (left[row] - rounded * scale) / factor[row, row]
            left[row + 1 : stop] -= np.outer(factor[row, row + 1 : stop], error)
        left[stop:] -= factor[start:stop, stop:].T @ errors
    return result, scale


def _as_quantised(x: Array) -> Array:
    """What is left of activations after int8 with one scale and zero point for all."""
    low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
    step = max(high - low, 1e-12) / 255
    result: Array = (np.clip(np.round((x - low) / step), 0, 255) * step + low).astype(np.float32)
    return result


def smoothing(weight: Array, inputs: Array) -> Array:
    """Choose by what to multiply a product's inputs, channel by channel, so that int8 loses least.

    Args:
        weight: shape (inputs, outputs); it is to be divided by the result.
        inputs: sample of what it is multiplied with, shape (rows, inputs).

    Returns:
        Factors, shape (inputs,); all 1 where nothing is better.
    """
    sample = inputs[:: max(1, len(inputs) // _ROWS_SMOOTHING)]
    wanted = sample @ weight
    reach = np.maximum(np.abs(inputs).max(axis=0), 1e-4)
    strength = np.maximum(np.abs(weight).max(axis=1), 1e-4)
    candidates = [np.ones(len(weight), np.float32)]
    for exponent in _EXPONENTS:
        divisor = reach**exponent / strength ** (1 - exponent)
        candidates.append((np.exp(np.log(divisor).mean()) / divisor).astype(np.float32))

    def error(factors: Array) -> float:
        quantised, scale = quantise_columns(weight / factors[:, None])
        return float(np.linalg.norm(_as_quantised(sample * factors) @ (quantised * scale) - wanted))

    return min(candidates, key=error)


@dataclasses.dataclass(frozen=True, slots=True)
class Activations:
    """Inputs of each layer's products on sample texts.

    Attributes:
        inputs: by layer and product (`qkv`, `out`, `up`, `down`), shape (rows, inputs).
    """

    inputs: dict[tuple[int, str], Array]


@torch.no_grad()
def sample_activations(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], every: int = 4
) -> Activations:
    """Record what the encoder's products see.

    Args:
        model: in evaluation mode.
        tokenizer: its tokenizer.
        texts: samples, read as far as one window goes.
        every: keep one token in so many.
    """
    seen: dict[tuple[int, str], list[Array]] = {}

    def recorder(key: tuple[int, str]) -> Any:
        def record(module: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
            rows = args[0].detach().reshape(-1, args[0].shape[-1])[::every]
            seen.setdefault(key, []).append(rows.float().cpu().numpy().copy())

        return record

    handles = [
        layer.get_submodule(path).register_forward_pre_hook(recorder((i, name)))
        for i, layer in enumerate(model.encoder.encoder.layer)
        for name, path in _INPUTS.items()
    ]
    device = next(model.parameters()).device
    try:
        for text in texts:
            pieces = tokenizer(text, add_special_tokens=False, truncation=True, max_length=model.config.window)
            ids = [tokenizer.cls_token_id, *pieces["input_ids"], tokenizer.sep_token_id]
            row = torch.tensor([ids], device=device)
            model.encode(row, torch.ones_like(row))
    finally:
        for handle in handles:
            handle.remove()
    return Activations({key: np.concatenate(rows) for key, rows in seen.items()})


def quantise_layer(products: dict[str, Array], bias: Array, layer: int, activations: Activations) -> dict[str, Any]:
    """Quantise the four products of a layer.

    Args:
        products: `qkv`, `out`, `up`, `down`, each of shape (inputs, outputs).
        bias: of `up`, shape (hidden units,).
        layer: which one.
        activations: samples.

    Returns:
        Tensors by name: `NAME.weight` (int8) and `NAME.scale`, `qkv.factors` and `up.factors` for their inputs,
        `up.bias`, and the units in float: `up_kept.weight`, `up_kept.bias`, `down_kept.weight`.
    """
    inputs = {name: activations.inputs[layer, name] for name in products}
    largest = np.argsort(-np.abs(inputs["down"]).max(axis=0), kind="stable")
    kept, rest = np.sort(largest[:KEPT_UNITS]), np.sort(largest[KEPT_UNITS:])
    tensors: dict[str, Any] = {
        "up_kept.weight": products["up"][:, kept],
        "up_kept.bias": bias[kept],
        "down_kept.weight": products["down"][kept],
        "up.bias": bias[rest],
    }
    products = products | {"up": products["up"][:, rest], "down": products["down"][rest]}
    inputs["down"] = inputs["down"][:, rest]
    for name, weight in products.items():
        seen = inputs[name]
        if name in ("qkv", "up"):
            factors = tensors[f"{name}.factors"] = smoothing(weight, seen)
            weight, seen = weight / factors[:, None], seen * factors
        seen = seen[:: max(1, len(seen) // _ROWS_ROUNDING)]
        tensors[f"{name}.weight"], tensors[f"{name}.scale"] = quantise_columns(weight, seen)
    return tensors
