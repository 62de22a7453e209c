"""Stand-off documents: annotation without its text, and back.

Articles that are not ours to publish are annotated in `data/articles.jsonl`: offsets and the SHA-256 of the text, no
text. Whoever has the articles joins the two with
`python -m data.align --annotations data/articles.jsonl --articles DIR --output FILE.jsonl`, and
`python -m data.align --strip FILE... --output data/articles.jsonl` takes the texts out again.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import logging
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import regex

from treaty_events.errors import AnnotationError, InputError
from treaty_events.windows import inside_word

from .documents import AnnotatedDocument, Mention, read_documents, text_digest, write_documents
from .validate import read_any

DATA = Path(__file__).parent
_BOM: Final = "\ufeff"
_GRAPHEME: Final = regex.compile(r"\X")
_FORMS: Final[tuple[Literal["NFC", "NFD"] | None, ...]] = (None, "NFC", "NFD")
_LINE_ENDS: Final = (None, "\n", "\r\n")
# What an editor or a download may have taken from the end of a text, besides what the file itself ends with.
_TAILS: Final = ("", "\n", "\r\n", "\n\n", "\r\n\r\n", " ", " \n", " \r\n")
logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class _Variant:
    """A file's text after harmless changes.

    Attributes:
        text: the changed text.
        offsets: offset in it -> offset in the file's text, for every border that has one.
        changes: what was changed, in words.
    """

    text: str
    offsets: dict[int, int]
    changes: tuple[str, ...]


def strip_text(document: AnnotatedDocument) -> AnnotatedDocument:
    """Take the text out of a document, keeping its digest.

    Args:
        document: with its text, or a stand-off one already.

    Raises:
        AnnotationError: the digest does not fit the text, or there is neither.
    """
    if not document.text and not document.sha256:
        raise AnnotationError("no text and no sha256: nothing would say what was annotated", document=document.id)
    digest = text_digest(document.text) if document.text else document.sha256
    if document.sha256 not in (None, digest):
        raise AnnotationError("sha256 does not fit the text: the text was changed since", document=document.id)
    return dataclasses.replace(document, text="", sha256=digest)


def _rewritten(content: str, form: Literal["NFC", "NFD"] | None, line_end: str | None) -> _Variant:
    """Take off a byte order mark, and write line ends and letters in one way (None leaves them)."""
    start = len(_BOM) if content.startswith(_BOM) else 0
    changes = ["byte order mark"] if start else []
    offsets, out, length = {0: start}, [], 0
    for cluster in _GRAPHEME.finditer(content, start):
        old = new = cluster.group()
        if line_end is not None and old in ("\n", "\r\n"):
            new = line_end
        if form is not None:
            new = unicodedata.normalize(form, new)
        if new == old:
            # Nothing moves inside: borders within the cluster keep their place too.
            offsets.update((length + i, cluster.start() + i) for i in range(1, len(new)))
        else:
            changes.append("line ends" if old in ("\n", "\r\n") else "Unicode normal form")
        out.append(new)
        length += len(new)
        offsets[length] = cluster.end()
    return _Variant("".join(out), offsets, tuple(dict.fromkeys(changes)))


def _variants(content: str) -> Iterator[_Variant]:
    """Give what a file's text may have been before harmless changes, the least changed first."""
    for form, line_end in itertools.product(_FORMS, _LINE_ENDS):
        plain = _rewritten(content, form, line_end)
        core = plain.text.rstrip()
        end = plain.text[len(core) :]
        # Also every shorter piece of the white space that the file ends with.
        for tail in dict.fromkeys((end, *_TAILS, *(end[:i] for i in range(1, len(end))))):
            changes = plain.changes if tail == end else (*plain.changes, "white space at the end")
            yield _Variant(core + tail, plain.offsets, changes)
            moved = {offset + len(_BOM): place for offset, place in plain.offsets.items()}
            marked = tuple(c for c in changes if c != "byte order mark")
            if not content.startswith(_BOM):
                marked = ("byte order mark", *marked)
            yield _Variant(_BOM + core + tail, moved, marked)


def _misfit(mentions: Iterable[Mention], text: str) -> Mention | None:
    """Find the first mention that cannot be of this text: it lies outside, cuts a word or ends in white space."""
    for mention in sorted(mentions, key=lambda m: (m.start, m.end)):
        surface = text[mention.start : mention.end]
        if (
            mention.end > len(text)
            or surface != surface.strip()
            or inside_word(text, mention.start)
            or inside_word(text, mention.end)
        ):
            return mention
    return None


def _common(left: str, right: str) -> int:
    """Count the characters on which two texts agree from the start."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def _difference(document: AnnotatedDocument, content: str) -> str:
    """Say where a file's text leaves the annotated one, harmless differences aside.

    With the digest alone the very character cannot be known; the first mention that does not fit bounds it.
    """
    if document.text:
        best = max((v.text for v in _variants(content)), key=lambda text: _common(document.text, text))
        at = _common(document.text, best)
        wanted, found = (repr(text[at : at + 20]) if text[at:] else "the end" for text in (document.text, best))
        return f"it differs from character {at} on: {wanted} was annotated, the file has {found}"
    texts = [_rewritten(content, *ways).text for ways in itertools.product(_FORMS, _LINE_ENDS)]
    misfits = [(_misfit(document.mentions, text), text) for text in texts]
    if any(mention is None for mention, _ in misfits):
        return "its digest differs, though all mentions fit its words: a difference outside them that is not harmless"
    mention, text = max(((m, t) for m, t in misfits if m is not None), key=lambda pair: pair[0].start)
    # A window around the place, so that it can be found in the file.
    near = text[max(0, mention.start - 15) : mention.end + 15]
    return (
        f"it differs at or before character {mention.end}: {mention.id}, the first mention that does not fit, would be "
        f"{text[mention.start : mention.end]!r} in {near!r}"
    )


def _mapped(document: AnnotatedDocument, content: str, variant: _Variant) -> AnnotatedDocument:
    """Move a document's offsets from a variant to the file's own text.

    Raises:
        AnnotationError: a mention ends inside a character that the file writes differently.
    """
    mentions = []
    for mention in document.mentions:
        start, end = variant.offsets.get(mention.start), variant.offsets.get(mention.end)
        if start is None or end is None:
            message = f"{mention.id} cuts a letter that the file writes in another normal form: its place is unknown"
            raise AnnotationError(message, document=document.id, offset=mention.start)
        mentions.append(dataclasses.replace(mention, start=start, end=end, attributes=dict(mention.attributes)))
    return dataclasses.replace(document, text=content, sha256=text_digest(content), mentions=mentions)


def _from_source(document: AnnotatedDocument, digest: str, folder: Path) -> tuple[AnnotatedDocument | None, str]:
    """Align a document with the file that it names, which is not word for word the annotated text."""
    name = document.source
    if name is None:
        return None, f"{document.id}: no file in {folder} has its content (sha256 {digest}), and it names none"
    path = folder / name
    if Path(name).name != name or not path.is_file():
        return None, f"{document.id}: no file {name} in {folder}, nor another with its content (sha256 {digest})"
    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return None, f"{document.id}: {path} is not UTF-8 from byte {error.start} on: convert it"
    variant = next((v for v in _variants(content) if text_digest(v.text) == digest), None)
    if variant is None:
        return None, f"{document.id}: {path} is not the annotated text: {_difference(document, content)}"
    try:
        aligned = _mapped(document, content, variant)
    except AnnotationError as error:
        return None, f"{document.id}: {path}: {error}"
    return aligned, f"{document.id}: {path} differs in {' and '.join(variant.changes)}: offsets mapped to the file"


def _texts_by_digest(folder: Path) -> dict[str, str]:
    """Read the texts of a folder: each file is one, and so is each record of a JSONL file (field `text`)."""
    texts: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        try:
            # Bytes, not text mode: line ends count in offsets.
            content = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # no text; a document that names the file is told so
        found = [content]
        if path.suffix == ".jsonl":
            try:
                records = [json.loads(line) for line in content.split("\n") if line.strip()]
            except json.JSONDecodeError as error:
                raise InputError(f"{path} is not JSONL: {error}") from error
            found = [r["text"] for r in records if isinstance(r, dict) and isinstance(r.get("text"), str)]
        for text in found:
            texts.setdefault(text_digest(text), text)
    return texts


def align(documents: Iterable[AnnotatedDocument], folder: str | Path) -> tuple[list[AnnotatedDocument], list[str]]:
    """Join stand-off documents with the texts of a folder.

    A file whose content has the document's digest is its text, whatever the file is called. Failing that, the file
    that `source` names is taken if it differs harmlessly only (byte order mark, line ends, Unicode normal form, white
    space at the end): then the offsets are mapped to the file's own text.

    Args:
        documents: stand-off ones; one that still has its text is checked against that text.
        folder: holds the articles, in UTF-8: a file each, or JSONL with a field `text`.

    Returns:
        The aligned documents, with text and its digest, in the given order; and a message for each document that was
        mapped or that could not be aligned (the latter is missing from the first list).

    Raises:
        InputError: there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give the one that holds the articles")
    texts = _texts_by_digest(folder)
    aligned, messages = [], []
    for document in documents:
        if not document.text and not document.sha256:
            messages.append(f"{document.id}: no sha256: it cannot be told which text was annotated")
            continue
        digest = document.sha256 or text_digest(document.text)
        if digest in texts:
            aligned.append(dataclasses.replace(document, text=texts[digest], sha256=digest))
            continue
        found, message = _from_source(document, digest, folder)
        messages.append(message)
        if found is not None:
            aligned.append(found)
    return aligned, messages


def write_outside(path: str | Path, documents: Sequence[AnnotatedDocument]) -> None:
    """Write documents; those with text only outside the repository's data folder.

    Raises:
        InputError: a text would land in the data folder, which is published.
    """
    if any(d.text for d in documents) and Path(path).resolve().is_relative_to(DATA.resolve()):
        message = "is in the repository's data folder, which is published: texts of articles must not lie there"
        raise InputError(f"{path} {message}; give another --output, or --strip the documents")
    write_documents(path, documents)


def _run(options: argparse.Namespace) -> int:
    if options.strip:
        stripped = [strip_text(document) for path in options.strip for document in read_any(path)]
        write_outside(options.output, stripped)
        logger.info("%d documents without text: %s", len(stripped), options.output)
        return 0
    documents = list(read_documents(options.annotations))
    aligned, messages = align(documents, options.articles)
    for message in messages:
        logger.warning("%s", message)
    if aligned:
        write_outside(options.output, aligned)
    logger.info("%d of %d documents aligned: %s", len(aligned), len(documents), options.output if aligned else "none")
    return 0 if len(aligned) == len(documents) else 1


def main(arguments: list[str] | None = None) -> int:
    """Join or strip; gives the exit code."""
    parser = argparse.ArgumentParser(description="Join stand-off annotation with its texts, or take the texts out.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--annotations", type=Path, help="stand-off documents, JSONL")
    what.add_argument("--strip", type=Path, nargs="+", help="documents with text: JSONL, or .txt (hand-written)")
    parser.add_argument("--articles", type=Path, help="folder with the texts (with --annotations)")
    parser.add_argument("--output", type=Path, required=True, help="JSONL to write")
    options = parser.parse_args(arguments)
    if (options.annotations is None) != (options.articles is None):
        parser.error("--annotations and --articles go together")
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        return _run(options)
    except (AnnotationError, InputError, OSError) as error:
        logger.error("%s", error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
