"""What the annotation tools' own code says of our files; each test runs where its tool is installed.

Label Studio and doccano need environments of their own: `pip install label-studio-sdk pytest hypothesis`, or
`pip install 'setuptools<80' 'marshmallow<4' 'numpy<2' doccano pytest hypothesis`, then there, from the repository's root,
`python -m pytest -m slow --noconftest tests/test_formats_tools.py`.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from tests.strategies import document, same
from treaty_events import formats, vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention, read_documents
from treaty_events.files import write_bytes

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent


def corpus() -> list[AnnotatedDocument]:
    """Documents of many languages: none of the corpus' readers is imported, which need more than a tool brings."""
    return [document(), *list(read_documents(ROOT / "data" / "corpus" / "test.jsonl"))[::12]]


@pytest.mark.parametrize("model", [None, "treaty-events"])
def test_label_studio_accepts_interface_and_tasks(model: str | None) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    files = formats.write(corpus(), "labelstudio", model=model)
    labelling = interface.LabelInterface(files["config.xml"])
    labelling.validate()
    assert set(labelling.get_control("label").labels) == set(vocabulary.SPAN_LABELS)
    for task in json.loads(files["tasks.json"]):
        assert labelling.validate_task({"data": task["data"]})
        for made in task["annotations" if model is None else "predictions"]:
            assert labelling.validate_prediction(made, return_errors=True) == []
    # It does look: a label that the interface lacks is refused.
    made["result"][0]["value"]["labels"] = ["PLANET"]
    assert labelling.validate_prediction(made, return_errors=True)


@pytest.fixture(scope="module")
def doccano(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An installed doccano with an empty database, and a project for spans and relations."""
    backend = pytest.importorskip("backend", reason="doccano's package has this name")
    folder = Path(backend.__file__).parent
    if not (folder / "data_import" / "datasets.py").exists():
        pytest.skip("another package named backend")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.development")
        patch.setenv("DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('doccano') / 'db.sqlite3'}")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield django


def project(name: str) -> tuple[Any, Any]:
    from django.contrib.auth.models import User
    from projects.models import ProjectType, SequenceLabelingProject

    user = User.objects.create(username=name)
    made = SequenceLabelingProject.objects.create(
        name=name,
        project_type=ProjectType.SEQUENCE_LABELING,
        created_by=user,
        allow_overlapping=True,
        use_relation=True,
        collaborative_annotation=True,
    )
    return made, user


@pytest.mark.parametrize("encoding", ["utf_8", "Auto"])
def test_doccano_imports_and_exports_what_we_wrote(doccano: Any, encoding: str, tmp_path: Path) -> None:
    from data_export.celery_tasks import create_collaborative_dataset
    from data_export.pipeline.factories import create_formatter, create_writer
    from data_import.datasets import load_dataset
    from data_import.pipeline.catalog import JSONL, RELATION_EXTRACTION
    from data_import.pipeline.readers import FileName

    # Of UTF-8 with one letter outside ASCII doccano, left to guess, would make `signÃ©`.
    originals = [*corpus(), AnnotatedDocument("short", "fr", "Accord signé", [Mention("T1", "TREATY", 0, 6)])]
    for subset in (originals, originals[-1:]):
        place, (made, user) = tmp_path / str(len(subset)), project(f"{encoding} {len(subset)}")
        for name, content in formats.write(subset, "doccano").items():
            write_bytes(place / name, content.encode())
        uploaded = FileName(str(place / "doccano.jsonl"), "doccano.jsonl", "doccano.jsonl")
        rows = load_dataset(RELATION_EXTRACTION, JSONL, [uploaded], made, encoding=encoding)
        rows.save(user)
        assert rows.errors == []
        formatters, writer = create_formatter(made, "JSONL"), create_writer("JSONL")
        create_collaborative_dataset(made, str(place), False, formatters, writer)
        back = formats.read({"all.jsonl": (place / "all.jsonl").read_text(encoding="utf-8")}, "doccano")
        ordered = [dataclasses.replace(d, relations=sorted(d.relations, key=str)) for d in (*subset, *back)]
        assert all(map(same, ordered[: len(subset)], ordered[len(subset) :]))
        assert len(back) == len(subset)


def test_doccano_imports_the_labels(doccano: Any) -> None:
    from label_types.serializers import RelationTypeSerializer, SpanTypeSerializer

    files = formats.write([document()], "doccano")
    made, _ = project("labels")
    for name, serializer, texts in (
        ("span_labels.json", SpanTypeSerializer, vocabulary.SPAN_LABELS),
        ("relation_labels.json", RelationTypeSerializer, vocabulary.RELATION_NAMES),
    ):
        read = serializer(data=json.loads(files[name]), many=True)
        read.is_valid(raise_exception=True)
        assert [label.text for label in read.save(project_id=made.id)] == list(texts)


def test_spacy_trains_on_our_docbin(tmp_path: Path) -> None:
    """spaCy's corpus reader aligns the gold spans to its own tokens, and its trainer finds them there."""
    spacy = pytest.importorskip("spacy")
    from spacy.training import Corpus

    documents = [d for d in corpus() if d.lang in ("en", "fr", "de", "es")]
    write_bytes(tmp_path / "documents.spacy", formats.write(documents, "docbin")["documents.spacy"])
    nlp = spacy.blank("xx")
    examples = list(Corpus(tmp_path / "documents.spacy")(nlp))
    assert [e.reference.text for e in examples] == [d.text for d in documents]
    for example, original in zip(examples, documents, strict=True):
        spans = {(s.label_, s.start_char, s.end_char) for group in example.reference.spans.values() for s in group}
        assert spans == {(m.label, m.start, m.end) for m in original.mentions}
        aligned = example.get_aligned_spans_y2x(example.reference.spans.get("GPE", []), allow_overlap=True)
        gold = {(m.start, m.end) for m in original.mentions if m.label == "GPE"}
        assert {(s.start_char, s.end_char) for s in aligned} <= gold
    pipe = nlp.add_pipe(
        "spancat", config={"spans_key": "GPE", "suggester": {"@misc": "spacy.ngram_suggester.v1", "sizes": [1]}}
    )
    nlp.initialize(lambda: examples)
    assert pipe.labels == ("GPE",)
    assert nlp.update(examples)["spancat"] > 0


def test_relations_are_whole() -> None:
    """What the tools are shown above does hold relations between overlapping mentions."""
    shown = corpus()
    assert {link.type for d in shown for link in d.relations} >= {"party", "treaty", "date"}
    assert any(
        a.start < b.start and b.end <= a.end for d in shown for a in d.mentions for b in d.mentions if a is not b
    )
    assert Link("party", "T1", "G1") in shown[0].relations
