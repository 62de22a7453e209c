"""Language identification, for texts that come without their language."""

from __future__ import annotations

# Identification needs no more than a page, and its cost grows with the text.
_CHARACTERS = 4000


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
    import py3langid  # its tables cost memory and time: only for those who need them

    language, _ = py3langid.classify(sample)
    return str(language)
