from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from data.documents import AnnotatedDocument, write_documents
from training import gate as training_gate
from treaty_events import Extractor, InputError, ReleaseError, cli, release
from treaty_events.articles import Article
from treaty_events.errors import UnreadableError
from treaty_events.gate import Gate, stretches
from treaty_events.schema import Document
from treaty_events.stream import Failure, Stream

TREATY = "Le Sénat kazakh a ratifié l'accord de coopération militaire avec le Qatar, signé à Doha. "
OTHER = "Саммит ОДКБ пройдёт в Астане в среду; договоров не будет. "


@pytest.fixture(scope="module")
def gated(
    release_directory: Path, documents: list[AnnotatedDocument], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy of the tiny release with a gate trained on the fixture's two documents."""
    folder = tmp_path_factory.mktemp("gated")
    directory = Path(shutil.copytree(release_directory, folder / "release"))
    write_documents(folder / "train.jsonl", documents)
    settings = {
        "train": [str(folder / "train.jsonl")],
        "held_out": [str(folder / "train.jsonl")],
        "generic": str(folder / "nowhere"),
        "generic_sets": ["none"],
        "vector": 8,
        "hidden": 16,
        "inner": 8,
        "size": 8,
        "epochs": 60,
        "batch": 2,
        "rate": 1e-2,
    }
    (folder / "gate.yaml").write_text(yaml.safe_dump(settings))
    arguments = ["--config", str(folder / "gate.yaml"), "--release", str(directory)]
    assert training_gate.main(arguments) == 0
    return directory


@pytest.fixture(scope="module")
def extractor_with_gate(gated: Path) -> Extractor:
    return Extractor.from_pretrained(gated, threads=1, engine="onnx")


def test_the_gate_tells_the_two_documents_apart(
    extractor_with_gate: Extractor, documents: list[AnnotatedDocument]
) -> None:
    treaty, other = extractor_with_gate.gate.scores([d.text for d in documents])
    assert treaty > other
    assert treaty >= extractor_with_gate.gate.threshold(0.9) > other


def test_gate_scores_do_not_depend_on_the_neighbours(extractor_with_gate: Extractor) -> None:
    gate = extractor_with_gate.gate
    texts = [TREATY, "", OTHER * 30, "Doha", TREATY * 20]
    together = gate.scores(texts)
    np.testing.assert_allclose(together, [gate.scores([t])[0] for t in texts], rtol=1e-5)
    assert together[1] == -np.inf
    # The highest stretch speaks for a text: what follows does not take it back.
    assert gate.scores([TREATY * 3 + OTHER * 50])[0] >= gate.scores([TREATY * 3])[0] - 1e-4


@pytest.mark.parametrize("tokens", [1, 5, 8, 9, 33, 100])
def test_stretches_cover_a_sequence(tokens: int) -> None:
    starts, ends = stretches(tokens, 8)
    assert starts[0] == 0
    assert ends[-1] == tokens
    assert (starts[1:] - starts[:-1] == 2).all()
    assert (ends > starts).all()


def test_a_gate_belongs_to_the_checksums(gated: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(gated, tmp_path / "copy"))
    content = bytearray((copy / release.GATE).read_bytes())
    content[-1] ^= 1
    (copy / release.GATE).write_bytes(content)
    with pytest.raises(ReleaseError, match=r"gate\.safetensors"):
        Extractor.from_pretrained(copy)


def test_a_stream_keeps_order_and_reads_lazily(extractor: Extractor) -> None:
    taken = 0

    def articles() -> Iterator[str]:
        nonlocal taken
        for number in range(500):
            taken = number + 1
            yield f"{TREATY}{number}"

    stream = extractor.stream(articles(), gate=None)
    for expected, document in enumerate(stream, 1):
        assert isinstance(document, Document)
        assert (document.id, document.text) == (str(expected), f"{TREATY}{expected - 1}")
        assert taken - expected < 70
        if expected == 130:
            break


def test_broken_articles_stand_in_their_place(extractor: Extractor) -> None:
    articles = [
        Article("a", TREATY),
        UnreadableError("gone.txt", "No such file"),
        Article("b", TREATY, published="soon"),
        Article("c", "\ud800"),
        42,
        Article("d", TREATY, published="2025-02-13"),
    ]
    stream = extractor.stream(articles, gate=None)  # type: ignore[arg-type]
    results = list(stream)
    assert [r.id for r in results] == ["a", "gone.txt", "b", "c", "5", "d"]
    assert [isinstance(r, Failure) for r in results] == [False, True, True, True, True, False]
    assert (stream.read, stream.skipped, stream.failed) == (2, 0, 4)


def test_skipped_articles_are_documents_too(extractor_with_gate: Extractor, documents: list[AnnotatedDocument]) -> None:
    texts = [d.text for d in documents]
    stream = extractor_with_gate.stream([*texts, "\ud800"], language="fr", published="2025-02-13", gate=0.9)
    treaty, other, broken = stream
    assert isinstance(broken, Failure)
    assert isinstance(treaty, Document)
    assert isinstance(other, Document)
    assert not treaty.skipped
    assert treaty.windows > 0
    assert other.skipped
    assert (other.text, other.events, other.characters_read, other.language) == (texts[1], (), 0, "fr")
    assert (stream.read, stream.skipped, stream.failed) == (1, 1, 1)


def test_a_gate_that_is_not_there_or_makes_no_sense(extractor: Extractor, extractor_with_gate: Extractor) -> None:
    with pytest.raises(ReleaseError, match=r"training\.gate"):
        extractor.stream([])
    for recall in (0, 1.5):
        with pytest.raises(InputError, match="recall"):
            extractor_with_gate.stream([], gate=recall)


def test_the_command_line_tells_what_it_skipped(
    gated: Path, tmp_path: Path, documents: list[AnnotatedDocument], capsys, caplog
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps({"text": d.text}) for d in documents))
    arguments = ["predict", str(path), "--model", str(gated), "--format", "jsonl", "--engine", "onnx"]
    assert cli.main([*arguments, "--gate", "0.9"]) == 0
    assert [json.loads(line)["skipped"] for line in capsys.readouterr().out.splitlines()] == [False, True]
    assert "1 of 2 articles skipped" in caplog.text
    assert cli.main([*arguments, "--gate", "off"]) == 0
    assert [json.loads(line)["skipped"] for line in capsys.readouterr().out.splitlines()] == [False, False]


def test_a_gate_needs_documents_to_set_it_by(gated: Path, tmp_path: Path) -> None:
    tensors = release.Tensors(gated / release.GATE)
    values = {name: tensors[name] for name in tensors.names()}
    segmenter = Extractor.from_pretrained(gated, threads=1).reader.segmenter
    gate = Gate(values, segmenter)
    assert gate.threshold(1.0) <= gate.threshold(0.5)
    path = tmp_path / "gate.yaml"
    path.write_text("train: []\nheld_out: []\nsizes: 3\n")
    assert training_gate.main(["--config", str(path), "--release", str(gated)]) == 2


class _Flaky:
    """An extractor whose model fails on texts with `boom`."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor
        self.batches: list[int] = []

    def documents(self, texts: list[str], *known: Any) -> list[Document]:
        self.batches.append(len(texts))
        if any("boom" in text for text in texts):
            raise RuntimeError("bad tensor")
        return self.extractor.documents(texts, *known)


def test_an_article_that_the_model_fails_on_stands_in_its_place(extractor: Extractor) -> None:
    flaky = _Flaky(extractor)
    stream = Stream(flaky, [f"{n} boom" if n == 37 else str(n) for n in range(64)])  # type: ignore[arg-type]
    results = list(stream)
    assert [r.id for r in results] == [str(n) for n in range(1, 65)]
    (failure,) = [r for r in results if isinstance(r, Failure)]
    assert (failure.id, stream.failed) == ("38", 1)
    assert "38: the model failed on it (RuntimeError: bad tensor)" in str(failure.error)
    # Halved, not read one by one.
    assert len(flaky.batches) < 16


@pytest.mark.parametrize("language", [3, "\ud800", float("nan")])
def test_a_language_that_is_none_fails_alone(extractor: Extractor, language: Any) -> None:
    results = list(extractor.stream([Article("a", TREATY, language=language), Article("b", TREATY)], gate=None))
    assert [isinstance(r, Failure) for r in results] == [True, False]


def test_trouble_with_the_release_is_no_articles_fault(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ReleaseError("no such file")

    monkeypatch.setattr(Extractor, "documents", broken)
    with pytest.raises(ReleaseError):
        list(extractor.stream([TREATY], gate=None))
