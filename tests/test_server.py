from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import Document, Extractor, InputError, MissingExtraError, release
from treaty_events.commands import serve
from treaty_events.server import Limits, create_app

fastapi = pytest.importorskip("fastapi")
httpx = pytest.importorskip("httpx")

from treaty_events.server import wire  # noqa: E402
from treaty_events.server.problems import Problem, RequestError  # noqa: E402

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar."
JSON = {"Content-Type": "application/json"}


class Spy:
    """An extractor that tells what it was asked, fails on `boom` and waits for a gate."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor, self.info, self.reader = extractor, extractor.info, extractor.reader
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.gate, self.entered = threading.Event(), threading.Event()
        self.gate.set()

    def documents(self, texts: Sequence[str], published: Any = None, language: Any = None) -> list[Document]:
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(20)
        if any("boom" in text for text in texts):
            raise RuntimeError("tensor of shape (secret,)")
        return self.extractor.documents(texts, published, language)


@pytest.fixture
def spy(extractor: Extractor) -> Spy:
    return Spy(extractor)


def client(app: Any) -> Any:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://here")


def ask(app: Any, method: str = "POST", path: str = "/predict", **arguments: Any) -> Any:
    """Send one request to an application."""

    async def call() -> Any:
        async with client(app) as session:
            return await session.request(method, path, **arguments)

    return asyncio.run(call())


def problem(response: Any) -> Problem:
    assert response.headers["content-type"] == "application/json"
    return Problem.model_validate_json(response.content)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


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


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_plain_json_is_taken(extractor: Extractor, headers: dict[str, str]) -> None:
    response = ask(create_app(extractor), content=b'{"text": "a"}', headers=headers)
    assert response.status_code == 415
    assert "send it" in problem(response).error or "leave the charset out" in problem(response).error


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_say_that_it_is_utf8(extractor: Extractor, kind: str) -> None:
    content = b'\xef\xbb\xbf{"text": "S\xc3\xa9nat"}'
    assert ask(create_app(extractor), content=content, headers={"Content-Type": kind}).json()["text"] == "Sénat"


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


def body_of(size: int) -> bytes:
    content = json.dumps({"text": ""}).encode()
    return content[:-2] + b"a" * (size - len(content)) + content[-2:]


def test_body_may_have_its_limit_and_no_byte_more(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(max_bytes=1000))
    assert ask(app, content=body_of(1000), headers=JSON).status_code == 200
    response = ask(app, content=body_of(1001), headers=JSON)
    assert response.status_code == 413
    assert "larger than 1000 bytes" in problem(response).error


def test_a_body_without_a_length_is_read_no_further_than_its_limit(extractor: Extractor) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield b"a" * 100

    response = ask(create_app(extractor, Limits(max_bytes=1000)), content=endless(), headers=JSON)
    assert response.status_code == 413
    assert sent == 1100


def test_a_body_that_does_not_arrive(extractor: Extractor) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(30)

    response = ask(create_app(extractor, Limits(timeout=0.05)), content=stalled(), headers=JSON)
    assert response.status_code == 408
    assert "send it again" in problem(response).error


def test_a_client_that_leaves_is_no_failure(extractor: Extractor) -> None:
    sent = []

    async def call() -> None:
        messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
        await create_app(extractor)(scope, receive, send)

    asyncio.run(call())
    assert sent[0]["status"] == 400


def test_concurrent_requests_are_read_together_and_answered_as_alone(spy: Spy) -> None:
    limits = Limits(batch_texts=4, batch_delay=0.1)
    app = create_app(spy, limits)  # type: ignore[arg-type]
    bodies: list[dict[str, Any]] = [{"text": f"{TEXT} " * (n % 3 + 1) + str(n), "id": str(n)} for n in range(9)]
    bodies.append({"articles": [{"text": f"{TEXT} x{n}", "id": f"x{n}"} for n in range(2)]})

    async def together() -> list[Any]:
        async with client(app) as session:
            return await asyncio.gather(*(session.post("/predict", json=body) for body in bodies))

    answers = [response.json() for response in asyncio.run(together())]
    assert [len(batch) for batch in spy.batches] == [4, 4, 3]
    assert len(spy.threads) == 1
    spy.batches.clear()
    undelayed = create_app(spy, Limits(batch_delay=0.0))  # type: ignore[arg-type]
    alone = [ask(undelayed, json=body).json() for body in bodies]
    assert len(spy.batches) == 10
    for one, other in zip(answers, alone, strict=True):
        assert_same(one, other)


def assert_same(left: Any, right: Any) -> None:
    """Compare answers; what a text is read with may move a probability by less than one could see."""
    if isinstance(left, list):
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
        return
    scores = [[event.pop("confidence") for event in document["events"]] for document in (left, right)]
    assert left == right
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)


def test_batches_are_limited_by_characters_and_nothing_is_too_long(spy: Spy) -> None:
    app = create_app(spy, Limits(batch_characters=100, batch_delay=0.0))  # type: ignore[arg-type]
    sizes = [60, 60, 30, 500, 10, 10]
    response = ask(app, json={"articles": [{"text": "a" * size} for size in sizes]})
    assert [len(d["text"]) for d in response.json()] == sizes
    assert [[len(t) for t in batch] for batch in spy.batches] == [[60], [60, 30], [500], [10, 10]]


def test_an_article_that_the_model_fails_on_does_not_hurt_others(spy: Spy, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(spy, Limits(batch_delay=0.1))  # type: ignore[arg-type]

    async def together() -> list[Any]:
        async with client(app) as session:
            bodies = [{"text": TEXT}, {"articles": [{"text": TEXT}, {"text": "boom"}]}, {"text": f"{TEXT} 2"}]
            return await asyncio.gather(*(session.post("/predict", json=body) for body in bodies))

    first, second, third = asyncio.run(together())
    assert len(spy.batches[0]) == 4
    assert (first.json()["text"], third.json()["text"]) == (TEXT, f"{TEXT} 2")
    assert second.status_code == 500
    assert [(f.article, f.field) for f in problem(second).faults] == [(1, "text")]
    # What went wrong is for the log.
    assert "secret" not in second.text
    assert "secret" in caplog.text


def test_what_the_extractor_finds_fault_with_is_not_our_failure(spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(texts: Sequence[str], *_: Any) -> list[Document]:
        raise InputError("this cannot be read: write it anew")

    monkeypatch.setattr(spy, "documents", refuse)
    response = ask(create_app(spy), json={"text": TEXT})  # type: ignore[arg-type]
    assert response.status_code == 422
    assert "write it anew" in problem(response).error


def test_time_limit(spy: Spy) -> None:
    # What is loaded at the first text must not take of the time.
    spy.extractor.document("late")
    app = create_app(spy, Limits(timeout=1.0, batch_texts=1))  # type: ignore[arg-type]

    async def call() -> tuple[Any, Any, Any]:
        async with client(app) as session:
            spy.gate.clear()
            late, queued = await asyncio.gather(
                session.post("/predict", json={"text": "late"}), session.post("/predict", json={"text": "queued"})
            )
            assert app.state.batcher.waiting == 0
            spy.gate.set()
            return late, queued, await session.post("/predict", json={"text": "next"})

    late, queued, following = asyncio.run(call())
    assert (late.status_code, queued.status_code, following.status_code) == (504, 504, 200)
    assert "1 s: send fewer or shorter" in problem(late).error
    # Nobody waited for the second any longer: it was not read.
    assert spy.batches == [["late"], ["next"]]


async def leave_after(app: Any, left: asyncio.Event, body: dict[str, Any]) -> int:
    """Send a request whose client leaves; gives the status that nobody sees."""
    messages = [{"type": "http.request", "body": json.dumps(body).encode()}]
    sent: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


def test_what_a_client_left_behind_is_not_read(spy: Spy) -> None:
    app = create_app(spy, Limits(batch_texts=1))  # type: ignore[arg-type]

    async def call() -> list[int]:
        spy.gate.clear()
        left = asyncio.Event()
        running = asyncio.create_task(leave_after(app, asyncio.Event(), {"text": "running"}))
        await until(spy.entered.is_set)
        queued = asyncio.create_task(leave_after(app, left, {"text": "queued"}))
        await until(lambda: app.state.batcher.waiting == 1)
        left.set()
        statuses = [await queued]
        assert app.state.batcher.waiting == 0
        spy.gate.set()
        return [*statuses, await running]

    assert asyncio.run(call()) == [400, 200]
    assert spy.batches == [["running"]]


def test_a_long_article_that_nobody_waits_for_is_given_up(
    release_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = Extractor.from_pretrained(release_directory, threads=1, engine="onnx")
    encode = extractor.reader.backend.encode
    entered, gate = threading.Event(), threading.Event()
    batches = 0

    def slow(*batch: Any) -> Any:
        nonlocal batches
        batches += 1
        entered.set()
        assert gate.wait(60)
        return encode(*batch)

    monkeypatch.setattr(extractor.reader.backend, "encode", slow)
    app = create_app(extractor)

    async def call() -> int:
        left = asyncio.Event()
        request = asyncio.create_task(leave_after(app, left, {"text": f"{TEXT} " * 200}))
        assert await asyncio.to_thread(entered.wait, 60)
        left.set()
        status = await request
        gate.set()
        await app.state.batcher.close()
        return status

    assert asyncio.run(call()) == 400
    assert batches == 1
    # The extractor itself is as it was.
    assert extractor.document(f"{TEXT} " * 200).windows > 1
    assert batches > 2


class PanicError(BaseException):
    """As Rust's panics come to Python: no `Exception`."""


def test_a_panic_of_the_tokenizer_does_not_end_the_worker(spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = spy.documents

    def panic(texts: Sequence[str], *known: Any) -> list[Document]:
        if "panic" in texts:
            raise PanicError("index out of bounds")
        return documents(texts, *known)

    monkeypatch.setattr(spy, "documents", panic)
    app = create_app(spy, Limits(timeout=10, batch_delay=0.1))  # type: ignore[arg-type]

    async def together() -> list[Any]:
        async with client(app) as session:
            return await asyncio.gather(*(session.post("/predict", json={"text": t}) for t in (TEXT, "panic")))

    assert [r.status_code for r in asyncio.run(together())] == [200, 500]


def test_a_length_of_thousands_of_digits_is_too_large(extractor: Extractor) -> None:
    response = ask(create_app(extractor), content=b"{}", headers=JSON | {"Content-Length": "9" * 5000})
    assert response.status_code == 413


def test_bodies_that_arrive_are_not_waited_for_at_the_end(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(grace=20.0))

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(30)

    async def call() -> Any:
        async with client(app) as session:
            posting = asyncio.create_task(session.post("/predict", content=stalled(), headers=JSON))
            await asyncio.sleep(0.05)
            app.state.batcher.stop()
            async with asyncio.timeout(10):
                return await posting

    response = asyncio.run(call())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


ANSWER = 30_000_000


@contextlib.asynccontextmanager
async def serving(seconds: float) -> AsyncIterator[int]:
    """Serve a large answer with the protocol of the process; gives the port."""
    uvicorn = pytest.importorskip("uvicorn")
    from treaty_events.server import process

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % ANSWER)]})
        await send({"type": "http.response.body", "body": bytes(ANSWER)})

    protocol = type("Protocol", (process._Protocol,), {"seconds": seconds})
    config = uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="error", port=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    async with asyncio.timeout(20):
        await task


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: "])
def test_a_client_that_does_not_finish_asking_is_let_go(said: bytes) -> None:
    async def call() -> float:
        async with serving(0.3) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            started = time.monotonic()
            writer.write(said)
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(20):
                    # A byte now and then is no progress.
                    while not reader.at_eof():
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(1), 0.1)
                        if said:
                            writer.write(b"x")
            writer.close()
            return time.monotonic() - started

    assert asyncio.run(call()) > 0.2


@pytest.mark.parametrize("takes", [True, False])
def test_a_client_that_takes_nothing_is_let_go_and_a_slow_one_is_not(takes: bool) -> None:
    async def call() -> int:
        async with serving(2.0 if takes else 0.3) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65_536)
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            got = 0
            if not takes:
                await asyncio.sleep(1.2)
            with contextlib.suppress(ConnectionError):
                while chunk := await reader.read(1_000_000):
                    got += len(chunk)
                    if takes and got < 6_000_000:
                        await asyncio.sleep(0.005)
            writer.close()
            return got

    got = asyncio.run(call())
    assert (got > ANSWER) is takes


def test_a_full_queue_is_said_at_once(spy: Spy) -> None:
    limits = Limits(max_texts=2, max_waiting=2, batch_texts=1)
    app = create_app(spy, limits)  # type: ignore[arg-type]

    async def call() -> tuple[Any, ...]:
        async with client(app) as session:
            spy.gate.clear()
            running = asyncio.create_task(session.post("/predict", json={"text": "running"}))
            await until(spy.entered.is_set)
            one = asyncio.create_task(session.post("/predict", json={"text": "waits"}))
            await until(lambda: app.state.batcher.waiting == 1)
            two = await session.post("/predict", json={"articles": [{"text": "a"}, {"text": "b"}]})
            other = asyncio.create_task(session.post("/predict", json={"text": "waits too"}))
            await until(lambda: app.state.batcher.waiting == 2)
            three = await session.post("/predict", json={"text": "c"})
            health = await session.get("/healthz")
            spy.gate.set()
            return two, three, health, await asyncio.gather(running, one, other)

    two, three, health, answered = asyncio.run(call())
    for refused in (two, three):
        assert refused.status_code == 503
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "try again in" in problem(refused).error
    assert (health.status_code, health.json()) == (200, {"status": "ok", "waiting": 2})
    assert [r.status_code for r in answered] == [200, 200, 200]


def test_bodies_held_in_memory_are_limited(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(max_texts=1, max_waiting=1, batch_texts=1))

    async def slow(gate: asyncio.Event) -> AsyncIterator[bytes]:
        await gate.wait()
        yield b'{"text": "a"}'

    async def call() -> tuple[Any, list[Any]]:
        async with client(app) as session:
            gates = [asyncio.Event(), asyncio.Event()]
            posts = [session.post("/predict", content=slow(gate), headers=JSON) for gate in gates]
            tasks = [asyncio.create_task(post) for post in posts]
            await asyncio.sleep(0.05)
            refused = await session.post("/predict", json={"text": "b"})
            answered = []
            for gate, task in zip(gates, tasks, strict=True):
                gate.set()
                answered.append(await task)
            return refused, answered

    refused, answered = asyncio.run(call())
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert [r.status_code for r in answered] == [200, 200]


@pytest.mark.parametrize(("grace", "statuses"), [(20.0, [200, 200]), (0.05, [200, 503])])
def test_stopping_answers_all_that_was_taken(spy: Spy, grace: float, statuses: list[int]) -> None:
    app = create_app(spy, Limits(grace=grace, batch_texts=1))  # type: ignore[arg-type]

    async def call() -> tuple[Any, ...]:
        async with client(app) as session:
            spy.gate.clear()
            running = asyncio.create_task(session.post("/predict", json={"text": "running"}))
            await until(spy.entered.is_set)
            waiting = asyncio.create_task(session.post("/predict", json={"text": "waiting"}))
            await until(lambda: app.state.batcher.waiting == 1)
            app.state.batcher.stop()
            refused, health = await session.post("/predict", json={"text": "new"}), await session.get("/healthz")
            await asyncio.sleep(0.1)
            spy.gate.set()
            answered = await asyncio.gather(running, waiting)
            await asyncio.wait_for(app.state.batcher.close(), 10)
            return answered, refused, health

    answered, refused, health = asyncio.run(call())
    assert [r.status_code for r in answered] == statuses
    assert (refused.status_code, health.status_code) == (503, 503)
    assert refused.headers["Retry-After"] == "5"


def test_the_end_of_the_lifespan_refuses_what_waits_and_ends_the_thread(spy: Spy) -> None:
    app = create_app(spy, Limits(batch_texts=1))  # type: ignore[arg-type]

    async def call() -> list[Any]:
        async with client(app) as session:
            async with app.router.lifespan_context(app):
                spy.gate.clear()
                tasks = [asyncio.create_task(session.post("/predict", json={"text": t})) for t in ("running", "waits")]
                await until(lambda: spy.entered.is_set() and app.state.batcher.waiting == 1)
                asyncio.get_running_loop().call_later(0.05, spy.gate.set)
            return await asyncio.gather(*tasks)

    assert [r.status_code for r in asyncio.run(call())] == [200, 503]
    assert not any(thread.ident in spy.threads for thread in threading.enumerate())


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_bytes": 0},
        {"max_texts": 0},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"grace": -1},
        {"max_texts": 10, "max_waiting": 9},
    ],
)
def test_limits_that_cannot_work(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Limits(**wrong)


def test_without_the_extra_it_says_which(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(MissingExtraError, match=r"treaty-events\[serve\]"):
        create_app(extractor)
    parser = serve_parser()
    options = parser.parse_args(["serve"])
    with pytest.raises(MissingExtraError, match=r"treaty-events\[serve\]"):
        options.run(options)


def serve_parser() -> Any:
    import argparse

    parser = argparse.ArgumentParser()
    serve.add(parser.add_subparsers())
    return parser


def test_the_container_files_name_what_there_is() -> None:
    root = Path(release.__file__).parent.parent
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    let_in = {
        line[1:].rstrip("/")
        for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        name.rstrip("/") for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M) for name in line.split()
    }
    assert copied == let_in
    assert all((root / name).exists() for name in copied)
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", dockerfile, re.M)[0])
    options = serve_parser().parse_args(entry[1:])
    assert (entry[0], options.host, options.port) == ("treaty-events", "0.0.0.0", 8000)


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


@pytest.mark.slow
def test_the_process_answers_and_ends_well(release_directory: Path, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "treaty_events.cli", "serve", "--port", "0", "--model", str(release_directory)]
    with subprocess.Popen(
        [*command, "--threads", "1", "--max-bytes", "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", first)[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/predict", json.dumps({"text": TEXT}), JSON)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["text"]) == (200, TEXT)
            connection.request("GET", "/version")
            assert json.loads(connection.getresponse().read())["name"] == "tiny"
            # The client is told, although it is still sending when the answer is there.
            other = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            other.request("POST", "/predict", body_of(3_000_000), JSON)
            assert other.getresponse().status == 413
            taken = subprocess.run(
                [*command[:5], str(port), *command[6:]], capture_output=True, text=True, cwd=tmp_path
            )
            assert (taken.returncode, taken.stdout) == (2, "")
            assert "choose others with --host and --port" in taken.stderr
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=30)
            assert (process.returncode, out) == (0, "")
            assert time.monotonic() - started < 10
            assert 'POST /predict HTTP/1.1" 200' in errors
            assert "Traceback" not in errors
            assert TEXT not in errors
        finally:
            process.kill()
