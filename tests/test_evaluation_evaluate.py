"""The benchmark's command, the model card, and the picture, with a stand-in for the model."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.align import strip_text
from data.documents import AnnotatedDocument, read_documents, write_documents
from data.markup import parse
from evaluation import card, evaluate
from evaluation.ablation import FIGURES
from evaluation.gold import gold_extraction, read_event_gold
from evaluation.report import table
from evaluation.subjects import is_trained, open_subject
from treaty_events.assembly import assemble
from treaty_events.errors import InputError, ReleaseError
from treaty_events.extraction import Extraction
from treaty_events.schema import ModelInfo, TreatyEvent

from .test_evaluation_gold import SOURCE, line, write

WEIGHTS = b"weights"
SHARED = Path(__file__).resolve().parents[2] / "shared"


class PerfectSubject:
    """Says of each text what its annotator said."""

    info = ModelInfo(name="perfect", weights_sha256=hashlib.sha256(WEIGHTS).hexdigest(), package="0")

    def __init__(self, documents: Sequence[AnnotatedDocument]) -> None:
        self.by_text = {document.text: gold_extraction(document) for document in documents}

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [self.by_text.get(text, Extraction(text)) for text in texts]

    def events(self, extraction: Extraction, published: datetime.date | None) -> tuple[TreatyEvent, ...]:
        return assemble(extraction, "fr", published)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    documents = [
        document
        for number in range(6)
        for document in parse(SOURCE.replace("ex-fr", f"ex-{number}").replace("[mardi", f"[le {number + 1} mai"))
    ]
    path = tmp_path / "test.jsonl"
    write_documents(path, documents)
    monkeypatch.setattr(evaluate, "open_subject", lambda *_, **__: PerfectSubject(documents))
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    record = line()
    text = record.pop("text")
    (folder / "a.txt").write_text(text, encoding="utf-8")
    record |= {"file": "a.txt", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    write(folder / "gold.jsonl", record)
    return folder


def run(*arguments: object) -> int:
    return evaluate.main([str(a) for a in arguments])


def results_of(directory: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return results


def test_a_corpus_and_articles_are_measured_and_written(
    corpus: Path, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    assert run("--data", corpus, "--articles", articles, "--output", output) == 0
    results = results_of(output)
    test, beside = results["measurements"]
    assert test["spans"]["all"]["mentions"]["micro"]["f1"] == 1.0
    assert test["events"]["fr"]["slot_f1"] == 1.0
    assert test["events"]["all"]["intervals"]["slot_f1"] == [1.0, 1.0]
    assert test["languages"] == {"fr": 6}
    assert test["values"]["GPE"]["gold"] == 18
    assert beside["events"]["all"]["event_f1"] == 0.0
    assert beside["texts"][0]["events"][0]["predicted"] is None
    assert results["model"]["weights_sha256"] == PerfectSubject.info.weights_sha256
    assert results["command"].startswith("python -m evaluation.evaluate --data ")
    assert {"processor", "cores", "python", "packages"} <= set(results["machine"])
    printed = capsys.readouterr().out
    assert printed == (output / "results.md").read_text(encoding="utf-8")
    assert (output / "results.png").read_bytes().startswith(b"\x89PNG")
    assert "| **gold** | signature |" in (output / "articles.md").read_text(encoding="utf-8")
    assert len((output / "predictions-test.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_no_words_of_the_articles_are_in_the_results(corpus: Path, articles: Path, tmp_path: Path) -> None:
    assert run("--articles", articles, "--output", tmp_path / "out") == 0
    assert "signé" not in (tmp_path / "out" / "results.json").read_text(encoding="utf-8")


def test_the_same_run_gives_the_same_results(corpus: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run("--data", corpus, "--output", tmp_path / name) == 0
    first, second = (results_of(tmp_path / name) for name in ("a", "b"))
    assert first["measurements"] == second["measurements"]


def test_files_of_one_name_do_not_overwrite_each_other(corpus: Path, tmp_path: Path) -> None:
    assert run("--data", corpus, corpus, "--output", tmp_path / "out") == 0
    names = [m["name"] for m in results_of(tmp_path / "out")["measurements"]]
    assert names == ["test", "test-2"]


def test_somebody_elses_events_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = write(tmp_path / "gold.jsonl", line())
    event = {"type": "signature", "status": "planned", "parties": ["QAT", "KAZ"], "trigger": [18, 23]}
    predictions = write(tmp_path / "p.jsonl", {"id": "a", "events": [event]})
    assert run("--events", gold, "--predictions", predictions, "--output", tmp_path / "out") == 0
    figures = results_of(tmp_path / "out")["measurements"][0]["events"]["all"]
    assert (figures["event_f1"], figures["strict_f1"], figures["parties_accuracy"]) == (1.0, 0.0, 1.0)
    assert "Predictions:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [(), ("--output", "x"), ("--data", "nothing.jsonl"), ("--events", "nothing.jsonl")]
)
def test_nothing_to_measure_is_exit_code_2(
    corpus: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().out == ""
    assert "not" in caplog.text


def test_missing_predictions_are_exit_code_2(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    gold = write(tmp_path / "gold.jsonl", line())
    empty = write(tmp_path / "p.jsonl")
    assert run("--events", gold, "--predictions", empty) == 2
    assert "no predictions for 1 documents, first a" in caplog.text


def test_missing_articles_are_skipped_and_told(corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    output = tmp_path / "out"
    assert run("--data", corpus, "--articles", tmp_path / "none", "--output", output) == 0
    assert "--articles is skipped" in caplog.text
    assert results_of(output)["problems"]
    assert "--articles is skipped" in (output / "results.md").read_text(encoding="utf-8")


def test_standoff_documents_without_text_are_left_out_and_told(corpus: Path, tmp_path: Path) -> None:
    with open(corpus, "a", encoding="utf-8") as lines:
        record = {**json.loads(corpus.read_text(encoding="utf-8").splitlines()[0]), "id": "far", "text": ""}
        lines.write(json.dumps(record) + "\n")
    assert run("--data", corpus, "--output", tmp_path / "out") == 0
    results = results_of(tmp_path / "out")
    assert results["measurements"][0]["documents"] == 6
    assert "1 stand-off" in results["problems"][0]


def test_standoff_documents_are_read_with_their_texts(corpus: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    documents = list(read_documents(corpus))
    for document in documents[:-1]:
        (texts / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
    bare = tmp_path / "bare.jsonl"
    write_documents(bare, [strip_text(document) for document in documents])
    assert run("--standoff", bare, "--texts", texts, "--output", tmp_path / "out") == 0
    results = results_of(tmp_path / "out")
    assert results["measurements"][0]["name"] == "bare"
    assert results["measurements"][0]["documents"] == 5
    assert results["measurements"][0]["events"]["all"]["event_f1"] == 1
    assert any("1 stand-off" in problem for problem in results["problems"])


def test_standoff_documents_are_skipped_where_the_texts_are_not(
    corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = tmp_path / "none"
    assert run("--data", corpus, "--standoff", corpus, "--texts", missing, "--output", tmp_path / "out") == 0
    assert f"{missing} is not there" in caplog.text
    assert len(results_of(tmp_path / "out")["measurements"]) == 1
    assert run("--standoff", corpus) == 2
    assert "--texts" in caplog.text
    assert run("--standoff", tmp_path / "misspelt", "--texts", missing) == 2
    assert "misspelt is not there" in caplog.text


def test_standoff_documents_are_skipped_where_the_folder_has_none_of_them(
    corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "empty").mkdir()
    bare = tmp_path / "bare.jsonl"
    write_documents(bare, [strip_text(document) for document in read_documents(corpus)])
    arguments = ("--data", corpus, "--standoff", bare, "--texts", tmp_path / "empty", "--output", tmp_path / "out")
    assert run(*arguments) == 0
    assert "holds none of the texts" in caplog.text
    assert len(results_of(tmp_path / "out")["measurements"]) == 1


def test_a_faulty_document_is_refused(corpus: Path, caplog: pytest.LogCaptureFixture) -> None:
    record = json.loads(corpus.read_text(encoding="utf-8").splitlines()[0])
    record["mentions"][0]["label"] = "COUNTRY"
    write(corpus, record)
    assert run("--data", corpus) == 2
    assert "COUNTRY" in caplog.text


def test_a_directory_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        open_subject(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert is_trained(tmp_path)
    with pytest.raises(ReleaseError, match=r"model\.safetensors"):
        open_subject(tmp_path)


def test_a_table_keeps_its_cells_apart() -> None:
    assert table(["", "a|b"], [["x\ny", 1]]) == "|  | a\\|b |\n|:--|--:|\n| x y | 1 |"


# The model card.


@pytest.fixture
def measured(corpus: Path, articles: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Results, and the directory of the model that was measured."""
    assert run("--data", corpus, "--articles", articles, "--output", tmp_path / "out") == 0
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(WEIGHTS)
    provenance = {
        "settings": {"data": {"train": ["data/train.jsonl"], "auxiliary_sets": []}},
        "stages": [{"settings": {"data": {"auxiliary_sets": ["kaznerd"]}}}],
        "seconds": 4711,
        "machine": "a machine",
    }
    (model / "provenance.json").write_text(json.dumps(provenance))
    return tmp_path / "out", model


def test_the_card_has_metadata_and_the_measured_figures(measured: tuple[Path, Path], tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    results, model = measured
    output = tmp_path / "card.md"
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 0
    _, front, body = output.read_text(encoding="utf-8").split("---\n", 2)
    metadata = yaml.safe_load(front)
    assert metadata["license"] == "apache-2.0"
    assert metadata["language"] == ["fr"]
    assert metadata["base_model"] == "intfloat/multilingual-e5-small"
    assert metadata["pipeline_tag"] == "token-classification"
    assert "kaznerd" in metadata["datasets"]
    test, articles = metadata["model-index"][0]["results"]
    assert {m["name"]: m["value"] for m in test["metrics"]}["Slot F1"] == 1.0
    assert articles["dataset"]["name"] == "articles"
    assert "| kaznerd | CC BY 4.0 |" in body
    assert "**a** (fr)" in body
    assert "79 minutes" in body
    assert "python -m evaluation.evaluate" in body
    assert "{{" not in body
    assert "signé" not in body


def test_the_card_tells_of_values_and_dossiers_where_they_were_measured(
    measured: tuple[Path, Path], tmp_path: Path
) -> None:
    results, model = measured
    output = tmp_path / "card.md"
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 0
    assert "Values and dossiers" not in output.read_text(encoding="utf-8")
    row = {"forms": 20, "languages": 3, "right": 0.95, "wrong": 0.05, "negatives": 4, "false": 0.25}
    (results / card.VALUES).write_text(json.dumps({"dates": {"all": row}}))
    gold = {"documents": 9, "several": 2, "f1": 0.81, "precision": 0.9, "recall": 0.74}
    (results / card.DOSSIERS).write_text(json.dumps({"gold": gold}))
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 0
    text = output.read_text(encoding="utf-8")
    assert "| dates | 20 | 3 | 95.0 % | 5.0 % | 4 | 25.0 % |" in text
    assert "put together at F1\n0.81" in text
    assert "from the model's" not in text


def test_the_card_tells_what_the_parts_are_worth(measured: tuple[Path, Path], tmp_path: Path) -> None:
    results, model = measured
    output = tmp_path / "card.md"
    told = json.loads((results / "results.json").read_text(encoding="utf-8"))["model"]
    row = {name: {"f1": 0.5, "interval": [0.4, 0.6]} for name in FIGURES}
    record = {"model": told, "file": "data/corpus/test.jsonl", "documents": 9, "variants": {"gold triggers": row}}
    (results / card.ABLATION).write_text(json.dumps(record))
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 0
    assert "| gold triggers | 0.500 (0.400–0.600) |" in output.read_text(encoding="utf-8")
    record["model"] = {**told, "weights_sha256": "0" * 64}
    (results / card.ABLATION).write_text(json.dumps(record))
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 2


@pytest.mark.parametrize("damage", ["no results", "other weights", "no model", "unknown set"])
def test_a_card_needs_the_measured_model(measured: tuple[Path, Path], tmp_path: Path, damage: str) -> None:
    results, model = measured
    if damage == "no results":
        (results / "results.json").unlink()
    elif damage == "other weights":
        (model / "model.safetensors").write_bytes(b"other")
    elif damage == "no model":
        (model / "model.safetensors").unlink()
    else:
        (model / "provenance.json").write_text(json.dumps({"auxiliary_sets": ["secret"]}))
    output = tmp_path / "card.md"
    assert card.main([str(results), "--model", str(model), "--output", str(output)]) == 2
    assert not output.exists()


def test_a_card_is_of_one_model(measured: tuple[Path, Path], tmp_path: Path) -> None:
    results, _ = measured
    other = results_of(results)
    other["model"]["weights_sha256"] = "0"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "results.json").write_text(json.dumps(other))
    with pytest.raises(InputError, match="another model"):
        card.read_results([results, tmp_path / "other"])


def test_the_shared_measuring_sets_are_readable() -> None:
    path = SHARED / "real_dev" / "real_dev.jsonl"
    if not path.is_file():
        pytest.skip(f"the measuring set is not at {path}")
    documents = read_event_gold(path)
    assert documents
    assert any(not document.events for document in documents)
