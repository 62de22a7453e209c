"""What the demo does with an article: reads it and says what to show. No widgets here."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from typing import Final, NamedTuple

from treaty_events.errors import InputError
from treaty_events.extraction import Extraction
from treaty_events.extractor import Extractor
from treaty_events.page import page
from treaty_events.schema import Document, TreatyEvent

from . import downloads

COLUMNS: Final = ("type", "status", "parties", "date", "place", "agents", "treaty", "kind", "domain", "evidence",
                  "confidence")  # fmt: skip
# Those that the corpus has; any other code can be typed in.
LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "zh": "Chinese", "cs": "Czech",
    "nl": "Dutch", "en": "English", "fr": "French", "ka": "Georgian", "de": "German", "el": "Greek", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "kk": "Kazakh",
    "ko": "Korean", "ky": "Kyrgyz", "lt": "Lithuanian", "fa": "Persian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "es": "Spanish", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "uz": "Uzbek", "vi": "Vietnamese",
}  # fmt: skip


class Example(NamedTuple):
    """An article to try: a short news text of ours about a treaty (one about none)."""

    label: str
    language: str
    published: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """What to show of one article.

    Attributes:
        message: HTML, in one element that screen readers announce.
        frame: HTML of the report page in its frame; empty after an error.
        rows: of the table of events, with the cells of `COLUMNS`.
        record: the document as JSON; empty after an error.
        files: content by name, for download.
    """

    message: str
    frame: str = ""
    rows: Sequence[Sequence[str]] = ()
    record: str = ""
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)


def examples() -> list[Example]:
    """Give the articles that ship with the demo."""
    source = (resources.files(__package__) / "articles.json").read_text(encoding="utf-8")
    return [Example(**record) for record in json.loads(source)]


def _plain(text: str) -> str:
    """Write words as HTML of which no character looks like one of a template: Gradio fills these in where it shows."""
    return escape(text).translate({ord(c): f"&#{ord(c)};" for c in "{}$`@\\"})


def alert(*reasons: str) -> str:
    """Write what went wrong as HTML, to be announced at once."""
    return f'<div role="alert" class="message error">{"".join(f"<p>{_plain(r)}</p>" for r in reasons)}</div>'


def refusal(error: InputError) -> str:
    """Write why nothing was read as HTML, to be announced at once."""
    return alert(f"Not read: {error}")


def note(text: str) -> str:
    """Write what was done as HTML, to be announced when the reader has time."""
    return f'<div role="status" class="message"><p>{_plain(text)}</p></div>'


def count(number: int, noun: str) -> str:
    """Write a number of things, for a noun whose plural ends in s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def parse_date(value: str | None) -> datetime.date | None:
    """Read a date that was typed.

    Args:
        value: `YYYY-MM-DD`, or nothing.

    Raises:
        InputError: it is neither.
    """
    # Typed by hand: 2024-11-289 is a slip, which a reader of time stamps would take for the 28th.
    text = (value or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise InputError(f"the publication date {text!r} is no date: write it as YYYY-MM-DD, or leave it empty")
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"the publication date {text!r} is not in the calendar: write it as YYYY-MM-DD") from error


def parse_language(value: object) -> str | None:
    """Read a language code.

    Args:
        value: ISO 639 code, or nothing, which means that the language is to be identified.

    Raises:
        InputError: it is neither.
    """
    if value is None or value == "":
        return None
    code = value.strip().lower() if isinstance(value, str) else ""
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise InputError(f"the language {value!r} is no ISO 639-1 code such as 'el': choose one, or leave it automatic")
    return code


def read(
    extractor: Extractor, text: str, published: datetime.date | None, language: str | None
) -> tuple[Document, Extraction]:
    """Read an article.

    Raises:
        InputError: there is no text, or it cannot be encoded.
    """
    if not text.strip():
        raise InputError("the text is empty: an article is needed")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"the text holds half a character (a lone surrogate) at {error.start}") from error
    extraction = extractor.extract([text])[0]
    return extractor.assemble(extraction, language, published), extraction


def frame(html: str) -> str:
    """Put a page into a sandboxed frame: its script runs, but reaches neither this page nor the network.

    Args:
        html: the page; its links lead to places within it.
    """
    # Links within the page would otherwise be taken for links within the page around it.
    inner = _plain(html.replace("<head>", '<head>\n<base href="about:srcdoc">', 1))
    return (
        '<iframe class="report" sandbox="allow-scripts" referrerpolicy="no-referrer" '
        f'title="The article with its mentions and events" srcdoc="{inner}"></iframe>'
    )


def row(event: TreatyEvent) -> list[str]:
    """Give an event's cells, one for each of `COLUMNS`."""
    treaty, date = event.treaty, event.date
    return [
        event.type.replace("_", " ") + (f" ({event.level})" if event.level else ""),
        event.status,
        ", ".join(p.code or p.evidence.text for p in event.parties),
        "" if date is None else date.value or f"«{date.evidence.text}»",
        event.place.evidence.text if event.place else "",
        ", ".join(a.evidence.text for a in event.agents),
        treaty.name if treaty else "",
        (treaty and treaty.kind) or "",
        (treaty and treaty.domain) or "",
        f"{event.trigger.text} @{event.trigger.start}",
        f"{event.confidence:.2f}",
    ]


def view(extractor: Extractor, text: str | None, published: str | None, language: str | None) -> View:
    """Read one article.

    Args:
        extractor: reads it.
        text: the article.
        published: `YYYY-MM-DD`, or empty.
        language: ISO 639-1 code, or empty to identify it.

    Returns:
        What to show; for wrong input a view that only has a message, which says what to do.
    """
    try:
        document, extraction = read(extractor, text or "", parse_date(published), parse_language(language))
    except InputError as error:
        return View(refusal(error))
    record = document.model_dump_json(indent=1)
    found = count(len(document.events), "treaty event") if document.events else "No treaty event"
    known = LANGUAGES.get(document.language or "", document.language or "unknown")
    dated = "" if document.published else " Relative dates stay unresolved without a publication date."
    return View(
        note(f"{found} found. Language: {known}. {count(document.characters_read, 'character')} read.{dated}"),
        frame(page(document, extraction)),
        [row(event) for event in document.events],
        record,
        {**downloads.table([document.model_copy(update={"id": "article"})]), "document.json": record + "\n"},
    )
