"""Build the corpus: hand-written sources in, one JSONL file a split out.

`python -m data.build` reads `data/sources/*.txt`, validates everything, and writes
`data/corpus/{train,dev,test}.jsonl`. A story's split is drawn from a hash of its key, so that new documents of an old
story join it and nothing ever moves.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import logging
import sys
from pathlib import Path

from treaty_events.errors import AnnotationError

from . import markup
from .documents import AnnotatedDocument, write_documents
from .validate import check_corpus

DATA = Path(__file__).parent
SPLITS = ("train", "dev", "test")
# Percent of the stories in test and in dev.
TEST, DEV = 14, 12
# The stories of the five original articles: those articles measure the model, so their stories are never test or dev.
ARTICLE_STORIES = frozenset(
    {
        "KAZ-RUS-2020-military-cooperation",
        "KAZ-QAT-2023-military-cooperation",
        "KAZ-KGZ-2024-allied-relations",
        "KAZ-TUR-2022-military-cooperation",
        "NEG-KAZ-2024-territorial-defence",
    }
)
logger = logging.getLogger(__name__)


def split_of(story: str) -> str:
    """Give the split of a story."""
    if story in ARTICLE_STORIES:
        return "train"
    draw = int.from_bytes(hashlib.sha256(story.encode()).digest()[:4], "big") % 100
    return "test" if draw < TEST else "dev" if draw < TEST + DEV else "train"


def read_sources(directory: Path) -> list[tuple[str, AnnotatedDocument]]:
    """Read all hand-written files, with each document's split filled in.

    Raises:
        AnnotationError: a file breaks the form, or a document has no story.
    """
    pairs = []
    for path in sorted(directory.glob("*.txt")):
        for document in markup.parse_file(path):
            if not document.story:
                raise AnnotationError("the header needs 'story: KEY'", path=str(path), document=document.id)
            pairs.append((str(path), dataclasses.replace(document, split=split_of(document.story))))
    return pairs


def main(arguments: list[str] | None = None) -> int:
    """Build the corpus; gives the exit code."""
    parser = argparse.ArgumentParser(description="Build the corpus from the hand-written sources.")
    parser.add_argument("--sources", type=Path, default=DATA / "sources")
    parser.add_argument("--output", type=Path, default=DATA / "corpus")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        pairs = read_sources(options.sources)
    except AnnotationError as error:
        logger.error("%s", error)
        return 1
    faults = list(check_corpus(pairs))
    for fault in faults:
        logger.error("%s", fault)
    if faults:
        logger.error("%d faults: nothing written", len(faults))
        return 1
    for split in SPLITS:
        chosen = sorted((d for _, d in pairs if d.split == split), key=lambda d: d.id)
        write_documents(options.output / f"{split}.jsonl", chosen)
        logger.info("%s: %d documents", split, len(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
