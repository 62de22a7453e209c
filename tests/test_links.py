"""What the model says of spans, held to what it says of their relations."""

from __future__ import annotations

import pytest

from treaty_events.extraction import Mention, Relation
from treaty_events.links import _typed_by_actor

TEXT = "The cabinet of ministers and the Senate backed the pact."
CABINET, SENATE, BACKED = (4, 24), (33, 39), (40, 46)


@pytest.mark.parametrize(
    ("agents", "kind"),
    [
        ([CABINET], "approval"),
        ([SENATE], "ratification"),
        ([CABINET, SENATE], "ratification"),
        ([], "ratification"),
    ],
)
def test_what_only_a_government_consents_to_is_approved(agents: list[tuple[int, int]], kind: str) -> None:
    trigger = Mention(
        *BACKED, "TRIGGER", attributes={"type": "ratification", "status": "occurred", "level": "domestic"}
    )
    mentions = (trigger, *(Mention(*agent, "ORG") for agent in agents))
    relations = [Relation("agent", 0, number) for number in range(1, len(mentions))]
    found = list(_typed_by_actor(TEXT, mentions, relations))
    assert found[0].attributes["type"] == kind
    assert ("level" in found[0].attributes) == (kind == "ratification")
    assert found[1:] == list(mentions[1:])


def test_other_steps_of_a_government_keep_their_type() -> None:
    mentions = (Mention(*BACKED, "TRIGGER", attributes={"type": "signature"}), Mention(*CABINET, "ORG"))
    assert tuple(_typed_by_actor(TEXT, mentions, [Relation("agent", 0, 1)])) == mentions
