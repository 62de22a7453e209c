"""What runs the encoder: ONNX Runtime everywhere, OpenVINO where the processor makes it the faster one.

Both read the same weights. ONNX Runtime computes in int8. OpenVINO (extra `openvino`) computes in bfloat16 on
processors that have instructions for it, which is faster still and closer to the trained model; on others int8 is
faster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, MissingExtraError

Array = NDArray[np.float32]
EngineName = Literal["auto", "onnx", "openvino"]


class Engine(Protocol):
    """An encoder that is ready to run. Several threads may call it at once.

    Attributes:
        name: `onnx` or `openvino`.
    """

    name: str

    def __call__(self, words: Array, mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows.

        Args:
            words: embeddings of the tokens, shape (windows, tokens, hidden).
            mask: 1 for tokens, 0 for padding, shape (windows, tokens).

        Returns:
            Tag logits (windows, tokens, tags) and encoder output (windows, tokens, hidden).
        """
        ...


def load(name: EngineName, directory: Path, config: dict[str, Any], threads: int | None = None) -> Engine:
    """Load a release's encoder.

    Args:
        name: which engine; `auto` takes OpenVINO where it is installed and the processor computes in bfloat16, else
            ONNX Runtime.
        directory: the release.
        config: its configuration (see `release.read_config`).
        threads: threads to run on; None for all.

    Raises:
        InputError: there is no such engine.
        MissingExtraError: OpenVINO was asked for and is not installed.
    """
    if name not in get_args(EngineName):
        raise InputError(f"no engine {name!r}: there are {', '.join(get_args(EngineName))}")
    if name != "onnx":
        try:
            from . import openvino
        except ImportError as error:
            if name == "openvino":
                raise MissingExtraError("openvino", "openvino") from error
        else:
            if name == "openvino" or openvino.has_bfloat16():
                return openvino.OpenVinoEngine(directory, config, threads)
    from .onnx import OnnxEngine

    return OnnxEngine(directory, threads)
