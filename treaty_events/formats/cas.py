"""UIMA CAS, as INCEpTION and DKPro read and write it: a file for each document, XMI or JSON, and the type system.

`MENTION` is a span layer with the label and each attribute as features, `RELATION` a relation layer between mentions
(`Governor` is the head, `Dependent` the tail), `DOCUMENT` one feature structure with the document's own fields as JSON.
A JSON CAS has its type system inside; XMI is read by the `TypeSystem.xml` beside it. Offsets in the files count UTF-16
units; cassis turns them into code points.

For INCEpTION: import `TypeSystem.xml` under Layers (let mentions be of any granularity, overlap, and cross sentences),
the `tagset-*.tsv` files under Tagsets, then the documents. INCEpTION keeps no feature structure that is of no layer, so
the fields stand in `documents.jsonl` as well: put that beside what it exports.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from treaty_events import vocabulary
from treaty_events.annotation import ATTRIBUTE_KEYS, AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError, InputError, MissingExtraError

from . import record

if TYPE_CHECKING:
    import cassis

MENTION: Final = "webanno.custom.TreatyMention"
RELATION: Final = "webanno.custom.TreatyRelation"
DOCUMENT: Final = "webanno.custom.TreatyDocument"
TYPE_SYSTEM: Final = "TypeSystem.xml"
# Attribute -> feature. Java's feature structures have a `type` of their own.
_FEATURES: Final = {key: "eventType" if key == "type" else key for key in ATTRIBUTE_KEYS}
# XML 1.0 has no way to write these, escaped or not.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"


def _library() -> Any:
    try:
        import cassis
    except ImportError as error:
        raise MissingExtraError("dkpro-cassis", "cas") from error
    return cassis


def type_system() -> cassis.TypeSystem:
    """Make the layers' types.

    Raises:
        MissingExtraError: dkpro-cassis is not installed.
    """
    made = _library().TypeSystem()

    def strings(kind: cassis.typesystem.Type, described: Mapping[str, str]) -> None:
        for feature, description in described.items():
            made.create_feature(kind, feature, "uima.cas.String", description=description)

    mention = made.create_type(MENTION, "uima.tcas.Annotation", "A mention or an event's trigger")
    strings(mention, {"label": "one of " + ", ".join(vocabulary.SPAN_LABELS)})
    strings(mention, {_FEATURES[key]: f"of {owner}" for key, (owner, _) in vocabulary.ATTRIBUTES.items()})
    strings(mention, {"value": "of " + ", ".join(vocabulary.VALUE_STANDARDS)})
    strings(mention, {"identifier": "name within the document; empty for a new mention"})
    relation = made.create_type(RELATION, "uima.tcas.Annotation", "A relation between two mentions")
    made.create_feature(relation, "Governor", mention, description="head")
    made.create_feature(relation, "Dependent", mention, description="tail")
    strings(relation, {"label": "one of " + ", ".join(vocabulary.RELATION_NAMES)})
    strings(made.create_type(DOCUMENT, "uima.cas.AnnotationBase", "A document's own fields"), {"fields": "JSON"})
    return made


def configuration() -> dict[str, str]:
    """Write what an INCEpTION project needs: `TypeSystem.xml` with the layers, and a tag set for each closed feature.

    Raises:
        MissingExtraError: dkpro-cassis is not installed.
    """
    tags: dict[str, Sequence[str]] = {"label": vocabulary.SPAN_LABELS, "relation": vocabulary.RELATION_NAMES}
    tags |= {_FEATURES[name]: values for name, (_, values) in vocabulary.ATTRIBUTES.items()}
    # Two columns, a tag and what it means; the first line names the set.
    files = {
        f"tagset-{name}.tsv": "".join(f"{tag}\t\n" for tag in (f"treaty-events {name}", *values))
        for name, values in tags.items()
    }
    return {TYPE_SYSTEM: type_system().to_xml(), **files}


def _cas(document: AnnotatedDocument, types: cassis.TypeSystem, fields: dict[str, Any], text: str) -> cassis.Cas:
    """Make a document's CAS.

    Args:
        document: the document.
        types: the type system.
        fields: what goes into the document's feature structure.
        text: the document's text, with what cannot be written replaced one for one.
    """
    cas = _library().Cas(types)
    cas.sofa_string, cas.sofa_mime = text, "text/plain"
    whole = cas.get_document_annotation()
    whole.begin, whole.end, whole.language = 0, len(text), document.lang
    cas.add(types.get_type(DOCUMENT)(fields=json.dumps(fields)))
    kind = types.get_type(MENTION)
    made = {}
    for mention in document.mentions:
        features = {_FEATURES[key]: value for key, value in mention.attributes.items()}
        span = {"begin": mention.start, "end": mention.end, "label": mention.label, "identifier": mention.id}
        made[mention.id] = kind(**span, **features)
        cas.add(made[mention.id])
    kind = types.get_type(RELATION)
    for link in document.relations:
        head, tail = made[link.head], made[link.tail]
        # INCEpTION anchors a relation at its tail.
        cas.add(kind(begin=tail.begin, end=tail.end, Governor=head, Dependent=tail, label=link.type))
    return cas


def _files(
    documents: Sequence[AnnotatedDocument],
    suffix: str,
    prepare: Callable[[AnnotatedDocument], tuple[str, dict[str, Any]]],
    dump: Callable[[cassis.Cas], str],
) -> dict[str, str]:
    files = configuration()
    types = type_system()
    known = {}
    for document, stem in zip(documents, record.stems(documents), strict=True):
        text, known[stem] = prepare(document)
        try:
            files[stem + suffix] = dump(_cas(document, types, known[stem], text))
        except ValueError as error:
            raise InputError(f"{document.id} cannot be written as {suffix}: {error}") from error
    files[record.RECORDS] = record.write_records(known)
    return files


def _writable(document: AnnotatedDocument) -> tuple[str, dict[str, Any]]:
    """Replace characters that XML cannot hold; the fields tell which they were, by offset."""
    fields = record.fields(document)
    replaced = {m.start(): ord(m.group()) for m in _UNWRITABLE.finditer(document.text)}
    if replaced:
        fields["replaced"] = {str(offset): point for offset, point in replaced.items()}
    return _UNWRITABLE.sub(_REPLACEMENT, document.text), fields


def write_xmi(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write XMI, the type system, tag sets and the documents' fields.

    Control characters that XML 1.0 does not allow in a text are replaced by U+FFFD; `read_xmi` puts them back.

    Raises:
        InputError: an id or a value holds a character that XML cannot.
        MissingExtraError: dkpro-cassis is not installed.
    """
    return _files(documents, ".xmi", _writable, lambda cas: str(cas.to_xmi()))


def write_json(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write JSON CAS (0.4.0) with the type system inside, tag sets and the documents' fields.

    Raises:
        MissingExtraError: dkpro-cassis is not installed.
    """
    return _files(documents, ".json", lambda d: (d.text, record.fields(d)), lambda cas: str(cas.to_json()))


def _restored(text: str, replaced: Mapping[str, int]) -> str:
    characters = list(text)
    for offset, point in replaced.items():
        # A person may have changed the text: only what `_writable` put there is put back.
        if int(offset) < len(characters) and characters[int(offset)] == _REPLACEMENT:
            characters[int(offset)] = chr(point)
    return "".join(characters)


def _document(cas: cassis.Cas, known: dict[str, Any], where: str) -> AnnotatedDocument:
    """Take a document out of its CAS; fields inside it come before the `known` ones."""

    def select(name: str) -> list[Any]:
        # In the order in which they were made; `select` gives them by place.
        found = cas.select(name) if cas.typesystem.contains_type(name) else []
        return sorted(found, key=lambda structure: structure.xmiID)

    known = {"lang": cas.document_language or "und", **known}
    for structure in select(DOCUMENT):
        known = json.loads(structure.fields)
    text = _restored(cas.sofa_string or "", known.pop("replaced", {}))
    found: dict[int, Mention] = {}
    for span in select(MENTION):
        if not span.label:
            raise AnnotationError(f"the mention at code point {span.begin} has no label: give it one", path=where)
        attributes = {key: getattr(span, feature, None) for key, feature in _FEATURES.items()}
        set_ones = {key: value for key, value in attributes.items() if value is not None}
        found[span.xmiID] = Mention(span.identifier or "", span.label, span.begin, span.end, set_ones)
    mentions = list(found.values())
    record.name_mentions(mentions)
    relations = []
    for link in select(RELATION):
        if not link.label:
            raise AnnotationError(f"the relation at code point {link.begin} has no label: give it one", path=where)
        if link.Governor is None or link.Dependent is None:
            raise AnnotationError(f"the relation at code point {link.begin} lacks an end: remove it", path=where)
        relations.append(Link(link.label, found[link.Governor.xmiID].id, found[link.Dependent.xmiID].id))
    return record.build(known, text, mentions, relations, where)


def _read(
    files: Mapping[str, str], suffix: str, form: str, load: Callable[[str], cassis.Cas]
) -> list[AnnotatedDocument]:
    known = record.read_records(files)
    documents = []
    for name in [n for n in files if n.endswith(suffix)]:
        stem = name
        while stem.endswith(suffix):  # A tool may export what it imported as `a.xmi` as `a.xmi.xmi`.
            stem = stem.removesuffix(suffix)
        try:
            with warnings.catch_warnings():
                # cassis only warns of an offset inside a character and goes on with a wrong one.
                warnings.filterwarnings("error", message="Not mapping external offset")
                cas = load(files[name])
            documents.append(_document(cas, known.get(stem, {"id": stem}), name))
        except AnnotationError:
            raise
        # cassis and its XML parser raise whatever they stumble over.
        except Exception as error:
            raise AnnotationError(f"not {form}: {error!r}", path=name) from error
    return documents


def read_xmi(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read XMI by the `TypeSystem.xml` among the files, or else by this project's own; other layers are left alone.

    Raises:
        AnnotationError: a file is no XMI of that type system, or an offset lies outside the text or in a character.
        MissingExtraError: dkpro-cassis is not installed.
    """
    library = _library()
    try:
        types = (
            library.load_typesystem(io.BytesIO(files[TYPE_SYSTEM].encode("utf-8")))
            if TYPE_SYSTEM in files
            else type_system()
        )
    except Exception as error:
        raise AnnotationError(f"not a type system: {error!r}", path=TYPE_SYSTEM) from error
    return _read(files, ".xmi", "a CAS as XMI", lambda text: library.load_cas_from_xmi(text, types, lenient=True))


def read_json(files: Mapping[str, str]) -> list[AnnotatedDocument]:
    """Read JSON CAS files with the type system inside; other layers are left alone.

    Raises:
        AnnotationError: a file is no JSON CAS, or an offset lies outside the text or in a character.
        MissingExtraError: dkpro-cassis is not installed.
    """
    library = _library()
    return _read(files, ".json", "a JSON CAS with its type system", library.load_cas_from_json)
