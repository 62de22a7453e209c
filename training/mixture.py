"""The documents of a fine-tuning: what is added, held out, replayed and compared."""

from __future__ import annotations

import dataclasses
import json
import logging
import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from data.documents import AnnotatedDocument, read_documents, text_digest
from data.validate import check_corpus, read_any
from treaty_events import vocabulary
from treaty_events.errors import InputError, TreatyEventsError

from .settings import FinetuneSettings

# Fewer documents than these are all trained on.
LEAST_TO_HOLD_OUT: Final = 5
# Texts of the corpus, and of the new documents, that the int8 weights are chosen by.
_SAMPLE, _SAMPLE_ADDED = 128, 64
logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Mixture:
    """What a fine-tuning reads.

    Attributes:
        added: all new documents.
        trained: those of them that are trained on.
        held_out: the others.
        corpus: the shipped documents that replay is drawn from.
        replay: those that are trained on along with the new ones.
        compared: documents of the shipped split that is read before and after.
    """

    added: list[AnnotatedDocument]
    trained: list[AnnotatedDocument]
    held_out: list[AnnotatedDocument]
    corpus: list[AnnotatedDocument]
    replay: list[AnnotatedDocument]
    compared: list[AnnotatedDocument]

    @property
    def texts(self) -> list[str]:
        """Some texts of the corpus and the new documents, to choose the int8 weights by."""
        every = max(1, len(self.corpus) // _SAMPLE)
        return [d.text for d in (*self.corpus[::every], *self.trained[:_SAMPLE_ADDED])]

    def record(self) -> dict[str, Any]:
        """Give ids and digests of what is trained on, for a release's provenance."""
        held = {d.id for d in self.held_out}
        return {
            "added": [
                {
                    "id": d.id,
                    "story": d.story,
                    "sha256": text_digest(d.text),
                    "annotation_sha256": text_digest(json.dumps(d.to_dict(), sort_keys=True)),
                    "held_out": d.id in held,
                }
                for d in self.added
            ],
            "replay": sorted(d.id for d in self.replay),
        }


def mix(settings: FinetuneSettings, paths: Sequence[str | Path], provenance: Mapping[str, Any]) -> Mixture:
    """Read the documents of a fine-tuning and draw what each is for.

    Args:
        settings: the run's; `event_types` are those that the new documents may have.
        paths: files of new documents.
        provenance: of the start.

    Raises:
        InputError: a document is at fault, or a file is missing.
    """
    data, seed = settings.data, settings.seed
    added = read_added(paths, settings.event_types)
    corpus = read_files(data.train)
    trained, held_out = hold_out(added, data.held_out, seed, _keys(corpus) | trained_on(provenance))
    # A new document may be a shipped one in a corrected form.
    texts = {text_digest(d.text) for d in added}
    replay = _draw([d for d in corpus if text_digest(d.text) not in texts], data.replay, seed)
    shipped, learnt = read_files(data.compare), _keys(trained)
    free = [d for d in shipped if not _keys([d]) & learnt]
    if len(free) < len(shipped):
        message = "%d documents of %s share a text or story with the new ones and are not compared"
        logger.warning(message, len(shipped) - len(free), ", ".join(data.compare))
    compared = _draw(free, data.compare_documents or len(free), seed)
    return Mixture(added, trained, held_out, corpus, replay, compared)


def count_triggers(documents: Iterable[AnnotatedDocument]) -> Counter[str]:
    """Count the triggers of each event type."""
    return Counter(m.attributes["type"] for d in documents for m in d.mentions if m.label == vocabulary.TRIGGER)


def read_added(paths: Sequence[str | Path], event_types: Collection[str] = ()) -> list[AnnotatedDocument]:
    """Read new documents (JSONL, or the bracket form in .txt).

    Args:
        paths: the files.
        event_types: types that their triggers may have besides the vocabulary's.

    Raises:
        InputError: a file cannot be read or a document is at fault; names every fault with its file and offset.
    """
    pairs: list[tuple[str | None, AnnotatedDocument]] = []
    faults: list[str] = []
    for path in paths:
        try:
            pairs += [(str(path), document) for document in read_any(path)]
        except TreatyEventsError as error:
            faults.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{path}: {error}")
    faults += map(str, check_corpus(pairs, event_types))
    faults += [
        f"{path}: document {d.id}: no text: join it with its text (data.align)" for path, d in pairs if not d.text
    ]
    if faults:
        raise InputError("\n".join([*faults, f"{len(faults)} faults in the new documents: nothing was trained"]))
    if not pairs:
        raise InputError(f"no document in {', '.join(map(str, paths))}: there is nothing to train on")
    return [document for _, document in pairs]


def read_files(paths: Iterable[str]) -> list[AnnotatedDocument]:
    """Read the documents of JSONL files; a missing file is an `InputError`."""
    try:
        return [document for path in paths for document in read_documents(path)]
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror} (paths count from the current folder)") from error


def _keys(documents: Iterable[AnnotatedDocument]) -> set[str]:
    """What tells that two documents are not independent: the digest of the text, and the story if one is named."""
    return {key for d in documents for key in (text_digest(d.text), d.story) if key}


def trained_on(provenance: Mapping[str, Any]) -> set[str]:
    """Give the text digests and stories of the new documents that a release was fine-tuned with, in all its stages."""
    keys: set[str] = set()
    stage: Mapping[str, Any] | None = provenance
    while stage:
        added = (stage.get("finetune") or {}).get("added", ())
        keys |= {key for d in added if not d["held_out"] for key in (d["sha256"], d["story"]) if key}
        stage = stage.get("start")
    return keys


def hold_out(
    documents: Sequence[AnnotatedDocument], share: float, seed: int, seen: set[str]
) -> tuple[list[AnnotatedDocument], list[AnnotatedDocument]]:
    """Split new documents by story, by a hash of its key, so that little moves when documents are added.

    Args:
        documents: the new documents.
        share: of them to hold out, nearly: stories stay whole. At least one, where there are `LEAST_TO_HOLD_OUT`.
        seed: of the draw.
        seen: stories and text digests that the start was trained on: what has one of these measures nothing.

    Returns:
        Those to train on, and those held out; either in the order given. None is held out where no story may be.
    """
    wanted = max(1, round(share * len(documents))) if share and len(documents) >= LEAST_TO_HOLD_OUT else 0
    stories: dict[str, list[AnnotatedDocument]] = {}
    for document in documents:
        stories.setdefault(document.story or text_digest(document.text), []).append(document)
    drawn = sorted(stories, key=lambda key: text_digest(f"{seed} {key}"))
    free = [stories[key] for key in drawn if not _keys(stories[key]) & seen]
    held: set[str] = set()
    for story in free:
        if len(held) + len(story) <= wanted:
            held |= {d.id for d in story}
    smallest = min(free, key=len, default=[])
    # A story may be larger than the share, but not so large that little is left to learn from.
    if wanted and not held and 2 * len(smallest) <= len(documents):
        held = {d.id for d in smallest}
    return [d for d in documents if d.id not in held], [d for d in documents if d.id in held]


def _draw(documents: list[AnnotatedDocument], number: int, seed: int) -> list[AnnotatedDocument]:
    return documents if number >= len(documents) else random.Random(seed).sample(documents, number)
