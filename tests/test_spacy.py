from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import Extractor, InputError, ReleaseError

from .conftest import ROOT
from .integrations import OTHER, TEXT


@pytest.fixture(scope="module")
def component(release_directory: Path) -> Any:
    pytest.importorskip("spacy")
    import treaty_events.integrations.spacy  # noqa: F401

    return {"model": str(release_directory), "threads": 1, "least_confidence": 0.0}


def _blank(component: dict[str, Any], language: str = "xx", **more: Any) -> Any:
    import spacy

    nlp = spacy.blank(language)
    nlp.add_pipe("treaty_events", config=component | more)
    return nlp


@pytest.mark.parametrize("language", ["xx", "ky", "en", "zh"])
def test_spacy_gives_what_the_extractor_gives(component: Any, whole: Extractor, language: str) -> None:
    doc = _blank(component, language)(TEXT)
    expected = whole.document(TEXT)
    assert expected.events
    assert doc._.treaty_document == expected
    assert doc._.treaty_events == expected.events
    assert [(span.label_, span.id_) for span in doc.spans["treaty_events"]] == [
        (event.type, str(number)) for number, event in enumerate(expected.events) for _ in event.mentions
    ]
    mentions = whole.extract([TEXT])[0].mentions
    assert [span.label_ for span in doc.spans["treaty_mentions"]] == [m.label for m in mentions]
    assert doc.spans["treaty_mentions"].attrs["offsets"] == [[m.start, m.end] for m in mentions]


@pytest.fixture(scope="module")
def nlp(component: Any) -> Any:
    return _blank(component)


@settings(deadline=None, max_examples=40)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.text("Le  \n\t\u3000🤝é.ратиф", max_size=30)
)
def test_spacy_spans_hold_the_exact_offsets(nlp: Any, text: str) -> None:
    doc = nlp(text)
    assert doc._.treaty_document.text == doc.text == text
    for group in doc.spans.values():
        for span, (start, end) in zip(group, group.attrs["offsets"], strict=True):
            assert span.start_char <= start < end <= span.end_char
            # No token that the words do not touch.
            assert span[0].idx + len(span[0]) > start
            assert span[-1].idx < end


def test_spacy_takes_the_date_from_the_doc_or_its_context(component: Any) -> None:
    nlp = _blank(component)
    doc = nlp.make_doc(TEXT)
    doc._.published = "2025-02-13T10:00:00Z"
    assert str(nlp(doc)._.treaty_document.published) == "2025-02-13"
    contexts: list[Any] = [{"published": "2025-02-14"}, {"id": 7}, None, "2025-02-14"]
    read = list(nlp.pipe([(TEXT, context) for context in contexts], as_tuples=True))
    assert [context for _, context in read] == contexts
    assert [str(doc._.treaty_document.published) for doc, _ in read] == ["2025-02-14", "None", "None", "None"]
    doc = nlp.make_doc(TEXT)
    doc._.published = "2025-02-13"
    [(doc, _)] = nlp.pipe([(doc, {"published": "2025-02-14"})], as_tuples=True)
    assert str(doc._.treaty_document.published) == "2025-02-13"
    with pytest.raises(InputError, match="soon"):
        doc._.published = "soon"


def test_spacy_reads_in_batches(component: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    extract = Extractor.extract

    def spy(self: Extractor, texts: Any) -> Any:
        sizes.append(len(texts))
        return extract(self, texts)

    monkeypatch.setattr(Extractor, "extract", spy)
    texts = [TEXT, OTHER, "", TEXT, OTHER]
    docs = list(_blank(component, batch_size=2).pipe(texts))
    assert sizes == [2, 2, 1]
    assert [doc._.treaty_document.text for doc in docs] == texts
    list(_blank(component).pipe(texts, batch_size=3))
    assert sizes[3:] == [3, 2]


def test_spacy_one_bad_doc_spares_its_neighbours(component: Any) -> None:
    nlp = _blank(component)
    failed: list[tuple[str, list[str], Exception]] = []
    pairs = [(TEXT, {}), (OTHER, {"published": "soon"}), (TEXT, {})]
    with pytest.raises(InputError, match="soon"):
        list(nlp.pipe(pairs, as_tuples=True))
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.append((name, [d.text for d in docs], error)))
    assert [doc.text for doc, _ in nlp.pipe(pairs, as_tuples=True)] == [TEXT, TEXT]
    assert [(name, texts) for name, texts, _ in failed] == [("treaty_events", [OTHER])]


def test_spacy_a_missing_model_is_no_docs_fault(component: Any, tmp_path: Path) -> None:
    nlp = _blank(component, model=str(tmp_path / "none"))
    nlp.set_error_handler(lambda *_: None)
    with pytest.raises(ReleaseError, match="none"):
        list(nlp.pipe([TEXT]))
    with pytest.raises(InputError, match="batch_size"):
        _blank(component, batch_size=0)


def test_spacy_pipeline_on_disk_names_the_model_and_holds_no_weights(component: Any, tmp_path: Path) -> None:
    import spacy

    nlp = _blank(component)
    before = nlp(TEXT)
    nlp.to_disk(tmp_path / "nlp")
    spacy.blank("xx").to_disk(tmp_path / "blank")
    sizes = [sum(path.stat().st_size for path in (tmp_path / n).rglob("*") if path.is_file()) for n in ("blank", "nlp")]
    assert sizes[1] - sizes[0] < 2_000
    loaded = spacy.load(tmp_path / "nlp")
    assert loaded.config["components"]["treaty_events"]["model"] == component["model"]
    assert loaded(TEXT)._.treaty_events == before._.treaty_events
    data = nlp.to_bytes()
    assert len(data) - len(spacy.blank("xx").to_bytes()) < 2_000
    again = spacy.blank("xx", config=nlp.config).from_bytes(data)
    assert again(TEXT)._.treaty_events == before._.treaty_events
    # What a spawned process is sent.
    assert len(pickle.dumps(nlp.get_pipe("treaty_events"))) < 2_000


def test_spacy_results_survive_serialisation(component: Any) -> None:
    import spacy
    from spacy.tokens import DocBin

    doc = _blank(component)(TEXT)
    fresh = spacy.blank("xx")
    [loaded] = DocBin(docs=[doc], store_user_data=True).get_docs(fresh.vocab)
    assert loaded._.treaty_document == doc._.treaty_document
    for key in ("treaty_events", "treaty_mentions"):
        assert [(s.start, s.end, s.label_, s.id_) for s in loaded.spans[key]] == [
            (s.start, s.end, s.label_, s.id_) for s in doc.spans[key]
        ]
        assert loaded.spans[key].attrs == doc.spans[key].attrs
    unread = fresh(TEXT)
    assert (unread._.treaty_document, unread._.treaty_events) == (None, ())


@pytest.mark.slow
def test_spacy_in_two_processes(component: Any) -> None:
    nlp = _blank(component, threads=2)
    # Read once before: the processes are forked with a runtime that has lost its threads.
    pairs = [(text, {"published": "2025-02-13"}) for text in [TEXT, OTHER] * 3]
    alone = [(doc._.treaty_document, len(doc.spans["treaty_mentions"])) for doc, _ in nlp.pipe(pairs, as_tuples=True)]
    together = nlp.pipe(pairs, as_tuples=True, n_process=2, batch_size=2)
    assert [(doc._.treaty_document, len(doc.spans["treaty_mentions"])) for doc, _ in together] == alone


@pytest.mark.slow
def test_spacy_finds_the_component_by_its_entry_point(release_directory: Path, tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entry = project["entry-points"]["spacy_factories"]["treaty_events"]
    # An installation of what pyproject.toml says now, before anything else on the path.
    installed = tmp_path / "treaty_events_here-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: treaty-events-here\nVersion: 0\n")
    (installed / "entry_points.txt").write_text(f"[spacy_factories]\ntreaty_events = {entry}\n")
    code = (
        "import spacy, sys\nnlp = spacy.blank('ky')\n"
        "nlp.add_pipe('treaty_events', config={'model': sys.argv[1], 'threads': 1})\n"
        "sys.stdout.write(nlp(sys.argv[2])._.treaty_document.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(release_directory), TEXT],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.stdout, done.returncode) == (TEXT, 0), done.stderr
