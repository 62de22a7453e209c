"""Measure the gate for streams: `python -m evaluation.streams --output evaluation/results/gate.json`.

Which share of the event-bearing articles it lets through, which share of the others, and how many times faster a stream
with few treaty events is read with it. Articles on other topics are made of openly licensed sets that the gate was not
trained on; without them (`--generic`) only the recall is measured.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data.documents import read_documents
from training.gate import generic_articles, sentence
from treaty_events import Extractor
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.files import write_json
from treaty_events.gate import DEFAULT_RECALL

from .gold import read_event_gold
from .timing import seconds

# Not among the sets of configs/gate.yaml.
GENERIC = ("nerkor_ontonotes_hu", "turkish_wikiner", "fewnerd_partial", "lener_br", "gum_open_en", "uner")
POINTS = (0.97, 0.98, 0.99, DEFAULT_RECALL)
RELEVANT = 0.05
logger = logging.getLogger(__name__)


def read_generic(folder: Path, each: int) -> list[str]:
    """Make articles on other topics; see `training.gate.generic_articles`.

    Args:
        folder: of the labelled sets.
        each: articles of each set at most.
    """
    chooser = random.Random(1)
    articles = []
    for name in GENERIC:
        with open(folder / f"{name}.jsonl", encoding="utf-8") as lines:
            articles += generic_articles((sentence(json.loads(line)) for line in lines), each, chooser)
    chooser.shuffle(articles)
    return articles


def shares(extractor: Extractor, texts: Sequence[str], bearing: Sequence[bool]) -> dict[str, Any]:
    """Measure what passes at each operating point.

    Args:
        extractor: with a gate.
        texts: articles.
        bearing: whether each holds a treaty event.

    Returns:
        Numbers of articles with and without event, and the share of either that passes, by operating point.
    """
    scores, has = extractor.gate.scores(texts), np.array(bearing, bool)
    result: dict[str, Any] = {"with_event": int(has.sum()), "without": int((~has).sum()), "points": {}}
    for point in POINTS:
        passed = scores >= extractor.gate.threshold(point)
        result["points"][str(point)] = {
            "recall": float(passed[has].mean()) if has.any() else None,
            "passed_without": float(passed[~has].mean()) if (~has).any() else None,
        }
    return result


def mixture(relevant: Sequence[str], others: Sequence[str], articles: int) -> list[str]:
    """Mix a stream of which one article in twenty is relevant."""
    wanted = round(articles * RELEVANT)
    if len(relevant) < wanted or len(others) < articles - wanted:
        raise InputError(f"a stream of {articles} needs more articles than there are")
    chooser = random.Random(2)
    stream = chooser.sample(list(relevant), wanted) + list(others[: articles - wanted])
    chooser.shuffle(stream)
    return stream


def speed(extractor: Extractor, stream: Sequence[str]) -> dict[str, float]:
    """Time the gate alone, the model on all, and both as a stream."""
    gate = seconds(lambda: extractor.gate.scores(stream), 3)
    full = seconds(lambda: list(extractor.stream(stream, gate=None)), 1)
    gated = seconds(lambda: list(extractor.stream(stream)), 3)
    counted = extractor.stream(stream)
    read = sum(1 for _ in counted)
    return {
        "articles": read,
        "skipped": counted.skipped,
        "gate_seconds": gate,
        "full_seconds": full,
        "stream_seconds": gated,
        "gate_times_as_fast_as_model": full / gate,
        "stream_times_as_fast_as_model": full / gated,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Measure the gate for streams.")
    parser.add_argument("--data", type=Path, default=Path("data/corpus/test.jsonl"))
    parser.add_argument("--events", type=Path, default=Path("../shared/real_dev/real_dev.jsonl"))
    parser.add_argument("--generic", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--model", type=Path, help="release directory; default: the shipped weights")
    parser.add_argument("--engines", nargs="+", default=["onnx", "openvino"])
    parser.add_argument("--articles", type=int, default=600, help="articles of the mixed stream")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("evaluation/results/gate.json"))
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine="onnx")
        documents = list(read_documents(options.data))
        bearing = [any(m.label == "TRIGGER" for m in d.mentions) for d in documents]
        result: dict[str, Any] = {"default": DEFAULT_RECALL}
        result[options.data.stem] = shares(extractor, [d.text for d in documents], bearing)
        if options.events.exists():
            gold = read_event_gold(options.events)
            result[options.events.stem] = shares(extractor, [d.text for d in gold], [bool(d.events) for d in gold])
        else:
            logger.warning("%s is not there: skipped", options.events)
        if options.generic.is_dir():
            others = read_generic(options.generic, options.articles // 4)
            result["other_topics"] = shares(extractor, others, [False] * len(others))
            relevant = [d.text for d, has in zip(documents, bearing, strict=True) if has]
            stream = mixture(relevant, others, options.articles)
            for engine in options.engines:
                timed = Extractor.from_pretrained(options.model, threads=options.threads, engine=engine)
                result[f"speed_{engine}"] = speed(timed, stream)
        else:
            logger.warning("%s is not there: speed and other topics skipped", options.generic)
        write_json(options.output, result)
        logger.info("%s", json.dumps(result, indent=1))
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
