from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from data.documents import AnnotatedDocument, write_documents
from training import calibrate
from training.backend import reader_of
from training.calibrate import fit_confidence
from training.model import TreatyEventsModel
from treaty_events import vocabulary
from treaty_events.reader import Reader


def test_confidence_is_pulled_towards_what_is_right() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.6, 0.99, 400)
    right = rng.random(400) < 0.5  # the model is sure, and right half the time
    slope, intercept = fit_confidence(scores.tolist(), right.tolist())
    calibrated = 1 / (1 + np.exp(-slope * np.log(scores / (1 - scores)) - intercept))
    assert abs(float(calibrated.mean()) - 0.5) < 0.05


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_confidence_fit_is_finite(pairs: list[tuple[float, bool]]) -> None:
    slope, intercept = fit_confidence([s for s, _ in pairs], [r for _, r in pairs])
    assert np.isfinite([slope, intercept]).all()


def test_few_events_leave_the_score_alone() -> None:
    assert fit_confidence([0.9, 0.2], [True, False]) == (1.0, 0.0)


def test_command_writes_the_chosen_settings_and_keeps_the_weights(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, documents: list[AnnotatedDocument], tmp_path: Path
) -> None:
    model.save_pretrained(tmp_path / "m")
    tokenizer.save_pretrained(tmp_path / "m")
    before = (tmp_path / "m" / "model.safetensors").read_bytes()
    write_documents(tmp_path / "d.jsonl", documents)
    assert calibrate.main([str(tmp_path / "m"), "--data", str(tmp_path / "d.jsonl")]) == 0
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    assert len(config["outside"]) == len(vocabulary.SPAN_LABELS)
    assert len(config["thresholds"]) == len(vocabulary.RELATIONS)
    assert len(config["confidence"]) == 2
    assert (tmp_path / "m" / "model.safetensors").read_bytes() == before


def test_trigger_bias_is_the_one_that_the_events_score_best_with(
    model: TreatyEventsModel,
    tokenizer: PreTrainedTokenizerFast,
    documents: list[AnnotatedDocument],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)

    def events(reader: Reader, *_: object) -> tuple[dict[str, object], float]:
        bias = float(reader.outside[-1])
        return {"confidence": [bias, 0.0], "least_confidence": 0.0}, -abs(bias - 2.0)

    monkeypatch.setattr(calibrate, "_choose_events", events)
    chosen = calibrate.calibrate(tmp_path, documents)
    assert chosen["outside"][-1] == chosen["confidence"][0] == 2.0


def test_thresholds_of_parties_and_instruments_are_those_that_the_events_score_best_with(
    model: TreatyEventsModel,
    tokenizer: PreTrainedTokenizerFast,
    documents: list[AnnotatedDocument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = len(vocabulary.RELATIONS)
    reader = reader_of(model, tokenizer, thresholds=[0.4] * count, confidence=(1.0, 0.0))

    def score(*_: object, **__: object) -> dict[str, dict[str, float]]:
        off = sum(abs(t - 0.25) for t in reader.config["thresholds"])
        return {"all": dict.fromkeys(("event_f1", "strict_f1", "slot_f1"), 1 - off)}

    monkeypatch.setattr("evaluation.events.score_events", score)
    encoded = reader.encode([d.text for d in documents])
    chosen = calibrate.choose_event_thresholds(reader, encoded, documents, 0.0)
    assert chosen == [0.25 if r.name in ("party", "treaty") else 0.4 for r in vocabulary.RELATIONS]
    assert reader.config["thresholds"] == chosen


def test_missing_model_is_an_error(tmp_path: Path) -> None:
    write_documents(tmp_path / "d.jsonl", [])
    assert calibrate.main([str(tmp_path), "--data", str(tmp_path / "d.jsonl")]) == 2


@pytest.mark.parametrize(
    ("scores", "expected"), [([0.5, 0.5, 0.6], 1.0), ([0.5, 0.5, 0.501], 0.0), ([0.7, 0.5, 0.5], -1.0)]
)
def test_a_setting_moves_only_for_a_gain(scores: list[float], expected: float) -> None:
    assert calibrate._best(np.array([-1.0, 0.0, 1.0]), scores, 0.0) == expected
