"""The baseline of rules: names and dates, what is nearest to a trigger, and the words of twenty languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.baselines import gazetteer, nearest
from evaluation.baselines.keyword import KeywordRules, lexicon
from treaty_events import vocabulary
from treaty_events.extraction import Mention

from .baselines import TEXT, assert_spans_lie_in, document


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
