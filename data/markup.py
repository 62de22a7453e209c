"""The hand-writing form: nested brackets in the text, links below it (see `data/GUIDELINES.md` §1).

`parse` turns a file of it into documents with computed offsets; `render` writes a document back, so that a corpus can
be
corrected by hand: `parse(render(d))` is `d`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from treaty_events import vocabulary
from treaty_events.errors import AnnotationError

from .documents import AnnotatedDocument, Link, Mention

LABEL_OF = {prefix: label for label, prefix in vocabulary.MENTION_LABELS.items()}
LABEL_OF[vocabulary.TRIGGER_PREFIX] = vocabulary.TRIGGER
PREFIX_OF = {label: prefix for prefix, label in LABEL_OF.items()}
# Attributes that follow the id, in this order.
POSITIONAL = {
    vocabulary.TRIGGER: ("type", "status", "level"),
    "TREATY": ("kind", "domain"),
    "PROVISION": ("topic",),
    **dict.fromkeys(vocabulary.VALUE_STANDARDS, ("value",)),
}
HEADER_FIELDS = ("lang", "style", "story", "real", "published", "split", "writer", "reader", "source")
_TAG = re.compile(r"([A-Z])(\d*)((?:[ \t]+\S+)*)[ \t]*")
_ESCAPED = "[]|\\"


def _unmark(source: str, line: int, path: str | None, document: str) -> tuple[str, list[Mention]]:
    """Take the brackets out of a marked-up text; `line` is where it starts in the file."""
    text: list[str] = []
    mentions: list[Mention] = []
    open_starts: list[tuple[int, int]] = []
    i = 0

    def fail(message: str, at: int) -> AnnotationError:
        return AnnotationError(
            message, path=path, line=line + source.count("\n", 0, at), document=document, offset=len(text)
        )

    while i < len(source):
        char = source[i]
        if char == "\\":
            if i + 1 >= len(source) or source[i + 1] not in _ESCAPED:
                raise fail(r"a backslash stands only before [ ] | \ : write \\ for the character itself", i)
            text.append(source[i + 1])
            i += 2
        elif char == "[":
            open_starts.append((len(text), i))
            i += 1
        elif char == "|":
            close = source.find("]", i)
            tag = _TAG.fullmatch(source, i + 1, close) if close >= 0 else None
            if not open_starts or tag is None:
                raise fail(r"'|' must open a tag such as [surface|G1 KAZ]; write \| for the character itself", i)
            start, opened = open_starts.pop()
            prefix, number, values = tag.group(1), tag.group(2), tag.group(3).split()
            label = LABEL_OF.get(prefix)
            if label is None:
                raise fail(f"unknown label letter {prefix!r}: use one of {' '.join(sorted(LABEL_OF))}", i)
            names = POSITIONAL.get(label, ())
            if len(values) > len(names):
                raise fail(f"{label} takes at most {len(names)} value(s) ({', '.join(names)}), got {values}", i)
            if start == len(text):
                raise fail("a mention must hold text", opened)
            mentions.append(Mention(prefix + number, label, start, len(text), dict(zip(names, values, strict=False))))
            i = close + 1
        elif char == "]":
            raise fail(r"']' without a tag: write [surface|G1 KAZ], or \] for the character itself", i)
        else:
            text.append(char)
            i += 1
    if open_starts:
        raise fail(r"'[' is never closed: write [surface|G1 KAZ], or \[ for the character itself", open_starts[-1][1])
    return "".join(text), mentions


def _number(mentions: list[Mention], links: list[Link]) -> None:
    """Sort mentions into text order and give an id to those that have only a letter: none that a link names.

    A link to an id that nobody wrote must not find a mention by chance.
    """
    used = {m.id for m in mentions} | {i for link in links for i in (link.head, link.tail)}
    mentions.sort(key=lambda m: (m.start, -m.end, vocabulary.SPAN_LABELS.index(m.label)))
    for mention in mentions:
        if not mention.id[1:]:
            n = 1
            while f"{mention.id}{n}" in used:
                n += 1
            mention.id = f"{mention.id}{n}"
            used.add(mention.id)


def _links(lines: list[tuple[int, str]], path: str | None, document: str) -> Iterator[Link]:
    for number, line in lines:
        head, colon, rest = line.partition(":")
        if not colon:
            raise AnnotationError(
                "a link line reads 'E1: treaty=T1 party=G1,G2'", path=path, line=number, document=document
            )
        for item in rest.split():
            name, equals, tails = item.partition("=")
            if not equals or not tails:
                raise AnnotationError(f"{item!r} is not NAME=ID,ID", path=path, line=number, document=document)
            for tail in tails.split(","):
                yield Link(name, head.strip(), tail)


def parse(source: str, path: str | None = None) -> list[AnnotatedDocument]:
    """Read documents in the hand-writing form.

    Args:
        source: content of a file.
        path: its name, for error messages.

    Returns:
        The documents with offsets computed; mentions in text order. Vocabulary and links are not judged here
        (`data.validate` does that), so a link may name an id that does not exist.

    Raises:
        AnnotationError: the form is broken; says where.
    """
    lines = source.replace("\r\n", "\n").split("\n")
    starts = [n for n, line in enumerate(lines) if line.startswith("=== ")]
    for n, line in enumerate(lines[: starts[0] if starts else len(lines)], 1):
        if line.strip() and not line.startswith("#"):
            raise AnnotationError("a document starts with '=== ID'", path=path, line=n)
    documents = []
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        name = lines[start][4:].strip()
        rules = [n for n in range(start + 1, stop) if lines[n].rstrip() == "---"]
        if len(rules) != 2:
            message = f"a document has a header, '---', the text, '---', the links; found {len(rules)} '---' lines"
            raise AnnotationError(message, path=path, line=start + 1, document=name)
        fields: dict[str, str] = {}
        for n in range(start + 1, rules[0]):
            if not lines[n].strip():
                continue
            key, colon, value = lines[n].partition(":")
            if not colon or key.strip() not in HEADER_FIELDS:
                message = f"header line {lines[n]!r} is not one of {', '.join(HEADER_FIELDS)}"
                raise AnnotationError(message, path=path, line=n + 1, document=name)
            if value.strip():
                fields[key.strip()] = value.strip()
        if "lang" not in fields:
            raise AnnotationError("the header needs 'lang: xx'", path=path, line=start + 1, document=name)
        text, mentions = _unmark("\n".join(lines[rules[0] + 1 : rules[1]]), rules[0] + 2, path, name)
        links = list(_links([(n + 1, lines[n]) for n in range(rules[1] + 1, stop) if lines[n].strip()], path, name))
        _number(mentions, links)
        real = fields.pop("real", None)
        documents.append(
            AnnotatedDocument(
                id=name,
                text=text,
                mentions=mentions,
                relations=links,
                real=None if real is None else real == "yes",
                **fields,
            )
        )
    return documents


def parse_file(path: str | Path) -> list[AnnotatedDocument]:
    """Read a file in the hand-writing form; see `parse`."""
    with open(path, encoding="utf-8", newline="") as file:
        return parse(file.read(), str(path))


def render(document: AnnotatedDocument) -> str:
    """Write a document in the hand-writing form.

    Args:
        document: its mentions must nest (no two may cross), which the bracket form cannot say otherwise.

    Raises:
        AnnotationError: two mentions cross, or a value holds white space.
    """
    opens: dict[int, int] = {}
    closes: dict[int, list[str]] = {}
    stack: list[Mention] = []
    for mention in sorted(document.mentions, key=lambda m: (m.start, -m.end, -vocabulary.SPAN_LABELS.index(m.label))):
        while stack and stack[-1].end <= mention.start:
            stack.pop()
        if stack and mention.end > stack[-1].end:
            message = f"{mention.id} crosses {stack[-1].id}: the bracket form only nests"
            raise AnnotationError(message, document=document.id, offset=mention.start)
        stack.append(mention)
        names = POSITIONAL.get(mention.label, ())
        values = [mention.attributes[n] for n in names if n in mention.attributes]
        if any(" " in v for v in values):
            raise AnnotationError(f"{mention.id} has a value with a space", document=document.id, offset=mention.start)
        opens[mention.start] = opens.get(mention.start, 0) + 1
        # Inner mentions close first: they come later in this order, so each goes to the front.
        closes.setdefault(mention.end, []).insert(0, "|" + " ".join([mention.id, *values]) + "]")
    out: list[str] = []
    for i, char in enumerate([*document.text, ""]):
        out.extend(closes.get(i, []))
        out.append("[" * opens.get(i, 0))
        out.append("\\" + char if char and char in _ESCAPED else char)
    header = [f"=== {document.id}", f"lang: {document.lang}"]
    for name in HEADER_FIELDS[1:]:
        value = getattr(document, name)
        if value is not None:
            header.append(f"{name}: {'yes' if value is True else 'no' if value is False else value}")
    links: dict[str, dict[str, list[str]]] = {}
    for link in document.relations:
        links.setdefault(link.head, {}).setdefault(link.type, []).append(link.tail)
    below = [f"{head}: " + " ".join(f"{n}={','.join(t)}" for n, t in by.items()) for head, by in links.items()]
    return "\n".join([*header, "---", "".join(out), "---", *below]) + "\n"
