"""Dossiers: articles merged into treaties."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treaty_events import schema, vocabulary
from treaty_events.dossiers import DossierBuilder, build_dossiers
from treaty_events.matching import agree
from treaty_events.schema import Document, Evidence, ModelInfo, TreatyEvent
from treaty_events.treaties import Dossier, treaty_key

INFO = ModelInfo(name="hand", weights_sha256="", package="")


def words(text: str, start: int = 0) -> Evidence:
    return Evidence(text=text, start=start, end=start + len(text))


def event(
    type: str,
    parties: str,
    date: str | None = None,
    *,
    status: str = "occurred",
    treaty: str = "agreement",
    kind: str = "agreement",
    domain: str = "defence",
    level: str | None = None,
    agent: str | None = None,
    confidence: float = 0.8,
    at: int = 0,
) -> TreatyEvent:
    return TreatyEvent.model_validate(
        {
            "type": type,
            "status": status,
            "level": level,
            "trigger": words(type, at),
            "mentions": [words(type, at)],
            "treaty": {
                "name": treaty,
                "evidence": words(treaty),
                "mentions": [words(treaty)],
                "kind": kind,
                "domain": domain,
            },
            "parties": [{"evidence": words(code), "code": code} for code in parties.split()],
            "agents": [{"evidence": words("parliament"), "kind": "body", "countries": [agent]}] if agent else [],
            "date": date
            and {"evidence": words(date), "value": date, "granularity": schema.granularity(date), "anchor": "text"},
            "confidence": confidence,
        }
    )


def article(
    name: str | None, *events: TreatyEvent, published: str | None = None, language: str | None = "en"
) -> Document:
    return Document(
        id=name,
        text="x",
        events=events,
        language=language,
        published=datetime.date.fromisoformat(published) if published else None,
        characters_read=1,
        tokens=1,
        windows=1,
        model=INFO,
    )


ARTICLES = (
    article(
        "it",
        event("signature", "KAZ QAT", "2023-12-12", treaty="accordo militare"),
        published="2023-12-13",
        language="it",
    ),
    article(
        "fr",
        event("ratification", "KAZ QAT", "2025-02-13", level="domestic", treaty="accord de coopération militaire"),
        event("signature", "KAZ QAT", "2023-12", at=9, treaty="accord de coopération militaire"),
        published="2025-02-14",
        language="fr",
    ),
    article("en", event("ratification", "KAZ QAT", status="planned", treaty="military pact"), published="2025-02-01"),
    article("ru", event("signature", "KAZ RUS", "2020-10-16", treaty="договор"), language="ru"),
)


def by_key(dossiers: Sequence[Dossier]) -> dict[str, Dossier]:
    return {d.key: d for d in dossiers}


def test_articles_of_one_treaty_meet_across_languages() -> None:
    found = by_key(build_dossiers(ARTICLES))
    assert set(found) == {"KAZ-QAT[MLC]_2023A", "KAZ-RUS[MLC]_2020A"}
    qatar = found["KAZ-QAT[MLC]_2023A"]
    assert qatar.documents == ("en", "fr", "it")
    assert [(s.type, s.status, s.date) for s in qatar.steps] == [
        ("signature", "occurred", "2023-12-12"),
        ("ratification", "occurred", "2025-02-13"),
    ]
    # The plan was fulfilled: it is a source of the step, not a step of its own.
    assert [s.document for s in qatar.steps[1].sources] == ["en", "fr"]
    assert (qatar.signed, qatar.in_force, qatar.conflicts) == ("2023-12-12", None, ())


@pytest.mark.parametrize("order", itertools.permutations(range(4)))
def test_the_order_of_the_articles_does_not_matter(order: tuple[int, ...]) -> None:
    found = by_key(build_dossiers([ARTICLES[i] for i in order]))
    assert found == by_key(build_dossiers(ARTICLES))


def test_other_days_and_domains_are_other_treaties() -> None:
    told = [
        article("a", event("signature", "FRA ITA", "2021-11-26", treaty="treaty", kind="treaty", domain="political")),
        article("b", event("signature", "FRA ITA", "2015-02-24", treaty="Turin accord", domain="transport")),
        article(
            "c", event("signature", "FRA ITA", "2021-11-26", treaty="tax protocol", kind="protocol", domain="finance")
        ),
    ]
    assert len(build_dossiers(told)) == 3


def test_two_treaties_of_one_article_stay_apart() -> None:
    both = article(
        "a",
        event("signature", "KAZ TUR", "2022-05-10", treaty="defence memorandum"),
        event("signature", "KAZ TUR", "2022-05-10", treaty="intelligence protocol", at=40),
    )
    assert len(build_dossiers([both])) == 2


def test_conflicting_dates_are_shown() -> None:
    told = [
        article("a", event("signature", "GRC FRA", "2021-09-28"), published="2021-09-29"),
        article("b", event("signature", "GRC FRA", "2021-09-28"), published="2021-09-29"),
        article("c", event("signature", "GRC FRA", "2021-09-27"), published="2021-09-29"),
    ]
    (dossier,) = build_dossiers(told)
    (step,) = dossier.steps
    assert step.date == "2021-09-28"
    assert [(c.field, c.values) for c in step.conflicts] == [
        ("date", (("2021-09-28", ("a", "b")), ("2021-09-27", ("c",))))
    ]


def test_a_finer_date_is_no_conflict() -> None:
    told = [
        article("a", event("signature", "GRC FRA", "2021"), published="2021-10-01"),
        article("b", event("signature", "GRC FRA", "2021-09-28"), published="2021-10-02"),
    ]
    (dossier,) = build_dossiers(told)
    assert (dossier.steps[0].date, dossier.steps[0].conflicts) == ("2021-09-28", ())


def test_each_parliament_has_its_own_step() -> None:
    told = [
        article(
            "a", event("ratification", "KAZ QAT", "2025-02-13", level="domestic", agent="KAZ"), published="2025-02-14"
        ),
        article(
            "b", event("ratification", "KAZ QAT", "2025-03-02", level="domestic", agent="QAT"), published="2025-03-02"
        ),
    ]
    (dossier,) = build_dossiers(told)
    assert [(s.actors, s.date) for s in dossier.steps] == [(("KAZ",), "2025-02-13"), (("QAT",), "2025-03-02")]


def test_a_plan_told_after_the_step_is_another_plan() -> None:
    told = [
        article("a", event("extension", "RUS USA", "2021-02-03", kind="treaty"), published="2021-02-04"),
        article("b", event("extension", "RUS USA", status="planned", kind="treaty"), published="2021-02-20"),
    ]
    (dossier,) = build_dossiers(told)
    assert [(s.type, s.status) for s in dossier.steps] == [("extension", "occurred"), ("extension", "planned")]


def test_articles_can_come_later() -> None:
    builder = DossierBuilder()
    for told in ARTICLES[:2]:
        builder.add(told)
    assert [len(d.documents) for d in builder.dossiers()] == [2]
    for told in ARTICLES[2:]:
        builder.add(told)
    assert by_key(builder.dossiers()) == by_key(build_dossiers(ARTICLES))


def test_keys() -> None:
    assert treaty_key(["QAT", "KAZ"], "agreement", "defence", "2023-12-12") == "KAZ-QAT[MLC]_2023A"
    assert treaty_key([], None, None, None) == "UNK[OTH]_0000O"
    assert (
        treaty_key(["DEU", "FRA", "ITA", "NLD", "BEL", "LUX"], "treaty", "political", "1957")
        == "BEL-DEU-FRA+3[POL]_1957T"
    )
    twice = [
        article(
            "a",
            event("signature", "KAZ TUR", "2022-05-10", treaty="one"),
            event("signature", "KAZ TUR", "2022-05-10", treaty="two"),
        )
    ]
    assert [d.key for d in build_dossiers(twice)] == ["KAZ-TUR[MLC]_2022A", "KAZ-TUR[MLC]_2022A-2"]


def test_types_of_a_models_own_come_last_of_a_day() -> None:
    told = article(
        "a", *(event(t, "KAZ QAT", "2023-12-12", at=i) for i, t in enumerate(("objection", "signature", "termination")))
    )
    (dossier,) = build_dossiers([told])
    assert [step.type for step in dossier.steps] == ["signature", "termination", "objection"]
    assert Dossier.model_validate_json(dossier.model_dump_json()) == dossier


def test_articles_without_id_are_numbered() -> None:
    told = [article(None, event("signature", "KAZ QAT", "2023-12-12")) for _ in range(2)]
    assert build_dossiers(told)[0].documents == ("document-0", "document-1")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(vocabulary.EVENT_TYPES)),
            st.sampled_from(vocabulary.STATUSES),
            st.sampled_from(["KAZ QAT", "KAZ RUS", "KAZ", "", "BEL FRA NLD DEU"]),
            st.sampled_from([None, "2023", "2023-12", "2023-12-12", "2024-01/2024-06", "202X"]),
            st.sampled_from(["agreement", "memorandum of Doha", "текст"]),
        ),
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_no_event_is_lost(told: list[tuple[str, str, str, str | None, str]], size: int) -> None:
    documents = []
    for number in range(0, len(told), size):
        events = [
            event(type, parties, date, status=status, treaty=name, at=i)
            for i, (type, status, parties, date, name) in enumerate(told[number : number + size])
        ]
        documents.append(article(f"d{number}", *events))
    dossiers = build_dossiers(documents)
    sources = [(s.document, s.event) for d in dossiers for step in d.steps for s in step.sources]
    assert sorted(sources) == sorted((d.id, i) for d in documents for i in range(len(d.events)))
    assert len({d.key for d in dossiers}) == len(dossiers)
    for dossier in dossiers:
        assert Dossier.model_validate_json(dossier.model_dump_json()) == dossier


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2023-12-12", "2023-12-12", 1),
        ("2023-12-12", "2023-12", 0.5),
        ("2023", "2023-12", 0.5),
        ("2023-12-12", "2023-12-13", 0.3),
        ("2023-12-12", "2023-12-28", -0.5),
        ("2023-12-12", "2024-12-12", -1),
        ("2023-12", "2024-01", -1),
        ("2024-01/2024-06", "2024-03", 0.5),
        ("2024-01/2024-06", "2023-12-12", -0.5),
        ("2024-06-23/2024-06-29", "2024-06", 0.5),
    ],
)
def test_agreement_of_dates(left: str, right: str, expected: float) -> None:
    assert agree(left, right) == agree(right, left) == expected
