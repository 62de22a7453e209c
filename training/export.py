"""Export a trained model to a release directory: `python -m training.export runs/first/model treaty_events/weights`.

With `--compare FILE...` it reads documents with the trained model in PyTorch and with the release, and reports how far
quantisation moved the result: spans and relations that both find, and the figures of either.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data.documents import DATA, AnnotatedDocument, read_documents
from treaty_events import Extractor, TreatyEventsError
from treaty_events.extraction import Extraction
from treaty_events.files import write_json

from .backend import reader_of
from .release import load_trained, write_release

logger = logging.getLogger(__name__)


def _items(extraction: Extraction) -> tuple[set[Any], set[Any]]:
    spans = [(m.label, m.attributes.get("type"), m.start, m.end) for m in extraction.mentions]
    return set(spans), {(r.type, spans[r.head], spans[r.tail]) for r in extraction.relations}


def _agreement(ours: Sequence[set[Any]], theirs: Sequence[set[Any]]) -> float:
    both = sum(len(a & b) for a, b in zip(ours, theirs, strict=True))
    return 2 * both / max(1, sum(map(len, ours)) + sum(map(len, theirs)))


def compare(trained: Path, released: Path, documents: Sequence[AnnotatedDocument]) -> dict[str, Any]:
    """Compare a release with the model that it was exported from.

    Args:
        trained: the trained model.
        released: the release directory.
        documents: annotated documents to read.

    Returns:
        Agreement (F1 of one against the other) on spans and relations, and development scores of both.
    """
    from evaluation.development import score_predictions

    model, tokenizer = load_trained(trained)
    texts = [d.text for d in documents]
    before = reader_of(model.eval(), tokenizer).read(texts)
    after = Extractor.from_pretrained(released, engine="onnx").extract(texts)
    spans = _agreement([_items(e)[0] for e in before], [_items(e)[0] for e in after])
    relations = _agreement([_items(e)[1] for e in before], [_items(e)[1] for e in after])
    return {
        "documents": len(documents),
        "span_agreement": round(spans, 4),
        "relation_agreement": round(relations, 4),
        "pytorch_fp32": {k: round(v, 4) for k, v in score_predictions(documents, before).items()},
        "release": {k: round(v, 4) for k, v in score_predictions(documents, after).items()},
        **({"openvino": _scores_with_openvino(released, documents)} if find_spec("openvino") else {}),
    }


def _scores_with_openvino(released: Path, documents: Sequence[AnnotatedDocument]) -> dict[str, float]:
    from evaluation.development import score_predictions

    found = Extractor.from_pretrained(released, engine="openvino").extract([d.text for d in documents])
    return {k: round(v, 4) for k, v in score_predictions(documents, found).items()}


def _sample(path: Path, texts: int = 128) -> list[str]:
    documents = list(read_documents(path))
    return [d.text for d in documents[:: max(1, len(documents) // texts)]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Export a trained model to a release directory.")
    parser.add_argument("trained", type=Path, help="directory of the trained model")
    parser.add_argument("release", type=Path, help="release directory to write")
    parser.add_argument("--name", default="treaty-events", help="name that results will carry")
    parser.add_argument(
        "--float", action="store_true", help="keep the encoder in float32 (to compare; four times the size)"
    )
    parser.add_argument(
        "--sample",
        type=Path,
        default=DATA / "corpus" / "train.jsonl",
        help="JSONL of documents whose texts the int8 weights are chosen by",
    )
    parser.add_argument(
        "--license", default="Apache-2.0", help="licence of the weights (it follows from what they saw)"
    )
    parser.add_argument("--report", type=Path, help="JSON file to write the comparison to")
    parser.add_argument(
        "--compare", nargs="+", type=Path, default=[], help="JSONL of annotated documents to read with both"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        model, tokenizer = load_trained(options.trained)
        record = options.trained / "provenance.json"
        provenance = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
        provenance |= {"name": options.name, "license": options.license}
        texts = None if options.float else _sample(options.sample)
        write_release(model.eval(), tokenizer, options.release, provenance, texts=texts)
        if options.compare:
            documents = [d for path in options.compare for d in read_documents(path)]
            comparison = compare(options.trained, options.release, documents)
            logger.info("%s", json.dumps(comparison, indent=1))
            if options.report:
                write_json(options.report, comparison)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
