"""Names and acronyms of international organisations in about thirty languages to one stable acronym each.

Bodies of the European Union resolve to `EU`, main organs of the United Nations to `UN`; a national body gives None. The
table comes from `data/names/organisations.txt`.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from typing import Any, Final

from treaty_events.wordforms import (
    LANGUAGES,
    NAMES_ONLY,
    Phrases,
    base_language,
    cuts,
    fold,
    squeezed,
    tail_fits,
)

_LONGEST: Final = 120
_UNSPACED: Final = frozenset(("zh", "ja", "ko"))
_ELISION: Final = re.compile(r"^(?:dell|all|nell|sull|dall|l|d)'(?=\w)")
_PIECE: Final = re.compile(r"[\s\-./,·]+")
_BRACKETED: Final = re.compile(r"(.+?)\s*[(（]([^()（）]+)(?:[)）]\w{0,3})?")


class _Names:
    """The names of one language."""

    def __init__(self, language: str, table: dict[str, Any]) -> None:
        self.language = language
        self.acronyms: dict[str, str] = table["acronyms"]
        self.lowered = {fold(k, language): v for k, v in self.acronyms.items() if len(k) > 3}
        self.whole: dict[str, str] = table["whole"]
        self.phrases = Phrases(language, table["stems"])
        self.leading = frozenset(table["leading"])

    def acronym(self, surface: str) -> str | None:
        """Look up an acronym as written, with what case ending may follow it; `Nato` and `Unesco` count as well."""
        bare = squeezed(surface)
        if bare in self.acronyms:
            return self.acronyms[bare]
        match = re.fullmatch(r"([^\W_]+\+?)(?:['’ʼ:-]([^\W\d_]+))?", bare)
        if match is None:
            return None
        head, tail = match[1], match[2] or ""
        if not tail and not head.isupper():
            upper = next((i for i, c in enumerate(head) if not (c.isupper() or c.isdigit())), 0)
            if head[:upper] in self.acronyms:
                head, tail = head[:upper], head[upper:]
        code = self.acronyms.get(head)
        if code is None and head[:1].isupper():
            code = self.lowered.get(fold(head, self.language))
        return code if code is not None and tail_fits(self.language, fold(tail, self.language)) else None


@functools.cache
def _tables() -> dict[str, Any]:
    table = resources.files("treaty_events") / "tables" / "organisations.json"
    data: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return data


@functools.cache
def _names(language: str) -> _Names:
    return _Names(language, _tables()["languages"][language])


def _read(surface: str, language: str) -> str | None:
    """Resolve in one language: as it stands, without articles before it, without an acronym in brackets after it."""
    names = _names(language)
    rest = surface
    while rest:
        if code := _find(rest, names):
            return code
        head, _, rest = rest.partition(" ")
        if fold(head, language) not in names.leading:
            break
    match = _BRACKETED.fullmatch(surface)
    if match is None:
        return None
    codes = {_find(part, names) for part in match.groups()} - {None}
    return codes.pop() if len(codes) == 1 else None


def _find(surface: str, names: _Names) -> str | None:
    if code := names.acronym(surface):
        return code
    language = names.language
    text = fold(surface, language)
    if language in _UNSPACED:
        text = text.replace(" ", "")
        if text in names.whole:
            return names.whole[text]
        for stem, tail in cuts(text, 2):
            if stem in names.whole and tail_fits(language, tail):
                return names.whole[stem]
        return None
    parts = [p for p in _PIECE.split(text) if p]
    if not parts:
        return None
    bare = _ELISION.sub("", parts[0])
    if len(parts) == 1 and bare != parts[0] and (code := names.acronym(re.sub(r"^\w+['’]", "", surface))):
        return code
    return names.phrases.whole([bare, *parts[1:]])


@functools.lru_cache(maxsize=8192)
def _resolve(surface: str, language: str | None) -> str | None:
    if not surface or len(surface) > _LONGEST:
        return None
    known = language in LANGUAGES or language in NAMES_ONLY
    if known and (code := _read(surface, str(language))):
        return code
    # Short acronyms mean different things in different languages: never look those up in another one's list.
    if known and len(surface) < 4:
        return None
    codes = {_read(surface, other) for other in (LANGUAGES if known else LANGUAGES + NAMES_ONLY)} - {None}
    return codes.pop() if len(codes) == 1 else None


def resolve(surface: str, language: str | None = None) -> str | None:
    """Give the acronym of an international organisation.

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; None where it is not known.

    Returns:
        The acronym (`EU`, `NATO`, `CSTO`), None for a national body, an unknown one or an ambiguous acronym.
    """
    return _resolve(surface.strip(" \t\r\n,;:!?\"'«»“”„()[]"), base_language(language))


def name(code: str) -> str | None:
    """Give the English name of an organisation, None for an unknown acronym.

    Args:
        code: acronym, as `resolve` gives it.
    """
    names = _tables()["names"]
    return str(names[code]) if code in names else None
