"""Running the released model: embeddings and span heads in NumPy, the encoder in one of the `engines`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import decoding, engines, release
from .heads import Array, SpanHeads


class Backend(Protocol):
    """What the reader needs of a model: the released one (`ReleaseBackend`) or one in training."""

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


class ReleaseBackend:
    """A release directory, loaded. It can be pickled, used by several threads, and used on in a forked process.

    Args:
        directory: the release.
        config: its configuration (see `release.read_config`).
        threads: threads of the engine; None lets it choose.
        engine: see `engines.load`.
    """

    def __init__(
        self,
        directory: Path,
        config: dict[str, Any],
        threads: int | None = None,
        engine: engines.EngineName = "auto",
    ) -> None:
        self._arguments = (directory, config, threads, engine)
        self._engines = {os.getpid(): engines.load(engine, directory, config, threads)}
        tensors = release.Tensors(directory / release.WEIGHTS)
        self.words = release.WordEmbeddings(tensors[release.WORDS])
        spans = {n.removeprefix(release.SPAN_PREFIX): tensors[n] for n in tensors.names(release.SPAN_PREFIX)}
        self.heads = SpanHeads(spans, config["span_heads"], decoding.COMPATIBLE)

    def __reduce__(self) -> tuple[type[ReleaseBackend], tuple[Any, ...]]:
        return type(self), self._arguments

    @property
    def engine(self) -> engines.Engine:
        """This process's engine. A forked one has to load its own: threads do not come along."""
        process = os.getpid()
        if process not in self._engines:
            directory, config, threads, name = self._arguments
            # The parent's stays referenced: taking it down would wait for threads that are not here.
            self._engines[process] = engines.load(name, directory, config, threads)
        return self._engines[process]

    def encode(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Backend.encode`."""
        return self.engine(self.words(ids), mask)

    def relate(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score a window's spans; see `heads.SpanHeads.__call__`."""
        return self.heads(hidden, bounds, types)
