from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from treaty_events import Extractor, InputError, MissingExtraError, ReleaseError, hub, release

from .hub_server import Hub
from .integrations import TEXT, events_of

NAME = "user/tiny"


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
    assert named(TEXT) == events_of(whole, TEXT)


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
def test_a_gate_is_fetched(server: Hub, gated: Path) -> None:
    hub.push(gated, NAME, token=server.token)
    assert (hub.fetch(NAME, token=server.token) / release.GATE).read_bytes() == b"gate"


def _point_to(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Do what the variable HF_ENDPOINT does when `huggingface_hub` is imported."""
    from huggingface_hub import constants

    files = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + files)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    constants = pytest.importorskip("huggingface_hub").constants
    served = Hub()
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
    server: Hub, release_directory: Path, whole: Extractor, monkeypatch: pytest.MonkeyPatch
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
def test_the_hubs_refusals_are_explained(server: Hub, release_directory: Path) -> None:
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
def test_no_network_at_all_is_told_soon(server: Hub, release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _point_to(monkeypatch, "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(ReleaseError, match=r"there is no directory user/tiny.*hub is not reached"):
        hub.resolve(NAME)
    assert time.monotonic() - start < 60
    with pytest.raises(ReleaseError, match="cannot push to user/tiny"):
        hub.push(release_directory, NAME, token="t")
