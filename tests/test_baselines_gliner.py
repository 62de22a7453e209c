"""The adapter for GLiNER, with a stand-in for its model."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.baselines import gliner
from treaty_events import vocabulary
from treaty_events.errors import MissingExtraError

from .baselines import document, words_of


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
