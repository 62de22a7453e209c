"""Judges of parties and events: fitted to a release, read in numpy, used in assembly."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier

from data import markup
from data.documents import AnnotatedDocument, write_documents
from evaluation.gold import gold_document, gold_extraction
from training import judges as fitting
from treaty_events import Extractor, InputError, ReleaseError, release
from treaty_events.assembly import Assembler
from treaty_events.extraction import Extraction, Relation
from treaty_events.judges import COLUMNS, EVENTS, FEATURES, PARTIES, Judges, event_features
from treaty_events.parties import FEATURES as PARTY_FEATURES
from treaty_events.parties import Table
from treaty_events.trees import Trees

SIZE = len(FEATURES)


def rows(number: int, size: int = SIZE, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    features = np.random.default_rng(seed).normal(size=(number, size)).astype(np.float32)
    return features, features[:, 0] + features[:, 1] * features[:, 2] > 0


def stump(feature: int, threshold: float, least: float) -> Trees:
    """A judge that believes (0.95) what has a feature above a threshold, and hardly (0.05) what has not."""
    return Trees(
        {
            "feature": np.array([[feature, 0, 0]]),
            "threshold": np.array([[threshold, 0, 0]], np.float32),
            "left": np.array([[1, 1, 2]]),
            "right": np.array([[2, 1, 2]]),
            "value": np.array([[0, -3, 3]], np.float32),
            "base": np.array([0.0], np.float32),
            "least": np.array([least], np.float32),
        }
    )


def everything() -> Trees:
    return stump(0, -1e9, 0.0)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.integers(1, 40), st.integers(2, 30))
def test_exported_trees_say_what_the_fitted_ones_say(seed: int, number: int, leaves: int) -> None:
    features, right = rows(200, seed=seed)
    trees = HistGradientBoostingClassifier(max_iter=number, max_leaf_nodes=leaves, random_state=1).fit(features, right)
    exported = Trees({**fitting.tensors_of(trees), "least": np.zeros(1, np.float32)})
    assert exported.probabilities(features) == pytest.approx(trees.predict_proba(features)[:, 1], abs=1e-5)
    assert exported.probabilities(features[:0]).shape == (0,)


def test_fitting_learns_and_is_repeatable() -> None:
    features, right = rows(600)
    tensors = fitting.fit(features, right, EVENTS, 0.25)
    judge = Trees(tensors)
    assert judge.least == 0.25
    assert ((judge.probabilities(features) > 0.5) == right).mean() > 0.85
    again = fitting.fit(features, right, EVENTS, 0.25)
    assert all(np.array_equal(tensors[name], again[name]) for name in tensors)


@pytest.mark.parametrize("right", [np.ones(60, bool), np.zeros(60, bool), np.arange(9) % 2 == 0])
def test_what_teaches_nothing_is_refused(right: np.ndarray) -> None:
    with pytest.raises(InputError, match="teach nothing about events"):
        fitting.fit(np.zeros((len(right), SIZE), np.float32), right, EVENTS, 0.0)


def test_a_document_is_judged_without_itself() -> None:
    seen: list[set[int]] = []

    def fitted(groups):  # type: ignore[no-untyped-def]
        seen.append(set(groups))
        return {
            "feature": np.zeros((1, 1)), "threshold": np.zeros((1, 1)), "left": np.zeros((1, 1)),
            "right": np.zeros((1, 1)), "value": np.full((1, 1), len(seen) - 1), "base": np.zeros(1), "least": np.zeros(1),
        }  # fmt: skip

    judges = fitting.held_out(range(17), fitted)
    assert len(seen) == 5
    for document, judge in enumerate(judges):
        assert document not in seen[int(judge.value[0, 0])]


def gold(documents: list[AnnotatedDocument]) -> list[Extraction]:
    """Gold as a model would have found it, links to parties among the candidates."""
    return [
        dataclasses.replace(e, candidates=tuple(r for r in e.relations if r.type == "party"))
        for e in map(gold_extraction, documents)
    ]


def test_party_samples_pair_candidates_with_gold(documents: list[AnnotatedDocument]) -> None:
    found = fitting.party_samples(gold(documents), documents)
    assert len(found) == len(documents)
    assert found[0]
    for table, parties in found[0]:
        assert set(table.codes) == parties == {"KAZ", "QAT"}


def test_event_samples_say_which_are_right(documents: list[AnnotatedDocument]) -> None:
    (found,), (told,) = fitting.event_samples(gold(documents)[:1], documents[:1], Judges(everything()))
    features, right = found
    assert features.shape == (2, SIZE)
    assert right.all()
    assert [event["type"] for event in told] == ["ratification", "signature"]
    # The same findings, where gold has no event.
    bare = dataclasses.replace(documents[0], mentions=(), relations=())
    ((_, right),), _ = fitting.event_samples(gold(documents)[:1], [bare], Judges(everything()))
    assert not right.any()


def test_event_features_describe_the_events(documents: list[AnnotatedDocument]) -> None:
    assembler = Assembler(gold(documents)[0], "fr")
    steps, events = assembler.steps(), assembler.events()
    found = event_features(assembler, [(step.triggers, step.cluster) for step in steps], events)

    def column(name: str) -> list[float]:
        return found[:, FEATURES.index(name)].tolist()

    assert column("events") == [2, 2]
    assert column("of_type") == column("of_step") == [0, 0]
    assert column("codes") == [2, 2]
    assert column("dated") == [float(e.date is not None and e.date.value is not None) for e in events]
    assert column("position")[0] < column("position")[1]
    assert column("treaty_mentions") == [2, 2]
    assert event_features(assembler, [], []).shape == (0, SIZE)


def test_features_are_of_the_own_instrument_of_an_event() -> None:
    (document,) = markup.parse(
        "=== d\nlang: en\n---\nThey [signed|E1 signature occurred] the [pact|T1 treaty political] and the [long protocol on "
        "trade|T2 protocol trade]; the [protocol|T3 protocol trade] is short.\n---\nE1: treaty=T1,T2\nT3: same_as=T2\n"
    )
    assembler = Assembler(gold_extraction(document), "en")
    steps, events = assembler.steps(), assembler.events()
    found = event_features(assembler, [(step.triggers, step.cluster) for step in steps], events)
    assert found[:, FEATURES.index("treaty_length")].tolist() == [len("pact"), len("long protocol on trade")]
    assert found[:, FEATURES.index("treaty_mentions")].tolist() == [1, 2]


def test_events_of_a_type_of_the_users_own_keep_their_score(documents: list[AnnotatedDocument]) -> None:
    extraction = gold(documents)[0]
    mentions = tuple(
        dataclasses.replace(m, attributes={**m.attributes, "type": "objection"}) if m.is_trigger else m
        for m in extraction.mentions
    )
    extraction = dataclasses.replace(extraction, mentions=mentions)
    judges = Judges(everything(), stump(0, 1e9, 0.5))
    plain = [e.confidence for e in Assembler(extraction, "fr").events()]
    assert [e.confidence for e in Assembler(extraction, "fr", judges=judges).events()] == plain


def noisy(documents: list[AnnotatedDocument]) -> list[Extraction]:
    """Gold with unsure links to every state, those that hold likelier, and a false event in some documents."""
    rng = np.random.default_rng(5)
    found = []
    for number, document in enumerate(documents):
        extraction = gold_extraction(document)
        held = {(r.head, r.tail) for r in extraction.relations if r.type == "party"}
        heads = [i for i, m in enumerate(extraction.mentions) if m.is_trigger or m.label == "TREATY"]
        tails = [i for i, m in enumerate(extraction.mentions) if m.label == "GPE"]
        candidates = tuple(
            Relation("party", h, t, float(rng.uniform(0.5, 0.9) if (h, t) in held else rng.uniform(0.1, 0.4)))
            for h in heads
            for t in tails
        )
        mentions = extraction.mentions
        if number % 2:
            kinds = {"type": "termination", "status": "occurred"}
            mentions = tuple(
                dataclasses.replace(m, attributes=kinds, score=0.3) if m.is_trigger else m for m in mentions
            )
        found.append(dataclasses.replace(extraction, mentions=mentions, candidates=candidates))
    return found


def test_judges_are_fitted_on_what_a_release_finds() -> None:
    (document,) = markup.parse(
        "=== d\nlang: en\n---\n[Ghana|G1 GHA] and [Togo|G2 TGO] [signed|E1 signature occurred] a [pact|T1 treaty trade], "
        "said [Benin|G3 BEN].\n---\nE1: treaty=T1 party=G1,G2\n"
    )
    many = [dataclasses.replace(document, id=str(i)) for i in range(120)]
    tensors = fitting.fit_judges(noisy(many), many)
    judges = Judges(
        *(Trees({n[len(p) :]: t for n, t in tensors.items() if n.startswith(p)}) for p in (PARTIES, EVENTS))
    )
    assert judges.events is not None
    right, wrong = noisy(many[:2])
    (event,) = Assembler(right, "en", least=0.5, judges=judges).events()
    assert event.party_codes == ("GHA", "TGO")
    assert Assembler(wrong, "en", least=0.5, judges=judges).events() == ()


def test_the_judge_of_events_gives_their_confidence(documents: list[AnnotatedDocument]) -> None:
    judges = Judges(everything(), stump(FEATURES.index("position"), 0.2, 0.5))
    events = Assembler(gold(documents)[0], "fr", judges=judges).events()
    assert sorted(round(e.confidence, 2) for e in events) == [0.05, 0.95]
    (sure,) = Assembler(gold(documents)[0], "fr", least=0.5, judges=judges).events()
    assert sure.type == "signature"
    assert sure.is_main


def party_groups(number: int) -> list[list[fitting.PartySample]]:
    features, right = rows(4 * number, len(PARTY_FEATURES))
    names = tuple("ABCD")
    return [
        [(Table(names, (0, 1, 2, 3), features[i : i + 4]), frozenset(np.array(names)[right[i : i + 4]].tolist()))]
        for i in range(0, 4 * number, 4)
    ]


def test_the_command_gives_a_release_its_judges(
    release_directory: Path, documents: list[AnnotatedDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "release"
    shutil.copytree(release_directory, directory)
    assert Extractor.from_pretrained(directory).judges is None
    many = [dataclasses.replace(documents[0], id=str(i)) for i in range(90)]
    write_documents(tmp_path / "dev.jsonl", many)
    command = [str(directory), "--data", str(tmp_path / "dev.jsonl")]
    # The tiny model finds no event of gold.
    assert fitting.main(command) == 2
    features, right = rows(90)
    event = gold_document(documents[0]).events[0]
    found = iter((features[i : i + 1], right[i : i + 1]) for i in range(90))
    monkeypatch.setattr(fitting, "party_samples", lambda extractions, documents: party_groups(90))
    monkeypatch.setattr(fitting, "event_samples", lambda *_: ([next(found)], [[event]]))
    assert fitting.main(command) == 0
    release.check(directory)
    extractor = Extractor.from_pretrained(directory)
    assert extractor.judges is not None
    assert extractor.judges.events is not None
    assert extractor.least == pytest.approx(extractor.judges.events.least, abs=1e-4)
    provenance = json.loads((directory / release.PROVENANCE).read_text())
    assert provenance["judges"]["documents"] == len(many)
    assert provenance["name"] == "tiny"
    assert Extractor.from_pretrained(directory, least_confidence=0.7).least == 0.7
    names = release.Tensors(directory / release.JUDGES).names()
    assert {name.partition(".")[0] + "." for name in names if name != COLUMNS} == {PARTIES, EVENTS}
    tensors = release.Tensors(directory / release.JUDGES)
    save_file({n: tensors[n] for n in names if n != COLUMNS}, str(directory / release.JUDGES))
    release.record(directory, release.JUDGES)
    with pytest.raises(ReleaseError, match="another version"):
        Extractor.from_pretrained(directory)
    save_file({"least": np.zeros(1, np.float32)}, str(directory / release.JUDGES))
    with pytest.raises(ReleaseError, match="damaged"):
        Extractor.from_pretrained(directory)
