"""Baselines and adapters: rules, chance, GLiNER (a stand-in), language models (a stand-in, and a local HTTP server)."""

from __future__ import annotations

import http.server
import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import evaluate
from evaluation.baselines import __main__ as cli
from evaluation.baselines import answer, asking, gazetteer, gliner, llm, nearest, records
from evaluation.baselines.chat import Answer, ChatClient, ServiceError, Usage
from evaluation.baselines.keyword import KeywordRules, lexicon
from evaluation.baselines.quotes import locate
from evaluation.baselines.random_guess import RandomGuess
from evaluation.gold import EventDocument, read_predictions
from treaty_events import vocabulary
from treaty_events.errors import InputError, MissingExtraError
from treaty_events.extraction import Mention

from .test_evaluation_gold import line, write

KEY = "sk-very-secret"
TEXT = "Le Qatar et le Kazakhstan ont signé l'accord militaire à Doha le 12 décembre 2023."


def document(text: str, lang: str = "en", name: str = "a") -> EventDocument:
    return EventDocument(name, lang, text, ())


def words_of(text: str, span: Sequence[int] | None) -> str:
    assert span is not None
    return text[span[0] : span[1]]


def assert_spans_lie_in(text: str, events: Sequence[Mapping[str, Any]]) -> None:
    for event in events:
        for span in [event.get("trigger"), event.get("treaty"), event.get("place"), *(event.get("agents") or [])]:
            assert span is None or 0 <= span[0] < span[1] <= len(text)


# Reading and writing.


def test_texts_are_read_without_their_gold_and_without_their_language(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.jsonl",
        {"id": 7, "text": TEXT, "published": "2024-11-28T10:00:00Z", "lang": "en", "events": [{"type": "signature"}]},
        {"id": "far", "text": ""},
    )
    (found,) = records.read_texts([path])
    assert (found.id, found.lang, found.events, str(found.published)) == ("7", "fr", (), "2024-11-28")


@pytest.mark.parametrize(
    ("record", "complaint"),
    [({"id": "a"}, "no text"), ({"text": "x"}, "no id"), ({"id": "a", "text": "x", "published": 2024}, "x.jsonl:1")],
)
def test_unusable_records_are_told_with_their_line(tmp_path: Path, record: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=re.escape(complaint)):
        records.read_texts([write(tmp_path / "x.jsonl", record)])


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", {"id": "a", "text": "x"})
    with pytest.raises(InputError, match="twice"):
        records.read_texts([path, path])


def test_the_form_that_help_shows_is_read_by_the_evaluation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown = capsys.readouterr().out
    example = shown[shown.index('{"id"') : shown.index("]}", shown.index("confidence")) + 2]
    (tmp_path / "p.jsonl").write_text(" ".join(example.split()))
    assert read_predictions(tmp_path / "p.jsonl")["fr-017"][0]["date"] == "2023-12-12"
    for name in (*vocabulary.EVENT_TYPES, *vocabulary.STATUSES, *vocabulary.KINDS):
        assert name in shown


# Names and dates.


def test_names_and_dates_are_found_whole() -> None:
    text = "The United Arab Emirates, NATO and South Korea met on 3 May 2021 in 12 rooms."
    span = (0, len(text))
    found = [(m.label, text[m.start : m.end]) for m in gazetteer.names(text, "en", span)]
    assert found == [("GPE", "United Arab Emirates"), ("ORG", "NATO"), ("GPE", "South Korea")]
    assert [text[m.start : m.end] for m in gazetteer.find_dates(text, "en", span, None)] == ["on 3 May 2021"]
    text = "中国和日本于2021年5月3日签署协定。"
    span = (0, len(text))
    assert [text[m.start : m.end] for m in gazetteer.names(text, "zh", span)] == ["中国", "日本"]
    assert [text[m.start : m.end] for m in gazetteer.find_dates(text, "zh", span, None)] == ["2021年5月3日"]


def test_a_trigger_takes_what_is_nearest_in_its_sentence() -> None:
    text = "Italy signed the pact in 2020. Chad and Mali ratified the treaty in 2021; Peru watched."

    def mention(words: str, label: str, **attributes: str) -> Mention:
        return Mention(text.index(words), text.index(words) + len(words), label, attributes=attributes)

    found = nearest.nearest_events(
        text,
        [
            *(mention(name, "GPE") for name in ("Italy", "Chad", "Mali", "Peru")),
            *(mention(year, "DATE") for year in ("2020", "2021")),
            mention("pact", "TREATY", kind="agreement"),
            mention("treaty", "TREATY", kind="treaty"),
            mention("ratified", "TRIGGER", type="ratification"),
        ],
        "en",
    )
    (event,) = found
    assert (event["kind"], event["parties"], event["date"]) == ("treaty", ["MLI", "TCD"], "2021")


# Rules.


def test_every_language_of_the_list_has_words_for_everything() -> None:
    assert len(lexicon()) == 20
    for entries in lexicon().values():
        values = {(entry.group, entry.value) for entry in entries}
        assert {value for group, value in values if group == "type"} == set(vocabulary.EVENT_TYPES)
        assert {"planned", "rejected"} == {value for group, value in values if group == "status"}
        assert {value for group, value in values if group == "kind"} <= set(vocabulary.KINDS)
        assert {value for group, value in values if group == "domain"} <= set(vocabulary.DOMAINS)
        assert all(stem.strip("*") for entry in entries for stem in entry.stems)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Italy and France signed a defence pact.", ("signature", "occurred", "agreement", "defence")),
        ("fr", TEXT, ("signature", "occurred", "agreement", "defence")),
        ("es", "El Senado de Chile aprobó el tratado con Perú.", ("approval", "occurred", "treaty", None)),
        ("ru", "Россия намерена денонсировать договор с Польшей.", ("termination", "planned", "treaty", None)),
        ("tr", "Türkiye ile Libya protokolü imzaladı.", ("signature", "occurred", "protocol", None)),
        ("ar", "وقعت قطر والكويت بروتوكول التعاون العسكري.", ("signature", "occurred", "protocol", "defence")),
        ("zh", "中国和日本拒绝批准公约。", ("ratification", "rejected", "convention", None)),
    ],
)
def test_rules_find_plain_events(language: str, text: str, expected: tuple[Any, ...]) -> None:
    event = KeywordRules().predict(document(text, language))[0]
    assert (event["type"], event["status"], event["kind"], event["domain"]) == expected
    assert len(event["parties"]) == 2 or language in ("es",)
    assert "confidence" not in event
    assert_spans_lie_in(text, [event])


def test_rules_need_an_instrument_and_a_language_that_they_know() -> None:
    rules = KeywordRules()
    assert rules.predict(document("The singer signed books in Italy.")) == []
    assert rules.predict(document("Sverige och Norge undertecknade avtalet.", "sv")) == []
    assert rules.predict(document("")) == []
    later = rules.predict(document("The treaty with Peru is old. Chile ratified in 2020."))
    assert [(e["type"], e["parties"], e["date"]) for e in later] == [("ratification", ["CHL", "PER"], "2020")]


@given(st.text(max_size=80), st.sampled_from(["en", "ar", "ja", "tr", "el"]))
def test_rules_read_anything(text: str, language: str) -> None:
    text = f"The treaty signed 条約署名 {text}"
    assert_spans_lie_in(text, KeywordRules().predict(document(text, language)))


# Chance.


def gold(events: list[list[dict[str, Any]]]) -> list[EventDocument]:
    return [EventDocument(str(i), "en", "x", tuple(e)) for i, e in enumerate(events)]


def event_of(kind: str, *parties: str) -> dict[str, Any]:
    return {"type": kind, "status": "occurred", "kind": "treaty", "domain": "defence", "parties": list(parties)}


def test_chance_keeps_the_frequencies() -> None:
    training = gold([[], [event_of("signature", "ITA", "FRA")] * 3, [event_of("accession", "ITA")]])
    guess = RandomGuess(training, seed=3)
    guesses = [guess.predict(document("some words here", name=str(i))) for i in range(600)]
    numbers = Counter(len(g) for g in guesses)
    assert set(numbers) == {0, 1, 3}
    assert all(150 < number < 250 for number in numbers.values())
    types = Counter(e["type"] for g in guesses for e in g)
    assert 0.70 < types["signature"] / types.total() < 0.80
    assert {tuple(e["parties"]) for g in guesses for e in g} == {("ITA",), ("FRA",), ("FRA", "ITA")}
    assert {words_of("some words here", e["trigger"]) for g in guesses for e in g} == {"some", "words", "here"}


def test_a_guess_depends_on_its_text_and_the_seed_alone() -> None:
    training = gold([[event_of(kind, "ITA", "FRA", "DEU")] * n for n, kind in enumerate(vocabulary.EVENT_TYPES)])
    text = document("one two three four five six")
    first = RandomGuess(training, seed=1)
    first.predict(document("another"))
    assert first.predict(text) == RandomGuess(training, seed=1).predict(text)
    assert len({json.dumps(RandomGuess(training, seed=s).predict(text)) for s in range(5)}) > 1
    assert all(e["trigger"] is None for e in first.predict(document("12 !")))


def test_chance_needs_events_to_draw_from(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no event"):
        RandomGuess(gold([[]]))
    with pytest.raises(InputError, match="not there"):
        RandomGuess.from_file(tmp_path / "none.jsonl")


# GLiNER.


class StandIn:
    """Finds the words that it is told, if their label is asked for, as `gliner.GLiNER` does."""

    def __init__(self, **labels: str) -> None:
        self.labels = {words.replace("_", " "): label for words, label in labels.items()}
        self.texts: list[str] = []

    def predict_entities(self, text: str, labels: list[str], *, threshold: float) -> list[dict[str, Any]]:
        self.texts.append(text)
        return [
            {"start": m.start(), "end": m.end(), "text": m.group(), "label": label, "score": 0.75}
            for words, label in self.labels.items()
            if label in labels and threshold <= 0.75
            for m in re.finditer(words, text)
        ]


def test_gliner_entities_become_events() -> None:
    text = "Italy met. " * 150 + "Chad and Mali ratified the border protocol on 3 May 2021."
    model = StandIn(
        Chad="country",
        Mali="country",
        border_protocol="protocol to a treaty",
        ratified="ratification of a treaty",
        **{"3_May_2021": "date"},
    )
    (event,) = gliner.GlinerEvents(model).predict(document(text))
    assert (event["type"], event["kind"], event["parties"], event["date"]) == (
        "ratification", "protocol", ["MLI", "TCD"], "2021-05-03",
    )  # fmt: skip
    assert words_of(text, event["trigger"]) == "ratified"
    assert words_of(text, event["treaty"]) == "border protocol"
    assert event["confidence"] == pytest.approx(0.75)
    # The text was too long for one reading, and nothing of it was left out.
    assert len(model.texts) > 2
    assert "".join(model.texts[::2]) == text
    assert gliner.GlinerEvents(model, threshold=0.9).predict(document(text)) == []


def test_gliner_prompts_cover_the_steps() -> None:
    assert {attributes["type"] for _, attributes in gliner.TRIGGERS.values()} == set(vocabulary.EVENT_TYPES)
    assert {label for label, _ in gliner.ARGUMENTS.values()} <= set(vocabulary.MENTION_LABELS)


@given(st.text(alphabet="ab .,\n。協", max_size=3000))
def test_chunks_are_the_text_and_short_enough(text: str) -> None:
    found = list(gliner.chunks(text))
    assert "".join(text[a:b] for a, b in found) == text
    assert all(len(re.findall(r"\w+(?:[-_]\w+)*|\S", text[a:b])) <= gliner.WORDS for a, b in found)


def test_a_missing_gliner_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gliner", None)
    with pytest.raises(MissingExtraError, match=r"treaty-events\[gliner\]"):
        gliner.load("some/model")


# Quotes.


def test_quotes_are_found_as_written_or_with_other_white_space() -> None:
    text = "Nigeria and Niger\n signed;  Niger signed."
    assert locate(text, "Niger") == (12, 17)
    assert locate(text, "Niger", near=(34, 40)) == (28, 33)
    assert locate(text, " Niger signed") == (28, 40)
    assert locate(text, "and  Niger signed") == (8, 25)
    assert locate(text, "signed", taken=[(19, 25)]) == (34, 40)
    assert locate(text, "signed", within=(26, 40)) == (34, 40)
    for absent in ("niger", "Niger and", "Niger... signed", "", " \n"):
        assert locate(text, absent) is None


@given(st.text(max_size=60), st.data())
def test_every_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))]
    span = locate(text, quote)
    assert (span is None) == (not quote.strip())
    if span is not None:
        assert text[span[0] : span[1]] == quote.strip()


# Language models.


def answer_of(**changes: Any) -> dict[str, Any]:
    event = {
        "sentence": TEXT,
        "trigger": "signé",
        "type": "signature",
        "status": "occurred",
        "treaty": {"quote": "accord militaire", "kind": "agreement", "domain": "defence"},
        "parties": [{"quote": "Qatar", "code": "QAT"}, {"quote": "Kazakhstan", "code": "KAZ"}],
        "agents": [],
        "date": {"quote": "12 décembre 2023", "value": "2023-12-12"},
        "place": "Doha",
    }
    return {"events": [{**event, **changes}]}


def read(given: dict[str, Any], text: str = TEXT) -> tuple[list[dict[str, Any]], dict[str, int]]:
    events, dropped = answer.to_records(answer.parse_answer(json.dumps(given)), text)
    return events, dict(dropped)


def test_an_answer_becomes_records_with_offsets() -> None:
    (event,), dropped = read(answer_of())
    assert dropped == {}
    assert (event["kind"], event["domain"], event["parties"]) == ("agreement", "defence", ["KAZ", "QAT"])
    assert event["date"] == "2023-12-12"
    assert [words_of(TEXT, event[k]) for k in ("trigger", "treaty", "place")] == ["signé", "accord militaire", "Doha"]


def test_what_the_text_does_not_say_is_dropped_and_counted() -> None:
    (event,), dropped = read(
        answer_of(
            trigger="undertecknade",
            status="done",
            treaty={"quote": "accord nucléaire", "kind": "treaty", "domain": "defence"},
            parties=[
                {"quote": "Qatar", "code": "QAT"},
                {"quote": "Oman", "code": "OMN"},
                {"quote": "Doha", "code": "?"},
            ],
            agents=["Sultan Kamaletdinov", "Kazakhstan"],
            date={"quote": "13 décembre 2023", "value": "2023-12-13"},
            place="Astana",
        )
    )
    assert dropped == {"trigger": 1, "status": 1, "treaty": 1, "party": 2, "agent": 1, "date": 1, "place": 1}
    assert event["parties"] == ["QAT"]
    assert [words_of(TEXT, agent) for agent in event["agents"]] == ["Kazakhstan"]
    assert [event.get(k) for k in ("trigger", "status", "treaty", "kind", "date", "place")] == [None] * 6


def test_what_is_not_said_is_not_counted_as_dropped() -> None:
    (event,), dropped = read(answer_of(treaty=None, parties=[], date=None, place=None))
    assert (dropped, event["date"], event.get("treaty")) == ({}, None, None)
    assert read({"events": [{"type": "marriage"}, 3]}) == ([], {"event": 2})


def test_each_event_has_its_own_trigger_where_the_text_has_several() -> None:
    text = "Chad signed first.\nThen Mali  signed too."
    events = [
        answer_of(sentence=s, trigger="signed")["events"][0] for s in ("Chad signed first.", "Then Mali signed too")
    ]
    found, _ = read({"events": events}, text)
    assert [event["trigger"] for event in found] == [[5, 11], [30, 36]]
    found, _ = read({"events": [{**event, "sentence": ""} for event in events]}, text)
    assert [event["trigger"] for event in found] == [[5, 11], [30, 36]]


def test_offsets_count_code_points() -> None:
    text = "🤝 Катар и Чад подписали договор"
    (event,), _ = read(answer_of(sentence=text, trigger="подписали"), text)
    assert words_of(text, event["trigger"]) == "подписали"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([TEXT, "Qatar", "signature"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "trigger", "sentence", "treaty", "quote", "code", "parties", "agents", "date", "value"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3))
def test_whatever_is_answered_gives_records_that_can_be_scored(events: list[Any]) -> None:
    found, _ = answer.to_records(events, TEXT)
    assert_spans_lie_in(TEXT, found)
    assert all(e["type"] in vocabulary.EVENT_TYPES and all(isinstance(p, str) for p in e["parties"]) for e in found)


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", '{"events": [}', '{"events": 3}', "[" * 10**5, "{" * 10**5 + "}"]
)
def test_malformed_answers_are_told(content: str) -> None:
    with pytest.raises(InputError, match="answer"):
        answer.parse_answer(content)


def test_words_around_the_object_are_passed_over() -> None:
    assert answer.parse_answer('Here you are:\n```json\n{"events": []}\n```') == []


def test_the_schema_is_one_and_takes_the_answer() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = answer.answer_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(answer_of(), schema)
    jsonschema.validate(answer_of(treaty=None, date=None, place=None), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer_of(type="marriage"), schema)
    for name in (*vocabulary.EVENT_TYPES, *vocabulary.STATUSES):
        assert re.search(rf"\b{name}\b", (Path(llm.__file__).parent / llm.GUIDE).read_text(encoding="utf-8"))


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


GOOD = json.dumps(answer_of(), ensure_ascii=False)
EMPTY = '{"events": []}'


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


@pytest.mark.parametrize("address", ["localhost:8000", "file:///etc/passwd", "ftp://x/v1", ""])
def test_only_http_addresses_are_asked(address: str) -> None:
    with pytest.raises(InputError, match="HTTP address"):
        ChatClient(address)


# The protocol, against a local server.

Reply = tuple[int, Any]


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


# The command line.


def test_rules_and_chance_are_written_and_scored(
    tmp_path: Path, data: Path, documents: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from data.documents import write_documents

    write_documents(tmp_path / "train.jsonl", documents)
    for name, more in (("keyword", ()), ("random", ("--train", str(tmp_path / "train.jsonl"), "--seed", "4"))):
        output = tmp_path / f"{name}.jsonl"
        assert cli.main([name, "--data", str(data), "--output", str(output), *more]) == 0
        results = tmp_path / name
        assert evaluate.main([str(a) for a in ("--events", data, "--predictions", output, "--output", results)]) == 0
    figures = json.loads((tmp_path / "keyword" / "results.json").read_text())["measurements"][0]["events"]["all"]
    assert (figures["event_f1"], figures["parties_accuracy"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("keyword", "--data", "none.jsonl", "--output", "p.jsonl"),
        ("random", "--data", "none.jsonl", "--output", "p.jsonl", "--train", "none.jsonl"),
        ("llm", "--data", "none.jsonl", "--output", "p.jsonl", "--model", "m", "--base-url", "nowhere"),
    ],
)
def test_what_cannot_be_done_is_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert caplog.text
    assert list(tmp_path.iterdir()) == []
