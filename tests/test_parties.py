"""What may be a party of a step, and what the text says for it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from data import markup
from evaluation.gold import gold_extraction
from treaty_events.assembly import Assembler
from treaty_events.extraction import Extraction, Relation
from treaty_events.facts import Facts
from treaty_events.judges import Judges
from treaty_events.parties import FEATURES, FLOOR, Candidates, Table, choose
from treaty_events.trees import Trees

MARKED = """=== d
lang: en
---
[Ghana|G1 GHA] and [Togo|G2 TGO] [signed|E1 signature occurred] the [pact with [Benin|G3 BEN]|T1 agreement trade] in
[Lagos|G4 NGA]; [Ama Adu|P1] of [Ghana|G5 GHA] said so, [France|G6 FRA] did not, nor did the [rebels|O1].
---
E1: treaty=T1 agent=P1 place=G4 party=O1
P1: holds=R1
"""


@pytest.fixture
def extraction() -> Extraction:
    text = MARKED.replace("[Ama Adu|P1] of [Ghana|G5 GHA]", "[Ama Adu|P1], [minister of [Ghana|G5 GHA]|R1],")
    (document,) = markup.parse(text + "R1: of=G5\n")
    return gold_extraction(document)


def linked(extraction: Extraction, *links: tuple[str, str, float]) -> Extraction:
    """Give an extraction candidates, named by the words that they join (the first mention of them)."""
    places = {extraction.surface(m): i for i, m in reversed(list(enumerate(extraction.mentions)))}
    pact = next(i for i, m in enumerate(extraction.mentions) if m.label == "TREATY")
    named = tuple(
        Relation("party", pact if head == "pact" else places[head], places[tail], score) for head, tail, score in links
    )
    return dataclasses.replace(extraction, candidates=named)


def table(extraction: Extraction) -> Table:
    assembler = Assembler(extraction, "en")
    (step,) = assembler.steps()
    return assembler.candidates(step, set())


def column(found: Table, name: str) -> dict[str, float]:
    return dict(zip(found.codes, found.features[:, FEATURES.index(name)].tolist(), strict=True))


def test_candidates_have_a_link_and_what_the_text_says_of_them(extraction: Extraction) -> None:
    found = table(
        linked(
            extraction,
            ("signed", "Togo", 0.9),
            ("pact", "Togo", 0.3),
            ("pact", "Benin", 0.6),
            ("signed", "Ghana", 0.5),
            ("signed", "Lagos", 0.2),
            ("signed", "France", FLOOR / 2),
        )
    )
    assert found.codes == ("BEN", "GHA", "NGA", "TGO")
    assert found.features.shape == (4, len(FEATURES))
    step, treaty = column(found, "step"), column(found, "treaty")
    assert step["TGO"] == pytest.approx(np.log(9))
    assert step["GHA"] == pytest.approx(0)
    assert step["BEN"] < step["NGA"] < step["GHA"] < step["TGO"]
    assert treaty["BEN"] > treaty["TGO"] > treaty["GHA"]
    assert column(found, "in_treaty") == {"BEN": 1, "GHA": 0, "NGA": 0, "TGO": 0}
    assert column(found, "of_agent") == {"BEN": 0, "GHA": 1, "NGA": 0, "TGO": 0}
    assert column(found, "place") == {"BEN": 0, "GHA": 0, "NGA": 1, "TGO": 0}
    assert column(found, "mentions")["GHA"] == pytest.approx(np.log1p(2))
    assert column(found, "rank") == {"TGO": 0, "BEN": 1, "GHA": 2, "NGA": 3}
    assert {extraction.surface(extraction.mentions[i]) for i in found.mentions} == {"Benin", "Ghana", "Lagos", "Togo"}


def test_a_link_that_holds_is_a_sign_without_candidates(extraction: Extraction) -> None:
    places = {extraction.surface(m): i for i, m in reversed(list(enumerate(extraction.mentions)))}
    held = (*extraction.relations, Relation("party", places["signed"], places["Togo"], 0.01))
    found = table(dataclasses.replace(extraction, relations=held))
    assert found.codes == ("TGO",)


def test_equal_links_give_the_first_mention(extraction: Extraction) -> None:
    first, second = (i for i, m in enumerate(extraction.mentions) if extraction.surface(m) == "Ghana")
    trigger = next(i for i, m in enumerate(extraction.mentions) if m.is_trigger)
    links = tuple(Relation("party", trigger, i, 0.5) for i in (second, first))
    assert table(dataclasses.replace(extraction, candidates=links)).mentions == (first,)


def test_distance_is_that_of_the_nearest_mention(extraction: Extraction) -> None:
    found = table(linked(extraction, ("signed", "Togo", 0.5), ("signed", "Ghana", 0.5), ("pact", "Benin", 0.5)))
    text = extraction.text
    after = text.index("Benin") - text.index("signed") - len("signed")
    before = text.index("signed") - text.index("Ghana") - len("Ghana")
    assert column(found, "distance") == pytest.approx(
        {"TGO": np.log1p(1), "GHA": np.log1p(before), "BEN": np.log1p(after)}
    )


def test_no_link_no_candidate(extraction: Extraction) -> None:
    found = table(extraction)
    assert found.codes == found.mentions == ()
    assert found.features.shape == (0, len(FEATURES))


def test_codes_come_from_states_and_organisations_alone(extraction: Extraction) -> None:
    found = Candidates(Facts(extraction, "en"))
    assert {extraction.mentions[i].label for i in found.codes} == {"GPE", "ORG"}
    assert found.counts["GHA"] == 2


def stump(feature: str, threshold: float, least: float = 0.5) -> Trees:
    """A judge that believes a candidate whose feature is above a threshold."""
    return Trees(
        {
            "feature": np.array([[FEATURES.index(feature), 0, 0]]),
            "threshold": np.array([[threshold, 0, 0]], np.float32),
            "left": np.array([[1, 1, 2]]),
            "right": np.array([[2, 1, 2]]),
            "value": np.array([[0, -3, 3]], np.float32),
            "base": np.array([0.0], np.float32),
            "least": np.array([least], np.float32),
        }
    )


def test_the_judge_adds_and_drops_what_has_a_code(extraction: Extraction) -> None:
    extraction = linked(extraction, ("signed", "Togo", 0.9), ("pact", "Benin", 0.6), ("signed", "Lagos", 0.2))
    names = {extraction.surface(m): i for i, m in reversed(list(enumerate(extraction.mentions)))}
    trigger = names["signed"]
    held = (
        *extraction.relations,
        Relation("party", trigger, names["Lagos"], 0.2),
        Relation("party", trigger, names["Togo"], 0.9),
    )
    extraction = dataclasses.replace(extraction, relations=held)

    def told(judge: Trees | None) -> list[str]:
        (event,) = Assembler(extraction, "en", judges=judge and Judges(judge)).events()
        assert all(extraction.text[p.evidence.start : p.evidence.end] == p.evidence.text for p in event.parties)
        return [p.evidence.text for p in event.parties]

    assert told(None) == ["Togo", "Lagos", "rebels"]
    assert told(stump("step", 1.0)) == ["Togo", "rebels"]
    assert told(stump("in_treaty", 0.5)) == ["rebels", "Benin"]
    assert told(stump("step", 9.0)) == ["rebels"]


def test_choice_gives_the_mention_with_the_surest_link(extraction: Extraction) -> None:
    found = table(linked(extraction, ("signed", "Togo", 0.9), ("pact", "Benin", 0.6)))
    chosen = choose(stump("treaty", 0.0), found)
    assert {code: extraction.surface(extraction.mentions[i]) for code, i in chosen.items()} == {"BEN": "Benin"}
