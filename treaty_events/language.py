"""Language identification, for texts that come without their language."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable

# Identification needs no more than a page, and its cost grows with the text.
_CHARACTERS = 4000
_starting = threading.Lock()
_beside: threading.Thread | None = None


@functools.cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    import py3langid  # its tables cost memory and time: only for those who need them

    # It reads them at its first answer.
    py3langid.classify("")
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify


def _wait() -> None:
    if _beside is not None:
        _beside.join()


def prepare() -> None:
    """Begin to load the identifier in a thread of its own, for texts to come."""
    global _beside
    with _starting:
        if _beside is not None or _identifier.cache_info().currsize:
            return
        thread = threading.Thread(target=_identifier, name="language")
        try:
            thread.start()
        except RuntimeError:
            # No more threads to be had, or the interpreter is about to end: it is loaded when it is needed.
            return
        _beside = thread


if hasattr(os, "register_at_fork"):
    # A process that is forked while a thread imports or holds a lock would wait for it for ever.
    os.register_at_fork(before=_wait)


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
    _wait()
    language, _ = _identifier()(sample)
    return str(language)
