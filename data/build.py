"""Build the corpus: hand-written sources in, one JSONL file a split out.

`python -m data.build` reads `data/sources/*.txt`, validates everything, and writes
`data/corpus/{train,dev,test}.jsonl` and `data/stories.jsonl`. `data.splits` says which split a story lies in.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from pathlib import Path

from treaty_events.errors import AnnotationError

from . import markup
from .documents import DATA, AnnotatedDocument, write_documents, write_lines
from .splits import SPLITS, split_of
from .stories import gather
from .validate import check_corpus

logger = logging.getLogger(__name__)


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
            pairs.append((str(path), dataclasses.replace(document, split=split_of(document.story, document.lang))))
    return pairs


def main(arguments: list[str] | None = None) -> int:
    """Build the corpus; gives the exit code."""
    parser = argparse.ArgumentParser(description="Build the corpus from the hand-written sources.")
    parser.add_argument("--sources", type=Path, default=DATA / "sources")
    parser.add_argument("--output", type=Path, default=DATA / "corpus")
    parser.add_argument("--stories", type=Path, default=DATA / "stories.jsonl")
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
    stories = gather(document for _, document in pairs)
    write_lines(options.stories, stories)
    logger.info("%d stories", len(stories))
    return 0


if __name__ == "__main__":
    sys.exit(main())
