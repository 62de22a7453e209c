"""Development scores and the PyTorch subject, with a tiny untrained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.markup import parse
from evaluation.development import PARTS, development_scores
from evaluation.subjects import TorchSubject, open_subject

from .test_evaluation_gold import SOURCE

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def tiny() -> tuple[Any, Any]:
    from tokenizers import Tokenizer, models, pre_tokenizers

    from training.model import TreatyEventsModel

    words = ["<s>", "</s>", "<pad>", "<unk>", *sorted({w for d in parse(SOURCE) for w in d.text.split()})]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    encoder = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
        ),
        add_pooling_layer=False,
    )
    sizes: dict[str, Any] = {"span_size": 16, "span_layers": 1, "span_heads": 2, "pair_size": 8}
    return TreatyEventsModel.from_encoder(encoder, **sizes).eval(), fast


def test_a_model_in_training_is_scored(tiny: tuple[Any, Any]) -> None:
    scores = development_scores(*tiny, parse(SOURCE))
    assert list(scores) == [*PARTS, "score"]
    assert all(0.0 <= value <= 1.0 for value in scores.values())
    assert scores["score"] == pytest.approx(sum(scores[name] for name in PARTS) / len(PARTS))


def test_a_trained_model_can_be_judged(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = tiny
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    subject = open_subject(tmp_path, threads=1)
    assert isinstance(subject, TorchSubject)
    text = parse(SOURCE)[0].text
    (extraction,) = subject.extract([text])
    assert extraction.text == text
    assert len(subject.events(extraction, None)) <= len(extraction.mentions)
    assert len(subject.info.weights_sha256) == 64
