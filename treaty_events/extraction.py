"""What the model itself says of a text, before anything is normalised or assembled: mentions and relations."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from . import vocabulary

K = TypeVar("K", bound=Hashable)


def clusters(items: Sequence[K], pairs: Iterable[tuple[K, K]]) -> dict[K, K]:
    """Put items that pairs join, directly or through others, into clusters.

    Args:
        items: in order.
        pairs: of items that belong together (coreference).

    Returns:
        For each item the first one of its cluster.
    """
    place = {item: i for i, item in enumerate(items)}
    parent = dict(zip(items, items, strict=True))

    def root(item: K) -> K:
        while parent[item] != item:
            item = parent[item]
        return item

    for left, right in pairs:
        first, second = sorted((root(left), root(right)), key=place.__getitem__)
        parent[second] = first
    return {item: root(item) for item in items}


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
        candidates: links to parties down to a low probability, held or not (see `parties`).
    """

    text: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    tokens: int = 0
    windows: int = 0
    candidates: tuple[Relation, ...] = ()

    def surface(self, mention: Mention) -> str:
        """Give a mention's words."""
        return self.text[mention.start : mention.end]
