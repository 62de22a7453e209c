from __future__ import annotations

from typing import Any

import pytest

from treaty_events import InputError
from treaty_events.server import Limits


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_bytes": 0},
        {"max_texts": 0},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"grace": -1},
        {"max_texts": 10, "max_waiting": 9},
    ],
)
def test_limits_that_cannot_work(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Limits(**wrong)
