"""Running the released model: the encoder in ONNX Runtime, embeddings and span heads in NumPy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import release
from .heads import Array, SpanHeads


class Backend(Protocol):
    """What the reader needs of a model: the released one (`OnnxBackend`) or one in training."""

    def encode(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows.

        Args:
            ids: token ids with special tokens, shape (windows, tokens).
            mask: 1 for tokens, 0 for padding, same shape.

        Returns:
            Tag logits (windows, tokens, tags) and encoder output (windows, tokens, hidden).
        """
        ...

    def relate(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score a window's spans; see `heads.SpanHeads.__call__`."""
        ...


class OnnxBackend:
    """A release directory, loaded.

    Args:
        directory: the release.
        config: its configuration (see `release.read_config`).
        threads: threads of ONNX Runtime; None lets it choose.
    """

    def __init__(self, directory: Path, config: dict[str, Any], threads: int | None = None) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        available = ort.get_available_providers()
        wanted = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in available]
        self.session = ort.InferenceSession(os.fspath(directory / release.GRAPH), options, providers=wanted)
        tensors = release.Tensors(directory / release.WEIGHTS)
        self.words = release.WordEmbeddings(tensors[release.WORDS])
        spans = {n.removeprefix(release.SPAN_PREFIX): tensors[n] for n in tensors.names(release.SPAN_PREFIX)}
        self.heads = SpanHeads(spans, config["span_heads"])

    def encode(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Backend.encode`."""
        tags, hidden = self.session.run(None, {"words": self.words(ids), "mask": mask.astype(np.int32)})
        return tags, hidden

    def relate(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score a window's spans; see `heads.SpanHeads.__call__`."""
        return self.heads(hidden, bounds, types)
