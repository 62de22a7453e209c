"""One article and what was found in it as a web page: self-contained, no network, for a reader's eyes."""

from __future__ import annotations

import string
from html import escape
from importlib import resources

from treaty_events.extraction import Extraction
from treaty_events.schema import Document

from .article import legend, listed, marked
from .events import Cards, timeline

__all__ = ["page"]


def _asset(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def page(document: Document, extraction: Extraction, title: str | None = None) -> str:
    """Write an article with its mentions, events and timeline as one HTML page.

    Args:
        document: the article as read (see `Extractor.assemble`).
        extraction: the mentions and relations that it was assembled from.
        title: heading; the article's first line if None.

    Returns:
        The page: no file and no address besides it is needed to show it.
    """
    lines = [line.strip() for line in document.text.splitlines() if line.strip()]
    # A line with bars is a menu.
    first = next((line for line in lines if " | " not in line), lines[0] if lines else "(empty text)")
    number = len(document.events)
    facts = [
        f"language {document.language}" if document.language else "",
        f"published {document.published}" if document.published else "publication date not given",
        f"{document.characters_read} characters read",
        f"{number} treaty event{'s' * (number != 1)}",
    ]
    language = f' lang="{escape(document.language)}"' if document.language else ""
    return string.Template(_asset("page.html")).substitute(
        title=escape(title or (first if len(first) <= 120 else first[:119] + "…")),
        style=_asset("style.css"),
        script=_asset("script.js"),
        facts=escape(" · ".join(f for f in facts if f)),
        lang=language,
        legend=legend(m.label for m in extraction.mentions) or "none",
        article=marked(extraction),
        mentions=listed(extraction, document.language),
        events=timeline(document.events) + "\n<h2>Events</h2>\n" + Cards(document.language).write(document.events),
        model=escape(document.model.name),
        package=escape(document.model.package),
    )
