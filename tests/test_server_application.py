"""The paths of the HTTP service: articles in, documents out, and what describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from treaty_events import Document, Extractor
from treaty_events.server import Limits, create_app

from .serving import JSON, TEXT, ask, problem

fastapi = pytest.importorskip("fastapi")
pytest.importorskip("httpx")


def test_an_article_gives_its_document(extractor: Extractor) -> None:
    body = {"text": TEXT, "id": "a/1", "published": "2025-02-13T23:30:00-05:00", "language": "fr"}
    response = ask(create_app(extractor), json=body)
    expected = extractor.document(TEXT, "2025-02-13", "fr").model_copy(update={"id": "a/1"})
    assert response.status_code == 200
    assert response.content == expected.model_dump_json().encode()
    assert expected.events


def test_articles_give_a_list_in_their_order(extractor: Extractor) -> None:
    articles = [
        {"text": f"{TEXT} {n}", "id": str(n), "published": f"2025-02-{n + 1:02}", "language": ("fr", "ru", None)[n % 3]}
        for n in range(20)
    ]
    response = ask(create_app(extractor), json={"articles": articles})
    documents = [Document.model_validate(d) for d in response.json()]
    assert [(d.id, d.text) for d in documents] == [(a["id"], a["text"]) for a in articles]
    assert [d.published.isoformat() for d in documents if d.published] == [a["published"] for a in articles]
    assert [d.language for d in documents][:3] == ["fr", "ru", "fr"]


def test_nothing_to_read_is_no_error(extractor: Extractor) -> None:
    empty = ask(create_app(extractor), json={"text": ""})
    assert (empty.status_code, empty.json()["events"], empty.json()["text"]) == (200, [], "")
    none = ask(create_app(extractor), json={"articles": []})
    assert (none.status_code, none.json()) == (200, [])


def test_offsets_are_code_points_of_the_text_as_sent(extractor: Extractor) -> None:
    text = f"\r\n🤝 e\u0301 {TEXT}\u2028 中哈协定\x00"
    response = ask(create_app(extractor), json={"text": text})
    document = Document.model_validate(response.json())
    assert document.text == text
    assert document.events
    assert all(text[e.trigger.start : e.trigger.end] == e.trigger.text for e in document.events)


def test_what_looks_like_a_path_or_a_url_is_text(extractor: Extractor, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Treaty of Nowhere", encoding="utf-8")
    for text in (str(secret), secret.as_uri(), "http://127.0.0.1:9/x.html", "../../pyproject.toml", "-"):
        response = ask(create_app(extractor), json={"text": text, "id": text})
        assert (response.status_code, response.json()["text"], response.json()["id"]) == (200, text, text)


def test_health_and_version(extractor: Extractor) -> None:
    app = create_app(extractor)
    assert ask(app, "GET", "/healthz").json() == {"status": "ok", "waiting": 0}
    assert ask(app, "GET", "/version").json() == extractor.info.model_dump()


def test_other_paths_and_methods_tell_of_the_right_ones(extractor: Extractor) -> None:
    app = create_app(extractor)
    for path in ("/", "/docs", "/redoc", "/predict/", "/../etc/passwd", "/weights/model.safetensors"):
        response = ask(app, "GET", path)
        assert response.status_code == 404
        assert "POST /predict" in problem(response).error
    response = ask(app, "GET", "/predict")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    problem(response)


def test_no_other_origin_is_let_in(extractor: Extractor) -> None:
    headers = JSON | {"Origin": "http://elsewhere", "Access-Control-Request-Method": "POST"}
    for method in ("POST", "OPTIONS"):
        response = ask(create_app(extractor), method, content=b'{"text": "a"}', headers=headers)
        assert not any(name.startswith("access-control") for name in response.headers)


def test_a_failure_of_the_service_is_json_too(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(extractor)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(app.state.batcher, "check", broken)
    response = ask(app, json={"text": TEXT})
    assert response.status_code == 500
    assert "secret" not in response.text
    problem(response)


def test_it_can_be_mounted(extractor: Extractor) -> None:
    site = fastapi.FastAPI()
    site.mount("/treaties", create_app(extractor))
    assert ask(site, path="/treaties/predict", json={"text": TEXT}).json()["text"] == TEXT
    assert ask(site, "GET", "/treaties/openapi.json").json()["info"]["title"] == "treaty-events"


def test_openapi_declares_every_answer_and_the_form_of_requests(extractor: Extractor) -> None:
    described = ask(create_app(extractor, Limits(max_texts=3)), "GET", "/openapi.json").json()
    operation = described["paths"]["/predict"]["post"]
    assert set(operation["responses"]) == {"200", "400", "408", "413", "415", "422", "500", "503", "504"}
    for status, answer in operation["responses"].items():
        schema = answer["content"]["application/json"]["schema"]
        if status != "200":
            assert schema == {"$ref": "#/components/schemas/Problem"}
    one, many = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    assert one == many["items"] == {"$ref": "#/components/schemas/Document"}
    request = operation["requestBody"]["content"]["application/json"]["schema"]
    full = {"text": "a", "id": None, "published": "2025-02-13", "language": "fr"}
    good: dict[str, Any]
    for good in ({"text": ""}, full, {"articles": []}, {"articles": [full] * 3}):
        jsonschema.validate(good, request)
    for bad in (
        {},
        {"text": 1},
        {"text": "a", "lang": "fr"},
        {"text": "a", "language": "auto"},
        {"articles": [{"text": ""}] * 4},
        {"articles": ["a"]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, request)


@pytest.mark.slow
def test_schemathesis_finds_nothing(extractor: Extractor) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck

    app = create_app(extractor, Limits(max_bytes=20_000, max_texts=4))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    called = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        modes = [schemathesis.GenerationMode.POSITIVE]
        if operation.path == "/predict":  # the others have nothing that could be wrong
            modes.append(schemathesis.GenerationMode.NEGATIVE)
        for mode in modes:

            @given(operation.as_strategy(generation_mode=mode))
            @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
            def conforms(case: Any) -> None:
                response = case.call_and_validate()
                called.add((case.operation.path, response.status_code))

            conforms()
    assert {("/predict", 200), ("/predict", 422), ("/healthz", 200), ("/version", 200)} <= called
