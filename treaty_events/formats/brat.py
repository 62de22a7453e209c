"""brat standoff: `ID.txt` and `ID.ann` for each document, and the tool's configuration.

Labels are entities, event types and the other closed attributes are brat's attributes. What brat has no field for (the
mention's name, its normalised value) stands in an annotator note on it; a document's own fields in `documents.jsonl`.
Spans that run over a line end are written as fragments, as brat needs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError

from . import record

RECORDS = "documents.jsonl"
_NOTED = ("id", "value")


def configuration() -> dict[str, str]:
    """Write `annotation.conf` for a brat collection with this vocabulary."""
    lines = ["[entities]", *vocabulary.SPAN_LABELS, "", "[relations]"]
    lines += [f"{r.name}\tArg1:{r.head}, Arg2:{'|'.join(r.tails)}" for r in vocabulary.RELATIONS]
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>", "", "[events]", "", "[attributes]"]
    lines += [
        f"{name}\tArg:{label}, Value:{'|'.join(values)}" for name, (label, values) in vocabulary.ATTRIBUTES.items()
    ]
    return {"annotation.conf": "\n".join(lines) + "\n"}


def _fragments(text: str, start: int, end: int) -> str:
    """Write a span without the line ends inside it."""
    parts = [(start + m.start(), start + m.end()) for m in re.finditer(r"[^\r\n]+", text[start:end])]
    return ";".join(f"{a} {b}" for a, b in parts) or f"{start} {end}"


def _lines(document: AnnotatedDocument) -> Iterator[str]:
    names = {m.id: f"T{i}" for i, m in enumerate(document.mentions, 1)}
    number = 0
    for mention in document.mentions:
        words = re.sub(r"[^\S ]+", " ", document.text[mention.start : mention.end])
        place = _fragments(document.text, mention.start, mention.end)
        yield f"{names[mention.id]}\t{mention.label} {place}\t{words}"
    for mention in document.mentions:
        for name, value in sorted(mention.attributes.items()):
            if name not in _NOTED:
                number += 1
                yield f"A{number}\t{name} {names[mention.id]} {value}"
    for i, mention in enumerate(document.mentions, 1):
        noted: dict[str, Any] = {"id": mention.id, "start": mention.start, "end": mention.end}
        if "value" in mention.attributes:
            noted["value"] = mention.attributes["value"]
        yield f"#{i}\tAnnotatorNotes {names[mention.id]}\t{json.dumps(noted, ensure_ascii=False)}"
    for i, link in enumerate(document.relations, 1):
        yield f"R{i}\t{link.type} Arg1:{names[link.head]} Arg2:{names[link.tail]}"


def write(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write documents; file names are the documents' ids, with what no file name may hold replaced."""
    files = configuration()
    records = []
    for i, document in enumerate(documents):
        stem = re.sub(r"[^\w.-]", "_", document.id) or "document"
        if f"{stem}.txt" in files:
            stem = f"{stem}-{i}"
        files[f"{stem}.txt"] = document.text
        files[f"{stem}.ann"] = "".join(line + "\n" for line in _lines(document))
        records.append(json.dumps({"file": stem, **record.fields(document)}, ensure_ascii=False) + "\n")
    files[RECORDS] = "".join(records)
    return files


def _mention(rest: str, where: str) -> tuple[str, int, int]:
    label, _, places = rest.partition(" ")
    numbers = [int(n) for n in re.findall(r"\d+", places)]
    if not numbers or len(numbers) % 2:
        raise AnnotationError(f"not a span: {rest!r}", path=where)
    return label, min(numbers), max(numbers)


def _note(found: Mapping[str, Mention], notes: Mapping[str, str], text: str) -> None:
    """Give mentions the names, values and exact borders that `write` noted, and new names to those a person made."""
    taken: set[str] = set()
    for name, note in notes.items():
        try:
            said = json.loads(note)
        except ValueError:
            continue  # A note that a person wrote.
        mention = found.get(name)
        if mention is None or not isinstance(said, dict):
            continue
        mention.id = str(said.get("id", ""))
        taken.add(mention.id)
        if "value" in said:
            mention.attributes["value"] = said["value"]
        # Fragments lack a line end at a border: the noted borders count where only line ends tell the two apart.
        start, end = int(said.get("start", mention.start)), int(said.get("end", mention.end))
        if start <= mention.start and mention.end <= end:
            outer = text[start : mention.start] + text[mention.end : end]
            if not outer.strip("\r\n"):
                mention.start, mention.end = start, end
    for mention in found.values():
        mention.id = mention.id or record.new_id(mention.label, taken)


def _parse(text: str, annotations: str, known: dict[str, Any], where: str) -> AnnotatedDocument:
    found: dict[str, Mention] = {}
    notes: dict[str, str] = {}
    links: list[tuple[str, str, str]] = []
    attributes: list[tuple[str, str, str]] = []
    for number, line in enumerate(annotations.split("\n"), 1):
        head, _, rest = line.partition("\t")
        if head.startswith("T"):
            label, start, end = _mention(rest.partition("\t")[0], f"{where}:{number}")
            found[head] = Mention("", label, start, end)
        elif head.startswith("A"):
            name, target, value = rest.split(" ", 2)
            attributes.append((name, target, value))
        elif head.startswith("R"):
            match = re.fullmatch(r"(\S+) Arg1:(\S+) Arg2:(\S+)\s*", rest)
            if match is None:
                raise AnnotationError(f"not a relation: {line!r}", path=f"{where}:{number}")
            links.append((match[1], match[2], match[3]))
        elif head.startswith("#"):
            target, _, note = rest.removeprefix("AnnotatorNotes ").partition("\t")
            notes[target] = note
        elif line.strip():
            raise AnnotationError(f"{line!r}: only entities, attributes, relations and notes are read", path=where)
    _note(found, notes, text)
    for name, target, value in attributes:
        found[target].attributes[name] = value
    try:
        relations = [Link(kind, found[a].id, found[b].id) for kind, a, b in links]
    except KeyError as error:
        raise AnnotationError(f"a relation names {error.args[0]}, which is no entity", path=where) from error
    return record.build(known, text, list(found.values()), relations, where)


def read(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read a collection's `.txt` and `.ann` files.

    Raises:
        AnnotationError: a file is missing or cannot be read; says which line.
    """
    known = {r.pop("file"): r for r in map(json.loads, filter(None, files.get(RECORDS, "").split("\n")))}
    documents = []
    for name in [n for n in files if n.endswith(".ann")]:
        stem = name.removesuffix(".ann")
        if f"{stem}.txt" not in files:
            raise AnnotationError(f"{stem}.txt is missing: brat keeps the text beside the annotation", path=name)
        documents.append(_parse(files[f"{stem}.txt"], files[name], known.get(stem, {"id": stem}), name))
    return documents
