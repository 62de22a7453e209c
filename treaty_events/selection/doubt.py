"""How unsure a model is about an article."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Final

from treaty_events.extraction import Extraction

# Taking up an article costs as much as reading so many tokens of it: a line with one doubtful name is no find.
_OPENING: Final = 100
# Wrong decisions in 100 tokens from which on more of them count no more: such texts are lists and broken pages.
_CAP: Final = 5.0


@dataclasses.dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure the model is about an article.

    Attributes:
        errors: expected number of wrong decisions in 100 tokens.
        confidence: that of the event that is nearest to 0.5; None without events.
    """

    errors: float
    confidence: float | None = None

    @property
    def value(self) -> float:
        """Both as one number, 0 to 1: half for the decisions, up to a cap, and half for the event."""
        margin = 0.0 if self.confidence is None else 1 - abs(2 * self.confidence - 1)
        return (min(self.errors, _CAP) / _CAP + margin) / 2


def doubt(extraction: Extraction, confidences: Iterable[float] = ()) -> Doubt:
    """Measure how unsure a model is about an article.

    Each mention, attribute and relation is a decision that is wrong with one minus its probability. Their sum is set
    against the length of the text, for that is what annotating it costs.

    Args:
        extraction: what the model says of the article.
        confidences: calibrated confidence of its events, also of those too unsure to be told.
    """
    wrong = sum(1 - m.score + sum(1 - m.scores[k] for k in m.attributes if k in m.scores) for m in extraction.mentions)
    wrong += sum(1 - r.score for r in extraction.relations)
    nearest = min(confidences, key=lambda confidence: abs(confidence - 0.5), default=None)
    return Doubt(100 * wrong / (extraction.tokens + _OPENING), nearest)
