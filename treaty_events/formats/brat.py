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

# An attribute that stands in the note, since it may be any words.
_NOTED = "value"
# First letter of a line's name -> what the line says, and how.
_JOINS = {
    "A": ("an attribute with a value", re.compile(r"(\S+) (\S+) (\S.*)")),
    "R": ("a relation", re.compile(r"(\S+) Arg1:(\S+) Arg2:(\S+)\s*")),
}


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
            if name != _NOTED:
                number += 1
                yield f"A{number}\t{name} {names[mention.id]} {value}"
    for i, mention in enumerate(document.mentions, 1):
        noted: dict[str, Any] = {"id": mention.id, "start": mention.start, "end": mention.end}
        if _NOTED in mention.attributes:
            noted[_NOTED] = mention.attributes[_NOTED]
        yield f"#{i}\tAnnotatorNotes {names[mention.id]}\t{json.dumps(noted, ensure_ascii=False)}"
    for i, link in enumerate(document.relations, 1):
        yield f"R{i}\t{link.type} Arg1:{names[link.head]} Arg2:{names[link.tail]}"


def write(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write documents; file names are the documents' ids, with what no file name may hold replaced."""
    files = configuration()
    known = {}
    for document, stem in zip(documents, record.stems(documents), strict=True):
        files[f"{stem}.txt"] = document.text
        files[f"{stem}.ann"] = "".join(line + "\n" for line in _lines(document))
        known[stem] = record.fields(document)
    files[record.RECORDS] = record.write_records(known)
    return files


def _mention(rest: str, where: str) -> tuple[str, int, int]:
    label, _, places = rest.partition(" ")
    numbers = [int(n) for n in re.findall(r"\d+", places)]
    if not numbers or len(numbers) % 2:
        raise AnnotationError(f"not a span: {rest!r}", path=where)
    return label, min(numbers), max(numbers)


def _noted(note: str) -> dict[str, Any] | None:
    """Give what `write` noted; None for a note that a person wrote."""
    try:
        said = json.loads(note)
    except ValueError:
        return None
    ours = isinstance(said, dict) and isinstance(said.get("id"), str)
    return said if ours and all(isinstance(said.get(border), int) for border in ("start", "end")) else None


def _note(mention: Mention, said: Mapping[str, Any], text: str) -> None:
    """Give a mention the name, the value and the exact borders that `write` noted."""
    mention.id = said["id"]
    if _NOTED in said:
        mention.attributes[_NOTED] = said[_NOTED]
    # Fragments lack a line end at a border: the noted borders count where only line ends tell the two apart.
    start, end = said["start"], said["end"]
    if start <= mention.start and mention.end <= end:
        outer = text[start : mention.start] + text[mention.end : end]
        if not outer.strip("\r\n"):
            mention.start, mention.end = start, end


def _parse(text: str, annotations: str, known: dict[str, Any], where: str) -> AnnotatedDocument:
    found: dict[str, Mention] = {}
    # Of mentions and relations, with the place of each.
    notes: list[tuple[str, str]] = []
    links: list[tuple[str, re.Match[str]]] = []
    attributes: list[tuple[str, re.Match[str]]] = []
    for number, line in enumerate(annotations.split("\n"), 1):
        place = f"{where}:{number}"
        head, _, rest = line.rstrip("\r").partition("\t")
        if head.startswith("T"):
            label, start, end = _mention(rest.partition("\t")[0], place)
            found[head] = Mention("", label, start, end)
        elif head[:1] in _JOINS:
            what, pattern = _JOINS[head[0]]
            match = pattern.fullmatch(rest)
            if match is None:
                raise AnnotationError(f"not {what}: {line!r}", path=place)
            (attributes if head[0] == "A" else links).append((place, match))
        elif head.startswith("#"):
            target, _, note = rest.removeprefix("AnnotatorNotes ").partition("\t")
            notes.append((target, note))
        elif line.strip():
            raise AnnotationError(f"{line!r}: only entities, attributes, relations and notes are read", path=place)

    def mention(name: str, what: str, place: str) -> Mention:
        if name not in found:
            raise AnnotationError(f"{what} names {name}, which is no entity", path=place)
        return found[name]

    by_hand = 0
    for target, note in notes:
        said = _noted(note)
        if said is not None and target in found:
            _note(found[target], said, text)
        else:
            by_hand += 1
    if by_hand:
        record.left_out(f"{by_hand} notes by annotators", where)
    record.name_mentions(list(found.values()))
    for place, match in attributes:
        mention(match[2], "an attribute", place).attributes[match[1]] = match[3]
    relations = [
        Link(match[1], mention(match[2], "a relation", place).id, mention(match[3], "a relation", place).id)
        for place, match in links
    ]
    return record.build(known, text, list(found.values()), relations, where)


def read(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read a collection's `.txt` and `.ann` files.

    Raises:
        AnnotationError: a file is missing or cannot be read; says which line.
    """
    known = record.read_records(files)
    lone = [n for n in files if n.endswith(".txt") and n.removesuffix(".txt") + ".ann" not in files]
    if lone:
        record.left_out("texts without a file of annotation beside them", ", ".join(lone))
    documents = []
    for name in [n for n in files if n.endswith(".ann")]:
        stem = name.removesuffix(".ann")
        if f"{stem}.txt" not in files:
            raise AnnotationError(f"{stem}.txt is missing: brat keeps the text beside the annotation", path=name)
        documents.append(_parse(files[f"{stem}.txt"], files[name], known.get(stem, {"id": stem}), name))
    return documents
