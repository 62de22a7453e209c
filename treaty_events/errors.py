"""Exceptions: one base class, one subclass for each kind of trouble a caller can act upon."""

from __future__ import annotations


class TreatyEventsError(Exception):
    """Base class of every error that this project raises on purpose."""


class InputError(TreatyEventsError, ValueError):
    """What was given cannot be read: wrong type, empty, undecodable, malformed record."""


class UnreadableError(InputError):
    """An article could not be read; it stands in the article's place.

    Args:
        name: file, or the record's place in it.
        message: what is wrong and what to do.
    """

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(f"{name}: {message}")


class ReleaseError(TreatyEventsError):
    """A release directory (model weights) is missing, incomplete, damaged or of another vocabulary."""


class MissingExtraError(TreatyEventsError, ImportError):
    """An optional dependency is needed for what was asked.

    Args:
        package: module that could not be imported.
        extra: name of the extra that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'treaty-events[{extra}]'")


class AnnotationError(TreatyEventsError, ValueError):
    """An annotated document breaks the format or the vocabulary.

    Args:
        message: what is wrong and what to do.
        path: file in which it is.
        line: line of that file, from 1.
        document: id of the document.
        offset: character offset in the document's text.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        document: str | None = None,
        offset: int | None = None,
    ) -> None:
        self.message, self.path, self.line, self.document, self.offset = message, path, line, document, offset
        where = ":".join(str(p) for p in (path, line) if p is not None)
        inner = ", ".join(
            f"{name} {value}" for name, value in (("document", document), ("offset", offset)) if value is not None
        )
        super().__init__(": ".join(p for p in (where, inner, message) if p))
