"""Fits the chooser of parties to a release: which links to states, from where in the text, make a party of a step.

    python -m training.parties treaty_events/weights --data data/corpus/dev.jsonl

Reads the documents with the release and fits boosted trees (scikit-learn) on the events that are found: gold's parties
against the other candidates. The documents must be ones that the model was not trained on, or it would seem surer than
it is.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier

from data.documents import AnnotatedDocument, read_documents
from evaluation.events import match
from evaluation.gold import event_record, gold_document, publication_date
from treaty_events import release
from treaty_events.assembly import Assembler
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extraction import Extraction
from treaty_events.extractor import Extractor
from treaty_events.parties import FEATURES, Chooser, Table

# Of trees that measured best, five-fold on the development split; deeper or more of them learn it by heart.
_TREES: Final = {"max_iter": 120, "learning_rate": 0.05, "max_leaf_nodes": 12, "l2_regularization": 1.0}
_LEAST_LEAF: Final = 30
# A party missed and one too many weigh the same in F1; a little below one half measured best.
LEAST: Final = 0.45
_FOLDS: Final = 5
# Fewer events than this teach nothing.
_LEAST_EVENTS: Final = 50
Sample = tuple[Table, frozenset[str]]
logger = logging.getLogger(__name__)


def samples(extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument]) -> Iterator[list[Sample]]:
    """Pair the candidates of each event that was found with the parties that gold says, document by document."""
    for extraction, document in zip(extractions, documents, strict=True):
        assembler = Assembler(extraction, document.lang, publication_date(document.published))
        steps, events = assembler.steps(), assembler.events()
        gold = gold_document(document).events
        yield [
            (assembler.candidates(steps[j], events[j].type), frozenset(gold[i]["parties"]))
            for i, j in match(gold, [event_record(event) for event in events])
        ]


def fit(found: Sequence[Sample], seed: int = 13) -> dict[str, NDArray[Any]]:
    """Fit the trees.

    Args:
        found: what `samples` gave.
        seed: of scikit-learn.

    Returns:
        The tensors of a `Chooser`.

    Raises:
        InputError: there are too few events, or every candidate is a party, or none.
    """
    features = np.concatenate([table.features for table, _ in found] or [np.zeros((0, len(FEATURES)), np.float32)])
    right = np.asarray([code in parties for table, parties in found for code in table.codes], np.bool_)
    if len(found) < _LEAST_EVENTS or right.all() or not right.any():
        raise InputError(f"{len(found)} events teach nothing about parties: give more annotated documents")
    # Leaves of few candidates would be noise, and none at all if there are few of these.
    leaf = min(_LEAST_LEAF, max(1, len(right) // 10))
    trees = HistGradientBoostingClassifier(**_TREES, min_samples_leaf=leaf, early_stopping=False, random_state=seed)
    trees.fit(features, right)
    return tensors_of(trees)


def tensors_of(trees: HistGradientBoostingClassifier) -> dict[str, NDArray[Any]]:
    """Turn fitted trees into a `Chooser`'s tensors."""
    nodes = [stage[0].nodes for stage in trees._predictors]
    shape = len(nodes), max(len(tree) for tree in nodes)
    own = np.tile(np.arange(shape[1], dtype=np.int64), (shape[0], 1))
    tensors: dict[str, NDArray[Any]] = {
        "feature": np.zeros(shape, np.int64),
        "threshold": np.zeros(shape, np.float32),
        # A leaf stays at itself.
        "left": own.copy(),
        "right": own.copy(),
        "value": np.zeros(shape, np.float32),
    }
    for row, tree in enumerate(nodes):
        inner = np.flatnonzero(tree["is_leaf"] == 0)
        leaves = np.flatnonzero(tree["is_leaf"])
        tensors["feature"][row, inner] = tree["feature_idx"][inner]
        tensors["threshold"][row, inner] = tree["num_threshold"][inner]
        tensors["left"][row, inner], tensors["right"][row, inner] = tree["left"][inner], tree["right"][inner]
        tensors["value"][row, leaves] = tree["value"][leaves]
    base = np.asarray(trees._baseline_prediction, np.float32).reshape(1)
    return {**tensors, "base": base, "least": np.asarray([LEAST], np.float32)}


def right_parties(chooser: Chooser, found: Sequence[Sample]) -> int:
    """Count the events whose parties are chosen exactly."""
    return sum(chooser.choose(table).keys() == parties for table, parties in found)


def cross_validate(found: Sequence[Sequence[Sample]], seed: int = 13) -> float:
    """Give the share of events whose parties are right when their document was left out of the fit."""
    order = np.random.default_rng(seed).permutation(len(found))
    right = total = 0
    for fold in range(_FOLDS):
        out = set(order[fold::_FOLDS].tolist())
        chooser = Chooser(fit([s for i, group in enumerate(found) if i not in out for s in group], seed))
        held = [s for i in out for s in found[i]]
        right, total = right + right_parties(chooser, held), total + len(held)
    return right / total


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Fit a release's chooser of parties.")
    parser.add_argument("release", type=Path, help="release directory; gets the file of the chooser")
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, help="JSONL of annotated documents, not trained on"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        documents = [d for path in options.data for d in read_documents(path)]
        extractor = Extractor.from_pretrained(options.release, engine="onnx")
        found = list(samples(extractor.extract([d.text for d in documents]), documents))
        everything = [sample for group in found for sample in group]
        tensors = fit(everything)
        logger.info(
            "%d events, %d candidates; parties right in %.1f %% of the events of documents left out (%d-fold)",
            len(everything),
            sum(len(table.codes) for table, _ in everything),
            100 * cross_validate(found),
            _FOLDS,
        )
        aside = options.release / f".{release.PARTIES}"
        save_file(tensors, str(aside))
        aside.chmod(0o644)
        aside.replace(options.release / release.PARTIES)
        release.record(options.release, release.PARTIES)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
