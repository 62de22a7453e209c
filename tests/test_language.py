"""Language identification: beside the loading of a model, and in other processes."""

from __future__ import annotations

import multiprocessing

import pytest

from treaty_events import language

GREEK = "Η Βουλή κύρωσε τη συμφωνία αμυντικής συνεργασίας με τη Γαλλία."


def test_a_text_without_letters_has_no_language() -> None:
    assert language.identify("1994 - 12/5 %") is None


def test_what_was_prepared_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_beside", None)
    language._identifier.cache_clear()
    language.prepare()
    language.prepare()
    assert language.identify(GREEK) == "el"
    assert language._identifier.cache_info().misses == 1


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_process_forked_while_it_loads_identifies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_beside", None)
    language._identifier.cache_clear()
    language.prepare()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(language.identify, (GREEK,)).get(timeout=60) == "el"
