"""The systems that are timed, each as a function that loads it and one that reads texts."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from treaty_events.errors import InputError

Read = Callable[[Sequence[str]], object]
# Published sizes of GLiNER's encoders: layers, width, heads, feed-forward, vocabulary.
GLINER = {
    "gliner-small": ("microsoft/deberta-v3-small", 6, 768, 12, 3072, 128_100),
    "gliner-medium": ("microsoft/deberta-v3-base", 12, 768, 12, 3072, 128_100),
    "gliner-multi": ("microsoft/mdeberta-v3-base", 12, 768, 12, 3072, 251_000),
}
# Tokens of a GLiNER window; its label prompt stands in each.
_WINDOW, _PROMPT = 384, 40


def _extractor(engine: str, threads: int) -> Read:
    from treaty_events import Extractor
    from treaty_events.engines import EngineName

    name: EngineName = "openvino" if engine == "openvino" else "onnx"
    return Extractor.from_pretrained(threads=threads, engine=name, check=False).documents


def _float_onnx(threads: int) -> Read:
    from training.release import load_trained, write_release
    from treaty_events import Extractor, release
    from treaty_events.judges import Judges

    model, tokenizer = load_trained(release.default_directory())
    with tempfile.TemporaryDirectory() as directory:
        write_release(model.eval(), tokenizer, Path(directory) / "float", {}, texts=None)
        del model
        extractor = Extractor.from_pretrained(Path(directory) / "float", threads=threads, engine="onnx")
        extractor.judges = Judges.from_pretrained(release.default_directory())
        return extractor.documents


def _pytorch(threads: int) -> Read:
    import torch

    from training.backend import TorchBackend
    from training.release import load_trained
    from treaty_events import Extractor, release

    torch.set_num_threads(threads)
    model, _ = load_trained(release.default_directory())
    shipped = Extractor.from_pretrained(threads=1, engine="onnx", check=False)
    config = release.read_config(release.default_directory())
    # Only the model differs: segmentation, decoding and assembly are the package's own.
    segmenter = shipped.reader.segmenter
    extractor = Extractor(TorchBackend(model.eval()), segmenter, config, shipped.info)
    extractor.judges = shipped.judges
    return extractor.documents


def _gliner(name: str, threads: int) -> Read:
    import torch
    from tokenizers import Tokenizer
    from transformers import DebertaV2Config, DebertaV2Model

    from treaty_events import release

    torch.set_num_threads(threads)
    _, layers, width, heads, inner, vocabulary = GLINER[name]
    config = DebertaV2Config(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        relative_attention=True,
        position_buckets=256,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        max_position_embeddings=512,
        position_biased_input=False,
        type_vocab_size=0,
    )
    model = DebertaV2Model(config).eval()
    tokenizer = Tokenizer.from_file(str(release.default_directory() / release.TOKENIZER))
    tokenizer.no_truncation()

    @torch.inference_mode()
    def read(texts: Sequence[str]) -> object:
        rows = []
        for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
            ids = [i % vocabulary for i in encoding.ids]
            rows += [[5] * _PROMPT + ids[at : at + _WINDOW] for at in range(0, len(ids), _WINDOW)]
        rows.sort(key=len)
        for at in range(0, len(rows), 8):
            batch = rows[at : at + 8]
            longest = max(map(len, batch))
            padded = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
            model(padded, attention_mask=(padded > 0).long())
        return None

    return read


def _spacy(name: str, threads: int) -> Read:
    del threads
    module = importlib.import_module(name)
    pipeline = module.load()
    return lambda texts: list(pipeline.pipe(texts, batch_size=32))


def load(name: str, threads: int) -> Read:
    """Load a system.

    Args:
        name: `onnx-int8`, `openvino`, `onnx-float`, `pytorch`, one of `GLINER`, or `spacy:PACKAGE`.
        threads: threads that it may use.

    Returns:
        What reads a list of texts to the end.

    Raises:
        InputError: there is no such system.
    """
    if name in ("onnx-int8", "openvino"):
        return _extractor(name, threads)
    if name == "onnx-float":
        return _float_onnx(threads)
    if name == "pytorch":
        return _pytorch(threads)
    if name in GLINER:
        return _gliner(name, threads)
    if name.startswith("spacy:"):
        return _spacy(name.removeprefix("spacy:"), threads)
    raise InputError(f"no system {name!r}")
