"""Optimiser, schedule and averaged weights of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from .model import TreatyEventsModel
from .settings import OptimiserSettings

_LAYER = re.compile(r"encoder\.encoder\.layer\.(\d+)\.")


def parameter_groups(model: TreatyEventsModel, settings: OptimiserSettings) -> list[dict[str, object]]:
    """Give each parameter its learning rate and weight decay.

    The encoder's top layer learns at `encoder_rate`, each layer below at `layer_decay` times the one above, the
    embeddings below all of them; heads at `head_rate`. Vectors (biases, norms) are not decayed. Frozen ones are left
    out.
    """
    layers = model.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = settings.tag_rate or settings.head_rate if name.startswith("tags.") else settings.head_rate
        if name.startswith("encoder."):
            layer = _LAYER.match(name)
            depth = layers - 1 - int(layer.group(1)) if layer else layers
            rate = settings.encoder_rate * settings.layer_decay**depth
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]


def rate_factor(step: int, steps: int, warmup: float) -> float:
    """Share of the full learning rate at a step: linear rise over `warmup` of the steps, then linear fall to 0."""
    rise = max(1, int(steps * warmup))
    return min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))


class AveragedWeights:
    """Exponential moving average of trainable parameters.

    Args:
        parameters: the parameters to follow.
        decay: weight of the past at each step; 0 switches the average off.
    """

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]], decay: float) -> None:
        self.decay = decay
        self.parameters = {name: p for name, p in parameters if p.requires_grad} if decay else {}
        self.values = {name: p.detach().clone() for name, p in self.parameters.items()}
        self.steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the parameters as they are now."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        if self.parameters:
            values = [self.values[name] for name in self.parameters]
            torch._foreach_lerp_(values, list(self.parameters.values()), 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the parameters and the average (call again to change back)."""
        for name, parameter in self.parameters.items():
            kept: Tensor = parameter.detach().clone()
            parameter.copy_(self.values[name])
            self.values[name] = kept
