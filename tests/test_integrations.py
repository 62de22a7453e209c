from __future__ import annotations

import base64
import hashlib
import importlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import Extractor, InputError, MissingExtraError, ReleaseError, hub, release

from .conftest import ROOT

TEXT = "Le Sénat kazakh a ratifié jeudi l'accord de coopération militaire avec le Qatar, signé à Doha."
OTHER = "Саммит ОДКБ пройдёт в Астане 🤝 в среду; договор подписан."
NAME = "user/tiny"


@pytest.fixture(scope="module")
def whole(release_directory: Path) -> Extractor:
    """The tiny model with all its events, however unsure."""
    return Extractor.from_pretrained(release_directory, threads=1, least_confidence=0)


@pytest.mark.parametrize("library", ["spacy", "transformers"])
def test_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"treaty_events.integrations.{library}", raising=False)
    for name in (library, "spacy.language"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"treaty-events\[{library}\]"):
        importlib.import_module(f"treaty_events.integrations.{library}")


# spaCy


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


# transformers


@pytest.fixture(scope="module")
def pipe(release_directory: Path) -> Any:
    pytest.importorskip("transformers")
    from transformers import pipeline

    import treaty_events.integrations.transformers  # noqa: F401

    return pipeline("treaty-events", model=str(release_directory), model_kwargs={"threads": 1, "least_confidence": 0.0})


@pytest.fixture
def batches(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    documents = Extractor.documents

    def spy(self: Extractor, texts: Any, *rest: Any) -> Any:
        sizes.append(len(texts))
        return documents(self, texts, *rest)

    monkeypatch.setattr(Extractor, "documents", spy)
    return sizes


def _events(extractor: Extractor, text: str, published: str | None = None) -> list[dict[str, Any]]:
    return [event.model_dump(mode="json") for event in extractor.predict(text, published)]


def test_pipeline_gives_plain_events(pipe: Any, whole: Extractor) -> None:
    assert repr(pipe).startswith("TreatyEventsPipeline")
    events = pipe(TEXT, published="2025-02-13")
    assert events
    assert events == _events(whole, TEXT, "2025-02-13") == json.loads(json.dumps(events))
    assert pipe([TEXT, OTHER]) == [_events(whole, TEXT), _events(whole, OTHER)]
    assert pipe((OTHER,)) == [_events(whole, OTHER)]
    assert pipe([]) == pipe(()) == []


def test_pipeline_reads_in_batches(pipe: Any, batches: list[int]) -> None:
    assert len(pipe([TEXT] * 5, batch_size=2)) == 5
    assert batches == [2, 2, 1]


def test_pipeline_takes_dates_and_languages_of_each_text(pipe: Any) -> None:
    items = [
        {"text": TEXT, "published": "2025-02-14", "language": "it", "site": 1},
        {"text": TEXT, "published": None},
        TEXT,
    ]
    read = pipe(items, published="2025-02-13", language="fr", documents=True, batch_size=8)
    assert [(d["published"], d["language"], d["text"]) for d in read] == [
        ("2025-02-14", "it", TEXT),
        ("2025-02-13", "fr", TEXT),
        ("2025-02-13", "fr", TEXT),
    ]


def test_pipeline_streams_generators_and_data_sets(pipe: Any, whole: Extractor) -> None:
    datasets = pytest.importorskip("datasets")
    from transformers.pipelines.pt_utils import KeyDataset

    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(4):
            taken.append(number)
            yield TEXT

    stream = pipe(texts(), batch_size=2)
    next(stream)
    assert len(taken) <= 2
    assert len(list(stream)) == 3
    rows = datasets.Dataset.from_dict({"text": [TEXT, OTHER, TEXT], "published": ["2025-02-13", None, None]})
    expected = [_events(whole, TEXT, "2025-02-13"), _events(whole, OTHER), _events(whole, TEXT)]
    assert list(pipe(rows, batch_size=2)) == expected
    assert list(pipe(KeyDataset(rows, "text"), batch_size=2)) == [_events(whole, TEXT), *expected[1:]]


@pytest.mark.parametrize("item", [3, None, {"title": TEXT}, {"text": 3}, b"x"])
def test_pipeline_refuses_what_is_no_text(pipe: Any, item: Any) -> None:
    with pytest.raises(InputError, match="text"):
        pipe([item])


@pytest.mark.parametrize("size", [0, -1])
def test_pipeline_reads_no_batch_of_nothing(pipe: Any, size: int) -> None:
    with pytest.raises(InputError, match="batch_size"):
        pipe([TEXT], batch_size=size)


def test_pipeline_is_saved_as_a_release(pipe: Any, tmp_path: Path, whole: Extractor) -> None:
    pipe.save_pretrained(tmp_path / "saved")
    release.check(tmp_path / "saved")
    again = Extractor.from_pretrained(tmp_path / "saved", threads=1, least_confidence=0)
    assert again.predict(TEXT) == whole.predict(TEXT)


def test_pipeline_refuses_a_damaged_release(pipe: Any, tmp_path: Path) -> None:
    from transformers import pipeline

    pipe.save_pretrained(tmp_path)
    (tmp_path / release.TOKENIZER).write_text("{}")
    with pytest.raises(ReleaseError, match="damaged"):
        pipeline("treaty-events", model=str(tmp_path))


# The hub


@pytest.fixture
def cache(release_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache that holds the tiny release as `user/tiny`, and no network."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "hub" / "models--user--tiny"
    commit = "c" * 40
    for name in ("refs", "blobs", f"snapshots/{commit}"):
        (repository / name).mkdir(parents=True)
    for revision in ("main", "v1"):
        (repository / "refs" / revision).write_text(commit)
    for name in hub.files(release_directory):
        blob = repository / "blobs" / release.file_digest(release_directory / name)
        blob.write_bytes((release_directory / name).read_bytes())
        (repository / "snapshots" / commit / name).symlink_to(os.path.relpath(blob, repository / "snapshots" / commit))
    return repository / "snapshots" / commit


@pytest.mark.parametrize("name", [NAME, f"{NAME}@v1", f"{NAME}@{'c' * 40}"])
def test_cached_release_is_found_without_network(cache: Path, whole: Extractor, name: str) -> None:
    directory = hub.resolve(name)
    assert directory == cache
    # The files are links into the cache's blobs; the graph finds its weights all the same.
    assert Extractor.from_pretrained(directory, threads=1, least_confidence=0).predict(TEXT) == whole.predict(TEXT)


def test_extractor_loads_a_name_on_the_hub(cache: Path, whole: Extractor) -> None:
    extractor = Extractor.from_pretrained(NAME, threads=1, least_confidence=0)
    assert extractor.predict(TEXT) == whole.predict(TEXT)


def test_pipelines_load_a_name_on_the_hub(cache: Path, pipe: Any, whole: Extractor) -> None:
    from transformers import pipeline

    named = pipeline("treaty-events", model=NAME, model_kwargs={"threads": 1, "least_confidence": 0.0})
    assert named(TEXT) == _events(whole, TEXT)


@pytest.mark.parametrize("name", ["user/none", f"{NAME}@v2"])
def test_neither_network_nor_cache_is_told(cache: Path, name: str) -> None:
    with pytest.raises(ReleaseError, match=r"there is no directory user/.*not whole in the cache.*HF_HUB_OFFLINE"):
        hub.resolve(name)


def test_directories_win_over_names(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).mkdir(parents=True)
    assert hub.resolve(NAME) == Path(NAME)
    # No names on the hub: left for `release.check` to refuse.
    for path in ("none", "a/b/c", "/user/tiny", "./user", "../tiny", "user/", Path("user/none")):
        assert hub.resolve(path) == Path(path)


def test_fetched_files_are_compared_with_the_checksums(cache: Path) -> None:
    weights = (cache / release.WEIGHTS).resolve()
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"user/tiny was fetched.*damaged.*delete"):
        hub.fetch(NAME)
    (cache / release.PROVENANCE).unlink()
    with pytest.raises(ReleaseError, match=release.PROVENANCE):
        hub.fetch(NAME)


def test_missing_client_is_named(tmp_path: Path, release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for call in (lambda: hub.fetch(NAME), lambda: hub.push(release_directory, NAME)):
        with pytest.raises(MissingExtraError, match=r"treaty-events\[hub\]"):
            call()
    # To whoever mistyped a path, the missing directory is the news.
    with pytest.raises(ReleaseError, match=r"there is no directory user/tiny.*treaty-events\[hub\]"):
        hub.resolve(NAME)


def test_card_says_what_the_release_says(release_directory: Path, tmp_path: Path) -> None:
    client = pytest.importorskip("huggingface_hub")
    card = client.ModelCard(hub.card(release_directory, NAME))
    assert (card.data.library_name, card.data.pipeline_tag) == ("treaty-events", "token-classification")
    assert (card.data.license, card.data.language, card.data.base_model) == (None, None, None)
    digest = json.loads((release_directory / release.CHECKSUMS).read_text())[release.WEIGHTS]
    assert digest in card.text
    assert f'from_pretrained("{NAME}")' in card.text
    assert "None" not in card.text
    # Another provenance: what it says is told, the first of a chain of trainings names the base.
    for name in (release.CONFIG, release.CHECKSUMS):
        (tmp_path / name).write_text((release_directory / name).read_text())
    start = {"settings": {"model": {"base": "offline"}}}
    provenance = {"name": "t", "license": "CC-BY-4.0", "languages": ["no", "el"], "documents": 3, "start": start}
    (tmp_path / release.PROVENANCE).write_text(json.dumps(provenance))
    data = client.ModelCard(hub.card(tmp_path, NAME)).data
    assert (data.license, data.language, data.base_model) == (
        "cc-by-4.0",
        ["el", "no"],
        "intfloat/multilingual-e5-small",
    )
    assert client.ModelCard(hub.card(tmp_path, NAME, ["kk"])).data.language == ["kk"]


class _Api:
    """Stands for `HfApi`: notes what it is asked."""

    calls: ClassVar[list[tuple[str, Any]]] = []
    public = False

    def __init__(self, token: str | None = None) -> None:
        self.calls.append(("token", token))

    def create_repo(self, name: str, **options: Any) -> None:
        self.calls.append(("create", options))

    def repo_info(self, name: str) -> Any:
        return SimpleNamespace(private=not self.public)

    def create_commit(self, name: str, operations: list[Any], **options: Any) -> Any:
        self.calls.append(("commit", {o.path_in_repo: o.path_or_fileobj for o in operations}))
        return SimpleNamespace(commit_url=f"https://hub/{name}/commit/1")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> type[_Api]:
    client = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(client, "HfApi", _Api)
    monkeypatch.setattr(_Api, "calls", [])
    return _Api


def test_push_is_one_commit_of_the_release_and_its_card(release_directory: Path, api: type[_Api]) -> None:
    before = sorted(path.name for path in release_directory.iterdir())
    url = hub.push(release_directory, NAME, token="secret", private=True, languages=["fr"])
    assert url == f"https://hub/{NAME}/commit/1"
    (_, token), (_, created), (_, files) = api.calls
    assert (token, created) == ("secret", {"private": True, "exist_ok": True})
    assert set(files) == {"README.md", *release.FILES, release.PIECES, release.CHECKSUMS}
    assert b"- fr\n" in files["README.md"]
    assert b"secret" not in files["README.md"]
    assert sorted(path.name for path in release_directory.iterdir()) == before
    hub.push(release_directory, NAME, readme="# mine")
    assert api.calls[-1][1]["README.md"] == b"# mine"


def test_push_keeps_private_what_should_be(
    release_directory: Path, api: type[_Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Api, "public", True)
    with pytest.raises(ReleaseError, match="public already"):
        hub.push(release_directory, NAME, private=True)
    assert "commit" not in dict(api.calls)


def test_push_refuses_what_is_no_release(tmp_path: Path, api: type[_Api]) -> None:
    with pytest.raises(ReleaseError, match="no release directory"):
        hub.push(tmp_path, NAME)
    assert not api.calls


@pytest.fixture
def gated(release_directory: Path, tmp_path: Path) -> Path:
    """A release with a gate (whose content nobody reads here)."""
    directory = Path(shutil.copytree(release_directory, tmp_path / "gated"))
    (directory / release.GATE).write_bytes(b"gate")
    release.record(directory, release.GATE)
    return directory


def test_a_gate_travels_with_its_release(
    gated: Path, api: type[_Api], pipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.push(gated, NAME)
    assert release.GATE in api.calls[-1][1]
    monkeypatch.setattr(pipe.model, "directory", gated)
    pipe.save_pretrained(tmp_path / "saved")
    assert (tmp_path / "saved" / release.GATE).read_bytes() == b"gate"


def test_a_gate_that_did_not_arrive_is_missed(cache: Path, gated: Path) -> None:
    checksums = (cache / release.CHECKSUMS).resolve()
    checksums.write_text((gated / release.CHECKSUMS).read_text())
    with pytest.raises(ReleaseError, match=r"lacks gate\.safetensors"):
        hub.fetch(NAME)
    shutil.copyfile(gated / release.GATE, cache / release.GATE)
    assert (hub.fetch(NAME) / release.GATE).read_bytes() == b"gate"


@pytest.mark.slow
def test_a_gate_is_fetched(server: _Hub, gated: Path) -> None:
    hub.push(gated, NAME, token=server.token)
    assert (hub.fetch(NAME, token=server.token) / release.GATE).read_bytes() == b"gate"


class _Hub(ThreadingHTTPServer):
    """A hub in a thread: repositories of one commit, as its HTTP interface serves them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.private: dict[str, bool] = {}
        self.requests: list[str] = []
        self.token = "secret"


class _Handler(BaseHTTPRequestHandler):
    server: _Hub
    commit = "d" * 40

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), "X-Repo-Commit": self.commit, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def json(self, content: Any, status: int = 200, **headers: str) -> None:
        self.answer(json.dumps(content).encode(), status, Content_Type="application/json", **headers)

    def missing(self, code: str) -> None:
        self.json({"error": code}, 404, X_Error_Code=code)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[:2])
        files = self.server.repositories.get(name)
        if files is None:
            self.missing("RepoNotFound")
        elif parts[0] == "api" and parts[4:5] in ([], ["revision"]):
            if parts[5:] in ([], ["main"], [self.commit]):
                self.json({"id": name, "sha": self.commit, "private": self.server.private[name], "siblings": []})
            else:
                self.missing("RevisionNotFound")
        elif parts[0] == "api" and parts[4] == "tree":
            entries = [
                {"type": "file", "path": n, "size": len(c), "oid": hashlib.sha1(c).hexdigest()}
                for n, c in files.items()
            ]
            self.json(entries)
        elif parts[0] != "api" and parts[2] == "resolve" and parts[4] in files:
            content = files[parts[4]]
            self.answer(content, ETag=f'"{hashlib.sha1(content).hexdigest()}"')
        else:
            self.missing("EntryNotFound")

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"POST {path}")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            self.json({"error": "Unauthorized"}, 401)
        elif path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            self.server.repositories.setdefault(name, {})
            self.server.private.setdefault(name, bool(asked.get("private")) or asked.get("visibility") == "private")
            self.json({"url": f"{self.origin}/{name}"})
        elif path == "/api/validate-yaml":
            self.json({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = [
                {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in json.loads(body)["files"]
            ]
            self.json({"files": files})
        elif "/commit/" in path:
            name = "/".join(path.split("/")[3:5])
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.server.repositories[name][line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            self.json({"commitUrl": f"{self.origin}/{name}/commit/{self.commit}", "commitOid": self.commit})
        else:
            self.missing("EntryNotFound")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


def _point_to(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Do what the variable HF_ENDPOINT does when `huggingface_hub` is imported."""
    from huggingface_hub import constants

    files = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + files)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Hub]:
    constants = pytest.importorskip("huggingface_hub").constants
    served = _Hub()
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    _point_to(monkeypatch, f"http://127.0.0.1:{served.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.mark.slow
def test_push_and_fetch_over_http(
    server: _Hub, release_directory: Path, whole: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = hub.push(release_directory, NAME, token=server.token, private=True)
    assert url.endswith(f"/{NAME}/commit/{'d' * 40}")
    assert set(server.repositories[NAME]) == {"README.md", *release.FILES, release.PIECES, release.CHECKSUMS}
    directory = hub.fetch(NAME, token=server.token)
    for name in (*release.FILES, release.CHECKSUMS):
        assert (directory / name).read_bytes() == (release_directory / name).read_bytes()
    assert not (directory / "README.md").exists()
    assert Extractor.from_pretrained(directory, threads=1, least_confidence=0).predict(TEXT) == whole.predict(TEXT)
    # A second time nothing is downloaded; without the hub the cache serves, and what it lacks is told.
    downloads = [r for r in server.requests if r.startswith("GET") and "/resolve/" in r]
    assert hub.fetch(NAME, token=server.token) == directory
    assert [r for r in server.requests if r.startswith("GET") and "/resolve/" in r] == downloads
    assert hub.fetch(NAME, offline=True) == directory
    server.private[NAME] = False
    with pytest.raises(ReleaseError, match="public already"):
        hub.push(release_directory, NAME, token=server.token, private=True)


@pytest.mark.slow
def test_the_hubs_refusals_are_explained(server: _Hub, release_directory: Path) -> None:
    with pytest.raises(ReleaseError, match="no such repository"):
        hub.fetch("user/none")
    with pytest.raises(ReleaseError, match="token"):
        hub.push(release_directory, NAME, token="wrong")
    with pytest.raises(InputError, match="owner/name"):
        hub.fetch("a/b/c")
    hub.push(release_directory, NAME, token=server.token)
    with pytest.raises(ReleaseError, match="revision"):
        hub.fetch(NAME, "v9")
    # A repository of something else.
    server.repositories["user/other"], server.private["user/other"] = {"config.json": b"{}"}, False
    with pytest.raises(ReleaseError, match=r"user/other.*no release directory.*model\.onnx"):
        hub.fetch("user/other")
    # Cut short on the way: the hub's own check, or ours, refuses it.
    server.repositories[NAME][release.WEIGHTS] = server.repositories[NAME][release.WEIGHTS][:-1] + b"x"
    with pytest.raises(ReleaseError, match="damaged"):
        hub.fetch(NAME)


@pytest.mark.slow
def test_no_network_at_all_is_told_soon(server: _Hub, release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _point_to(monkeypatch, "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(ReleaseError, match=r"there is no directory user/tiny.*hub is not reached"):
        hub.resolve(NAME)
    assert time.monotonic() - start < 60
    with pytest.raises(ReleaseError, match="cannot push to user/tiny"):
        hub.push(release_directory, NAME, token="t")
