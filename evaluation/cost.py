"""What a million and a billion articles cost: `python -m evaluation.cost --price 0.10`.

Machine-hours from the measured rates (`evaluation.benchmark`, `evaluation.streams`), on machines like the one that was
measured; the price of a machine-hour is the reader's own.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.files import write_text

from .benchmark.report import NAMES

ARTICLES = (1_000_000, 1_000_000_000)
# The systems that the package runs, and the key of their stream in the gate's figures.
ENGINES = {"onnx-int8": "speed_onnx", "openvino": "speed_openvino"}
logger = logging.getLogger(__name__)


def machine_hours(benchmark: dict[str, Any], gate: dict[str, Any], words: int, threads: int) -> list[dict[str, Any]]:
    """Compute machine-hours for a million articles.

    Args:
        benchmark: what `evaluation.benchmark` measured.
        gate: what `evaluation.streams` measured.
        words: length of an article, one of the benchmark's.
        threads: threads of a machine, one of the benchmark's.

    Returns:
        For each engine that was measured: `system`, `all` (hours when every article is read) and `gated` (hours of a
        stream in which one article in twenty is relevant; None where that was not measured).

    Raises:
        InputError: nothing was measured at this length with so many threads.
    """
    rows = []
    for system, stream in ENGINES.items():
        rate = next(
            (
                x["articles_a_second"]
                for r in benchmark["systems"]
                for x in r["lengths"]
                if (r["system"], r["threads"], x["words"]) == (system, threads, words)
            ),
            None,
        )
        if rate:
            hours = ARTICLES[0] / rate / 3600
            faster = gate.get(stream, {}).get("stream_times_as_fast_as_model")
            rows.append({"system": system, "all": hours, "gated": hours / faster if faster else None})
    if not rows:
        raise InputError(f"the benchmark has no figure for articles of {words} words with {threads} threads")
    return rows


def markdown(rows: Sequence[dict[str, Any]], words: int, threads: int, price: float) -> str:
    """Write the hours and their price as a Markdown table."""
    lines = [
        f"Articles of {words} words, machines of {threads} cores like the one above, {price:.2f} an hour each (an "
        "example: put your own):",
        "",
        "| engine | what is read | articles | machine-hours | price |",
        "|---|---|--:|--:|--:|",
    ]
    for row in rows:
        for key, what in (("all", "every article"), ("gated", "what the gate lets through, 5 % relevant")):
            for articles in ARTICLES if row[key] else ():
                hours = row[key] * articles / ARTICLES[0]
                lines.append(
                    f"| {NAMES[row['system']]} | {what} | {articles:,} | {hours:,.0f} | {hours * price:,.0f} |"
                )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.cost", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--results", type=Path, default=Path("evaluation/results"), help="folder of the measured figures"
    )
    parser.add_argument("--words", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--price", type=float, default=0.10, help="of a machine-hour; default: %(default)s")
    parser.add_argument("--output", type=Path, help="Markdown file; default: cost.md in the folder of the figures")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        benchmark, gate = (
            json.loads((options.results / name).read_text(encoding="utf-8")) for name in ("benchmark.json", "gate.json")
        )
        rows = machine_hours(benchmark, gate, options.words, options.threads)
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    write_text(
        options.output or options.results / "cost.md", markdown(rows, options.words, options.threads, options.price)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
