"""Checkpoints that a run goes on from: tensors in safetensors, everything else in JSON, never a pickle.

A checkpoint is written at the end of an epoch, into a directory of its own that is renamed into place when it is whole.
Random numbers need no saving: each epoch seeds them from the run's seed and its own number.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from .optimiser import AveragedWeights

STATE = "state.json"


def save_checkpoint(
    directory: Path, model: nn.Module, optimiser: torch.optim.Optimizer, average: AveragedWeights, state: dict[str, Any]
) -> None:
    """Write a checkpoint.

    Args:
        directory: where; what is there is replaced once the new one is whole.
        model: its trainable and frozen parameters are saved.
        optimiser: AdamW; its per-parameter tensors are saved by their order.
        average: moving average of the weights.
        state: anything JSON can hold (epoch, best score, ...).
    """
    part = directory.with_name(directory.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, str(part / "model.safetensors"))
    moments = {
        f"{index}.{key}": value.contiguous()
        for index, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
    }
    save_file(moments, str(part / "optimiser.safetensors"))
    save_file({k: v.contiguous() for k, v in average.values.items()}, str(part / "average.safetensors"))
    (part / STATE).write_text(json.dumps({**state, "average_steps": average.steps}, indent=1))
    old = directory.with_name(directory.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        directory.rename(old)
    part.rename(directory)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(
    directory: Path, model: nn.Module, optimiser: torch.optim.Optimizer, average: AveragedWeights
) -> dict[str, Any]:
    """Put a checkpoint's tensors back in place; gives its state."""
    model.load_state_dict(load_file(str(directory / "model.safetensors")))
    packed = optimiser.state_dict()
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in load_file(str(directory / "optimiser.safetensors")).items():
        index, key = name.split(".", 1)
        states.setdefault(int(index), {})[key] = value
    packed["state"] = states
    optimiser.load_state_dict(packed)
    for name, value in load_file(str(directory / "average.safetensors")).items():
        average.values[name].copy_(value)
    state: dict[str, Any] = json.loads((directory / STATE).read_text())
    average.steps = state["average_steps"]
    return state
