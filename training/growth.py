"""Further event types for a trained model: its outputs grow, and all that it had keep their weights."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from treaty_events import vocabulary
from treaty_events.decoding import Layout

from .model import TreatyEventsModel

logger = logging.getLogger(__name__)


def add_event_types(model: TreatyEventsModel, names: Sequence[str]) -> None:
    """Give a model columns and a span vector for further event types; its configuration names them from then on.

    A new type starts as the mean of those that are there: it is nowhere the first choice, so that the model still reads
    as it did, but it has learnt already what a trigger looks like.

    Args:
        model: changed in place, before an optimiser sees its parameters.
        names: the types (see `vocabulary.check_extra_event_types`); those that the model has are left as they are.
    """
    layout = model.config.layout
    new = tuple(name for name in names if name not in layout.extra_event_types)
    extra = (*layout.extra_event_types, *new)
    # Also where nothing is new: the record of an older version may be of another form.
    model.config.vocabulary = vocabulary.as_dict(extra)
    if not new:
        return
    trigger = layout.heads[-1]
    begin = slice(trigger.start + 1, trigger.end, 2)
    inside = slice(trigger.start + 2, trigger.end, 2)
    for name in ("weight", "bias"):
        rows = getattr(model.tags, name).detach()
        columns = torch.stack([rows[begin].mean(0), rows[inside].mean(0)])
        setattr(model.tags, name, _grown(rows, [columns] * len(new)))
    vectors = model.spans.label.weight.detach()
    mean = vectors[list(trigger.types)].mean(0, keepdim=True)
    model.spans.label.weight = _grown(vectors, [mean] * len(new))
    grown = Layout.of(extra)
    model.tags.out_features, model.spans.label.num_embeddings = grown.tags, len(grown.span_types)
    logger.info("new event types: %s", ", ".join(new))


def _grown(rows: Tensor, further: list[Tensor]) -> nn.Parameter:
    return nn.Parameter(torch.cat([rows, *further]))
