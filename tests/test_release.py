from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from training.backend import TorchBackend, reader_of
from training.model import TreatyEventsModel
from training.quantisation import quantise_columns, quantise_q4
from training.release import load_trained, write_release
from treaty_events import Extractor, ReleaseError, release
from treaty_events.decoding import BASE, COMPATIBLE, labels_of
from treaty_events.errors import InputError
from treaty_events.runtime import ReleaseBackend

TEXTS = ["Le Sénat a ratifié l'accord de coopération signé à Doha.", "Саммит пройдёт в Астане в среду."]


def batch(tokenizer: PreTrainedTokenizerFast) -> tuple[np.ndarray, np.ndarray]:
    encoded = tokenizer(["Le Sénat a ratifié l'accord.", "Doha"], padding=True, return_tensors="np")
    return encoded["input_ids"].astype(np.int64), encoded["attention_mask"].astype(np.int64)


def test_float_export_equals_pytorch(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    # Embeddings on the 4-bit grid, as the offline base's are: then nothing at all is rounded but float16 heads.
    write_release(model, tokenizer, tmp_path / "r", {}, texts=None)
    reloaded, _ = load_trained(tmp_path / "r")
    backend = ReleaseBackend(tmp_path / "r", release.read_config(tmp_path / "r"), threads=1, engine="onnx")
    ids, mask = batch(tokenizer)
    tags, hidden = backend.encode(ids, mask)
    expected_tags, expected_hidden = TorchBackend(reloaded.eval()).encode(ids, mask)
    real = mask.astype(bool)
    np.testing.assert_allclose(tags[real], expected_tags[real], atol=2e-4)
    np.testing.assert_allclose(hidden[real], expected_hidden[real], atol=2e-5)


def test_int8_export_stays_close(model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    write_release(model, tokenizer, tmp_path / "r", {}, texts=TEXTS)
    backend = ReleaseBackend(tmp_path / "r", release.read_config(tmp_path / "r"), threads=1, engine="onnx")
    ids, mask = batch(tokenizer)
    _, hidden = backend.encode(ids, mask)
    reloaded, _ = load_trained(tmp_path / "r")
    _, expected = TorchBackend(reloaded.eval()).encode(ids, mask)
    real = mask.astype(bool)
    assert np.abs(hidden[real] - expected[real]).mean() < 0.05


def test_a_gate_of_other_weights_does_not_stay(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    write_release(model, tokenizer, tmp_path, {}, texts=None)
    (tmp_path / release.GATE).write_bytes(b"gate")
    release.record(tmp_path, release.GATE)
    write_release(model, tokenizer, tmp_path, {}, texts=None)
    assert not (tmp_path / release.GATE).exists()
    release.check(tmp_path)


def test_span_heads_equal_pytorch(model: TreatyEventsModel, release_directory: Path, rng: np.random.Generator) -> None:
    reloaded, _ = load_trained(release_directory)
    backend = ReleaseBackend(release_directory, release.read_config(release_directory), threads=1, engine="onnx")
    hidden = rng.normal(size=(20, 32)).astype(np.float32)
    bounds = np.array([[1, 3], [2, 3], [5, 9], [18, 20]])
    types = np.array([0, 5, len(BASE.span_types) - 1, 6])
    attributes, relations = backend.relate(hidden, bounds, types)
    expected_attributes, expected = TorchBackend(reloaded.eval()).relate(hidden, bounds, types)
    # Scored are the pairs of types that some relation joins, and no others.
    labels = labels_of(types)
    related = COMPATIBLE.any(axis=0)[labels][:, labels]
    assert related.any()
    assert not related.all()
    np.testing.assert_allclose(relations[related], expected[related], atol=1e-4)
    assert (relations[~related] == -np.inf).all()
    for name, values in attributes.items():
        np.testing.assert_allclose(values, expected_attributes[name], atol=1e-4)


def test_release_reads_as_the_model_does(
    documents: list, tokenizer: PreTrainedTokenizerFast, release_directory: Path, extractor: Extractor
) -> None:
    reloaded, again = load_trained(release_directory)
    texts = [d.text for d in documents]
    expected = reader_of(reloaded.eval(), again).read(texts)
    got = extractor.extract(texts)
    assert [len(e.tokens and e.text) for e in got] == [len(e.text) for e in expected]
    same = sum(len(set(_spans(a)) & set(_spans(b))) for a, b in zip(got, expected, strict=True))
    assert same >= 0.7 * sum(len(_spans(e)) for e in expected) > 0


def _spans(extraction) -> list:  # type: ignore[no-untyped-def]
    return [(m.start, m.end, m.label) for m in extraction.mentions]


@given(st.integers(0, 2**32 - 1))
def test_four_bit_blocks_come_back_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nibbles = rng.integers(0, 16, (3, 2, 32))
    nibbles[..., 5] = 0  # the extreme, -8, is on every block's grid in the base's own file
    scale = rng.uniform(0.001, 0.1, (3, 2, 1)).astype(np.float16).astype(np.float32)
    weights = ((nibbles - 8) * scale).astype(np.float32).reshape(3, 64)
    read = release.WordEmbeddings(quantise_q4(weights))(np.array([[2, 0], [1, 1]]))
    np.testing.assert_array_equal(read, weights[[[2, 0], [1, 1]]])


@given(st.integers(0, 2**32 - 1))
def test_int8_error_is_at_most_half_a_step(seed: int) -> None:
    weight = np.random.default_rng(seed).normal(size=(8, 5)).astype(np.float32)
    quantised, scale = quantise_columns(weight)
    assert np.abs(quantised * scale - weight).max() <= scale.max() * 0.5001


@pytest.fixture
def copy(release_directory: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release_directory, tmp_path / "copy"))


@pytest.mark.parametrize("name", [*release.FILES, release.PIECES])
@pytest.mark.parametrize("damage", [b"", b"{", None])
def test_a_damaged_file_is_told_as_such(copy: Path, name: str, damage: bytes | None) -> None:
    path = copy / name
    if not path.is_file():
        pytest.skip("the tiny release has no such file")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content if damage is None else damage)
    with pytest.raises(ReleaseError, match=f"{name} is damaged"):
        Extractor.from_pretrained(copy)


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_damaged_checksums_are_told_as_such(copy: Path, content: str) -> None:
    (copy / release.CHECKSUMS).write_text(content)
    with pytest.raises(ReleaseError, match=f"{release.CHECKSUMS} is damaged"):
        Extractor.from_pretrained(copy)


def test_other_faults_of_a_sound_release_come_through(copy: Path) -> None:
    with pytest.raises(InputError, match="no engine"):
        Extractor.from_pretrained(copy, engine="abacus")  # type: ignore[arg-type]


def test_an_interruption_is_no_damage(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(directory: Path) -> None:
        raise KeyboardInterrupt

    (copy / release.WEIGHTS).write_bytes(b"")
    monkeypatch.setattr(release, "read_config", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Extractor.from_pretrained(copy)


@pytest.mark.parametrize("name", [*release.FILES, release.CHECKSUMS])
@pytest.mark.parametrize("check", [True, False])
def test_missing_file_is_named(copy: Path, name: str, check: bool) -> None:
    (copy / name).unlink()
    with pytest.raises(ReleaseError, match=name):
        Extractor.from_pretrained(copy, check=check)


def test_another_vocabulary_is_refused(copy: Path) -> None:
    config = json.loads((copy / release.CONFIG).read_text())
    config["vocabulary"]["event_types"].reverse()
    (copy / release.CONFIG).write_text(json.dumps(config))
    with pytest.raises(ReleaseError, match="vocabulary"):
        Extractor.from_pretrained(copy, check=False)


def test_trained_model_and_nothing_load_as_they_should(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model.save_pretrained(tmp_path / "m")
    tokenizer.save_pretrained(tmp_path / "m")
    again, _ = load_trained(tmp_path / "m")
    ours, theirs = model.state_dict(), again.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    with pytest.raises(ReleaseError, match="neither"):
        load_trained(tmp_path)
