from __future__ import annotations

import datetime

import pytest

from data import markup
from evaluation.gold import gold_extraction
from treaty_events.assembly import assemble
from treaty_events.extraction import Extraction, Mention, Relation, clusters
from treaty_events.schema import TreatyEvent


def events(marked: str, links: str, lang: str = "en", published: str | None = None) -> tuple[TreatyEvent, ...]:
    """Assemble the events of a marked-up text."""
    (document,) = markup.parse(f"=== d\nlang: {lang}\n---\n{marked}\n---\n{links}\n")
    day = None if published is None else datetime.date.fromisoformat(published)
    return assemble(gold_extraction(document), lang, day)


def test_the_whole_of_an_event(documents: list) -> None:
    found = assemble(gold_extraction(documents[0]), "fr", datetime.date(2025, 2, 13))
    ratification, signature = found
    assert (ratification.type, ratification.status, ratification.level) == ("ratification", "occurred", "domestic")
    assert ratification.party_codes == signature.party_codes == ("KAZ", "QAT")
    assert ratification.is_main
    assert not signature.is_main
    assert [(a.kind, a.evidence.text, a.countries) for a in ratification.agents] == [("body", "Sénat kazakh", ("KAZ",))]
    assert signature.date is not None
    assert (signature.date.value, signature.date.granularity, signature.date.anchor) == ("2023-12-12", "day", "text")
    assert signature.place is not None
    assert (signature.place.evidence.text, signature.place.country) == ("Doha", "QAT")
    treaty = ratification.treaty
    assert treaty is not None
    assert treaty.name == "accord de coopération militaire avec le Qatar"
    assert (treaty.kind, treaty.domain) == ("agreement", "defence")
    assert treaty.term is not None
    assert treaty.term.value == "P5Y"
    assert [(p.topic, p.evidence.text) for p in treaty.provisions] == [
        ("education_training", "formation des officiers")
    ]
    assert [m.text for m in treaty.mentions] == ["accord de coopération militaire avec le Qatar", "texte"]


def test_no_trigger_no_event(documents: list) -> None:
    assert assemble(gold_extraction(documents[1]), "ru") == ()


def test_one_trigger_over_several_treaties_gives_an_event_each() -> None:
    found = events(
        "[Kazakhstan|G1 KAZ] and [Turkey|G2 TUR] [signed|E1 signature occurred] an [agreement on customs|T1 agreement trade] "
        "and a [memorandum on media|T2 memorandum culture].",
        "E1: treaty=T1,T2 party=G1,G2",
    )
    assert [(e.treaty and e.treaty.kind, e.party_codes) for e in found] == [
        ("agreement", ("KAZ", "TUR")),
        ("memorandum", ("KAZ", "TUR")),
    ]


def test_mentions_of_one_step_merge_and_inherit_parties() -> None:
    found = events(
        "[Signing|E1 signature occurred] of the [pact|T1 agreement defence]. [Mali|G1 MLI] and [Niger|G2 NER] "
        "[signed|E2 signature occurred] the [defence pact|T2 agreement defence] in [Bamako|G3 MLI].",
        "E1: treaty=T1\nE2: treaty=T2 place=G3\nT2: same_as=T1 party=G1,G2",
    )
    assert len(found) == 1
    assert [m.text for m in found[0].mentions] == ["Signing", "signed"]
    assert found[0].party_codes == ("MLI", "NER")
    assert found[0].treaty is not None
    assert found[0].treaty.evidence.text == "defence pact"


@pytest.mark.parametrize(
    ("first", "second", "steps"),
    [
        ("[2019|D1 2019]", "[2021|D2 2021]", 2),
        ("[May 2019|D1 2019-05]", "[June 2019|D2 2019-06]", 2),
        ("[May 2019|D1 2019-05]", "[3 June 2019|D2 2019-06-03]", 2),
        ("[2019|D1 2019]", "[3 June 2019|D2 2019-06-03]", 1),
        ("[spring 2019|D1 2019-21]", "[3 June 2019|D2 2019-06-03]", 1),
    ],
)
def test_steps_whose_dates_exclude_one_another_stay_apart(first: str, second: str, steps: int) -> None:
    found = events(
        f"The [pact|T1 treaty defence] was [signed|E1 signature occurred] in {first}. [Signing|E2 signature occurred] the pact, {second}",
        "E1: treaty=T1 date=D1\nE2: treaty=T1 date=D2",
    )
    assert len(found) == steps


def test_steps_on_different_days_or_of_different_states_stay_apart() -> None:
    found = events(
        "[Latvia|G1 LVA] [ratified|E1 ratification occurred] the [convention|T1 convention justice] on "
        "[1 May 2020|D1 2020-05-01], [Malta|G2 MLT] [ratified|E2 ratification occurred] [it too|T2 convention justice].",
        "E1: treaty=T1 party=G1 date=D1\nE2: treaty=T2 party=G2\nT2: same_as=T1",
    )
    assert [e.party_codes for e in found] == [("LVA",), ("MLT",)]


def test_planned_and_occurred_stay_apart() -> None:
    found = events(
        "[Signed|E1 signature occurred]; [ratification|E2 ratification planned] of the [treaty|T1 treaty border] in [May|D1 2019-05] "
        "pends, once [ratified|E3 ratification occurred].",
        "E1: treaty=T1\nE2: treaty=T1 date=D1\nE3: treaty=T1",
    )
    assert [(e.type, e.status) for e in found] == [
        ("signature", "occurred"),
        ("ratification", "planned"),
        ("ratification", "occurred"),
    ]


@pytest.mark.parametrize(
    ("bare", "merged"),
    [
        ("E1: treaty=T1", True),
        ("E1: treaty=T1 party=G1", True),
        ("E1: treaty=T1 party=G2", False),
        ("E1: treaty=T1 date=D1", False),
        ("E1: treaty=T1 place=G2", False),
        ("E1: treaty=T1 agent=P1", False),
    ],
)
def test_a_hope_of_a_step_that_the_text_tells_as_done_is_no_step_of_its_own(bare: str, merged: bool) -> None:
    found = events(
        "[Lavrov|P1] called [ratification|E1 ratification planned] of the [pact|T1 treaty political] in [May|D1 2019-05] "
        "unacceptable in [Minsk|G2 BLR]. [Ghana|G1 GHA] [ratified|E2 ratification occurred] the [pact|T2 treaty political].",
        f"{bare}\nE2: treaty=T2 party=G1\nT2: same_as=T1",
    )
    if merged:
        (event,) = found
        assert (event.status, event.trigger.text, event.party_codes) == ("occurred", "ratified", ("GHA",))
        assert [m.text for m in event.mentions] == ["ratification", "ratified"]
    else:
        assert sorted(e.status for e in found) == ["occurred", "planned"]


@pytest.mark.parametrize("status", ["planned", "rejected"])
def test_what_was_refused_stays_an_event(status: str) -> None:
    found = events(
        f"They [plan|E1 signature {status}] to sign the [pact|T1 treaty political]; its [signing|E2 signature rejected] was "
        "refused, and the first [signing|E3 signature occurred] of the [pact|T2 treaty political] stands.",
        "E1: treaty=T1\nE2: treaty=T1\nE3: treaty=T2\nT2: same_as=T1",
    )
    assert sorted(e.status for e in found) == ["occurred", "rejected"]


def test_a_hope_gives_nothing_to_the_step() -> None:
    found = events(
        "The [pact|T1 treaty political] was [ratified|E1 ratification occurred]. [Ghana|G1 GHA] is to "
        "[ratify|E2 ratification planned domestic] it.",
        "E1: treaty=T1\nE2: treaty=T1 party=G1",
    )
    assert [(e.status, e.party_codes, e.level) for e in found] == [
        ("occurred", (), None),
        ("planned", ("GHA",), "domestic"),
    ]


def test_a_hope_alone_stays() -> None:
    (event,) = events(
        "[Ratification|E1 ratification planned] of the [pact|T1 treaty political] is hoped for.", "E1: treaty=T1"
    )
    assert event.status == "planned"


def test_accession_does_not_take_over_the_other_parties() -> None:
    found = events(
        "[Finland|G1 FIN] [joined|E1 accession occurred] the [treaty of [France|G2 FRA] and [Italy|G3 ITA]|T1 treaty defence].",
        "E1: treaty=T1 party=G1\nT1: party=G2,G3",
    )
    assert found[0].party_codes == ("FIN",)


def test_superseded_treaties_come_with_their_dates() -> None:
    found = events(
        "The [accord|T1 agreement defence] was [signed|E1 signature occurred], replacing the "
        "[pact of [28 March 1994|D1 1994-03-28]|T2 agreement defence].",
        "E1: treaty=T1\nT1: supersedes=T2\nT2: dated=D1",
    )
    assert found[0].treaty is not None
    (related,) = found[0].treaty.related
    assert related.relation == "supersedes"
    assert related.date is not None
    assert related.date.value == "1994-03-28"


def test_compound_adjective_gives_both_parties() -> None:
    found = events(
        "[Казахстанско-катарское|G1 KAZ+QAT] [соглашение|T1 agreement defence] [подписано|E1 signature occurred].",
        "E1: treaty=T1 party=G1",
        "ru",
    )
    assert found[0].party_codes == ("KAZ", "QAT")


def test_a_person_acts_in_the_office_held() -> None:
    found = events(
        "The [pact|T1 agreement defence] was [signed|E1 signature occurred] by [Defence Minister|R1] [Ann Lee|P1] of "
        "[Fiji|G1 FJI].",
        "E1: treaty=T1 agent=P1,R1\nP1: holds=R1\nR1: of=G1",
    )
    (agent,) = found[0].agents
    assert agent.role is not None
    assert (agent.kind, agent.evidence.text, agent.role.text, agent.countries) == (
        "person",
        "Ann Lee",
        "Defence Minister",
        ("FJI",),
    )


@pytest.mark.parametrize(
    ("published", "value", "anchor"), [("2025-02-14", "2025-02-13", "published"), (None, None, None)]
)
def test_relative_dates_need_the_publication_date(published: str | None, value: str | None, anchor: str | None) -> None:
    text = "Il Senato ha ratificato ieri l'accordo"
    mentions = (
        Mention(13, 23, "TRIGGER", attributes={"type": "ratification", "status": "occurred"}),
        Mention(24, 28, "DATE"),
        Mention(31, 38, "TREATY", attributes={"kind": "agreement", "domain": "other"}),
    )
    extraction = Extraction(text, mentions, (Relation("date", 0, 1), Relation("treaty", 0, 2)))
    day = None if published is None else datetime.date.fromisoformat(published)
    (event,) = assemble(extraction, "it", day)
    assert event.date is not None
    assert (event.date.evidence.text, event.date.value, event.date.anchor) == ("ieri", value, anchor)


def test_unknown_party_keeps_its_words_without_a_code() -> None:
    text = "Ruritania signed the pact"
    mentions = (
        Mention(0, 9, "GPE"),
        Mention(10, 16, "TRIGGER", attributes={"type": "signature", "status": "occurred"}),
        Mention(21, 25, "TREATY", attributes={"kind": "agreement", "domain": "other"}),
    )
    party, treaty = Relation("party", 1, 0), Relation("treaty", 1, 2, 0.5)
    (event,) = assemble(Extraction(text, mentions, (party, treaty)), "en")
    assert event.parties[0].evidence.text == "Ruritania"
    assert event.parties[0].code is None
    assert event.party_codes == ()
    # A step of no instrument is none, and one that is too unsure is not told.
    assert assemble(Extraction(text, mentions, (party,)), "en") == ()
    assert assemble(Extraction(text, mentions, (party, treaty)), "en", least=0.6) == ()
    assert len(assemble(Extraction(text, mentions, (party, treaty)), "en", least=0.4)) == 1


def test_a_state_that_was_marked_as_a_body_is_a_state() -> None:
    found = events(
        "[Tokyo|G1 JPN] and [Peru|O1] [signed|E1 signature occurred] a [pact|T1 treaty political] with the [EU|O2].",
        "E1: treaty=T1 party=G1,O1,O2",
    )
    assert [(p.code, p.is_organisation) for p in found[0].parties] == [("JPN", False), ("PER", False), ("EU", True)]


def test_clusters_join_through_others_and_are_named_after_their_first() -> None:
    assert clusters("abcde", [("c", "b"), ("e", "c")]) == {"a": "a", "b": "b", "c": "b", "d": "d", "e": "b"}


def test_main_event_is_the_news_of_the_opening() -> None:
    from data import markup
    from evaluation.gold import gold_events

    source = """=== en-1
lang: en
story: AAA-x
published: 2024-11-20
---
The [pact|T1 agreement defence] [signed|E1 signature occurred] in [May 2019|D1 2019-05] was [ratified|E2 ratification occurred] on [Tuesday|D2 2024-11-19].
---
E1: treaty=T1 date=D1
E2: treaty=T1 date=D2
"""
    (document,) = markup.parse(source)
    assert [e.is_main for e in gold_events(document)] == [False, True]
    document.published = None
    assert [e.is_main for e in gold_events(document)] == [False, True]
    document.relations = [r for r in document.relations if r.type != "date"]
    assert [e.is_main for e in gold_events(document)] == [True, False]
