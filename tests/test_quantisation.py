from __future__ import annotations

import numpy as np
import pytest

from training.quantisation import KEPT_UNITS, Activations, quantise_columns, quantise_layer, smoothing


@pytest.fixture
def inputs(rng: np.random.Generator) -> np.ndarray:
    """Activations whose channels hang together, with one channel thirty times as large as the rest."""
    values = (rng.normal(size=(400, 6)) @ rng.normal(size=(6, 24))).astype(np.float32)
    values[:, 3] *= 30
    return values


def loss(weight: np.ndarray, wanted: np.ndarray, inputs: np.ndarray) -> float:
    return float(np.linalg.norm(inputs @ weight - inputs @ wanted))


def test_rounding_errors_are_made_up_for(inputs: np.ndarray, rng: np.random.Generator) -> None:
    weight = rng.normal(size=(24, 10)).astype(np.float32)
    nearest, scale = quantise_columns(weight)
    chosen, same_scale = quantise_columns(weight, inputs)
    np.testing.assert_array_equal(scale, same_scale)
    assert loss(chosen * scale, weight, inputs) < 0.7 * loss(nearest * scale, weight, inputs)


def test_smoothing_spreads_what_one_channel_carries(inputs: np.ndarray, rng: np.random.Generator) -> None:
    weight = rng.normal(size=(24, 10)).astype(np.float32)
    factors = smoothing(weight, inputs)
    assert factors.argmin() == 3
    reach = np.abs(inputs).max(axis=0)
    assert (reach * factors).max() / np.median(reach * factors) < reach.max() / np.median(reach) / 3


def test_a_quantised_layer_computes_what_it_did(inputs: np.ndarray, rng: np.random.Generator) -> None:
    shapes = {"qkv": (24, 72), "out": (24, 24), "up": (24, 48), "down": (48, 24)}
    products = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    bias = rng.normal(size=48).astype(np.float32)
    hidden = np.maximum(inputs @ products["up"] + bias, 0)
    seen = {"qkv": inputs, "out": inputs, "up": inputs, "down": hidden}
    tensors = quantise_layer(products, bias, 0, Activations({(0, n): x for n, x in seen.items()}))
    assert tensors["up_kept.weight"].shape == (24, KEPT_UNITS)
    assert tensors["down.weight"].shape == (48 - KEPT_UNITS, 24)
    assert tensors["up.weight"].dtype == np.int8

    up = tensors["up.weight"] * tensors["up.scale"] * tensors["up.factors"][:, None]
    ours = np.maximum(inputs @ up + tensors["up.bias"], 0) @ (tensors["down.weight"] * tensors["down.scale"])
    ours += np.maximum(inputs @ tensors["up_kept.weight"] + tensors["up_kept.bias"], 0) @ tensors["down_kept.weight"]
    expected = hidden @ products["down"]
    assert np.linalg.norm(ours - expected) < 0.03 * np.linalg.norm(expected)
