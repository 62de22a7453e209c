from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
import yaml
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from data.documents import AnnotatedDocument, write_documents
from training import train
from training.collator import collate
from training.examples import make_examples
from training.model import TreatyEventsModel
from training.release import load_trained, write_release
from training.thinning import Teacher, divergence, keep_layers
from treaty_events import Extractor, InputError
from treaty_events.decoding import BASE


def deep(layers: int) -> TreatyEventsModel:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=16
    )
    return TreatyEventsModel.from_encoder(
        BertModel(config, add_pooling_layer=False), span_size=16, span_layers=1, span_heads=2, pair_size=8
    )


@pytest.mark.parametrize(("had", "layers", "kept"), [(5, 3, [0, 2, 4]), (12, 6, [0, 2, 4, 7, 9, 11]), (4, 2, [0, 3])])
def test_layers_stay_evenly_with_first_and_last(had: int, layers: int, kept: list[int]) -> None:
    model, whole = deep(had), deep(had)
    keep_layers(model, layers)
    assert model.config.encoder["num_hidden_layers"] == layers
    names = "attention.self.query.weight"
    got = [layer.get_parameter(names) for layer in model.encoder.encoder.layer]
    wanted = [whole.encoder.encoder.layer[i].get_parameter(names) for i in kept]
    assert all(torch.equal(a, b) for a, b in zip(got, wanted, strict=True))


@pytest.mark.parametrize("layers", [0, 4])
def test_all_layers_stay(layers: int) -> None:
    model = deep(4)
    keep_layers(model, layers)
    assert len(model.encoder.encoder.layer) == 4


@pytest.mark.parametrize("layers", [1, 5, -2])
def test_impossible_number_of_layers_is_refused(layers: int) -> None:
    with pytest.raises(InputError, match="4 encoder layers; take 2 to 4"):
        keep_layers(deep(4), layers)


def test_divergence_is_none_between_equals_and_blind_to_padding() -> None:
    torch.manual_seed(0)
    tags, told = torch.randn(2, 5, BASE.tags), torch.randn(2, 5, BASE.tags)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    assert float(divergence(tags, tags, mask, BASE)) == pytest.approx(0.0, abs=1e-6)
    value = float(divergence(tags, told, mask, BASE))
    assert value > 0
    told[0, 3:] = 100.0
    assert float(divergence(tags, told, mask, BASE)) == pytest.approx(value)


def test_thinned_model_learns_from_its_teacher_and_becomes_a_release(
    tokenizer: PreTrainedTokenizerFast, documents: list[AnnotatedDocument], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    encoder = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, pad_token_id=1,
    )  # fmt: skip
    teacher = TreatyEventsModel.from_encoder(
        BertModel(encoder, add_pooling_layer=False),
        span_size=32, span_layers=1, span_heads=2, pair_size=8, window=40, overlap=10,
    )  # fmt: skip
    with torch.no_grad():
        teacher.tags.weight.mul_(5)
        # What is lost with the layers in between must matter.
        for layer in teacher.encoder.encoder.layer[1:3]:
            layer.output.dense.weight.mul_(60)
    start = tmp_path / "start"
    teacher.save_pretrained(start)
    tokenizer.save_pretrained(start)
    write_documents(tmp_path / "train.jsonl", documents)
    settings = {
        "output": str(tmp_path / "run"),
        "model": {"start": str(start), "layers": 2, "teacher": str(start)},
        "data": {"train": [str(tmp_path / "train.jsonl")]},
        "optimiser": {
            "epochs": 30, "patience": 0, "batch_tokens": 128, "encoder_rate": 0.003, "tag_weight": 0.0,
            "attribute_weight": 0.0, "relation_weight": 0.0,
        },
    }  # fmt: skip
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(settings))
    assert train.main(["--config", str(tmp_path / "run.yaml")]) == 0
    small, _ = load_trained(tmp_path / "run" / train.TRAINED)
    assert small.config.encoder["num_hidden_layers"] == 2

    # With no other loss, what it has learned it has from the teacher.
    untrained, _ = load_trained(start)
    keep_layers(untrained, 2)
    examples = make_examples(documents, tokenizer.backend_tokenizer, window=40, overlap=10)
    batch = collate(examples, opening=0, closing=2, padding=1)
    judge = Teacher(str(start), tokenizer, BASE, torch.device("cpu"))
    with torch.no_grad():
        before, after = (
            float(judge.loss(m.eval().encode(batch.input_ids, batch.attention_mask).tags, batch))
            for m in (untrained, small)
        )
    assert after < 0.5 * before

    write_release(small.eval(), tokenizer, tmp_path / "small", {"name": "small"}, texts=[d.text for d in documents])
    assert Extractor.from_pretrained(tmp_path / "small").document("Doha.").text == "Doha."


def test_teacher_with_other_labels_or_pieces_is_refused(
    release_directory: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    from treaty_events.decoding import Layout

    directory, device = str(release_directory), torch.device("cpu")
    with pytest.raises(InputError, match="other event types"):
        Teacher(directory, tokenizer, Layout.of(("objection",)), device)
    other = copy.deepcopy(tokenizer)
    other.add_tokens(["Ashgabat"])
    with pytest.raises(InputError, match="another vocabulary"):
        Teacher(directory, other, BASE, device)


def test_layers_of_the_base_are_refused(tmp_path: Path) -> None:
    settings = {"output": str(tmp_path), "model": {"layers": 6}, "data": {"train": []}}
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(settings))
    assert train.main(["--config", str(tmp_path / "run.yaml")]) == 2
