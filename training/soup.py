"""Averages the weights of trained models: `python -m training.soup RUN/model OTHER/model --output SOUP/model`.

Models that went on from one another, or from one start, often lie in one valley: the mean of their weights is better
than either (Wortsman et al. 2022, "Model soups"). Which to average is chosen on the development split.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.files import write_json

from .release import load_trained

PROVENANCE = "provenance.json"
logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Part:
    """A model of a soup.

    Attributes:
        directory: of the trained model.
        share: of its weights, above 0.
    """

    directory: Path
    share: float


def mix(parts: Sequence[Part], output: Path) -> None:
    """Average trained models into a new one.

    Its configuration (thresholds too) and tokenizer are the first one's; calibrate it anew.

    Args:
        parts: of one architecture and vocabulary; their shares are scaled to a sum of 1.
        output: directory of the new model.

    Raises:
        InputError: there are fewer than two, a share is not above 0, or they do not fit together.
    """
    if len(parts) < 2 or not all(part.share > 0 for part in parts):
        raise InputError("a soup needs two models at least, each with a share above 0")
    total = sum(part.share for part in parts)
    model, tokenizer = load_trained(parts[0].directory)
    own = model.state_dict()
    sums = {name: value.double() * (parts[0].share / total) for name, value in own.items() if value.is_floating_point()}
    for part in parts[1:]:
        other, pieces = load_trained(part.directory)
        state = other.state_dict()
        if pieces.get_vocab() != tokenizer.get_vocab() or {n: v.shape for n, v in own.items()} != {
            n: v.shape for n, v in state.items()
        }:
            raise InputError(f"{part.directory} has another architecture or vocabulary than {parts[0].directory}")
        for name, value in sums.items():
            value += state[name].double() * (part.share / total)
    with torch.no_grad():
        model.load_state_dict({**own, **{name: value.to(own[name].dtype) for name, value in sums.items()}})
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    write_json(output / PROVENANCE, _provenance(parts, total))


def _provenance(parts: Sequence[Part], total: float) -> dict[str, object]:
    """Tell of all parts; what the first one says of itself stays where readers of a provenance look for it."""
    told = [part.directory / PROVENANCE for part in parts]
    records = [json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {} for path in told]
    soup = [
        {"directory": str(part.directory), "share": round(part.share / total, 4), "config": record.get("config")}
        for part, record in zip(parts, records, strict=True)
    ]
    return {**records[0], "soup": soup}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Average the weights of trained models.")
    parser.add_argument("trained", type=Path, nargs="+", help="directories of trained models")
    parser.add_argument("--shares", type=float, nargs="+", help="one a model (default: equal)")
    parser.add_argument("--output", type=Path, required=True, help="directory to write")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    shares = options.shares or [1.0] * len(options.trained)
    try:
        if len(shares) != len(options.trained):
            raise InputError(f"{len(options.trained)} models and {len(shares)} shares: give one a model")
        mix([Part(path, share) for path, share in zip(options.trained, shares, strict=True)], options.output)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
