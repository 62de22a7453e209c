from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from transformers import PreTrainedTokenizerFast

from data.documents import AnnotatedDocument, write_documents
from training import auxiliary, train
from training.collator import batches, candidates, collate, hide_tokens, span_batch
from training.examples import close_same_as, make_examples
from training.model import IGNORED, TreatyEventsModel, compatible_pairs, relation_loss, tag_loss
from training.optimiser import AveragedWeights, parameter_groups, rate_factor
from training.release import load_trained
from training.settings import OptimiserSettings, Settings, read_settings
from treaty_events import Extractor, InputError, decoding, vocabulary
from treaty_events.decoding import BASE

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def start(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    directory = tmp_path_factory.mktemp("start")
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


@pytest.fixture
def config(start: Path, documents: list[AnnotatedDocument], tmp_path: Path) -> Path:
    """A run of two epochs on two documents, as a user would write it."""
    write_documents(tmp_path / "train.jsonl", documents)
    values = {
        "output": str(tmp_path / "run"),
        "model": {"start": str(start)},
        "data": {"train": [str(tmp_path / "train.jsonl")], "dev": [str(tmp_path / "train.jsonl")]},
        "optimiser": {"epochs": 2, "patience": 0, "batch_tokens": 128, "encoder_rate": 0.001, "average": 0.9},
    }
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def weights(directory: Path) -> dict[str, torch.Tensor]:
    return dict(load_trained(directory)[0].state_dict())


def changed(path: Path, **values: object) -> Path:
    settings = yaml.safe_load(path.read_text())
    settings["output"] = str(path.parent / "other")
    settings["optimiser"] |= values
    other = path.with_name("other.yaml")
    other.write_text(yaml.safe_dump(settings))
    return other


def test_command_trains_evaluates_and_saves(config: Path) -> None:
    assert train.main(["--config", str(changed(config, epochs=6))]) == 0
    output = config.parent / "other"
    rows = [json.loads(line) for line in (output / train.LOG).read_text().splitlines()]
    assert [r["epoch"] for r in rows] == [1, 2, 3, 4, 5, 6]
    assert {"loss_tags", "loss_relations", "mention_f1", "score"} <= set(rows[0])
    # The tiny model's loss wavers from epoch to epoch (its heads are loud on purpose), but it falls.
    assert min(r["loss_tags"] for r in rows[1:]) < 0.9 * rows[0]["loss_tags"]
    provenance = json.loads((output / train.TRAINED / "provenance.json").read_text())
    assert provenance["settings"]["seed"] == 13


def test_resumed_run_equals_an_uninterrupted_one(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert train.main(["--config", str(config)]) == 0
    other = changed(config)

    class Stopped(Exception):
        pass

    original = train.Run._train_epoch

    def stop_in_second(self: train.Run, epoch: int) -> dict[str, float]:
        if epoch == 1:
            raise Stopped
        return original(self, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(train.Run, "_train_epoch", stop_in_second)
        with pytest.raises(Stopped):
            train.main(["--config", str(other)])
    assert train.main(["--config", str(other), "--resume"]) == 0
    whole = weights(config.parent / "run" / train.TRAINED)
    resumed = weights(config.parent / "other" / train.TRAINED)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_patience_stops_a_run(config: Path) -> None:
    other = changed(config, epochs=9, patience=1, encoder_rate=0.0, head_rate=0.0, average=0.0)
    assert train.main(["--config", str(other)]) == 0
    assert len((config.parent / "other" / train.LOG).read_text().splitlines()) == 2


def test_frozen_embeddings_do_not_move(config: Path, start: Path) -> None:
    train.main(["--config", str(config)])
    name = "encoder.embeddings.word_embeddings.weight"
    assert torch.equal(weights(start)[name], weights(config.parent / "run" / train.TRAINED)[name])


def test_span_module_trains_alone_on_a_frozen_encoder(config: Path, start: Path) -> None:
    settings = yaml.safe_load(config.read_text())
    settings["model"]["freeze_encoder"] = True
    config.write_text(yaml.safe_dump(settings))
    assert train.main(["--config", str(config)]) == 0
    before, after = weights(start), weights(config.parent / "run" / train.TRAINED)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(name.startswith("spans.") for name in moved)


def test_retraining_starts_from_a_release(config: Path, release_directory: Path) -> None:
    settings = yaml.safe_load(config.read_text())
    settings["model"]["start"] = str(release_directory)
    config.write_text(yaml.safe_dump(settings))
    assert train.main(["--config", str(config)]) == 0


def test_trained_model_becomes_a_release(config: Path, tmp_path: Path) -> None:
    from training import export

    train.main(["--config", str(config)])
    assert export.main([str(config.parent / "run" / train.TRAINED), str(tmp_path / "release")]) == 0
    extractor = Extractor.from_pretrained(tmp_path / "release")
    assert extractor.document("Doha.").text == "Doha."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output: x\ncolour: red\n", "unknown key colour"),
        ("output: x\noptimiser: {epochs: many}\n", "optimiser.epochs: expected int"),
        ("output: x\noptimiser: {encoder_rate: 1e-4}\n", "needs a dot"),
        ("output: x\ndata: {train: file}\n", "expected a list"),
        ("[", "cannot read"),
        ("3", "expected a mapping"),
    ],
)
def test_settings_errors_name_the_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_settings(path)


# Those of fine-tuning and of the gate have settings of their own.
CONFIGURATIONS = sorted(p for p in (ROOT / "configs").glob("*.yaml") if p.stem not in ("finetune", "gate"))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda p: p.name)
def test_shipped_configurations_are_read(path: Path) -> None:
    assert isinstance(read_settings(path), Settings)


def test_a_run_without_data_says_so(config: Path) -> None:
    settings = yaml.safe_load(config.read_text())
    settings["data"] = {}
    config.write_text(yaml.safe_dump(settings))
    assert train.main(["--config", str(config)]) == 2


def test_examples_spell_the_annotation(documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast) -> None:
    examples = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0)
    (example,) = examples
    logits = np.zeros((len(example.ids), BASE.tags), np.float32)
    for h, head in enumerate(BASE.heads):
        logits[np.arange(len(example.ids)), head.start + example.tags[:, h]] = 9
    spans = decoding.decode_tags(logits, example.joined, BASE)
    got = sorted(zip(spans.bounds.tolist(), spans.types.tolist(), strict=True))
    assert got == sorted(zip(example.bounds.tolist(), example.types.tolist(), strict=True))
    assert len(got) == len(documents[0].mentions)
    assert len(example.relations) == len(documents[0].relations)


def test_long_documents_are_covered_by_windows(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast
) -> None:
    examples = make_examples(documents, tokenizer.backend_tokenizer, window=30, overlap=10)
    whole = make_examples(documents, tokenizer.backend_tokenizer, window=5000, overlap=0)
    assert len(examples) > len(whole)
    assert {i for e in examples for i in e.ids.tolist()} == {i for e in whole for i in e.ids.tolist()}


def test_unknown_labels_are_out_of_the_loss(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast
) -> None:
    (example,) = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0, known={"GPE"})
    heads = vocabulary.SPAN_LABELS
    assert (example.tags[:, heads.index("PERSON")] == IGNORED).all()
    assert (example.tags[:, heads.index("GPE")] != IGNORED).all()
    assert not example.linked
    logits = torch.zeros(1, len(example.ids), BASE.tags, requires_grad=True)
    tag_loss(logits, torch.from_numpy(example.tags)[None], BASE).backward()
    assert logits.grad is not None
    person, place = BASE.heads[heads.index("PERSON")], BASE.heads[heads.index("GPE")]
    assert not logits.grad[..., person.start : person.end].any()
    assert logits.grad[..., place.start : place.end].any()


def test_windows_without_relations_share_a_batch_with_others(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> None:
    (linked,) = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0)
    (names,) = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0, known={"GPE"})
    none = decoding.Spans(np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    spans = span_batch([names, linked], [none, none], rng, jitter=0.0, own=0.0)
    assert spans is not None
    assert not spans.present[0].any()
    assert int(spans.present[1].sum()) == len(linked.types)
    assert (spans.attributes[0] == IGNORED).all()


def test_attention_dropout_reaches_every_layer(config: Path) -> None:
    settings = yaml.safe_load(config.read_text())
    for wanted in (0.0, 0.2):
        settings["model"]["attention_dropout"] = wanted
        config.write_text(yaml.safe_dump(settings))
        model, _ = train.start_model(read_settings(config))
        assert {layer.attention.self.dropout.p for layer in model.encoder.encoder.layer} == {wanted}


def test_coreference_is_closed_over_a_cluster() -> None:
    from data.documents import Link, Mention

    mentions = [Mention(f"T{i}", "TREATY", i, i + 1) for i in range(3)]
    document = AnnotatedDocument("d", "en", "abc", mentions, [Link("same_as", "T1", "T0"), Link("same_as", "T2", "T1")])
    links = {(x.head, x.tail) for x in close_same_as(document).relations}
    assert links == {("T1", "T0"), ("T2", "T0"), ("T2", "T1")}


def test_candidates_hold_gold_first_and_false_spans_after(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> None:
    (example,) = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0)
    own = decoding.Spans(
        np.array([[0, 1], [*example.bounds[0]]]), np.array([1, example.types[0]]), np.ones(2, np.float32)
    )
    bounds, types, origin = candidates(example, own, rng, jitter=0.0, own=0.0)
    gold = len(example.types)
    assert origin.tolist() == [*range(gold), -1]
    assert (bounds[:gold] == example.bounds).all()
    assert types[gold] == 1


def test_batches_keep_to_the_budget_and_lose_nothing(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> None:
    examples = make_examples(documents * 5, tokenizer.backend_tokenizer, window=40, overlap=10)
    groups = batches(examples, 150, rng)
    assert sorted(i for g in groups for i in g) == list(range(len(examples)))
    for group in groups:
        batch = collate([examples[i] for i in group], opening=0, closing=2, padding=1)
        assert batch.input_ids.numel() <= 150
        assert (batch.input_ids[:, 0] == 0).all()


def test_tokens_are_hidden_but_no_labels_and_no_special_tokens(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> None:
    examples = make_examples(documents, tokenizer.backend_tokenizer, window=40, overlap=10)
    batch = collate(examples, opening=0, closing=2, padding=1)
    assert hide_tokens(batch, 0.0, 4, rng) is batch
    hidden = hide_tokens(batch, 0.3, 4, rng)
    changed = (hidden.input_ids != batch.input_ids).numpy()
    assert (hidden.input_ids.numpy()[changed] == 4).all()
    real = np.zeros_like(changed)
    for row, example in zip(real, examples, strict=True):
        row[1 : len(example.ids) + 1] = True
    assert not (changed & ~real).any()
    assert 0.1 < changed[real].mean() < 0.5
    assert (hidden.tags == batch.tags).all()


def test_relation_loss_counts_compatible_pairs_only(
    documents: list[AnnotatedDocument], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> None:
    (example,) = make_examples(documents[:1], tokenizer.backend_tokenizer, window=500, overlap=0)
    empty = decoding.Spans(np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    spans = span_batch([example], [empty], rng, jitter=0.0, own=0.0)
    assert spans is not None
    pairs = compatible_pairs(spans.types, spans.present)
    assert (spans.relations.bool() & ~pairs).sum() == 0
    right = (spans.relations * 2 - 1) * 20
    assert relation_loss(right, spans.relations, pairs) < 1e-3
    assert relation_loss(-right, spans.relations, pairs) > 10


def test_learning_rates_fall_with_depth_and_over_time(model: TreatyEventsModel) -> None:
    settings = dataclasses.replace(OptimiserSettings(), encoder_rate=1.0, layer_decay=0.5, head_rate=3.0)
    rates = {g["lr"] for g in parameter_groups(model, settings)}
    assert {3.0, 1.0, 0.5} <= rates
    factors = [rate_factor(s, 100, 0.1) for s in range(100)]
    assert max(factors) == factors[9] == 1.0
    assert factors[-1] < 0.05


def test_averaged_weights_swap_and_return() -> None:
    parameter = torch.nn.Parameter(torch.zeros(2))
    average = AveragedWeights([("p", parameter)], 0.5)
    with torch.no_grad():
        parameter.fill_(4.0)
    average.update()
    average.swap()
    assert 0 < float(parameter[0]) <= 4
    average.swap()
    assert float(parameter[0]) == 4.0


def test_auxiliary_records_are_read_with_masks(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    rows = [
        {
            "tokens": ["Putin", "in", "Rom", ",", "NATO"],
            "ner_tags": ["B-PER", "O", "B-LOC", "O", "B-ORG"],
            "lang": "en",
        },
        {"tokens": ["sign", "it"], "ner_tags": None, "lang": "en"},
    ]
    (tmp_path / "multiner_gov_en.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (example,) = auxiliary.read_set(tmp_path, "multiner_gov_en", tokenizer.backend_tokenizer, 50)
    heads = vocabulary.SPAN_LABELS
    assert 1 in example.tags[:, heads.index("PERSON")]
    assert (example.tags[:, heads.index("DATE")] == IGNORED).all()
    # The place is left open: masked for the heads that the set decides otherwise.
    assert (example.tags[:, heads.index("ORG")] == IGNORED).any()
    with pytest.raises(InputError, match="unknown auxiliary set"):
        auxiliary.read_set(tmp_path, "nothing", tokenizer.backend_tokenizer, 50)
    with pytest.raises(InputError, match="leave kaznerd out"):
        auxiliary.read_set(tmp_path, "kaznerd", tokenizer.backend_tokenizer, 50)


def test_auxiliary_text_is_joined_as_written() -> None:
    text, bounds = auxiliary.join_tokens(["He", "said", "(", "no", ")", "."], True)
    assert text == "He said (no)."
    assert [text[a:b] for a, b in bounds] == ["He", "said", "(", "no", ")", "."]
    assert auxiliary.join_tokens(["中", "哈"], False)[0] == "中哈"
