"""A model in training behind the runtime's interface: development scores and parity tests read texts with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from treaty_events.heads import Array
from treaty_events.reader import Reader
from treaty_events.segmentation import TokenizersSegmenter

from .model import TreatyEventsModel


class TorchBackend:
    """A PyTorch model as a `treaty_events.runtime.Backend`.

    Args:
        model: in evaluation mode.
    """

    def __init__(self, model: TreatyEventsModel) -> None:
        self.model = model
        self.device = next(model.parameters()).device

    @torch.no_grad()
    def encode(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Backend.encode`."""
        output = self.model.encode(torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device))
        return output.tags.float().cpu().numpy(), output.hidden.float().cpu().numpy()

    @torch.no_grad()
    def relate(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score a window's spans; see `heads.SpanHeads.__call__`."""
        present = torch.ones(1, len(types), dtype=torch.bool, device=self.device)
        attributes, relations = self.model.spans(
            torch.from_numpy(np.ascontiguousarray(hidden))[None].to(self.device),
            torch.ones(1, len(hidden), device=self.device),
            torch.from_numpy(bounds)[None].to(self.device),
            torch.from_numpy(types)[None].to(self.device),
            present,
        )
        return {k: v[0].float().cpu().numpy() for k, v in attributes.items()}, relations[0].float().cpu().numpy()


def reader_of(model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, **changes: Any) -> Reader:
    """Give a reader for a model in training.

    Args:
        model: in evaluation mode.
        tokenizer: its tokenizer.
        **changes: configuration fields to override, e.g. `thresholds`.
    """
    config = {
        **model.config.to_dict(),
        "special_ids": {
            "opening": tokenizer.cls_token_id,
            "closing": tokenizer.sep_token_id,
            "padding": tokenizer.pad_token_id,
        },
        **changes,
    }
    return Reader(TorchBackend(model), TokenizersSegmenter(tokenizer.backend_tokenizer), config)
