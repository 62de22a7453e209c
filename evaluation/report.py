"""Results as Markdown: what a person reads of `results.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .events import SLOTS
from .gold import EventDocument, EventRecord
from .intervals import FEWEST
from .spans import MICRO

_EVENT_COLUMNS: Final = {
    "event_f1": "event F1",
    "strict_f1": "strict F1",
    "slot_f1": "slot F1",
    "status_accuracy": "status",
    "parties_accuracy": "parties",
    "date_accuracy": "date",
}
_WITH_INTERVAL: Final = ("event_f1", "strict_f1", "slot_f1")
_PARTS: Final = {
    "mentions": "Mentions (strict spans)",
    "triggers": "Triggers (strict spans, right event type)",
    "relations": "Relations end to end",
    "relations_closed": "Relations end to end, same_as completed to whole clusters",
    "attributes": "Attributes end to end",
}
_NONE: Final = "–"


def figure(value: float | None, bounds: Sequence[float] | None = None) -> str:
    """Write a figure, with its interval."""
    if value is None:
        return _NONE
    return f"{value:.3f}" if bounds is None else f"{value:.3f} ({bounds[0]:.3f}–{bounds[1]:.3f})"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]], *, words: bool = False) -> str:
    """Write a Markdown table; all but the first column are right-aligned, unless they hold words."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (header, *rows)]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    lines.insert(1, "|" + "|".join([":--", *[":--" if words else "--:"] * (len(header) - 1)]) + "|")
    return "\n".join(lines)


def event_table(events: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the event figures, overall and by language."""
    header = ["", "texts", "gold", "predicted", *_EVENT_COLUMNS.values(), "dates invented", "false per event-free text"]
    rows = []
    for name, row in events.items():
        bounds = row.get("intervals", {})
        figures = [figure(row.get(k), bounds.get(k) if k in _WITH_INTERVAL else None) for k in _EVENT_COLUMNS]
        false = row.get("false_per_negative")
        negatives = _NONE if false is None else f"{false:.2f} (of {row['negatives']})"
        counts = [row["documents"], row["gold"], row["predicted"]]
        rows.append([name, *counts, *figures, row["date_invented"], negatives])
    return table(header, rows)


def slot_table(events: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the F1 of each slot, overall and by language."""
    rows = []
    for name, row in events.items():
        bounds = row.get("intervals", {}) if name == "all" else {}
        rows.append([name, *(figure(row.get(f"{slot}_f1"), bounds.get(f"{slot}_f1")) for slot in SLOTS)])
    return table(["", *SLOTS], rows)


def score_table(scores: Mapping[str, Mapping[str, Any]]) -> str:
    """Write precision, recall and F1 by name, all names together last."""
    with_accuracy = any("accuracy" in row for row in scores.values())
    header = [
        "",
        "precision",
        "recall",
        "F1",
        "gold",
        "predicted",
        *(["accuracy on spans found"] if with_accuracy else []),
    ]
    names = sorted(scores, key=lambda name: (name == MICRO, name))
    rows = []
    for name in names:
        row = scores[name]
        cells = [figure(row["precision"]), figure(row["recall"]), figure(row["f1"], row.get("interval"))]
        accuracy = f"{row['accuracy']:.3f} (of {row['matched']})" if "accuracy" in row else _NONE
        rows.append([name, *cells, row["gold"], row["predicted"], *([accuracy] if with_accuracy else [])])
    return table(header, rows)


def language_table(spans: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the micro F1 of each part by language."""
    rows = []
    for name, parts in spans.items():
        micro = [parts.get(part, {}).get(MICRO) for part in _PARTS]
        rows.append([name, *(_NONE if m is None else figure(m["f1"], m.get("interval")) for m in micro)])
    return table(["", *(part.replace("_", " ") for part in _PARTS)], rows)


def _values_table(values: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [[k, v["mentions"], v["gold"], figure(v["accuracy"]), figure(v["wrong"])] for k, v in values.items()]
    return table(["", "mentions", "with a value", "given exactly", "wrong values a mention"], rows)


def measurement_markdown(measurement: Mapping[str, Any]) -> str:
    """Write one measurement."""
    languages = ", ".join(f"{name} {number}" for name, number in measurement["languages"].items())
    parts = [
        f"## {measurement['name']}",
        f"{measurement['documents']} texts ({languages}), {measurement['characters']:,} characters, "
        f"`{measurement['file']}` (sha256 `{measurement['sha256'][:12]}`). "
        "In brackets: 95 % interval, bootstrap over texts; none for fewer than "
        f"{FEWEST} texts.",
        "### Events",
        event_table(measurement["events"]),
        "F1 by slot:",
        slot_table(measurement["events"]),
    ]
    if "calibration" in measurement:
        calibrated = measurement["calibration"]
        error = figure(calibrated["expected_calibration_error"])
        parts.append(
            f"Expected calibration error of the confidence of {calibrated['events']} predicted events: {error}."
        )
    if "spans" in measurement:
        parts += ["### Spans, relations, attributes by language (micro F1)", language_table(measurement["spans"])]
        for part, title in _PARTS.items():
            if measurement["spans"]["all"].get(part):
                parts += [f"### {title}", score_table(measurement["spans"]["all"][part])]
    if measurement.get("values"):
        parts += ["### Values of gold mentions (tables and grammars alone)", _values_table(measurement["values"])]
    return "\n\n".join(parts)


def results_markdown(results: Mapping[str, Any]) -> str:
    """Write all results."""
    model, machine = results["model"], results["machine"]
    what = (
        f"Predictions: `{results['predictions']['file']}`."
        if model is None
        else f"Model: `{model['name']}` in `{model['directory']}`, weights sha256 `{model['weights_sha256'][:12]}`, "
        f"package {model['package']}."
    )
    parts = [
        "# Evaluation",
        what,
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['platform']}, "
        f"Python {machine['python']}.",
        f"Command: `{results['command']}`",
    ]
    if results["problems"]:
        parts.append("\n".join(f"* {problem}" for problem in results["problems"]))
    parts += [measurement_markdown(m) for m in results["measurements"]]
    return "\n\n".join(parts) + "\n"


def _quote(text: str, span: Sequence[int] | None) -> str:
    return _NONE if span is None else " ".join(text[span[0] : span[1]].split())


def event_cells(event: EventRecord | None, text: str | None = None) -> list[str]:
    """Write an event's slots; with the text, also the words of its place, agents and treaty."""
    if event is None:
        return [_NONE] * (6 if text is None else 9)
    cells = [str(event.get(k) or _NONE) for k in ("type", "status", "kind", "domain")]
    cells += [", ".join(event["parties"]) or _NONE, str(event.get("date") or _NONE)]
    if text is None:
        return cells
    agents = "; ".join(_quote(text, span) for span in event["agents"]) or _NONE
    return [*cells, _quote(text, event.get("place")), agents, _quote(text, event.get("treaty"))]


def articles_markdown(documents: Sequence[EventDocument], texts: Sequence[Mapping[str, Any]]) -> str:
    """Write predicted events beside gold events, article by article.

    Args:
        documents: with texts.
        texts: their events in pairs, as a measurement has them, in the same order.
    """
    header = ["", "type", "status", "kind", "domain", "parties", "date", "place", "agents", "treaty"]
    parts = ["# Predicted events beside gold"]
    for document, text in zip(documents, texts, strict=True):
        parts.append(f"## {document.id} ({document.lang})")
        rows = [
            [side, *event_cells(pair[key], document.text)]
            for pair in text["events"]
            for side, key in (("**gold**", "gold"), ("model", "predicted"))
        ]
        parts.append(table(header, rows, words=True) if rows else "No event in gold, none predicted.")
    return "\n\n".join(parts) + "\n"
