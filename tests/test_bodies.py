from __future__ import annotations

import pytest

from treaty_events import bodies


@pytest.mark.parametrize(
    ("surface", "kind"),
    [
        ("Senato", "legislature"),
        ("Sénat kazakh", "legislature"),
        ("président de l'Assemblée nationale", "legislature"),
        ("Мәжіліс", "legislature"),
        ("Верховної Ради", "legislature"),
        ("Βουλή των Ελλήνων", "legislature"),
        ("TBMM", "legislature"),
        ("全国人民代表大会常务委员会", "legislature"),
        ("مجلس النواب", "legislature"),
        ("prime minister", "head_of_government"),
        ("премьер-министр", "head_of_government"),
        ("πρωθυπουργός", "head_of_government"),
        ("President of Kazakhstan", "head_of_state"),
        ("Cumhurbaşkanı", "head_of_state"),
        ("总统", "head_of_state"),
        ("King", "monarch"),
        ("vice-ministre de la Défense", "ministry"),
        ("Министерство обороны", "ministry"),
        ("وزير الخارجية", "ministry"),
        ("外務省", "ministry"),
        ("Council of Ministers", "government"),
        ("κυβέρνηση", "government"),
        ("Конституционный суд", "court"),
        ("armed forces", "armed_forces"),
        ("Airbus", None),
        ("Juventus", None),
        ("", None),
    ],
)
def test_kind(surface: str, kind: str | None) -> None:
    assert bodies.kind(surface) == kind
