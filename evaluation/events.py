"""What users see: events against gold events.

Two events can match when their types agree (`adoption` counts as `approval`, `extension` as `amendment`) and one of
these holds: the predicted trigger lies on the gold evidence, the treaty spans overlap, or the parties are the same and
not empty. Pairs are taken greedily, the pair that agrees on most slots first. A matched pair is right for event F1; for
strict F1 only if status and parties agree too; slot F1 counts all fillers, and unmatched events count whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .gold import EventRecord
from .intervals import FEWEST, Counts, f1, interval, ratio, resample

SAME_TYPE: Final = {"adoption": "approval", "extension": "amendment"}
SLOTS: Final = ("type", "status", "kind", "domain", "parties", "date", "place", "agents")
_VALUES: Final = ("status", "kind", "domain", "date")
_PLAIN: Final = (
    "documents", "gold", "predicted", "hits", "strict", "status_right", "parties_right", "dated", "date_right",
    "date_invented", "negatives", "false",
)  # fmt: skip
# Columns of a document's counts: the plain ones, then hits, gold and predicted fillers of each slot.
COLUMNS: Final = (*_PLAIN, *(f"{slot}_{what}" for slot in SLOTS for what in ("hits", "gold", "predicted")))
_COLUMN = {name: i for i, name in enumerate(COLUMNS)}
_BINS: Final = 10


def overlap(a: Sequence[int] | None, b: Sequence[int] | None) -> bool:
    """Tell whether two spans share a character."""
    return bool(a and b and max(a[0], b[0]) < min(a[1], b[1]))


def _codes(event: EventRecord) -> list[str]:
    return sorted(event.get("parties") or [])


def can_match(gold: EventRecord, predicted: EventRecord) -> bool:
    """Tell whether a predicted event can be taken for a gold one."""
    kinds = [SAME_TYPE.get(e["type"], e["type"]) for e in (gold, predicted)]
    if kinds[0] != kinds[1]:
        return False
    return (
        overlap(gold.get("evidence"), predicted.get("trigger"))
        or overlap(gold.get("treaty"), predicted.get("treaty"))
        or (bool(_codes(gold)) and _codes(gold) == _codes(predicted))
    )


def slot_fillers(event: EventRecord) -> dict[str, int]:
    """Count an event's fillers by slot."""
    single = {key: int(event.get(key) is not None) for key in (*_VALUES, "place")}
    many = {key: len(event.get(key) or []) for key in ("parties", "agents")}
    return {"type": 1, **single, **many}


def slot_hits(gold: EventRecord, predicted: EventRecord) -> dict[str, int]:
    """Count by slot the fillers on which two matched events agree."""
    hits = {"type": 1}
    hits |= {key: int(gold.get(key) is not None and gold.get(key) == predicted.get(key)) for key in _VALUES}
    hits["place"] = int(overlap(gold.get("place"), predicted.get("place")))
    hits["parties"] = len(set(_codes(gold)) & set(_codes(predicted)))
    left = list(predicted.get("agents") or [])
    agents = 0
    for agent in gold.get("agents") or []:
        found = next((i for i, other in enumerate(left) if overlap(agent, other)), None)
        if found is not None:
            del left[found]
            agents += 1
    hits["agents"] = agents
    return hits


def match(gold: Sequence[EventRecord], predicted: Sequence[EventRecord]) -> list[tuple[int, int]]:
    """Pair gold events with predicted ones.

    Args:
        gold: events of one document.
        predicted: events of the same document.

    Returns:
        Pairs of indexes, each index at most once; best pair first.
    """
    # A shared trigger decides between pairs that agree on as many slots.
    candidates = sorted(
        (
            (sum(slot_hits(g, p).values()) + 0.5 * overlap(g.get("evidence"), p.get("trigger")), i, j)
            for i, g in enumerate(gold)
            for j, p in enumerate(predicted)
            if can_match(g, p)
        ),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in candidates:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def count(gold: Sequence[EventRecord], predicted: Sequence[EventRecord]) -> NDArray[np.int64]:
    """Count one document's hits and misses.

    Returns:
        Counts, shape (len(`COLUMNS`),).
    """
    row = dict.fromkeys(COLUMNS, 0)
    row |= {"documents": 1, "gold": len(gold), "predicted": len(predicted)}
    for side, events in (("gold", gold), ("predicted", predicted)):
        for event in events:
            for slot, number in slot_fillers(event).items():
                row[f"{slot}_{side}"] += number
    for i, j in match(gold, predicted):
        g, p = gold[i], predicted[j]
        for slot, number in slot_hits(g, p).items():
            row[f"{slot}_hits"] += number
        same_status, same_parties = g.get("status") == p.get("status"), _codes(g) == _codes(p)
        row["hits"] += 1
        row["strict"] += same_status and same_parties
        row["status_right"] += same_status
        row["parties_right"] += same_parties
        if g.get("date") is not None:
            row["dated"] += 1
            row["date_right"] += g["date"] == p.get("date")
        else:
            row["date_invented"] += p.get("date") is not None
    if not gold:
        row["negatives"], row["false"] = 1, len(predicted)
    return np.array([row[name] for name in COLUMNS], np.int64)


def _figures(totals: Counts | NDArray[np.int64]) -> dict[str, Counts]:
    """Work figures out of summed counts, shape (..., columns); NaN where one is not defined."""
    of = {name: np.asarray(totals[..., i], np.float64) for name, i in _COLUMN.items()}
    slots = {what: sum((of[f"{s}_{what}"] for s in SLOTS), np.zeros(())) for what in ("hits", "gold", "predicted")}
    # Nothing to find and nothing found is perfect, as in the reference scorer.
    return {
        "event_precision": np.nan_to_num(ratio(of["hits"], of["predicted"]), nan=0.0),
        "event_recall": np.nan_to_num(ratio(of["hits"], of["gold"]), nan=0.0),
        "event_f1": np.nan_to_num(f1(of["hits"], of["gold"], of["predicted"]), nan=1.0),
        "strict_f1": np.nan_to_num(f1(of["strict"], of["gold"], of["predicted"]), nan=1.0),
        "slot_f1": np.nan_to_num(f1(slots["hits"], slots["gold"], slots["predicted"]), nan=1.0),
        "status_accuracy": ratio(of["status_right"], of["hits"]),
        "parties_accuracy": ratio(of["parties_right"], of["hits"]),
        "date_accuracy": ratio(of["date_right"], of["dated"]),
        "false_per_negative": ratio(of["false"], of["negatives"]),
        **{f"{s}_f1": f1(of[f"{s}_hits"], of[f"{s}_gold"], of[f"{s}_predicted"]) for s in SLOTS},
    }


def event_figures(rows: Sequence[NDArray[np.int64]], *, intervals: bool = True) -> dict[str, Any]:
    """Give the figures of some documents.

    Args:
        rows: counts of each document, from `count`.
        intervals: also draw bootstrap intervals over the documents.

    Returns:
        `documents`, `negatives`, `gold`, `predicted`, `date_invented` (numbers), every defined figure by name, and
        under `intervals` its 95 % bounds (from `FEWEST` documents on).
    """
    counts = np.stack(rows) if len(rows) else np.zeros((0, len(COLUMNS)), np.int64)
    total = counts.sum(axis=0)
    plain = ("documents", "negatives", "gold", "predicted", "date_invented")
    report: dict[str, Any] = {name: int(total[_COLUMN[name]]) for name in plain}
    values = {name: float(value) for name, value in _figures(total).items()}
    report |= {name: value for name, value in values.items() if not np.isnan(value)}
    if intervals and len(counts) >= FEWEST:
        bounds = {name: interval(v) for name, v in _figures(resample(counts)).items() if name in report}
        report["intervals"] = {name: list(pair) for name, pair in bounds.items() if pair is not None}
    return report


def score_events(
    gold: Sequence[Sequence[EventRecord]],
    predicted: Sequence[Sequence[EventRecord]],
    languages: Sequence[str] | None = None,
    *,
    intervals: bool = True,
) -> dict[str, dict[str, Any]]:
    """Score predicted events, overall and for each language.

    Args:
        gold: events of each document.
        predicted: events of each document, in the same order.
        languages: of each document; None to score overall only.
        intervals: also draw bootstrap intervals.

    Returns:
        Figures by `all` and by language, see `event_figures`.
    """
    rows = [count(g, p) for g, p in zip(gold, predicted, strict=True)]
    report = {"all": event_figures(rows, intervals=intervals)}
    for language in sorted(set(languages or ())):
        chosen = [row for row, here in zip(rows, languages or (), strict=True) if here == language]
        report[language] = event_figures(chosen, intervals=intervals)
    return report


def calibration(
    gold: Sequence[Sequence[EventRecord]], predicted: Sequence[Sequence[Mapping[str, Any]]]
) -> dict[str, Any] | None:
    """Compare the events' confidence with how often they are right (matched to a gold event).

    Args:
        gold: events of each document.
        predicted: events of each document with `confidence`, in the same order.

    Returns:
        `expected_calibration_error` over ten equal bins, and of each bin that is not empty its number of events, mean
        confidence and share of right ones; None if no event has a confidence.
    """
    pairs: list[tuple[float, bool]] = []
    for g, p in zip(gold, predicted, strict=True):
        right = {j for _, j in match(g, [dict(event) for event in p])}
        pairs += [(float(e["confidence"]), j in right) for j, e in enumerate(p) if e.get("confidence") is not None]
    if not pairs:
        return None
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, is_right in pairs:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, is_right))
    filled = [
        {
            "events": len(group),
            "confidence": sum(c for c, _ in group) / len(group),
            "right": sum(r for _, r in group) / len(group),
        }
        for group in bins
        if group
    ]
    error = sum(b["events"] * abs(b["confidence"] - b["right"]) for b in filled) / len(pairs)
    return {"events": len(pairs), "expected_calibration_error": error, "bins": filled}
