from __future__ import annotations

import pytest

from treaty_events.pairing import pair


@pytest.mark.parametrize(
    ("scored", "weights", "expected"),
    [
        ([{"KAZ": 0.9, "QAT": 0.9}, {"KAZ": 0.8}], [1, 1], {"KAZ", "QAT"}),
        # A third that few name is none; one that as many name makes it a treaty of more.
        ([{"KAZ": 0.9, "QAT": 0.9}, {"KAZ": 0.8, "QAT": 0.8, "RUS": 0.6}], [1, 1], {"KAZ", "QAT"}),
        ([{"KAZ": 0.9, "QAT": 0.9, "RUS": 0.8}], [1], None),
        # Never named together: two states that each ratify.
        ([{"LVA": 0.9}, {"MLT": 0.9}], [1, 1], None),
        ([{"LVA": 0.9}], [1], None),
        ([], [], None),
        # What weighs more decides.
        ([{"KAZ": 0.9, "QAT": 0.9}, {"RUS": 0.8}, {"RUS": 0.8}], [2, 1, 1], None),
    ],
)
def test_pair(scored: list[dict[str, float]], weights: list[float], expected: set[str] | None) -> None:
    found = pair(scored, weights)
    assert (None if found is None else set(found)) == expected
