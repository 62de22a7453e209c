"""Between trained models and release directories: export, and load either to train on.

`python -m training.export` is the command; this module does the conversion both ways.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from transformers import BertConfig, PreTrainedTokenizerFast

from treaty_events import release
from treaty_events.errors import ReleaseError

from .graph import GraphBuilder, build_graph, tensor_places
from .model import TreatyEventsConfig, TreatyEventsModel
from .pieces import pieces_of
from .quantisation import Activations, quantise_layer, quantise_q4, sample_activations

# Name in the release -> name in the trained model's layer.
_LAYER = {
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
_QKV = ("attention.self.query", "attention.self.key", "attention.self.value")
Array = NDArray[Any]


def release_tensors(model: TreatyEventsModel, activations: Activations | None = None) -> dict[str, Array]:
    """Turn a trained model's weights into a release's tensors.

    Args:
        model: on any device.
        activations: what to quantise the encoder's products by; None keeps them in float32 (to compare).
    """
    state = {k: v.detach().float().cpu().numpy() for k, v in model.state_dict().items()}
    types = state["encoder.embeddings.token_type_embeddings.weight"]
    tensors: dict[str, Array] = {
        release.WORDS: quantise_q4(state["encoder.embeddings.word_embeddings.weight"]),
        "embeddings.positions": state["encoder.embeddings.position_embeddings.weight"] + types[0],
        "embeddings.norm.weight": state["encoder.embeddings.LayerNorm.weight"],
        "embeddings.norm.bias": state["encoder.embeddings.LayerNorm.bias"],
        "tags.weight": np.ascontiguousarray(state["tags.weight"].T),
        "tags.bias": state["tags.bias"],
    }
    for i in range(model.encoder.config.num_hidden_layers):
        old = f"encoder.encoder.layer.{i}"
        products = {"qkv": np.concatenate([state[f"{old}.{n}.weight"] for n in _QKV]).T}
        tensors[f"layers.{i}.qkv.bias"] = np.concatenate([state[f"{old}.{n}.bias"] for n in _QKV])
        for new, name in _LAYER.items():
            tensors[f"layers.{i}.{new}.bias"] = state[f"{old}.{name}.bias"]
            if new.startswith("norm"):
                tensors[f"layers.{i}.{new}.weight"] = state[f"{old}.{name}.weight"]
            else:
                products[new] = state[f"{old}.{name}.weight"].T
        if activations is None:
            tensors |= {f"layers.{i}.{new}.weight": weight for new, weight in products.items()}
        else:
            layer = quantise_layer(products, tensors[f"layers.{i}.up.bias"], i, activations)
            tensors |= {f"layers.{i}.{name}": value for name, value in layer.items()}
    for name, value in state.items():
        if name.startswith("spans."):
            tensors[name] = value.astype(np.float16)
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def write_release(
    model: TreatyEventsModel,
    tokenizer: PreTrainedTokenizerFast,
    directory: Path,
    provenance: dict[str, Any],
    *,
    texts: Sequence[str] | None,
) -> None:
    """Write a release directory, whole or not at all.

    Args:
        model: the trained model; thresholds and temperatures are those of its config.
        tokenizer: its tokenizer.
        directory: where; files of an older release there are replaced, others stay.
        provenance: how the model came to be; anything JSON can hold.
        texts: some hundred of the kind that it will read, to quantise the encoder by; None keeps it in float32 (four
            times the size).
    """
    directory.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
    try:
        activations = None if texts is None else sample_activations(model, tokenizer, texts)
        tensors = release_tensors(model, activations)
        save_file(tensors, str(part / release.WEIGHTS))
        builder = GraphBuilder(tensors, tensor_places(part / release.WEIGHTS), release.WEIGHTS)
        encoder = model.encoder.config
        graph = build_graph(
            builder,
            layers=encoder.num_hidden_layers,
            heads=encoder.num_attention_heads,
            hidden=encoder.hidden_size,
            epsilon=encoder.layer_norm_eps,
        )
        (part / release.GRAPH).write_bytes(graph.SerializeToString())
        onnx.checker.check_model(str(part / release.GRAPH), skip_opset_compatibility_check=True)
        config = model.config.to_dict()
        config["special_ids"] = {
            "opening": tokenizer.cls_token_id,
            "closing": tokenizer.sep_token_id,
            "padding": tokenizer.pad_token_id,
        }
        (part / release.CONFIG).write_text(json.dumps(config, indent=1), encoding="utf-8")
        backend = tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        backend.save(str(part / release.TOKENIZER), pretty=False)
        (part / release.PROVENANCE).write_text(json.dumps(provenance, indent=1, ensure_ascii=False), encoding="utf-8")
        pieces = pieces_of(backend, texts or [])
        if pieces is not None:
            (part / release.PIECES).write_bytes(pieces)
        names = [name for name in (*release.FILES, *release.OPTIONAL) if (part / name).exists()]
        digests = {name: release.file_digest(part / name) for name in names}
        (part / release.CHECKSUMS).write_text(json.dumps(digests, indent=1), encoding="utf-8")
        for name in (*names, release.CHECKSUMS):
            (part / name).chmod(0o644)
            (part / name).replace(directory / name)
        # One that stands there is of other weights, and is not among the checksums.
        for name in set(release.OPTIONAL) - set(names):
            (directory / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _load_release(directory: Path) -> tuple[TreatyEventsModel, PreTrainedTokenizerFast]:
    release.check(directory)
    fields = release.read_config(directory)
    special = fields.pop("special_ids")
    config = TreatyEventsConfig(**fields)
    tensors = release.Tensors(directory / release.WEIGHTS)
    model = TreatyEventsModel(config)
    words = release.WordEmbeddings(tensors[release.WORDS])
    state: dict[str, Array] = {
        "encoder.embeddings.word_embeddings.weight": words(np.arange(len(words.blocks))),
        "encoder.embeddings.position_embeddings.weight": tensors["embeddings.positions"],
        "encoder.embeddings.LayerNorm.weight": tensors["embeddings.norm.weight"],
        "encoder.embeddings.LayerNorm.bias": tensors["embeddings.norm.bias"],
        "tags.weight": tensors["tags.weight"].T,
        "tags.bias": tensors["tags.bias"],
    }
    # Type 0 was added into the positions.
    state["encoder.embeddings.token_type_embeddings.weight"] = np.zeros(
        (config.encoder.get("type_vocab_size", 2), tensors["embeddings.positions"].shape[1]), np.float32
    )
    for i in range(BertConfig(**config.encoder).num_hidden_layers):
        old = f"encoder.encoder.layer.{i}"
        products = release.layer_products(tensors, i)
        for n, weight, bias in zip(
            _QKV, np.split(products["qkv"][0].T, 3), np.split(products["qkv"][1], 3), strict=True
        ):
            state[f"{old}.{n}.weight"], state[f"{old}.{n}.bias"] = weight, bias
        for new, name in _LAYER.items():
            if new.startswith("norm"):
                weight, bias = (tensors[f"layers.{i}.{new}.{part}"] for part in ("weight", "bias"))
            else:
                weight, bias = products[new][0].T, products[new][1]
            state[f"{old}.{name}.weight"], state[f"{old}.{name}.bias"] = weight, bias
    for name in tensors.names(release.SPAN_PREFIX):
        state[name] = tensors[name]
    tensors_now = {k: torch.from_numpy(np.array(v, dtype=np.float32)) for k, v in state.items()}
    missing, unexpected = model.load_state_dict(tensors_now, strict=False)
    lost = [n for n in missing if "position_ids" not in n and "token_type_ids" not in n]
    if lost or unexpected:
        raise ReleaseError(f"{directory}: weights do not fit the model (missing {lost}, unexpected {unexpected})")
    from tokenizers import Tokenizer

    backend = Tokenizer.from_file(str(directory / release.TOKENIZER))
    names = {k: backend.id_to_token(v) for k, v in special.items()}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        cls_token=names["opening"],
        bos_token=names["opening"],
        sep_token=names["closing"],
        eos_token=names["closing"],
        pad_token=names["padding"],
        unk_token="<unk>",
        mask_token="<mask>",
    )
    return model, tokenizer


def load_trained(directory: str | Path) -> tuple[TreatyEventsModel, PreTrainedTokenizerFast]:
    """Load a model to train on.

    Args:
        directory: what a training run saved, or a release directory (its int8 weights are turned back into float).

    Raises:
        ReleaseError: neither is there.
    """
    directory = Path(directory)
    if (directory / release.CHECKSUMS).exists():
        return _load_release(directory)
    if not (directory / "config.json").exists():
        raise ReleaseError(f"{directory} is neither a trained model nor a release directory")
    model = TreatyEventsModel.from_pretrained(directory)
    return model, PreTrainedTokenizerFast.from_pretrained(directory)
