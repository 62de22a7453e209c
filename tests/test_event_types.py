"""A new event type through the configuration: from annotated documents to a release that tells it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from transformers import PreTrainedTokenizerFast

from data.documents import AnnotatedDocument, write_documents
from evaluation.development import score_predictions
from training import train
from training.finetune import finetune, main
from training.growth import add_event_types
from training.mixture import read_added
from training.model import TreatyEventsModel
from training.release import load_trained, write_release
from training.settings import read_finetune_settings, read_settings
from treaty_events import Extractor, InputError, cli, formats, release, vocabulary
from treaty_events.decoding import BASE
from treaty_events.errors import AnnotationError
from treaty_events.preannotation import annotate

from .finetuning import changed, configure, variants
from .strategies import same

RATES = {"encoder_rate": 0.005, "head_rate": 0.005, "tag_rate": 0.02}


def objecting(prefix: str, *numbers: int, kind: str = "objection") -> list[AnnotatedDocument]:
    """The fixtures' articles in another reading: what was a ratification is of a type of our own."""
    documents = variants(prefix, *numbers)
    for mention in (m for d in documents for m in d.mentions if m.attributes.get("type") == "ratification"):
        mention.attributes = {"type": kind, "status": "occurred"}
    return documents


@pytest.fixture(scope="module")
def start(
    release_directory: Path, tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A release that is less loud than the fixtures', so that it learns soon."""
    directory = tmp_path_factory.mktemp("start") / "old"
    model, _ = load_trained(release_directory)
    with torch.no_grad():
        model.tags.weight.mul_(0.1)
    # The fixtures' windows cut the treaty that their triggers are linked to.
    model.config.window, model.config.overlap = 60, 20
    write_release(model.eval(), tokenizer, directory, {"name": "old"}, texts=[d.text for d in variants("old", 0)])
    return directory


def tuned(folder: Path, start: Path, documents: list[AnnotatedDocument], *types: str, repeat: int = 25) -> Path:
    """Fine-tune by the command; gives the new release."""
    write_documents(folder / "new.jsonl", documents)
    config = changed(
        configure(folder, start, repeat=repeat, replay=1, compare_documents=1),
        event_types=list(types),
        optimiser={"epochs": 1, "patience": 0, "batch_tokens": 128, "relation_weight": 1.0, **RATES},
    )
    arguments = ["--config", str(config), "--add", str(folder / "new.jsonl"), "--output", str(folder / "my-release")]
    assert main(arguments) == 0
    return folder / "my-release"


@pytest.fixture(scope="module")
def objection(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that was fine-tuned with a type of its own."""
    return tuned(tmp_path_factory.mktemp("objection"), start, objecting("new", *range(6)), "objection")


def types_of(directory: Path) -> tuple[str, ...] | None:
    return vocabulary.extra_event_types(json.loads((directory / release.CONFIG).read_text())["vocabulary"])


def test_new_type_is_told_by_the_new_release(
    objection: Path, start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert types_of(start) == ()
    assert types_of(objection) == ("objection",)
    (article,) = objecting("new", 0)
    extractor = Extractor.from_pretrained(objection, threads=1, least_confidence=0)
    (extraction,) = extractor.extract([article.text])
    (gold,) = (m for m in article.mentions if m.attributes.get("type") == "objection")
    triggers = {(m.start, m.end, m.attributes["type"]) for m in extraction.mentions if m.is_trigger}
    assert (gold.start, gold.end, "objection") in triggers
    assert "objection" in {e.type for e in extractor.document(article.text).events}
    (tmp_path / "a.txt").write_text(article.text)
    assert cli.main(["info", "--model", str(objection)]) == 0
    assert "termination, objection\n" in capsys.readouterr().out
    predict = ["predict", str(tmp_path / "a.txt"), "--format", "jsonl"]
    assert cli.main([*predict, "--model", str(objection)]) == 0
    assert '"objection"' in capsys.readouterr().out


def test_report_measures_the_new_type_also_with_the_start(objection: Path) -> None:
    report = json.loads((objection / "report.json").read_text())
    held = report["held_out"]
    assert held["after"]["trigger_f1"] > held["before"]["trigger_f1"]
    assert report["event_types"] == {"objection": {"trained_on": 4, "held_out": 2}}
    assert json.loads((objection / release.PROVENANCE).read_text())["settings"]["event_types"] == ["objection"]


def test_later_fine_tuning_keeps_the_type_and_may_add_another(objection: Path, tmp_path: Path) -> None:
    documents = [*objecting("new", 0), *objecting("more", 1, kind="withdrawal")]
    again = tuned(tmp_path, objection, documents, "withdrawal", repeat=1)
    assert types_of(again) == ("objection", "withdrawal")
    old, new = (load_trained(d)[0] for d in (objection, again))
    assert new.tags.out_features == old.tags.out_features + 2 == BASE.tags + 4
    assert torch.allclose(old.tags.weight, new.tags.weight[:-2], atol=0.5)
    assert json.loads((again / "report.json").read_text())["event_types"] == {
        "objection": {"trained_on": 1, "held_out": 0},
        "withdrawal": {"trained_on": 1, "held_out": 0},
    }
    Extractor.from_pretrained(again, threads=1).document(documents[0].text)


def test_new_rows_are_the_mean_and_the_old_ones_stay(model: TreatyEventsModel, release_directory: Path) -> None:
    grown, _ = load_trained(release_directory)
    before = {name: value.clone() for name, value in grown.state_dict().items()}
    add_event_types(grown, ["objection", "withdrawal"])
    add_event_types(grown, ["objection"])
    assert grown.config.layout.extra_event_types == ("objection", "withdrawal")
    after = grown.state_dict()
    for name, value in before.items():
        assert torch.equal(after[name][: len(value)], value), name
    assert {name for name in before if len(before[name]) != len(after[name])} == {
        "tags.weight",
        "tags.bias",
        "spans.label.weight",
    }
    head = BASE.heads[-1]
    for row, first in ((BASE.tags, 1), (BASE.tags + 1, 2)):
        old = before["tags.weight"][head.start + first : head.end : 2]
        assert torch.allclose(after["tags.weight"][row], old.mean(0))
        assert torch.equal(after["tags.weight"][row], after["tags.weight"][row + 2])


def test_model_with_a_new_type_reads_as_before_until_it_is_trained(
    start: Path, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    grown, _ = load_trained(start)
    add_event_types(grown, ["objection"])
    write_release(grown.eval(), tokenizer, tmp_path / "r", {}, texts=[d.text for d in variants("old", 0)])
    texts = [d.text for d in variants("x", 1, 2)]
    old, new = (Extractor.from_pretrained(d, threads=1).extract(texts) for d in (start, tmp_path / "r"))
    for one, other in zip(old, new, strict=True):
        found, expected = ({(m.start, m.end, m.label) for m in e.mentions if not m.is_trigger} for e in (one, other))
        assert found == expected
        assert "objection" not in {m.attributes.get("type") for m in other.mentions}


def test_unnamed_types_are_refused_and_those_of_the_start_are_not(start: Path, objection: Path, tmp_path: Path) -> None:
    write_documents(tmp_path / "new.jsonl", objecting("new", 0))
    with pytest.raises(InputError, match="name a new one with --event-types"):
        read_added([tmp_path / "new.jsonl"])
    config = configure(tmp_path, start)
    with pytest.raises(InputError, match="'objection' is not one of"):
        finetune(read_finetune_settings(config), [tmp_path / "new.jsonl"], tmp_path / "out")
    with pytest.raises(InputError, match="'Objection': a name of lower-case letters"):
        read_finetune_settings(changed(config, event_types=["Objection"]))
    release_of_its_own = configure(tmp_path, objection)
    finetune(read_finetune_settings(release_of_its_own), [tmp_path / "new.jsonl"], tmp_path / "out")
    assert types_of(tmp_path / "out") == ("objection",)


def test_type_that_no_document_has_is_warned_of(start: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tuned(tmp_path, start, variants("new", 0), "objection", repeat=1)
    assert "event type objection: no document that is trained on has a trigger of it" in caplog.text


def test_whole_training_takes_new_types_too(start: Path, tmp_path: Path) -> None:
    write_documents(tmp_path / "train.jsonl", objecting("new", 0, 1))
    values = {
        "output": str(tmp_path / "run"),
        "event_types": ["objection"],
        "model": {"start": str(start)},
        "data": {"train": [str(tmp_path / "train.jsonl")], "dev": [str(tmp_path / "train.jsonl")]},
        "optimiser": {"epochs": 1, "batch_tokens": 256},
    }
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(values))
    assert train.main(["--config", str(path)]) == 0
    assert types_of(tmp_path / "run" / train.TRAINED) == ("objection",)
    loaded, _ = load_trained(tmp_path / "run" / train.TRAINED)
    assert loaded.tags.out_features == BASE.tags + 2
    with pytest.raises(AnnotationError, match=r"document new-0, offset \d+: the model has no event type 'objection'"):
        train.Run(read_settings(changed(path, event_types=[])))
    with pytest.raises(InputError, match="freeze_encoder"):
        train.start_model(
            read_settings(changed(path, event_types=["objection"], model={"start": str(start), "freeze_encoder": True}))
        )


def test_annotation_and_scores_take_new_types(objection: Path, tmp_path: Path) -> None:
    documents = objecting("new", 0, 1)
    extractions = Extractor.from_pretrained(objection, threads=1).extract([d.text for d in documents])
    assert score_predictions(documents, extractions)["trigger_f1"] > 0
    marked = annotate(extractions[0], "a", "fr", None)
    assert np.any([m.attributes.get("type") == "objection" for m in marked.mentions])
    for name, form in formats.FORMATS.items():
        if form.read and not form.loses and not form.extra:
            assert all(map(same, documents, formats.read(formats.write(documents, name), name))), name
