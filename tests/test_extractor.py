from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import treaty_events
from treaty_events import Document, Extractor, InputError, TreatyEvent, TreatyEventsError, predict, schema

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar."


def test_a_string_gives_events_a_list_gives_documents(release_directory: Path) -> None:
    events = predict(TEXT, model=release_directory)
    documents = predict([TEXT, ""], published="2025-02-13", model=release_directory)
    assert all(isinstance(e, TreatyEvent) for e in events)
    assert [type(d) for d in documents] == [Document, Document]
    assert documents[0].published == datetime.date(2025, 2, 13)
    assert documents[0].events == tuple(predict(TEXT, published="2025-02-13", model=release_directory))
    assert documents[1].events == ()


def test_dates_and_languages_can_be_given_one_a_text(extractor: Extractor) -> None:
    first, second = extractor.documents([TEXT, TEXT], ["2025-02-13", None], ["fr", None])
    assert first.published == datetime.date(2025, 2, 13)
    assert second.published is None
    assert (first.language, second.language) == ("fr", "fr")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": 3}, "a string or a list"),
        ({"text": b"bytes"}, "a string or a list"),
        ({"text": [TEXT, b"bytes"]}, "decode bytes"),
        ({"text": ["a\ud800b"]}, "lone surrogate at 1"),
        ({"text": TEXT, "published": "yesterday"}, "is no date"),
        ({"text": [TEXT], "published": ["2025-02-13", "2025-02-13"]}, "one for all or one a text"),
    ],
)
def test_bad_input_says_what_to_do(extractor: Extractor, arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        extractor.predict(**arguments)
    assert isinstance(caught.value, TreatyEventsError)


def test_document_tells_what_was_read_and_by_what(extractor: Extractor) -> None:
    document = extractor.document(TEXT)
    assert document.characters_read == len(TEXT)
    assert document.model.name == "tiny"
    assert len(document.model.weights_sha256) == 64


def test_wire_format_fits_the_shipped_schema_and_reads_back(extractor: Extractor) -> None:
    document = extractor.document(TEXT * 3, published="2025-02-13")
    wire = json.loads(document.model_dump_json())
    shipped = json.loads(Path(schema.__file__).with_name("schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(wire, shipped)
    assert Document.model_validate(wire) == document


def test_results_are_frozen(extractor: Extractor) -> None:
    document = extractor.document(TEXT)
    with pytest.raises(ValueError):
        document.language = "xx"  # type: ignore[misc]


def test_importing_loads_neither_torch_nor_the_runtime() -> None:
    code = "import sys, treaty_events; print([m for m in ('torch', 'onnxruntime', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_predicting_needs_no_torch(release_directory: Path) -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\nsys.modules['transformers'] = None\n"
        f"from treaty_events import predict\nprint(len(predict(['Doha.'], model={str(release_directory)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_public_names_are_there() -> None:
    for name in treaty_events.__all__:
        assert getattr(treaty_events, name) is not None
    with pytest.raises(AttributeError):
        _ = treaty_events.nothing_of_the_kind
