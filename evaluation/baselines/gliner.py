"""GLiNER, zero-shot: named-entity prompts made into events.

A GLiNER model finds spans for labels that are given in words; it knows nothing of events. Here the steps of a treaty
are such labels ("ratification of a treaty"), the instruments, states, organisations and dates are others, and all is
joined by nearness (`nearest`): so this tells how far prompting for spans goes, not how good a GLiNER model would be
after training for the task. Every step counts as having occurred and no instrument has a domain, since no prompt asks
for them; there are no places and no agents. The names and dates that are found are normalised by this package's tables.

Needs `pip install gliner` and a model: a directory, or an id where the Hugging Face hub can be reached.
"""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from evaluation.gold import EventDocument, EventRecord
from treaty_events.errors import MissingExtraError
from treaty_events.extraction import Mention

from .gazetteer import Span, sentences
from .nearest import nearest_events

# Prompt -> what it stands for. Two sets, asked apart: in one reading spans never overlap, and a step often lies in or
# at an instrument.
ARGUMENTS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "country": ("GPE", {}),
    "international organization": ("ORG", {}),
    "date": ("DATE", {}),
    "international agreement": ("TREATY", {"kind": "agreement"}),
    "treaty": ("TREATY", {"kind": "treaty"}),
    "memorandum of understanding": ("TREATY", {"kind": "memorandum"}),
    "protocol to a treaty": ("TREATY", {"kind": "protocol"}),
    "international convention": ("TREATY", {"kind": "convention"}),
}
TRIGGERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    prompt: ("TRIGGER", {"type": step})
    for prompt, step in {
        "negotiation of an agreement": "negotiation",
        "initialling or adoption of an agreement's text": "adoption",
        "signing of an agreement": "signature",
        "government approval of an agreement": "approval",
        "ratification of a treaty": "ratification",
        "accession to a treaty": "accession",
        "entry into force of a treaty": "entry_into_force",
        "amendment of a treaty": "amendment",
        "extension or renewal of a treaty": "extension",
        "suspension of a treaty": "suspension",
        "termination of or withdrawal from a treaty": "termination",
    }.items()
}
# GLiNER cuts off what lies beyond so many words (`max_len`, 384 in the published models) with no more than a warning.
# Prompts share the encoder's positions with the words, hence less.
WORDS: Final = 200
# Its own notion of a word.
_WORD: Final = re.compile(r"\w+(?:[-_]\w+)*|\S")
# A script without spaces gives words without end: characters count there.
_CHARACTERS: Final = 1000


class EntityModel(Protocol):
    """What is used of `gliner.GLiNER`."""

    def predict_entities(self, text: str, labels: list[str], *, threshold: float) -> Sequence[Mapping[str, Any]]:
        """Give entities with `start`, `end`, `label` and `score`."""


def load(name: str) -> EntityModel:
    """Load a GLiNER model.

    Args:
        name: a directory, or an id on the Hugging Face hub.

    Raises:
        MissingExtraError: the package is not installed.
    """
    try:
        package = importlib.import_module("gliner")
    except ImportError as error:
        raise MissingExtraError("gliner", "gliner") from error
    model: EntityModel = package.GLiNER.from_pretrained(name)
    return model


def chunks(text: str) -> Iterator[Span]:
    """Cut a text into parts that a model reads to the end: after a sentence; a longer sentence is cut after a word."""
    ends = [end for _, end in sentences(text)]
    start = 0
    while start < len(text):
        words = [match.end() for match in itertools.islice(_WORD.finditer(text, start), WORDS)]
        limit = min(words[-1] if len(words) == WORDS else len(text), start + _CHARACTERS)
        if limit < len(text):
            whole = [end for end in ends if start < end <= limit] or [end for end in words if end <= limit]
            limit = max(whole, default=limit)
        yield start, limit
        start = limit


class GlinerEvents:
    """Events from a GLiNER model.

    Args:
        model: the model, see `load`.
        threshold: score from which on an entity counts.
    """

    def __init__(self, model: EntityModel, threshold: float = 0.5) -> None:
        self.model, self.threshold = model, threshold

    def mentions(self, text: str) -> Iterator[Mention]:
        """Find triggers and their possible arguments."""
        for start, end in chunks(text):
            for prompts in (ARGUMENTS, TRIGGERS):
                found = self.model.predict_entities(text[start:end], list(prompts), threshold=self.threshold)
                for entity in found:
                    label, attributes = prompts[entity["label"]]
                    first, last = start + int(entity["start"]), start + int(entity["end"])
                    yield Mention(first, last, label, float(entity["score"]), attributes)

    def predict(self, document: EventDocument) -> list[EventRecord]:
        """Give the events of a text; their confidence is the trigger's score."""
        return nearest_events(document.text, self.mentions(document.text), document.lang, document.published)
