"""Language identification, for texts that come without their language."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

# Identification needs no more than a page, and its cost grows with the text.
_CHARACTERS = 4000
_beside: threading.Thread | None = None


@functools.cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    import py3langid  # its tables cost memory and time: only for those who need them

    # It reads them at its first answer.
    py3langid.classify("")
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify


def prepare() -> None:
    """Begin to load the identifier in a thread of its own, for texts to come."""
    global _beside
    # Imported here: a process that is forked while a thread imports could wait for it for ever.
    import py3langid  # noqa: F401

    if _beside is None and not _identifier.cache_info().currsize:
        _beside = threading.Thread(target=_identifier, name="language", daemon=True)
        _beside.start()


def identify(text: str) -> str | None:
    """Give the language of a text.

    Args:
        text: any string; its first 4,000 characters are looked at.

    Returns:
        ISO 639-1 code, or None for a text without letters.
    """
    sample = text[:_CHARACTERS]
    if not any(c.isalpha() for c in sample):
        return None
    # In a forked process it counts as ended, and the identifier is loaded here.
    if _beside is not None:
        _beside.join()
    language, _ = _identifier()(sample)
    return str(language)
