"""Fits a release's judges: which candidates are parties of a step, and which of the events that it finds are right.

    python -m training.judges treaty_events/weights --data data/corpus/dev.jsonl

Reads the documents with the release and fits boosted trees (scikit-learn) on the events that are found, against gold.
The documents must be ones that the model was not trained on, or it would seem surer than it is.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier

from data.documents import AnnotatedDocument, read_documents
from evaluation.events import match, score_events
from evaluation.gold import EventRecord, event_record, gold_document, publication_date
from treaty_events import release
from treaty_events.assembly import Assembler
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extraction import Extraction
from treaty_events.extractor import Extractor, package_version
from treaty_events.files import write_json
from treaty_events.judges import COLUMNS, EVENTS, PARTIES, Judges, columns, event_features
from treaty_events.parties import Table, choose
from treaty_events.release import file_digest
from treaty_events.trees import Trees

# Sizes that measured best, five-fold on the development split; deeper or more trees learn it by heart.
_SIZES: Final[dict[str, dict[str, Any]]] = {
    PARTIES: {"max_iter": 120, "max_leaf_nodes": 12},
    EVENTS: {"max_iter": 100, "max_leaf_nodes": 8},
}
_HOW: Final = {"learning_rate": 0.05, "l2_regularization": 1.0, "early_stopping": False}
_LEAST_LEAF: Final = 30
# A party missed and one too many weigh the same in F1; a little below one half measured best.
_LEAST_PARTY: Final = 0.45
# Confidence from which on events are told: candidates, and what a false event in a text without any costs (most news
# is free of treaty events, most of the development split is not).
_LEAST: Final = np.round(np.arange(0.0, 0.75, 0.05), 2)
_ALARM: Final = 0.1
_FOLDS: Final = 5
# Fewer events than this teach nothing.
_LEAST_EVENTS: Final = 50
_SEED: Final = 13
Tensors = dict[str, NDArray[Any]]
PartySample = tuple[Table, frozenset[str]]
EventSample = tuple[NDArray[np.float32], NDArray[np.bool_]]
T = TypeVar("T")
logger = logging.getLogger(__name__)


def fit(features: NDArray[np.float32], right: NDArray[np.bool_], kind: str, least: float) -> Tensors:
    """Fit one judge.

    Args:
        features: shape (rows, features).
        right: whether each row is right.
        kind: `PARTIES` or `EVENTS`.
        least: probability from which on a row is taken for right.

    Returns:
        The tensors of a `Trees`.

    Raises:
        InputError: there are too few rows, or all are right, or none.
    """
    if len(right) < _LEAST_EVENTS or right.all() or not right.any():
        raise InputError(f"{len(right)} rows teach nothing about {kind[:-1]}: give more annotated documents")
    # Leaves of a few rows would be noise.
    leaf = min(_LEAST_LEAF, len(right) // 10)
    trees = HistGradientBoostingClassifier(**_SIZES[kind], **_HOW, min_samples_leaf=leaf, random_state=_SEED)
    return {**tensors_of(trees.fit(features, right)), "least": np.asarray([least], np.float32)}


def tensors_of(trees: HistGradientBoostingClassifier) -> Tensors:
    """Turn fitted trees into what `treaty_events.trees.Trees` reads, `least` apart."""
    nodes = [stage[0].nodes for stage in trees._predictors]
    shape = len(nodes), max(len(tree) for tree in nodes)
    own = np.tile(np.arange(shape[1], dtype=np.int64), (shape[0], 1))
    tensors: Tensors = {
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
    return {**tensors, "base": np.asarray(trees._baseline_prediction, np.float32).reshape(1)}


def held_out(groups: Sequence[T], fitted: Callable[[Sequence[T]], Tensors]) -> list[Trees]:
    """Give for each document's group a judge that was fitted without it (and without some others)."""
    order = np.random.default_rng(_SEED).permutation(len(groups))
    judges: dict[int, Trees] = {}
    for fold in range(min(_FOLDS, len(groups))):
        out = set(order[fold::_FOLDS].tolist())
        judge = Trees(fitted([group for i, group in enumerate(groups) if i not in out]))
        judges |= dict.fromkeys(out, judge)
    return [judges[i] for i in range(len(groups))]


def _assemble(
    extraction: Extraction, document: AnnotatedDocument, judges: Judges | None = None
) -> tuple[Assembler, list[EventRecord]]:
    assembler = Assembler(extraction, document.lang, publication_date(document.published), judges=judges)
    return assembler, [event_record(event) for event in assembler.events()]


def party_samples(extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument]) -> list[list[PartySample]]:
    """Pair the candidates of each event that is found with the parties that gold says, document by document."""
    groups = []
    for extraction, document in zip(extractions, documents, strict=True):
        assembler, events = _assemble(extraction, document)
        steps, gold = assembler.steps(), gold_document(document).events
        groups.append(
            [
                (assembler.candidates(steps[j], events[j]["parties"]), frozenset(gold[i]["parties"]))
                for i, j in match(gold, events)
            ]
        )
    return groups


def fit_parties(groups: Sequence[Sequence[PartySample]]) -> Tensors:
    """Fit the judge of parties."""
    found = [sample for group in groups for sample in group if sample[0].codes]
    features = [table.features for table, _ in found]
    right = [code in parties for table, parties in found for code in table.codes]
    empty = np.zeros((0, 1), np.float32)
    return fit(np.concatenate([*features, *([] if found else [empty])]), np.asarray(right, bool), PARTIES, _LEAST_PARTY)


def event_samples(
    extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument], judges: Judges
) -> tuple[list[EventSample], list[list[EventRecord]]]:
    """Give each document's events as features, and whether they are right; and the events themselves."""
    groups, told = [], []
    for extraction, document in zip(extractions, documents, strict=True):
        assembler, events = _assemble(extraction, document, judges)
        steps = [(step.triggers, step.cluster) for step in assembler.steps()]
        matched = {j for _, j in match(gold_document(document).events, events)}
        right = np.asarray([j in matched for j in range(len(events))], bool)
        groups.append((event_features(assembler, steps, assembler.events()), right))
        told.append(events)
    return groups, told


def fit_events(groups: Sequence[EventSample], least: float = 0.0) -> Tensors:
    """Fit the judge of events."""
    features, right = (np.concatenate([group[i] for group in groups]) for i in range(2))
    return fit(features, right.astype(bool), EVENTS, least)


def choose_least(
    groups: Sequence[EventSample], told: Sequence[Sequence[EventRecord]], documents: Sequence[AnnotatedDocument]
) -> float:
    """Choose the confidence from which on events are told, by judges that did not see the document.

    Best mean of event F1 and slot F1, less `_ALARM` times the false events told of a text that has none.
    """
    judges = held_out(groups, fit_events)
    scores = [judge.probabilities(features) for judge, (features, _) in zip(judges, groups, strict=True)]
    gold = [gold_document(d).events for d in documents]
    best, most = 0.0, -np.inf
    for least in _LEAST.tolist():
        kept = [
            [event for event, score in zip(events, own.tolist(), strict=True) if score >= least]
            for events, own in zip(told, scores, strict=True)
        ]
        figures = score_events(gold, kept, intervals=False)["all"]
        alarms = figures.get("false_per_negative") or 0.0
        score = (figures["event_f1"] + figures["slot_f1"]) / 2 - _ALARM * alarms
        logger.info(
            "least confidence %.2f: event F1 %.4f, strict F1 %.4f, slot F1 %.4f, false events an event-free text %.2f",
            least, figures["event_f1"], figures["strict_f1"], figures["slot_f1"], alarms,
        )  # fmt: skip
        if score > most:
            best, most = least, score
    return best


def fit_judges(
    extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument], least: float | None = None
) -> Tensors:
    """Fit both judges on what a release finds in annotated documents.

    Args:
        extractions: of the documents' texts.
        documents: with gold annotation.
        least: confidence from which on events are told; None chooses it.

    Returns:
        The tensors of a release's `JUDGES` file.

    Raises:
        InputError: too little is found in them.
    """
    groups = party_samples(extractions, documents)
    parties = fit_parties(groups)
    # Events are described with the parties that judges of other documents choose, as they will be.
    alone = held_out(groups, fit_parties)
    right = sum(
        choose(judge, table).keys() == gold for judge, group in zip(alone, groups, strict=True) for table, gold in group
    )
    logger.info("parties right in %d of %d events of documents left out", right, sum(map(len, groups)))
    found: list[EventSample] = []
    told: list[list[EventRecord]] = []
    for extraction, document, judge in zip(extractions, documents, alone, strict=True):
        features, events = event_samples([extraction], [document], Judges(judge))
        found, told = found + features, told + events
    chosen = choose_least(found, told, documents)
    least = chosen if least is None else least
    logger.info("events are told from confidence %.2f on", least)
    both = {PARTIES: parties, EVENTS: fit_events(found, least)}
    named = {prefix + name: tensor for prefix, tensors in both.items() for name, tensor in tensors.items()}
    return {**named, COLUMNS: columns()}


def add_judges(directory: Path, files: Sequence[Path], least: float | None = None) -> None:
    """Fit a release's judges and put them into it, with the confidence from which on its events are told.

    Args:
        directory: the release.
        files: JSONL of annotated documents that it was not trained on.
        least: see `fit_judges`.

    Raises:
        InputError: too little is found in the documents.
        ReleaseError: the directory is no sound release.
    """
    documents = [d for path in files for d in read_documents(path)]
    extractor = Extractor.from_pretrained(directory, engine="onnx")
    tensors = fit_judges(extractor.extract([d.text for d in documents]), documents, least)
    aside = directory / f".{release.JUDGES}"
    save_file(tensors, str(aside))
    aside.chmod(0o644)
    aside.replace(directory / release.JUDGES)
    release.record(directory, release.JUDGES)
    read = {"documents": len(documents), "files": {str(path): file_digest(path) for path in files}}
    changes: dict[str, dict[str, Any]] = {
        release.CONFIG: {"least_confidence": round(float(tensors[f"{EVENTS}least"].item()), 4)},
        release.PROVENANCE: {"judges": {**read, "package": package_version()}},
    }
    for name, values in changes.items():
        path = directory / name
        write_json(path, {**json.loads(path.read_text(encoding="utf-8")), **values})
        release.record(directory, name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Fit a release's judges of parties and events.")
    parser.add_argument("release", type=Path, help="release directory; gets the file of the judges")
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, help="JSONL of annotated documents that it was not trained on"
    )
    parser.add_argument(
        "--least", type=float, help="confidence from which on events are told (default: what is best here)"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        add_judges(options.release, options.data, options.least)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
