"""A smaller model out of a trained one: fewer encoder layers, and the larger model as its teacher."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from treaty_events.decoding import Layout
from treaty_events.errors import InputError

from .collator import Batch
from .model import TreatyEventsModel

logger = logging.getLogger(__name__)


def keep_layers(model: TreatyEventsModel, layers: int) -> None:
    """Leave an encoder so many of its layers, spread evenly, the first and the last among them.

    What the layers in between did is lost: the model needs training before it is of use.

    Args:
        model: changed in place, before an optimiser sees its parameters.
        layers: how many stay; 0 keeps all.

    Raises:
        InputError: the encoder has no such number of layers.
    """
    had = model.encoder.config.num_hidden_layers
    if not layers or layers == had:
        return
    if not 2 <= layers < had:
        raise InputError(f"model.layers: {layers} of the start's {had} encoder layers; take 2 to {had}")
    kept = [round(i * (had - 1) / (layers - 1)) for i in range(layers)]
    model.encoder.encoder.layer = nn.ModuleList(model.encoder.encoder.layer[i] for i in kept)
    model.encoder.config.num_hidden_layers = model.config.encoder["num_hidden_layers"] = layers
    logger.info("encoder layers %s of %d stay", ", ".join(str(i + 1) for i in kept), had)


class Teacher:
    """A trained model whose tag probabilities another one learns, also where the annotation does not say.

    Args:
        directory: of the trained model or release.
        tokenizer: of the model that learns; the teacher's must have the same pieces.
        layout: of the model that learns; the teacher's must be the same.
        device: where it reads.

    Raises:
        InputError: it tells other labels than the model that learns, or reads other pieces.
    """

    def __init__(
        self, directory: str, tokenizer: PreTrainedTokenizerFast, layout: Layout, device: torch.device
    ) -> None:
        from .release import load_trained

        self.model, own = load_trained(directory)
        if own.get_vocab() != tokenizer.get_vocab():
            raise InputError(f"model.teacher: {directory} has another vocabulary than the model that learns")
        if self.model.config.layout != layout:
            raise InputError(f"model.teacher: {directory} tells other event types than the model that learns")
        self.layout = layout
        self.model.to(device).eval().requires_grad_(False)

    def loss(self, tags: Tensor, batch: Batch) -> Tensor:
        """Compare a batch's tag logits with the teacher's.

        Args:
            tags: of the model that learns, (windows, tokens, tags).
            batch: what it read.

        Returns:
            Sum over the heads of the mean Kullback-Leibler divergence of a token.
        """
        with torch.no_grad():
            told = self.model.encode(batch.input_ids, batch.attention_mask).tags
        return divergence(tags, told, batch.attention_mask, self.layout)


def divergence(tags: Tensor, told: Tensor, mask: Tensor, layout: Layout) -> Tensor:
    """Kullback-Leibler divergence of two models' BIO heads.

    Args:
        tags: logits of the model that learns, (windows, tokens, `layout.tags`).
        told: the teacher's, same shape.
        mask: 1 for tokens, 0 for padding, (windows, tokens).
        layout: of both.

    Returns:
        Sum over the heads of the mean over the tokens.
    """
    present = mask.bool()
    total = tags.new_zeros(())
    for head in layout.heads:
        mine, theirs = (x[..., head.start : head.end][present].log_softmax(-1) for x in (tags, told))
        total = total + nn.functional.kl_div(mine, theirs, reduction="batchmean", log_target=True)
    return total
