"""Codes of states beside ISO 3166-1 alpha-3: alpha-2, the Correlates of War number, the Wikidata item.

Political science keys its data sets on Correlates of War (COW) state numbers, which are not ISO's: Germany is 255,
Serbia 345. Territories that COW does not list as states (Hong Kong, the Holy See) have none.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import NamedTuple


class State(NamedTuple):
    """Codes of one state; see `lookup`."""

    alpha3: str
    alpha2: str
    wikidata: str
    cow: int | None
    cow_name: str | None


@functools.cache
def _states() -> dict[str, State]:
    table = resources.files("treaty_events") / "tables" / "states.json"
    return {code: State(code, *row) for code, row in json.loads(table.read_text(encoding="utf-8")).items()}


def lookup(code: str) -> State | None:
    """Give the codes of a state.

    Args:
        code: ISO 3166-1 alpha-3 (3166-3 for former states, XKX for Kosovo), as `countries.resolve` gives it.

    Returns:
        Its codes, None for an organisation's acronym or an unknown code.
    """
    return _states().get(code)
