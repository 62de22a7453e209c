"""Tables of surface forms and what they stand for, as tests of names write them."""

from __future__ import annotations

import re


def cases(table: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give (language, surface, expected) for each `surface = expected` of a table."""
    found = []
    for language, text in table.items():
        for item in re.split(r";\s*", " ".join(text.split())):
            surface, _, expected = item.partition(" =")
            found.append((language, surface.strip(), expected.strip()))
    return found
