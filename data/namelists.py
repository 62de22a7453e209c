"""The hand-made lists in `data/names/` and how their lines are read (their formats stand at the head of the files)."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator
from typing import Final

from babel import Locale, localedata

NAMES: Final = pathlib.Path(__file__).parent / "names"
# Second scripts of a language whose readers meet both.
LOCALES: Final = {"sr": ("sr", "sr_Latn"), "uz": ("uz", "uz_Cyrl"), "zh": ("zh", "zh_Hant")}
# Languages that put no spaces between words (or, Korean, not always where the tables expect them).
UNSPACED: Final = ("zh", "ja", "ko")


class ListError(ValueError):
    """A hand-made line that cannot be used."""


def lines(path: pathlib.Path) -> Iterator[tuple[str, list[str], int]]:
    """Give (head, items, line number) of each line of a hand-made list; # starts a comment."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.split("#")[0].strip()
        if line:
            head, _, rest = line.partition(" ")
            yield head, [item.strip() for item in rest.split(",") if item.strip()], number


def mixed_script(word: str) -> bool:
    """Tell whether a word mixes Latin letters with Cyrillic or Greek ones (a typing slip that never matches)."""
    return bool(re.search("[a-zA-Z]", word)) and bool(re.search("[а-яА-Яα-ωΑ-Ω]", word))


def fresh_locale(tag: str) -> Locale:
    """Load a locale's data into its own copy.

    Babel 2.18 writes a locale's own words into the root data that other locales alias (after `az`, the stand-alone
    months of `ar` are Azerbaijani), so that the tables would depend on the order of loading.
    """
    localedata._cache.clear()
    locale = Locale.parse(tag)
    # The data is loaded on first use.
    assert locale.territories
    return locale
