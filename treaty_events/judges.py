"""What a release has learnt about its own findings: which parties and which events are right.

`training.judges` fits both to a release, on documents that it was not trained on; they lie in one file of it.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import parties, release, schema, vocabulary
from .errors import ReleaseError
from .facts import Facts
from .trees import Trees

PARTIES: Final = "parties."
EVENTS: Final = "events."
COLUMNS: Final = "columns"
# Of an event, in this order.
FEATURES: Final = (
    "type", "status", "trigger", "status_score", "least_status_score", "treaty_link", "treaty", "tellings", "parties",
    "codes", "date", "dated", "place", "agents", "treaty_length", "treaty_mentions", "events", "of_type", "of_step",
    "position", "length", "trigger_length", "kind", "kind_score", "density",
)  # fmt: skip
_KINDS: Final = vocabulary.ATTRIBUTES["kind"][1]


@dataclasses.dataclass(frozen=True)
class Judges:
    """The fitted judges of a release.

    Attributes:
        parties: of candidates for the parties of a step (see `parties.Candidates`).
        events: of events (see `event_features`).
    """

    parties: Trees
    events: Trees | None = None

    @classmethod
    def from_pretrained(cls, directory: Path) -> Judges | None:
        """Load a release's judges; None if it has none.

        Raises:
            ReleaseError: they were fitted by a package that describes candidates or events otherwise.
        """
        path = directory / release.JUDGES
        if not path.is_file():
            return None
        tensors = release.Tensors(path)
        names = tensors.names()
        if COLUMNS not in names or not np.array_equal(tensors[COLUMNS], columns()):
            raise ReleaseError(
                f"{path} is of another version: remove it and its line in {release.CHECKSUMS}, then fit judges with "
                "'python -m training.judges', or go without"
            )
        found = [Trees({n.removeprefix(p): tensors[n] for n in names if n.startswith(p)}) for p in (PARTIES, EVENTS)]
        return cls(*found)


def columns() -> NDArray[np.uint8]:
    """Give what the features stand for, as a tensor: trees know them by number only."""
    values = [*vocabulary.EVENT_TYPES, *vocabulary.STATUSES, *_KINDS]
    text = "\n".join([*parties.FEATURES, *FEATURES, *values])
    return np.frombuffer(text.encode(), np.uint8)


def event_features(
    facts: Facts, steps: Sequence[tuple[Sequence[int], int]], events: Sequence[schema.TreatyEvent]
) -> NDArray[np.float32]:
    """Describe the events of one text, for the judge of events.

    Args:
        facts: of the text's extraction.
        steps: triggers of each event, by their index in the extraction, and its instrument's first mention.
        events: as they were assembled.

    Returns:
        Shape (events, `FEATURES`).
    """
    of_type = Counter(event.type for event in events)
    of_step = Counter((event.type, _first(event)) for event in events)
    length = max(1, len(facts.extraction.text))
    rows = []
    for (own, cluster), event in zip(steps, events, strict=True):
        mentions = [facts.mentions[i] for i in own]
        members = facts.members[cluster]
        links = [link for i in own for link in facts.tails.get(("treaty", i), []) if link.tail in members]
        statuses = [m.scores.get("status", 1.0) for m in mentions]
        treaty = event.treaty
        rows.append(
            [
                _index(tuple(vocabulary.EVENT_TYPES), event.type),
                _index(vocabulary.STATUSES, event.status),
                max(m.score for m in mentions),
                max(statuses),
                min(statuses),
                max(link.score for link in links),
                max(facts.mentions[link.tail].score for link in links),
                len(own),
                len(event.parties),
                len(event.party_codes),
                event.date is not None,
                event.date is not None and event.date.value is not None,
                event.place is not None,
                len(event.agents),
                max(facts.mentions[i].end - facts.mentions[i].start for i in members),
                len(members),
                len(events),
                of_type[event.type] - 1,
                of_step[event.type, _first(event)] - 1,
                event.trigger.start / length,
                math.log(length),
                max(m.end - m.start for m in mentions),
                -1 if treaty is None or treaty.kind is None else _index(_KINDS, treaty.kind),
                max(facts.mentions[i].scores.get("kind", 1.0) for i in members),
                100 * len(facts.mentions) / length,
            ]
        )
    return np.asarray(rows, np.float32).reshape(len(events), len(FEATURES))


def _first(event: schema.TreatyEvent) -> int:
    return -1 if event.treaty is None else event.treaty.mentions[0].start


def _index(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)
