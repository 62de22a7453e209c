"""The release directory: one trained model on disk, in Hugging Face layout, checked by its checksums.

`model.safetensors` holds every weight once: the word embeddings in 4-bit blocks, the encoder in int8 with a scale for
each output column (and a few hidden units in float, see `training.quantisation`), the heads in float. `model.onnx` is
the encoder's graph; its large tensors are not copied, they point into the safetensors file. `config.json` holds sizes,
thresholds and temperatures, `tokenizer.json` the tokenizer, `tokenizer.model` the same for SentencePiece,
`provenance.json` how it was trained, `checksums.json` the SHA-256 of all the others. `gate.safetensors` holds the gate
for streams and `judges.safetensors` the judges of parties and events, where there are any.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import vocabulary
from .errors import ReleaseError
from .files import write_text

WEIGHTS: Final = "model.safetensors"
GRAPH: Final = "model.onnx"
CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"
PROVENANCE: Final = "provenance.json"
CHECKSUMS: Final = "checksums.json"
FILES: Final = (WEIGHTS, GRAPH, CONFIG, TOKENIZER, PROVENANCE)
# Not every release has one (see `gate`).
GATE: Final = "gate.safetensors"
JUDGES: Final = "judges.safetensors"
# The tokenizer's pieces for SentencePiece; not every tokenizer has them (see `segmentation`).
PIECES: Final = "tokenizer.model"
OPTIONAL: Final = (GATE, JUDGES, PIECES)
# What is parsed, so that it must be known to be sound before that.
_PARSED: Final = (GRAPH, CONFIG, PROVENANCE, PIECES)
_DTYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "I64": "<i8"}
# Tensor names in the safetensors file.
WORDS: Final = "embeddings.words.q4"
SPAN_PREFIX: Final = "spans."
BLOCK: Final = 32


def default_directory() -> Path:
    """Give the directory of the weights that are shipped with the package."""
    return Path(__file__).parent / "weights"


def file_digest(path: Path) -> str:
    """Give a file's SHA-256 in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(directory: Path, *, digests: bool = True) -> None:
    """Check that a release directory is whole.

    Args:
        directory: the release.
        digests: also compare the SHA-256 of every file (reads them all).

    Raises:
        ReleaseError: a file is missing, or differs from what `checksums.json` says.
    """
    missing = [name for name in (*FILES, CHECKSUMS) if not (directory / name).is_file()]
    if missing:
        raise ReleaseError(
            f"{directory} is no release directory: no {', '.join(missing)} "
            "(make one with 'python -m training.export', or reinstall the package)"
        )
    if digests:
        _compare(directory, (*FILES, *OPTIONAL))


def check_beside(directory: Path) -> Callable[[], None]:
    """Check a release while it is loaded: at once what is parsed, in a thread of its own the arrays, which are large.

    Args:
        directory: the release.

    Returns:
        What waits for the thread's end, and raises ReleaseError if a file differs.

    Raises:
        ReleaseError: see `check`.
    """
    check(directory, digests=False)
    _compare(directory, _PARSED)
    faults: list[Exception] = []

    def work() -> None:
        try:
            _compare(directory, [name for name in (*FILES, *OPTIONAL) if name not in _PARSED])
        except Exception as fault:
            faults.append(fault)

    thread = threading.Thread(target=work, name="checksums")
    thread.start()

    def finish() -> None:
        thread.join()
        if faults:
            raise faults[0]

    return finish


def _compare(directory: Path, names: Sequence[str]) -> None:
    expected = read_digests(directory)
    for name in names:
        path = directory / name
        if name in OPTIONAL and not path.exists():
            if name in expected:
                raise ReleaseError(f"{directory} lacks {name}, which its checksums name: reinstall or export it again")
        elif file_digest(path) != expected.get(name):
            raise ReleaseError(f"{path} is damaged or was changed: its SHA-256 is not the recorded one")


def read_digests(directory: Path) -> dict[str, str]:
    """Read the recorded SHA-256 of a release's files, by name.

    Raises:
        ReleaseError: they cannot be read.
    """
    path = directory / CHECKSUMS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in found.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ReleaseError(f"{path} is damaged ({error}): reinstall the package or export again") from error


def record(directory: Path, name: str) -> None:
    """Record the SHA-256 of a file that was added to a release or made anew."""
    digests = read_digests(directory)
    digests[name] = file_digest(directory / name)
    write_text(directory / CHECKSUMS, json.dumps(digests, indent=1))


def read_config(directory: Path) -> dict[str, Any]:
    """Read a release's configuration and check that its outputs mean what this version's vocabulary says.

    Further event types may stand after the vocabulary's own: the release was trained with them.

    Raises:
        ReleaseError: the vocabulary is another one.
    """
    config: dict[str, Any] = json.loads((directory / CONFIG).read_text(encoding="utf-8"))
    if vocabulary.extra_event_types(config["vocabulary"]) is None:
        theirs = config["vocabulary"].get("version")
        raise ReleaseError(
            f"{directory} was trained with vocabulary {theirs}, this package has {vocabulary.VERSION}: "
            "use the package version that the model was exported with, or export it again"
        )
    return config


def tensor_table(path: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """Read the header of a safetensors file: entries by tensor name, and where the data starts."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        table = json.loads(file.read(length))
    table.pop("__metadata__", None)
    return table, 8 + length


class Tensors:
    """A safetensors file, memory-mapped: a tensor costs memory when it is touched.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.table, self.start = tensor_table(path)
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, name: str) -> NDArray[Any]:
        entry = self.table[name]
        first, stop = entry["data_offsets"]
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        view = np.frombuffer(self.data, dtype, (stop - first) // dtype.itemsize, self.start + first)
        return view.reshape(entry["shape"])

    def names(self, prefix: str = "") -> list[str]:
        """Give the names that start with `prefix`."""
        return [name for name in self.table if name.startswith(prefix)]


def layer_products(tensors: Tensors, layer: int) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Put the products of an encoder layer together again as plain float32 ones.

    Args:
        tensors: a release's weights.
        layer: which one.

    Returns:
        Weight, shape (inputs, outputs), and bias of `qkv`, `out`, `up`, `down`. The hidden units between `up` and
        `down` are in the release's order: those in int8, then those in float.
    """
    at = f"layers.{layer}"

    def matrix(name: str) -> NDArray[np.float32]:
        weight: NDArray[np.float32] = tensors[f"{at}.{name}.weight"].astype(np.float32)
        if f"{at}.{name}.scale" in tensors.table:
            weight *= tensors[f"{at}.{name}.scale"]
        if f"{at}.{name}.factors" in tensors.table:
            weight *= tensors[f"{at}.{name}.factors"][:, None]
        return weight

    bias = {name: tensors[f"{at}.{name}.bias"] for name in ("qkv", "out", "up", "down")}
    up, down = matrix("up"), matrix("down")
    if f"{at}.up_kept.weight" in tensors.table:
        up = np.concatenate([up, matrix("up_kept")], axis=1)
        down = np.concatenate([down, matrix("down_kept")])
        bias["up"] = np.concatenate([bias["up"], tensors[f"{at}.up_kept.bias"]])
    weights = {"qkv": matrix("qkv"), "out": matrix("out"), "up": up, "down": down}
    return {name: (weight, bias[name]) for name, weight in weights.items()}


class WordEmbeddings:
    """Word embeddings in 4-bit blocks, turned into float32 for the rows that are asked for.

    Args:
        blocks: shape (pieces, hidden / 32, 18): float16 scale, 16 bytes of two 4-bit weights each (see
            `training.encoder.dequantise_q4`).
    """

    def __init__(self, blocks: NDArray[np.uint8]) -> None:
        self.blocks = blocks

    def __call__(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Look rows up; gives float32 of shape (*ids.shape, hidden)."""
        unique, places = np.unique(ids, return_inverse=True)
        rows = self.blocks[unique]
        scale = np.ascontiguousarray(rows[..., :2]).view("<f2").astype(np.float32)
        nibbles = np.concatenate([rows[..., 2:] & 15, rows[..., 2:] >> 4], axis=-1).astype(np.float32) - 8
        table = (nibbles * scale).reshape(len(unique), -1)
        return table[places.reshape(ids.shape)]
