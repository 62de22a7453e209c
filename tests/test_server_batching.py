"""Articles of many requests are read together: batches, the queue, failures, time, the end."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from treaty_events import Document, Extractor, InputError
from treaty_events.server import Limits, create_app

from .serving import TEXT, Spy, ask, client, problem, until

pytest.importorskip("fastapi")
pytest.importorskip("httpx")


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
