"""The encoder in ONNX Runtime: the release's graph, int8 products, on any processor or through CUDA."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from .. import release
from . import Array


class OnnxEngine:
    """A release's graph in ONNX Runtime.

    Args:
        directory: the release.
        threads: threads to run on; None lets the runtime choose.
    """

    name = "onnx"

    def __init__(self, directory: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        available = ort.get_available_providers()
        wanted = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in available]
        self.session = ort.InferenceSession(os.fspath(directory / release.GRAPH), options, providers=wanted)

    def __call__(self, words: Array, mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Engine.__call__`."""
        tags, hidden = self.session.run(None, {"words": words, "mask": mask.astype(np.int32)})
        return tags, hidden
