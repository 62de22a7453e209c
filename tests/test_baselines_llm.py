"""A language model is asked for every text, with a stand-in for the service; a run goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.baselines import answer, asking, llm, records
from evaluation.baselines.chat import Answer, ServiceError, Usage
from evaluation.gold import read_predictions
from treaty_events.errors import InputError

from .baselines import EMPTY, GOOD, TEXT, document


class FakeClient:
    """Gives prepared answers, or raises them."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.asked, self.usage = list(answers), list[Any](), Usage()

    def ask(self, messages: Sequence[Mapping[str, str]], **options: Any) -> Answer:
        self.asked.append((list(messages), options))
        content = self.answers.pop(0)
        if isinstance(content, Exception):
            raise content
        self.usage += Usage(1, 100, 10)
        return Answer(content, "length" if content == "cut" else "stop", Usage(1, 100, 10))


def system(*answers: str | Exception, model: str = "m", **options: Any) -> llm.LlmEvents:
    return llm.LlmEvents(FakeClient(*answers), model, **options)  # type: ignore[arg-type]


def test_the_request_has_guide_schema_date_and_text() -> None:
    asked = system(GOOD, options={"temperature": 0})
    asked.predict(records._document({"id": "a", "text": TEXT, "published": "2023-12-13"}, "x"))
    messages, options = asked.client.asked[0]  # type: ignore[attr-defined]
    assert json.dumps(answer.answer_schema(), separators=(",", ":")) in messages[0]["content"]
    assert messages[1]["content"] == f"Published: 2023-12-13\n\nText:\n{TEXT}"
    assert (options["model"], options["temperature"]) == ("m", 0)
    assert options["response_format"]["json_schema"]["strict"] is True


def test_a_malformed_answer_is_asked_for_again_and_its_cost_is_counted() -> None:
    line = system("Sorry!", GOOD).line(document(TEXT, "fr"))
    assert len(line["events"]) == 1
    assert "problem" not in line
    assert line["usage"] == {"requests": 2, "prompt_tokens": 200, "completion_tokens": 20}
    line = system("Sorry!", "cut").line(document(TEXT, "fr"))
    assert line["events"] == []
    assert "max_tokens" in line["problem"]


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    texts = [document(TEXT, "fr", name) for name in "abcd"]
    first = system(GOOD, ServiceError("busy"), EMPTY, ServiceError("no permission", hopeless=True))
    with pytest.raises(ServiceError, match="permission"):
        asking.ask_all(first, texts, path)
    assert list(read_predictions(path)) == ["a", "c"]
    second = asking.ask_all(system(EMPTY, "?", "?"), texts, path)
    assert (second.there, second.asked, second.failed, second.unread) == (2, 2, [], ["d"])
    assert second.usage == Usage(3, 300, 30)
    assert list(read_predictions(path)) == ["a", "b", "c", "d"]
    assert len(read_predictions(path)["a"]) == 1
    assert asking.ask_all(system(), texts, path).there == 4
    assert [p.name for p in tmp_path.iterdir()] == ["p.jsonl"]


def test_a_run_that_was_killed_loses_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "p.jsonl"
    texts = [document(TEXT, "fr", name) for name in "ab"]
    answers = asking.Answers(path, system().identity)
    answers.add(system(GOOD).line(texts[0]))
    with open(answers.journal, "a", encoding="utf-8") as out:
        out.write('{"id": "b", "eve')
    again = asking.Answers(path, system().identity)
    assert "half a line" in caplog.text
    # Killed once more, after another answer.
    again.add(system(EMPTY).line(texts[1]))
    assert asking.ask_all(system(), texts, path).there == 2
    assert list(read_predictions(path)) == ["a", "b"]


def test_answers_of_another_model_or_to_another_wording_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    asking.ask_all(system(GOOD), [document(TEXT, "fr")], path)
    with pytest.raises(InputError, match="another --output"):
        asking.ask_all(system(GOOD, model="n"), [document(TEXT, "fr")], path)
    with pytest.raises(InputError, match="another --output"):
        asking.ask_all(system(GOOD, options={"temperature": 1}), [document(TEXT, "fr")], path)
    outcome = asking.ask_all(system(ServiceError("busy")), [document(TEXT + " !", "fr")], path)
    assert outcome.failed == ["a"]
    assert read_predictions(path) == {}


def test_a_service_that_is_down_is_not_asked_for_every_text(tmp_path: Path) -> None:
    down = system(*[ServiceError("down")] * 9)
    with pytest.raises(ServiceError):
        asking.ask_all(down, [document(TEXT, "fr", str(i)) for i in range(9)], tmp_path / "p.jsonl")
    assert len(down.client.asked) == 3  # type: ignore[attr-defined]
