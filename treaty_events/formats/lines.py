"""Formats of one JSON line a document: this project's own, doccano's, Prodigy's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from treaty_events import vocabulary
from treaty_events.annotation import ATTRIBUTE_KEYS, AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError

from . import record
from .tokens import tokens


def _jsonl(name: str, records: Sequence[dict[str, Any]], *, escaped: bool = False) -> dict[str, str]:
    return {name: "".join(json.dumps(r, ensure_ascii=escaped) + "\n" for r in records)}


def _read(
    files: Mapping[str, str], form: str, convert: Callable[[dict[str, Any], str], AnnotatedDocument | None]
) -> list[AnnotatedDocument]:
    """Read JSON lines; what `convert` gives None for is left out."""
    documents = []
    for name in [n for n in files if n.endswith(".jsonl")]:
        # Not `splitlines`: a text may hold U+2028 and its kin unescaped.
        for number, line in enumerate(files[name].split("\n"), 1):
            if not line.strip():
                continue
            where = f"{name}:{number}"
            try:
                document = convert(json.loads(line), where)
            except AnnotationError:
                raise
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise AnnotationError(f"not a line of {form}: {error!r}", path=where) from error
            if document is not None:
                documents.append(document)
    return documents


def write_own(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write the corpus' own form."""
    return _jsonl("documents.jsonl", [d.to_dict() for d in documents])


def _from_own(line: dict[str, Any], where: str) -> AnnotatedDocument:
    document = AnnotatedDocument.from_dict(line, path=where)
    record.check(document, where)
    return document


def read_own(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read the corpus' own form."""
    return _read(files, "annotated documents", _from_own)


def write_doccano(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write doccano's JSONL for sequence labelling with relations, and the labels to import.

    doccano's entities carry no attributes: these travel in the column `attributes`, which it keeps as metadata. The
    project there must allow overlapping spans and use relations: else doccano leaves out what is nested, and relations.
    """
    records = []
    for document in documents:
        number = {m.id: i for i, m in enumerate(document.mentions)}
        records.append(
            {
                "text": document.text,
                "entities": [
                    {"id": number[m.id], "label": m.label, "start_offset": m.start, "end_offset": m.end}
                    for m in document.mentions
                ],
                "relations": [
                    {"id": i, "from_id": number[r.head], "to_id": number[r.tail], "type": r.type}
                    for i, r in enumerate(document.relations)
                ],
                "document": record.fields(document),
                "attributes": [
                    {"id": m.id, "label": m.label, "start": m.start, "end": m.end, **m.attributes}
                    for m in document.mentions
                ],
            }
        )
    labels = {
        "span_labels.json": json.dumps([{"text": label} for label in vocabulary.SPAN_LABELS], indent=1) + "\n",
        "relation_labels.json": json.dumps([{"text": name} for name in vocabulary.RELATION_NAMES], indent=1) + "\n",
    }
    # In ASCII: doccano may guess the encoding, and takes UTF-8 with few other letters for Windows-1252.
    return {**_jsonl("doccano.jsonl", records, escaped=True), **labels}


def _from_doccano(line: dict[str, Any], where: str) -> AnnotatedDocument:
    known: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for kept in line.get("attributes") or []:
        known.setdefault((kept["label"], kept["start"], kept["end"]), []).append(kept)
    taken = {kept["id"] for group in known.values() for kept in group}
    found: dict[int, Mention] = {}
    for entity in line["entities"]:
        place = (entity["label"], entity["start_offset"], entity["end_offset"])
        group = known.get(place)
        said = group.pop(0) if group else {"id": record.new_id(place[0], taken)}
        attributes = {k: v for k, v in said.items() if k not in ("id", "label", "start", "end")}
        found[entity["id"]] = Mention(said["id"], *place, attributes)
    rest = [str(kept["id"]) for group in known.values() for kept in group]
    if rest:
        record.left_out(f"attributes of mentions that were moved, relabelled or removed ({', '.join(rest)})", where)
    relations = [Link(r["type"], found[r["from_id"]].id, found[r["to_id"]].id) for r in line.get("relations", [])]
    own = dict(line.get("document") or {"id": str(line.get("id", where))})
    return record.build(own, line["text"], list(found.values()), relations, where)


def read_doccano(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read doccano's export with relations (JSONL)."""
    return _read(files, "doccano (JSONL with relations)", _from_doccano)


def write_prodigy(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write Prodigy's JSONL: spans with their attributes, relations by token and by span."""
    records = []
    for document in documents:
        found = list(tokens(document.text))
        spans: dict[str, dict[str, Any]] = {}
        for m in document.mentions:
            inside = [i for i, (a, b) in enumerate(found) if a < m.end and b > m.start]
            spans[m.id] = {
                "start": m.start,
                "end": m.end,
                "label": m.label,
                "token_start": inside[0] if inside else None,
                "token_end": inside[-1] if inside else None,
                "id": m.id,
                **m.attributes,
            }
        records.append(
            {
                "text": document.text,
                "tokens": [
                    {"text": document.text[a:b], "start": a, "end": b, "id": i} for i, (a, b) in enumerate(found)
                ],
                "spans": list(spans.values()),
                "relations": [
                    {
                        "head": spans[r.head]["token_end"],
                        "child": spans[r.tail]["token_end"],
                        "head_span": spans[r.head],
                        "child_span": spans[r.tail],
                        "label": r.type,
                    }
                    for r in document.relations
                ],
                "meta": record.fields(document),
            }
        )
    return _jsonl("prodigy.jsonl", records)


def _from_prodigy(line: dict[str, Any], where: str) -> AnnotatedDocument | None:
    if line.get("answer", "accept") != "accept":
        record.left_out(f"annotations answered {line['answer']!r}", where)
        return None
    mentions: list[Mention] = []
    place: dict[tuple[str, int, int], Mention] = {}
    for span in line.get("spans", []):
        attributes = {k: v for k, v in span.items() if k in ATTRIBUTE_KEYS and v is not None}
        mention = Mention(span.get("id") or "", span["label"], span["start"], span["end"], attributes)
        mentions.append(mention)
        place.setdefault((mention.label, mention.start, mention.end), mention)
    record.name_mentions(mentions)
    ids = {m.id for m in mentions}

    def end(span: dict[str, Any]) -> str:
        known = str(span.get("id"))
        return known if known in ids else place[span["label"], span["start"], span["end"]].id

    relations = [Link(r["label"], end(r["head_span"]), end(r["child_span"])) for r in line.get("relations", [])]
    # Recipes put things of their own there, such as a score.
    meta = {k: v for k, v in (line.get("meta") or {}).items() if k in record.FIELDS}
    return record.build({"id": where, **meta}, line["text"], mentions, relations, where)


def read_prodigy(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read Prodigy's JSONL (`db-out`); answers other than `accept` are left out, with a warning."""
    return _read(files, "Prodigy", _from_prodigy)
