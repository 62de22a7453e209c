"""Label Studio: tasks as JSON, with annotations or, for a model's output, predictions; and the labelling interface.

Offsets there count UTF-16 units, as JavaScript does; here they count code points, and are turned both ways.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import accumulate
from typing import Any

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError

from . import record

logger = logging.getLogger("treaty_events")

TASKS = "tasks.json"
_SPACE = re.compile(r"\\n|\s+")
_COLOURS = ("#0072B2", "#8a4b82", "#a85c00", "#7d6608", "#009E73", "#b3678f", "#003f66", "#4d6b00", "#b03000")


def configuration() -> dict[str, str]:
    """Write the labelling interface (`config.xml`) for this vocabulary."""
    lines = ["<View>", '  <Labels name="label" toName="text">']
    lines += [
        f'    <Label value="{label}" background="{colour}"/>'
        for label, colour in zip(vocabulary.SPAN_LABELS, _COLOURS, strict=True)
    ]
    lines += ["  </Labels>", '  <Text name="text" value="$text" granularity="symbol"/>', "  <Relations>"]
    lines += [f'    <Relation value="{name}"/>' for name in vocabulary.RELATION_NAMES]
    lines += ["  </Relations>"]
    for name, (label, values) in vocabulary.ATTRIBUTES.items():
        lines.append(
            f'  <Choices name="{name}" toName="text" perRegion="true" choice="single" showInline="true" '
            f'visibleWhen="region-selected" whenTagName="label" whenLabelValue="{label}">'
        )
        lines += [f'    <Choice value="{escape(value)}"/>' for value in values]
        lines.append("  </Choices>")
    labels = ",".join(vocabulary.VALUE_STANDARDS)
    lines.append(
        '  <TextArea name="value" toName="text" perRegion="true" editable="true" maxSubmissions="1" '
        f'visibleWhen="region-selected" whenTagName="label" whenLabelValue="{labels}"/>'
    )
    return {"config.xml": "\n".join([*lines, "</View>"]) + "\n"}


def _units(text: str) -> list[int]:
    """UTF-16 offset of each code point, and of the end."""
    return [0, *accumulate(2 if ord(c) > 0xFFFF else 1 for c in text)]


def _results(document: AnnotatedDocument) -> list[dict[str, Any]]:
    units = _units(document.text)
    results: list[dict[str, Any]] = []
    for mention in document.mentions:
        span = {
            "start": units[mention.start],
            "end": units[mention.end],
            "text": document.text[mention.start : mention.end],
        }
        base = {"id": mention.id, "to_name": "text"}
        results.append({**base, "from_name": "label", "type": "labels", "value": {**span, "labels": [mention.label]}})
        for name, value in mention.attributes.items():
            if name == "value":
                results.append({**base, "from_name": name, "type": "textarea", "value": {**span, "text": [value]}})
            else:
                results.append({**base, "from_name": name, "type": "choices", "value": {**span, "choices": [value]}})
    results += [
        {"type": "relation", "from_id": r.head, "to_id": r.tail, "direction": "right", "labels": [r.type]}
        for r in document.relations
    ]
    return results


def write(documents: Sequence[AnnotatedDocument], model: str | None = None) -> dict[str, str]:
    """Write tasks to import.

    Args:
        documents: annotated documents.
        model: the annotation is this model's prediction, to be corrected; None for finished annotation.
    """
    tasks = []
    for document in documents:
        results = _results(document)
        made: dict[str, Any] = (
            {"annotations": [{"result": results}]}
            if model is None
            else {"predictions": [{"model_version": model, "result": results}]}
        )
        tasks.append({"data": {"text": document.text, "document": record.fields(document)}, **made})
    return {TASKS: json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", **configuration()}


def _span(result: dict[str, Any], text: str, points: Mapping[int, int], where: str) -> Mention:
    value = result["value"]
    try:
        start, end = points[value["start"]], points[value["end"]]
    except KeyError as error:
        raise AnnotationError(
            f"offset {error.args[0]} lies outside the text or inside a character", path=where
        ) from error
    if len(value["labels"]) != 1:
        raise AnnotationError(f"region {result['id']} has {len(value['labels'])} labels: give it one", path=where)
    shown = value.get("text")
    # The tool writes line ends in a way of its own.
    if isinstance(shown, str) and _SPACE.sub("", shown) != _SPACE.sub("", text[start:end]):
        logger.warning(
            "%s: region %s is %r by its offsets, %r in the tool", where, result["id"], text[start:end], shown
        )
    return Mention(result["id"], value["labels"][0], start, end)


def _relation(result: dict[str, Any], where: str) -> list[Link]:
    head, tail = result["from_id"], result["to_id"]
    if not result.get("labels"):
        raise AnnotationError(f"the relation of {head} and {tail} has no label: give it one", path=where)
    if result.get("direction") == "left":
        head, tail = tail, head
    return [Link(label, head, tail) for label in result["labels"]]


def _document(task: dict[str, Any], where: str) -> AnnotatedDocument:
    data = task["data"]
    text: str = data["text"]
    points = {unit: i for i, unit in enumerate(_units(text))}
    kept = [a for a in task.get("annotations", []) if not a.get("was_cancelled")] or task.get("predictions", [])
    if len(kept) > 1:
        record.left_out(f"{len(kept) - 1} earlier annotations of a task", where)
    results = kept[-1]["result"] if kept else []
    found = {r["id"]: _span(r, text, points, where) for r in results if r["type"] == "labels"}
    relations: list[Link] = []
    foreign: set[str] = set()
    for result in results:
        if result["type"] == "relation":
            relations += _relation(result, where)
        elif result["type"] in ("choices", "textarea") and result["id"] in found:
            said = result["value"].get("choices") or result["value"].get("text") or []
            for value in [said] if isinstance(said, str) else said[:1]:  # None where a person emptied the field.
                found[result["id"]].attributes[result["from_name"]] = value
        elif result["type"] != "labels":
            foreign.add(str(result.get("from_name", result["type"])))
    if foreign:
        record.left_out(f"results that belong to no mention ({', '.join(sorted(foreign))})", where)
    known = dict(data.get("document") or {"id": str(task.get("id", where))})
    return record.build(known, text, list(found.values()), relations, where)


def read(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read an export (JSON) or tasks; of a task's annotations the last that was not cancelled counts.

    Raises:
        AnnotationError: it is no such file.
    """
    documents = []
    for name in [n for n in files if n.endswith(".json")]:
        try:
            tasks = json.loads(files[name])
            documents += [_document(task, f"{name}, task {i}") for i, task in enumerate(tasks)]
        except AnnotationError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise AnnotationError(f"not an export of Label Studio (JSON): {error!r}", path=name) from error
    return documents
