"""Well-known treaties by their names in about thirty languages, to one stable code each.

`Non-Proliferation Treaty`, `ДНЯО` and `Συνθήκη για τη μη διάδοση των πυρηνικών όπλων` are one treaty; a name that is
not in the list has no code. A protocol or an amendment to a listed treaty is another instrument. The table comes from
`data/names/treaties.txt`.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from typing import Any, Final, NamedTuple

from .wordforms import LANGUAGES, Phrases, base_language, fold

_LONGEST: Final = 300
_UNSPACED: Final = frozenset(("zh", "ja", "ko"))
_PIECE: Final = re.compile(r"[\s\-./,·'()«»\"]+")
_ACRONYM: Final = re.compile(r"[^\W\d_](?:[^\W_]|-(?=[IVX\d]))+")


class Instrument(NamedTuple):
    """A well-known treaty.

    Attributes:
        code: short English acronym or name, e.g. `NPT`.
        date: EDTF date of signature or adoption.
        kind: one of `vocabulary.KINDS`.
        domain: one of `vocabulary.DOMAINS`.
    """

    code: str
    date: str
    kind: str
    domain: str


class _Names:
    """The names of one language."""

    def __init__(self, language: str, table: dict[str, Any]) -> None:
        self.language = language
        self.acronyms: dict[str, str] = table["acronyms"]
        self.whole: dict[str, str] = table["whole"]
        self.phrases = Phrases(language, table["stems"])

    def find(self, surface: str) -> str | None:
        """Find the longest listed name inside a mention."""
        text = fold(surface, self.language)
        found: dict[str, int] = {}
        if self.language in _UNSPACED:
            bare = text.replace(" ", "")
            for name, code in self.whole.items():
                if name in bare:
                    found[code] = max(found.get(code, 0), len(name))
        words = [w for w in _PIECE.split(text) if w]
        for at in range(len(words)):
            for length, code in self.phrases.at_start(words[at:]):
                found[code] = max(found.get(code, 0), length)
        if not found:
            for written in _ACRONYM.findall(surface):
                for end in range(len(written), 2, -1):
                    known = self.acronyms.get(written[:end])
                    if known is not None and (end == len(written) or not written[end].isupper()):
                        found[known] = 1
                        break
        most = max(found.values(), default=0)
        best = [code for code, length in found.items() if length == most]
        return best[0] if len(best) == 1 else None


@functools.cache
def _tables() -> dict[str, Any]:
    table = resources.files("treaty_events") / "tables" / "instruments.json"
    data: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return data


@functools.cache
def _names(language: str) -> _Names:
    return _Names(language, _tables()["languages"][language])


def lookup(code: str) -> Instrument | None:
    """Give a well-known treaty by its code, None for an unknown one."""
    row = _tables()["instruments"].get(code)
    return None if row is None else Instrument(code, *row)


@functools.lru_cache(maxsize=8192)
def _resolve(surface: str, language: str) -> str | None:
    return _names(language).find(surface) if len(surface) <= _LONGEST else None


def resolve(surface: str, language: str | None, kind: str | None = None) -> Instrument | None:
    """Find the well-known treaty that a mention names.

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; names of an unknown language are not looked up.
        kind: kind of the instrument; a protocol is not the treaty that it belongs to.

    Returns:
        The treaty; None if the mention names none of the list.
    """
    base = base_language(language)
    if base not in LANGUAGES:
        return None
    code = _resolve(surface, str(base))
    found = None if code is None else lookup(code)
    if found is not None and kind == "protocol" and found.kind != "protocol":
        return None
    return found
