"""What the model itself says of a text, before anything is normalised or assembled: mentions and relations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from . import vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Mention:
    """A span with its label.

    Attributes:
        start: offset of the first code point.
        end: offset after the last.
        label: one of `vocabulary.SPAN_LABELS`.
        score: probability, 0 to 1.
        attributes: value by attribute name (`type`, `status`, `kind`, ... as the label has them; `value` in gold data).
        scores: probability of each predicted attribute.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    scores: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def is_trigger(self) -> bool:
        """Whether it is an event trigger."""
        return self.label == vocabulary.TRIGGER


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two mentions, by their index in `Extraction.mentions`."""

    type: str
    head: int
    tail: int
    score: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Extraction:
    """Mentions and relations of one text.

    Attributes:
        text: the string that was read, unchanged.
        mentions: in text order.
        relations: between them.
        tokens: how many tokens the text has.
        windows: how many windows it was read in.
    """

    text: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    tokens: int = 0
    windows: int = 0

    def surface(self, mention: Mention) -> str:
        """Give a mention's words."""
        return self.text[mention.start : mention.end]
