from __future__ import annotations

import dataclasses
import datetime
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from transformers import PreTrainedTokenizerFast

from data import markup
from data.documents import AnnotatedDocument, read_documents, text_digest, write_documents
from evaluation.development import PARTS, score_predictions
from training import comparison, finetune, train
from training.finetune import finetune as run
from training.finetune import main
from training.mixture import trained_on
from training.release import load_trained, write_release
from training.settings import FinetuneSettings
from training.settings import read_finetune_settings as read_settings
from treaty_events import Extractor, InputError, ReleaseError, cli, release
from treaty_events.judges import COLUMNS, EVENTS, PARTIES, columns
from treaty_events.preannotation import annotate

from .conftest import ROOT
from .finetuning import changed, configure, variants


def gate_tensors(pieces: int) -> dict[str, np.ndarray]:
    return {
        "pieces": np.ones((pieces, 4), np.int8),
        "scale": np.ones(4, np.float32),
        "hidden.weight": np.ones((4, 4), np.float32),
        "hidden.bias": np.zeros(4, np.float32),
        "out.weight": np.ones(4, np.float32),
        "out.bias": np.zeros(1, np.float32),
        "size": np.array([8], np.int64),
        "positives": np.array([0.5, 1.0], np.float32),
    }


def judges() -> dict[str, np.ndarray]:
    """Judges that believe everything."""
    nodes = {name: np.zeros((1, 1), np.int64) for name in ("feature", "left", "right")}
    floats = {"threshold": np.zeros((1, 1)), "value": np.ones((1, 1)), "base": np.zeros(1), "least": np.zeros(1)}
    tensors = {**nodes, **{name: value.astype(np.float32) for name, value in floats.items()}}
    named = {kind + name: value for kind in (PARTIES, EVENTS) for name, value in tensors.items()}
    return {**named, COLUMNS: columns()}


@pytest.fixture(scope="module")
def start(
    release_directory: Path, tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A release with a gate, a licence and calibrated settings; less loud than the fixtures', so that it learns soon."""
    directory = tmp_path_factory.mktemp("start") / "old"
    model, _ = load_trained(release_directory)
    with torch.no_grad():
        model.tags.weight.mul_(0.1)
    model.config.confidence, model.config.least_confidence = [0.5, 0.25], 0.125
    model.config.thresholds = [0.25] * len(model.config.thresholds)
    model.config.outside = [0.5] * len(model.config.outside)
    provenance = {"name": "old-1", "license": "CC-BY-SA-4.0", "settings": {"output": "runs/x"}}
    write_release(model.eval(), tokenizer, directory, provenance, texts=[d.text for d in variants("old", 0, 1)])
    save_file(gate_tensors(len(tokenizer)), str(directory / release.GATE))
    release.record(directory, release.GATE)
    save_file(judges(), str(directory / release.JUDGES))
    release.record(directory, release.JUDGES)
    return directory


@pytest.fixture(scope="module")
def corrected(start: Path) -> list[AnnotatedDocument]:
    """Articles as the model marks them, then as a person has corrected the marks."""
    gold = variants("new", *range(6))
    marked = [
        annotate(extraction, d.id, "fr", datetime.date(2025, 2, 13))
        for d, extraction in zip(
            gold, Extractor.from_pretrained(start, threads=1).extract([d.text for d in gold]), strict=True
        )
    ]
    assert all(m.mentions and m.mentions != d.mentions for m, d in zip(marked, gold, strict=True))
    return [
        dataclasses.replace(m, mentions=d.mentions, relations=d.relations, story=d.story)
        for m, d in zip(marked, gold, strict=True)
    ]


@pytest.fixture(scope="module")
def finished(start: Path, corrected: list[AnnotatedDocument], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole fine-tuning by the command."""
    folder = tmp_path_factory.mktemp("finetune")
    write_documents(folder / "new.jsonl", corrected[:4])
    (folder / "more.txt").write_text("".join(markup.render(d) + "\n" for d in corrected[4:]))
    config = configure(folder, start, repeat=25)
    rates = {"encoder_rate": 0.005, "head_rate": 0.005, "tag_rate": 0.02}
    changed(config, optimiser={"epochs": 1, "patience": 0, "batch_tokens": 128, **rates})
    added = [str(folder / name) for name in ("new.jsonl", "more.txt")]
    assert main(["--config", str(config), "--add", *added, "--output", str(folder / "my-release")]) == 0
    return folder


def report_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "my-release" / finetune.REPORT).read_text()))


def test_new_release_reads_better_than_the_start(
    finished: Path, start: Path, corrected: list[AnnotatedDocument]
) -> None:
    report = report_of(finished)
    texts = [d.text for d in corrected]
    before, after = (
        score_predictions(corrected, Extractor.from_pretrained(path, threads=1).extract(texts))
        for path in (start, finished / "my-release")
    )
    assert after["score"] > before["score"] + 0.1
    for part, documents in (("shipped", 3), ("held_out", 2)):
        figures = report[part]
        assert figures["documents"] == documents
        assert set(figures["before"]) == set(figures["after"]) == {*PARTS, "score"}
        assert figures["after"]["score"] > figures["before"]["score"]
        for name, change in figures["change"].items():
            assert change == pytest.approx(figures["after"][name] - figures["before"][name], abs=1e-6)
    held = [d for d in corrected if d.id in report["held_out"]["ids"]]
    read = Extractor.from_pretrained(finished / "my-release", threads=1).extract([d.text for d in held])
    assert report["held_out"]["after"] == pytest.approx(score_predictions(held, read), abs=1e-4)
    assert report["forgot"] is False


def test_predict_command_takes_the_new_release(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (finished / "a.txt").write_text("Doha.")
    code = cli.main(["predict", str(finished / "a.txt"), "--model", str(finished / "my-release"), "--format", "jsonl"])
    assert code == 0
    assert json.loads(capsys.readouterr().out)["model"]["name"] == "my-release"


def test_held_out_documents_are_not_trained_on_and_replay_is(
    finished: Path, corrected: list[AnnotatedDocument]
) -> None:
    report = report_of(finished)
    added = {d.id for d in read_documents(finished / "run" / "added.jsonl")}
    replay = {d.id for d in read_documents(finished / "run" / "replay.jsonl")}
    assert added == {d.id for d in corrected} - set(report["held_out"]["ids"])
    assert len(replay) == 3 < 8
    assert all(name.startswith("corpus-") for name in replay)
    assert report["trained_on"] == {"added": 4, "replay": 3}
    trained = json.loads((finished / "run" / train.TRAINED / release.PROVENANCE).read_text())
    assert [Path(p).name for p in trained["settings"]["data"]["train"]] == ["added.jsonl"] * 25 + ["replay.jsonl"]
    assert trained["documents"] == 7


def test_provenance_tells_start_documents_and_settings(
    finished: Path, start: Path, corrected: list[AnnotatedDocument]
) -> None:
    provenance = json.loads((finished / "my-release" / release.PROVENANCE).read_text())
    record = provenance["finetune"]
    assert provenance["name"] == "my-release"
    assert provenance["license"] == "CC-BY-SA-4.0"
    assert provenance["start"] == json.loads((start / release.PROVENANCE).read_text())
    assert record["start"] == {"name": "old-1", "weights_sha256": release.file_digest(start / release.WEIGHTS)}
    assert {d["id"]: d["sha256"] for d in record["added"]} == {d.id: text_digest(d.text) for d in corrected}
    held = set(report_of(finished)["held_out"]["ids"])
    assert {d["id"] for d in record["added"] if d["held_out"]} == held
    assert provenance["settings"]["data"]["replay"] == len(record["replay"]) == 3
    assert record["package"] == Extractor.from_pretrained(start, threads=1).info.package
    told = trained_on({"start": provenance})
    assert {d.story in told for d in corrected if d.id in held} == {False}
    assert {d.story in told for d in corrected if d.id not in held} == {True}


def test_thresholds_and_the_gate_are_the_starts(finished: Path, start: Path) -> None:
    old, new = (json.loads((d / release.CONFIG).read_text()) for d in (start, finished / "my-release"))
    for key in ("confidence", "least_confidence", "thresholds", "outside", "temperatures"):
        assert new[key] == old[key]
    for name in (release.GATE, release.JUDGES):
        assert (finished / "my-release" / name).read_bytes() == (start / name).read_bytes()
    extractor = Extractor.from_pretrained(finished / "my-release", threads=1)
    assert extractor.gate.scores(["Doha."]).shape == (1,)


def test_gate_is_left_out_where_the_word_embeddings_have_moved(
    start: Path, corrected: list[AnnotatedDocument], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_documents(tmp_path / "new.jsonl", corrected[:2])
    settings = read_settings(
        changed(configure(tmp_path, start), model={"start": str(start), "freeze_embeddings": False})
    )
    with caplog.at_level(logging.WARNING):
        run(settings, [tmp_path / "new.jsonl"], tmp_path / "out")
    assert not (tmp_path / "out" / release.GATE).exists()
    assert "gate does not fit" in caplog.text
    assert "no new document is held out" in caplog.text
    Extractor.from_pretrained(tmp_path / "out", threads=1)


def test_forgetting_is_warned_of(
    start: Path,
    corrected: list[AnnotatedDocument],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_documents(tmp_path / "new.jsonl", corrected[:1])
    scores = iter([0.5, 0.47])
    monkeypatch.setattr(comparison, "score_predictions", lambda *_: dict.fromkeys(comparison.FIGURES, next(scores)))
    with caplog.at_level(logging.INFO):
        report = run(read_settings(configure(tmp_path, start)), [tmp_path / "new.jsonl"], tmp_path / "out")
    assert report["forgot"]
    assert "fell by 0.030 (bound 0.020)" in caplog.text
    shown = next(r.getMessage() for r in caplog.records if "mention F1" in r.getMessage())
    assert "shipped split (3) before" in shown
    assert "-0.030" in shown


def test_calibration_chooses_anew(
    start: Path, corrected: list[AnnotatedDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_documents(tmp_path / "new.jsonl", corrected[:1])
    config = configure(tmp_path, start, dev=[str(tmp_path / "dev.jsonl")])
    asked: list[list[str]] = []

    def calibrate(directory: Path, documents: list[AnnotatedDocument]) -> dict[str, Any]:
        load_trained(directory)
        asked.append([d.id for d in documents])
        return {"least_confidence": 0.75}

    monkeypatch.setattr(finetune, "calibrate", calibrate)
    run(read_settings(changed(config, calibrate=True)), [tmp_path / "new.jsonl"], tmp_path / "out")
    assert Extractor.from_pretrained(tmp_path / "out", threads=1).least == 0.75
    assert asked == [[f"dev-{n}" for n in range(4)]]


def test_output_that_is_taken_is_not_touched(start: Path, corrected: list[AnnotatedDocument], tmp_path: Path) -> None:
    write_documents(tmp_path / "new.jsonl", corrected)
    settings = read_settings(configure(tmp_path, start))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="out is there already"):
        run(settings, [tmp_path / "new.jsonl"], tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["notes.txt"]
    with pytest.raises(ReleaseError, match="no release directory"):
        run(dataclasses.replace(settings, model=dataclasses.replace(settings.model, start="x")), [], tmp_path / "new")


def test_stopped_run_leaves_no_release_and_resumes(
    start: Path, corrected: list[AnnotatedDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_documents(tmp_path / "new.jsonl", corrected[:2])
    write_documents(tmp_path / "other.jsonl", corrected[2:4])
    settings = read_settings(changed(configure(tmp_path, start), optimiser={"epochs": 2, "batch_tokens": 256}))

    class Stopped(Exception):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(finetune, "write_release", stop)
        with pytest.raises(Stopped):
            run(settings, [tmp_path / "new.jsonl"], tmp_path / "out")
    assert {p.name for p in tmp_path.iterdir()}.isdisjoint({"out"})
    assert not list(tmp_path.glob(".out*"))
    with pytest.raises(InputError, match="other documents or settings"):
        run(settings, [tmp_path / "other.jsonl"], tmp_path / "out", resume=True)
    with monkeypatch.context() as patch:
        patch.setattr(train.Run, "_train_epoch", stop)
        run(settings, [tmp_path / "new.jsonl"], tmp_path / "out", resume=True)
    trained, _ = load_trained(tmp_path / "run" / train.TRAINED)
    written, _ = load_trained(tmp_path / "out")
    assert torch.allclose(trained.tags.weight, written.tags.weight)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {}}, "model.start"),
        ({"calibrate": True}, "data.dev"),
        ({"data": {"replay": -1}}, "replay"),
        ({"data": {"held_out": 1.0}}, "held_out"),
        ({"data": {"repeat": 0}}, "repeat"),
        ({"data": {"replays": 3}}, "unknown key replays"),
        ({"optimiser": {"epochs": 0}}, "epochs"),
        ({"data": {"train": ["nowhere.jsonl"]}}, r"nowhere\.jsonl: No such file"),
    ],
)
def test_settings_errors_name_the_key(
    start: Path, corrected: list[AnnotatedDocument], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write_documents(tmp_path / "new.jsonl", corrected)
    with pytest.raises(InputError, match=message):
        run(read_settings(changed(configure(tmp_path, start), **changes)), [tmp_path / "new.jsonl"], tmp_path / "out")


def test_shipped_configuration_is_read_and_its_files_are_there() -> None:
    settings = read_settings(ROOT / "configs" / "finetune.yaml")
    assert isinstance(settings, FinetuneSettings)
    assert settings.data.replay > 0
    assert settings.model.freeze_embeddings
    for path in (*settings.data.train, *settings.data.compare):
        assert (ROOT / path).is_file()
