"""Which states are parties: candidates, the trees that choose among them, and how they are fitted to a release."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier

from data import markup
from data.documents import AnnotatedDocument, write_documents
from evaluation.gold import gold_extraction
from training import parties as fitting
from treaty_events import Extractor, InputError, ReleaseError, release
from treaty_events.assembly import Assembler
from treaty_events.extraction import Extraction, Relation
from treaty_events.facts import Facts
from treaty_events.parties import FEATURES, FLOOR, Candidates, Chooser, Table

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
    return assembler.candidates(step, "signature")


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


def test_no_link_no_candidate(extraction: Extraction) -> None:
    found = table(extraction)
    assert found.codes == found.mentions == ()
    assert found.features.shape == (0, len(FEATURES))


def stump(feature: str, threshold: float, least: float = 0.5) -> Chooser:
    """A chooser that believes a candidate whose feature is above a threshold."""
    return Chooser(
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


def test_the_chooser_adds_and_drops_what_has_a_code(extraction: Extraction) -> None:
    extraction = linked(extraction, ("signed", "Togo", 0.9), ("pact", "Benin", 0.6), ("signed", "Lagos", 0.2))
    names = {extraction.surface(m): i for i, m in reversed(list(enumerate(extraction.mentions)))}
    trigger = names["signed"]
    held = (
        *extraction.relations,
        Relation("party", trigger, names["Lagos"]),
        Relation("party", trigger, names["Togo"]),
    )
    extraction = dataclasses.replace(extraction, relations=held)

    def told(chooser: Chooser | None) -> list[str]:
        (event,) = Assembler(extraction, "en", chooser=chooser).events()
        assert all(extraction.text[p.evidence.start : p.evidence.end] == p.evidence.text for p in event.parties)
        return [p.evidence.text for p in event.parties]

    assert told(None) == ["Togo", "Lagos", "rebels"]
    assert told(stump("step", 1.0)) == ["Togo", "rebels"]
    assert told(stump("in_treaty", 0.5)) == ["rebels", "Benin"]
    assert told(stump("step", 9.0)) == ["rebels"]


def random_samples(events: int) -> list[tuple[Table, frozenset[str]]]:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(events):
        features = rng.normal(size=(4, len(FEATURES))).astype(np.float32)
        parties = frozenset(c for c, row in zip("ABCD", features, strict=True) if row[0] + row[1] * row[2] > 0)
        found.append((Table(tuple("ABCD"), (0, 1, 2, 3), features), parties))
    return found


def test_exported_trees_say_what_the_fitted_ones_say() -> None:
    found = random_samples(200)
    features = np.concatenate([t.features for t, _ in found])
    right = [code in parties for t, parties in found for code in t.codes]
    trees = HistGradientBoostingClassifier(max_iter=40, random_state=1).fit(features, right)
    chooser = Chooser(fitting.tensors_of(trees))
    assert chooser.probabilities(features) == pytest.approx(trees.predict_proba(features)[:, 1], abs=1e-5)
    assert chooser.probabilities(features[:0]).shape == (0,)


def test_fitting_learns_and_is_repeatable() -> None:
    found = random_samples(300)
    chooser = Chooser(fitting.fit(found))
    assert fitting.right_parties(chooser, found) > 0.6 * len(found)
    assert 0.3 < fitting.cross_validate([[s] for s in found]) < 1
    again = fitting.fit(found)
    assert all(np.array_equal(a, again[name]) for name, a in fitting.fit(found).items())


def test_too_few_events_are_refused() -> None:
    with pytest.raises(InputError, match="3 events teach nothing"):
        fitting.fit(random_samples(3))


def test_the_command_gives_a_release_its_chooser(
    release_directory: Path, documents: list[AnnotatedDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "release"
    shutil.copytree(release_directory, directory)
    assert Extractor.from_pretrained(directory).chooser is None
    write_documents(tmp_path / "dev.jsonl", documents)
    command = [str(directory), "--data", str(tmp_path / "dev.jsonl")]
    # The tiny model finds no event of gold.
    assert fitting.main(command) == 2
    monkeypatch.setattr(fitting, "samples", lambda extractions, documents: [[s] for s in random_samples(100)])
    assert fitting.main(command) == 0
    release.check(directory)
    assert Extractor.from_pretrained(directory).chooser is not None
    save_file({"least": np.zeros(1, np.float32)}, str(directory / release.PARTIES))
    with pytest.raises(ReleaseError, match="damaged"):
        Extractor.from_pretrained(directory)


def test_samples_pair_candidates_with_gold(documents: list[AnnotatedDocument]) -> None:
    extractions = [
        dataclasses.replace(e, candidates=tuple(r for r in e.relations if r.type == "party"))
        for e in map(gold_extraction, documents)
    ]
    found = list(fitting.samples(extractions, documents))
    assert len(found) == len(documents)
    for t, parties in found[0]:
        assert set(t.codes) == parties == {"KAZ", "QAT"}


def test_codes_come_from_states_and_organisations_alone(extraction: Extraction) -> None:
    found = Candidates(Facts(extraction, "en"))
    assert {extraction.mentions[i].label for i in found.codes} == {"GPE", "ORG"}
    assert found.counts["GHA"] == 2
