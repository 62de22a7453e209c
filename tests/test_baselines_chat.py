"""The chat completions protocol, against a local server."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation import evaluate
from evaluation.baselines import __main__ as cli
from evaluation.baselines.chat import ChatClient, ServiceError
from evaluation.gold import read_predictions
from treaty_events.errors import InputError

from .baselines import EMPTY, GOOD, TEXT
from .test_evaluation_gold import line, write

KEY = "sk-very-secret"


@pytest.mark.parametrize("address", ["localhost:8000", "file:///etc/passwd", "ftp://x/v1", ""])
def test_only_http_addresses_are_asked(address: str) -> None:
    with pytest.raises(InputError, match="HTTP address"):
        ChatClient(address)


class Service:
    """A chat service that gives prepared replies: status and body, or headers where the body is a dictionary of them."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, bytes, dict[str, str]]] = []
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service.paths.append(self.path)
                service.keys.append(self.headers.get("Authorization"))
                service.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, body, headers = service.replies.pop(0) if service.replies else (500, b"", {})
                if not status:
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                service.paths.append(self.path)
                self.send_error(404)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def reply(self, content: str, *, ascii_only: bool = False) -> None:
        body = {
            "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 50},
        }
        self.replies.append((200, json.dumps(body, ensure_ascii=ascii_only).encode(), {}))

    def fail(self, status: int, body: str = "", **headers: str) -> None:
        self.replies.append((status, body.encode(), {k.replace("_", "-"): v for k, v in headers.items()}))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TEST_KEY", KEY)
    running = Service()
    thread = threading.Thread(target=running.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.server.shutdown()
    running.server.server_close()
    thread.join()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that a client waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("random.uniform", lambda low, _high: low)
    monkeypatch.setitem(ChatClient.__init__.__kwdefaults__ or {}, "sleep", waited.append)
    return waited


def ask(service: Service, data: Path, output: Path, *more: str) -> int:
    arguments = ["--data", str(data), "--output", str(output), "--base-url", service.address, "--model", "m"]
    return cli.main(["llm", *arguments, "--key-env", "TEST_KEY", *more])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "gold.jsonl", line(text=TEXT))


@pytest.mark.slow
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_service_is_asked_and_its_events_are_scored(
    service: Service, data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, ascii_only: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    output = tmp_path / "p.jsonl"
    service.reply(GOOD, ascii_only=ascii_only)
    assert ask(service, data, output, "--option", "max_tokens=64", "--option", "temperature=null") == 0
    (request,) = service.requests
    assert (request["model"], request["max_tokens"], "temperature" in request) == ("m", 64, False)
    assert TEXT in request["messages"][1]["content"]
    assert (service.paths, service.keys) == (["/v1/chat/completions"], [f"Bearer {KEY}"])
    assert "1000 prompt tokens, 50 completion tokens" in caplog.text
    assert KEY not in caplog.text + output.read_text(encoding="utf-8")
    results = tmp_path / "results"
    assert evaluate.main([str(a) for a in ("--events", data, "--predictions", output, "--output", results)]) == 0
    figures = json.loads((results / "results.json").read_text(encoding="utf-8"))["measurements"][0]["events"]["all"]
    assert figures["event_f1"] == 1.0


@pytest.mark.slow
def test_a_busy_service_is_asked_again_later(
    service: Service, data: Path, tmp_path: Path, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.fail(429, "slow down", Retry_After="7")
    service.fail(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT")
    service.replies.append((0, b"", {}))
    service.reply(GOOD)
    assert ask(service, data, tmp_path / "p.jsonl") == 0
    assert waits == [7.0, 2.0, 4.0]
    assert "slow down" in caplog.text
    assert len(read_predictions(tmp_path / "p.jsonl")["a"]) == 1


@pytest.mark.slow
def test_a_malformed_answer_is_asked_for_again(service: Service, data: Path, tmp_path: Path) -> None:
    service.reply('{"events": [')
    service.reply(EMPTY)
    assert ask(service, data, tmp_path / "p.jsonl", "--response-format", "json_object") == 0
    assert service.requests[0]["response_format"] == {"type": "json_object"}
    assert service.requests[1]["messages"][-1]["role"] == "user"
    saved = json.loads((tmp_path / "p.jsonl").read_text(encoding="utf-8"))
    assert saved["usage"] == {"requests": 2, "prompt_tokens": 2000, "completion_tokens": 100}


@pytest.mark.slow
def test_a_refused_key_stops_the_run_and_is_not_shown(
    service: Service, data: Path, tmp_path: Path, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.fail(401, f"Incorrect API key provided: {KEY}")
    assert ask(service, data, tmp_path / "p.jsonl") == 2
    assert "401: Incorrect API key provided: ***" in caplog.text
    assert KEY not in caplog.text
    assert waits == []
    assert not (tmp_path / "p.jsonl").exists()


@pytest.mark.slow
def test_the_key_follows_no_redirect(service: Service, data: Path, tmp_path: Path) -> None:
    service.fail(302, Location=f"{service.address}/elsewhere")
    assert ask(service, data, tmp_path / "p.jsonl") == 2
    assert service.paths == ["/v1/chat/completions"]


@pytest.mark.slow
@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"choices": []}', '{"choices": [{"message": null}]}'])
def test_what_is_no_chat_service_is_told(
    service: Service, data: Path, tmp_path: Path, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    service.fail(200, body)
    assert ask(service, data, tmp_path / "p.jsonl") == 1
    assert "chat completions protocol" in caplog.text


@pytest.mark.slow
def test_a_text_that_is_refused_does_not_stop_the_others(service: Service, tmp_path: Path) -> None:
    data = write(tmp_path / "x.jsonl", {"id": "a", "text": TEXT}, {"id": "b", "text": TEXT})
    service.fail(400, "context length exceeded")
    service.reply(EMPTY)
    assert ask(service, data, tmp_path / "p.jsonl") == 1
    assert list(read_predictions(tmp_path / "p.jsonl")) == ["b"]


@pytest.mark.slow
def test_an_answer_is_not_waited_for_for_ever(tmp_path: Path, waits: list[float]) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as silent:
        client = ChatClient(f"http://127.0.0.1:{silent.server_address[1]}", timeout=0.05, attempts=2)
        with pytest.raises(ServiceError, match="after 2 attempts"):
            client.ask([])
    assert waits == [1.0]
