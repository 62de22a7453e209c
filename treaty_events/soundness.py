"""Whether an article is one that a person could annotate."""

from __future__ import annotations

from typing import Final

from .articles import Article
from .errors import InputError, UnreadableError
from .extractor import parse_published

# Share of replacement characters that a text may hold.
_BROKEN: Final = 0.005
# Characters that Windows-1252 has and Latin-1 has not, as the bytes that they stand for.
_BYTES: Final = {
    ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def check(item: Article | UnreadableError) -> Article | UnreadableError:
    """Give an article back if it can be annotated, else the reason why not.

    Args:
        item: as `read_articles` gives it; an error stays as it is.
    """
    if isinstance(item, UnreadableError):
        return item
    try:
        item.text.encode("utf-8")
        parse_published(item.published or None)
    except UnicodeEncodeError as error:
        return UnreadableError(item.name, f"holds a lone surrogate at {error.start}: decode it with errors='replace'")
    except InputError as error:
        return UnreadableError(item.name, str(error))
    if not any(character.isalpha() for character in item.text):
        return UnreadableError(item.name, "no words to annotate")
    if item.text.count("\ufffd") > len(item.text) * _BROKEN or _misread(item.text):
        return UnreadableError(item.name, "decoded with the wrong encoding: convert it from its source again")
    return item


def _misread(text: str) -> bool:
    """Tell whether a text is UTF-8 that was decoded as Windows-1252 or Latin-1: each letter beyond ASCII is several."""
    try:
        repaired = text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    # One such pair may be chance (a capital before a closing quotation mark).
    return len(repaired) + 2 < len(text)
