"""Event figures: by hand, and against the reference scorer where it is there."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from evaluation import events as judged
from evaluation.intervals import FEWEST, f1, f1_interval, interval, resample
from treaty_events import vocabulary

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "score_events.py"
# Reference scorer's names -> ours.
NAMES = {
    "docs": "documents",
    "gold": "gold",
    "pred": "predicted",
    "event_p": "event_precision",
    "event_r": "event_recall",
    "event_f1": "event_f1",
    "strict_f1": "strict_f1",
    "slot_f1": "slot_f1",
    "status_acc": "status_accuracy",
    "parties_acc": "parties_accuracy",
    "date_acc": "date_accuracy",
    "date_invented": "date_invented",
    "false_per_negative": "false_per_negative",
}


def event(**changes: Any) -> dict[str, Any]:
    plain = {
        "type": "signature",
        "status": "occurred",
        "kind": "agreement",
        "domain": "defence",
        "parties": ["KAZ", "QAT"],
        "date": "2023-12-12",
        "trigger": [10, 16],
        "evidence": [10, 40],
        "treaty": [20, 40],
        "place": [50, 54],
        "agents": [],
    }
    return {**plain, **changes}


def score(gold: list[list[dict[str, Any]]], predicted: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return judged.score_events(gold, predicted, intervals=False)["all"]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    if not REFERENCE.is_file():
        pytest.skip(f"the reference scorer is not at {REFERENCE}")
    spec = importlib.util.spec_from_file_location("reference_scorer", REFERENCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_event(rng: random.Random) -> dict[str, Any]:
    def span() -> list[int] | None:
        start = rng.randrange(0, 60)
        return None if rng.random() < 0.3 else [start, start + rng.randrange(1, 12)]

    return {
        "type": rng.choice(["signature", "approval", "adoption", "amendment", "extension"]),
        "status": rng.choice(vocabulary.STATUSES),
        "kind": rng.choice([None, "agreement", "treaty"]),
        "domain": rng.choice([None, "defence", "trade"]),
        "parties": sorted(rng.sample(["KAZ", "QAT", "RUS", "ITA"], rng.randrange(0, 4))),
        "date": rng.choice([None, "2023", "2023-12-12"]),
        "trigger": span(),
        "evidence": span() or [0, 5],
        "treaty": span(),
        "place": span(),
        "agents": [s for s in (span() for _ in range(rng.randrange(0, 3))) if s],
    }


def compare(reference: ModuleType, gold: list[list[dict[str, Any]]], predicted: list[list[dict[str, Any]]]) -> None:
    expected = reference.figures([reference.count({"events": g}, p) for g, p in zip(gold, predicted, strict=True)])
    found = score(gold, predicted)
    assert {ours for theirs, ours in NAMES.items() if theirs in expected} == set(NAMES.values()) & set(found)
    for theirs, ours in NAMES.items():
        if theirs in expected:
            assert found[ours] == pytest.approx(expected[theirs], abs=1e-12), theirs


@pytest.mark.parametrize("seed", range(20))
def test_random_predictions_score_as_in_the_reference(reference: ModuleType, seed: int) -> None:
    rng = random.Random(seed)
    gold, predicted = ([[random_event(rng) for _ in range(rng.randrange(0, 6))] for _ in range(30)] for _ in range(2))
    compare(reference, gold, predicted)


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ([[]], [[]]),
        ([[]], [[event()]]),
        ([[event()]], [[]]),
        ([[event()]], [[event()]]),
        ([[event(type="adoption")]], [[event(type="approval")]]),
        ([[event(parties=[], treaty=None)]], [[event(parties=[], treaty=None, trigger=[90, 95])]]),
        ([[event(date=None)], []], [[event(), event()], [event()]]),
        ([[event(agents=[[1, 3], [2, 4]])]], [[event(agents=[[2, 3]], place=None)]]),
    ],
)
def test_hand_made_cases_score_as_in_the_reference(
    reference: ModuleType, gold: list[list[dict[str, Any]]], predicted: list[list[dict[str, Any]]]
) -> None:
    compare(reference, gold, predicted)


def test_the_same_events_are_perfect() -> None:
    figures = score([[event(agents=[[1, 5]])], []], [[event(agents=[[2, 3]])], []])
    assert all(figures[k] == 1.0 for k in ("event_f1", "strict_f1", "slot_f1", "date_accuracy", "agents_f1"))
    assert figures["false_per_negative"] == 0.0


def test_another_status_is_right_for_event_f1_only() -> None:
    figures = score([[event()]], [[event(status="planned")]])
    assert (figures["event_f1"], figures["strict_f1"], figures["status_f1"]) == (1.0, 0.0, 0.0)
    # type, kind, domain, two parties, date, place of eight fillers
    assert figures["slot_f1"] == pytest.approx(7 / 8)


def test_unmatched_events_count_whole() -> None:
    figures = score([[event()]], [[event(type="ratification")]])
    assert figures["event_f1"] == figures["slot_f1"] == 0.0
    assert "status_accuracy" not in figures


def test_an_invented_date_and_false_events_are_counted() -> None:
    figures = score([[event(date=None)], []], [[event()], [event(), event()]])
    assert (figures["date_invented"], figures["false_per_negative"]) == (1, 2.0)


def test_the_pair_that_agrees_most_is_taken() -> None:
    pairs = judged.match([event()], [event(status="planned", date=None), event()])
    assert pairs == [(0, 1)]


def test_languages_are_scored_apart() -> None:
    report = judged.score_events([[event()], [event()]], [[event()], []], ["fr", "kk"], intervals=False)
    assert (report["fr"]["event_f1"], report["kk"]["event_f1"]) == (1.0, 0.0)
    assert report["all"]["event_recall"] == 0.5


def test_slots_add_up_to_the_whole() -> None:
    rng = random.Random(1)
    row = judged.count([random_event(rng) for _ in range(5)], [random_event(rng) for _ in range(5)])
    figures = judged.event_figures([row], intervals=False)
    columns = dict(zip(judged.COLUMNS, row.tolist(), strict=True))
    hits, gold, predicted = (sum(columns[f"{s}_{w}"] for s in judged.SLOTS) for w in ("hits", "gold", "predicted"))
    assert figures["slot_f1"] == pytest.approx(2 * hits / (gold + predicted))


def test_calibration_error_is_the_gap_between_confidence_and_share_of_right_ones() -> None:
    predicted = [[event(confidence=0.75)], [event(confidence=0.75, type="ratification")]]
    report = judged.calibration([[event()], [event()]], predicted)
    assert report
    assert report["events"] == 2
    assert report["expected_calibration_error"] == pytest.approx(0.25)
    assert judged.calibration([[event()]], [[event()]]) is None


def test_intervals_are_the_same_each_time_and_hold_the_figure() -> None:
    rng = random.Random(3)
    gold, predicted = ([[random_event(rng) for _ in range(3)] for _ in range(20)] for _ in range(2))
    first, second = (judged.score_events(gold, predicted)["all"] for _ in range(2))
    assert first == second
    low, high = first["intervals"]["slot_f1"]
    assert low < first["slot_f1"] < high


def test_few_documents_get_no_interval() -> None:
    assert "intervals" not in judged.score_events([[event()]], [[event()]])["all"]
    assert f1_interval([(1, 1, 1)] * (FEWEST - 1)) is None
    assert f1_interval([(1, 1, 1)] * FEWEST) == (1.0, 1.0)


def test_resampling_keeps_the_number_of_documents() -> None:
    sums = resample(np.ones((7, 2)), resamples=50)
    assert sums.shape == (50, 2)
    assert (sums == 7).all()


def test_what_is_not_defined_has_no_interval() -> None:
    assert np.isnan(f1(0, 0, 0))
    assert interval(np.array([np.nan, np.nan])) is None
