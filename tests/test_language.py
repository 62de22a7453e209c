"""Language identification: beside the loading of a model, and in other processes."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator

import py3langid.langid
import pytest

from treaty_events import language

GREEK = "Η Βουλή κύρωσε τη συμφωνία αμυντικής συνεργασίας με τη Γαλλία."


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing has been loaded, neither by us nor by the library."""
    monkeypatch.setattr(language, "_beside", None)
    monkeypatch.setattr(py3langid.langid, "IDENTIFIER", None)
    language._identifier.cache_clear()
    yield
    language._wait()


def test_a_text_without_letters_has_no_language() -> None:
    assert language.identify("1994 - 12/5 %") is None


@pytest.mark.usefixtures("unloaded")
def test_what_was_prepared_is_loaded_once() -> None:
    language.prepare()
    language.prepare()
    assert language.identify(GREEK) == "el"
    assert language._identifier.cache_info().misses == 1


@pytest.mark.usefixtures("unloaded")
def test_many_may_prepare_and_ask_at_once() -> None:
    found: list[str | None] = []

    def work() -> None:
        language.prepare()
        found.append(language.identify(GREEK))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["el"] * 8


@pytest.mark.usefixtures("unloaded")
def test_without_a_thread_it_is_loaded_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        language.prepare()
    assert language.identify(GREEK) == "el"


@pytest.mark.usefixtures("unloaded")
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_process_forked_while_it_loads_identifies_too() -> None:
    language.prepare()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(language.identify, (GREEK,)).get(timeout=60) == "el"
