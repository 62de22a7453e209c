"""What a body may say, and how the service says what is wrong with one."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import Extractor
from treaty_events.server import Limits, create_app, wire
from treaty_events.server.problems import Problem, RequestError

from .serving import JSON, TEXT, Spy, ask, problem

pytest.importorskip("fastapi")
pytest.importorskip("httpx")


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 400, "empty"),
        (b"Le Senat", 400, "not JSON"),
        (b'{"text": "a", "n": NaN}', 400, "NaN"),
        (b'{"text": ' + b"1" * 5000 + b"}", 400, "not JSON"),
        (b"[" * 200_000, 400, "nested too deeply"),
        (b'{"text": "S\xe9nat"}', 400, "not UTF-8 at byte 11"),
        (b'["a"]', 422, "no object"),
        (b"{}", 422, "text: is missing"),
        (b'{"text": 3}', 422, "text: is no string"),
        (b'{"text": "a\\ud800"}', 422, "text: half a surrogate pair at character 1"),
        (b'{"text": "a", "id": "\\udfff"}', 422, "id: half a surrogate pair at character 0"),
        (b'{"text": "a", "id": 7}', 422, "id: is no string"),
        (b'{"text": "a", "published": "yesterday"}', 422, "published: no date"),
        (b'{"text": "a", "published": "2025-02-13 and more"}', 422, "published: no date"),
        (b'{"text": "a", "published": "2025-02-30"}', 422, "published: no date"),
        (b'{"text": "a", "published": 1739404800}', 422, "published: no date"),
        (b'{"text": "a", "language": 3}', 422, "language: is no string"),
        (b'{"text": "a", "language": ["fr"]}', 422, "language: is no string"),
        (b'{"text": "a", "language": "French"}', 422, "language: is no ISO 639-1 code"),
        (b'{"text": "a", "language": "\\ud800a"}', 422, "language: half a surrogate"),
        (
            b'{"text": "a", "lang": "fr"}',
            422,
            "lang: is no field of an article: these are text, id, published, language",
        ),
        (b'{"text": "a", "\\ud800": 1}', 422, r"\ud800: is no field"),
        (b'{"articles": {"text": "a"}}', 422, "'articles' is a list"),
        (b'{"articles": [], "published": "2025-02-13"}', 422, "stands alone"),
        (b'{"articles": ["a"]}', 422, "articles[0]: is no object"),
    ],
)
def test_wrong_content_says_what_to_do(spy: Spy, content: bytes, status: int, message: str) -> None:
    response = ask(create_app(spy), content=content, headers=JSON)  # type: ignore[arg-type]
    assert response.status_code == status
    assert message in problem(response).error
    assert spy.batches == []


def test_one_article_at_fault_is_named_and_none_is_read(spy: Spy) -> None:
    articles = [{"text": TEXT}, {"text": TEXT, "published": "soon"}, {"text": TEXT}, {"txt": TEXT}]
    response = ask(create_app(spy), json={"articles": articles})  # type: ignore[arg-type]
    assert response.status_code == 422
    assert [(f.article, f.field) for f in problem(response).faults] == [(1, "published"), (3, "txt"), (3, "text")]
    assert "2 of 4 articles at fault, none is answered" in problem(response).error
    assert spy.batches == []


def test_an_answer_to_many_faults_is_short(extractor: Extractor) -> None:
    article = {"text": 1} | {f"field{n}" * 9: n for n in range(500)}
    told = problem(ask(create_app(extractor), json={"articles": [article] * 30}))
    assert len(told.faults) == 20
    assert "60 faults, the first 20 are listed" in told.error
    assert "nor are 499 others" in told.error
    assert len(told.model_dump_json()) < 5000


def test_too_many_articles(spy: Spy) -> None:
    app = create_app(spy, Limits(max_texts=3))  # type: ignore[arg-type]
    assert ask(app, json={"articles": [{"text": TEXT}] * 3}).status_code == 200
    spy.batches.clear()
    response = ask(app, json={"articles": [{"text": TEXT}] * 4})
    assert response.status_code == 422
    assert "at most 3" in problem(response).error
    assert spy.batches == []


# All code points, lone surrogates too: JSON can write them as escapes.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=8)


KEYS = st.sampled_from(["text", "id", "published", "language", "articles"]) | ANY_TEXT


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


REQUESTS = VALUES | st.fixed_dictionaries({"text": ANY_TEXT}, optional={"published": VALUES, "language": VALUES})


@settings(deadline=None)
@given(REQUESTS.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    schema = wire.request_schema(Limits())
    refused = None
    try:
        articles, many = wire.parse(body, Limits())
    except RequestError as error:
        refused = error
    if refused is not None:
        assert refused.status in (400, 422)
        assert Problem.model_validate_json(refused.problem.model_dump_json()) == refused.problem
        return
    content = json.loads(body.decode("utf-8-sig"))
    jsonschema.validate(content, schema)
    given_texts = [item["text"] for item in content["articles"]] if many else [content["text"]]
    assert [article.text for article in articles] == given_texts
