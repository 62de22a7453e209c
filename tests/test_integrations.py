from __future__ import annotations

import importlib
import sys

import pytest

from treaty_events import MissingExtraError


@pytest.mark.parametrize("library", ["spacy", "transformers"])
def test_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"treaty_events.integrations.{library}", raising=False)
    for name in (library, "spacy.language"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"treaty-events\[{library}\]"):
        importlib.import_module(f"treaty_events.integrations.{library}")
