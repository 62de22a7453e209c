"""Command line of the benchmark."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from data.documents import read_documents
from treaty_events import release
from treaty_events.errors import TreatyEventsError
from treaty_events.files import write_json
from treaty_events.segmentation import load_segmenter

from .report import markdown, plot
from .systems import GLINER, load

WORDS = (150, 600, 2000)
logger = logging.getLogger(__name__)


def articles(corpus: Path, words: int, total: int) -> list[str]:
    """Make articles of about one length out of a corpus' texts, in many languages.

    Args:
        corpus: JSONL of documents.
        words: words of an article.
        total: words of all of them, at least.
    """
    result: list[str] = []
    current: list[str] = []
    for document in read_documents(corpus):
        for line in document.text.splitlines(keepends=True):
            current.append(line)
            if sum(len(part.split()) for part in current) >= words:
                result.append("".join(current))
                current = []
                if len(result) * words >= total:
                    return result
    return result


def _tokens(texts: Sequence[str]) -> int:
    return sum(map(len, load_segmenter(release.default_directory()).pieces(texts)))


def work(system: str, threads: int, corpus: Path, repeats: int, total: int) -> dict[str, Any]:
    """Time one system in this process."""
    start = time.perf_counter()
    read = load(system, threads)
    short = articles(corpus, WORDS[0], WORDS[0])
    read(short)
    ready = time.perf_counter() - start
    lengths = []
    for words in WORDS:
        texts = articles(corpus, words, total)
        read(texts[:2])
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            read(texts)
            seconds.append(time.perf_counter() - start)
        tokens = _tokens(texts)
        lengths.append(
            {
                "words": words,
                "articles": len(texts),
                "tokens": tokens,
                "seconds": [round(s, 4) for s in seconds],
                "articles_a_second": round(len(texts) / median(seconds), 2),
                "tokens_a_second": round(tokens / median(seconds)),
                "spread": round((max(seconds) - min(seconds)) / median(seconds), 3),
            }
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "system": system,
        "threads": threads,
        "start_seconds": round(ready, 2),
        "peak_megabytes": round(peak),
        "lengths": lengths,
    }


def _machine() -> dict[str, Any]:
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        flags = next(line.split(":", 1)[1].split() for line in lines if line.startswith("flags"))
    except (OSError, StopIteration):
        flags = []
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "amx_bf16", "avx512_bf16")
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "instructions": [flag for flag in wanted if flag in flags],
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _apart(arguments: list[str], threads: int) -> Any:
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": str(threads > 1).lower()}
    done = subprocess.run(
        [sys.executable, "-m", "evaluation.benchmark", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        logger.warning("%s: not measured: %s", " ".join(arguments), done.stderr.strip().splitlines()[-1:])
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Time the released runtime beside other systems.")
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/test.jsonl"))
    parser.add_argument(
        "--systems",
        nargs="+",
        default=["onnx-int8", "openvino", "onnx-float", "pytorch", *GLINER],
        help="also spacy:PACKAGE for an installed pipeline",
    )
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--words", type=int, default=6000, help="words that a system reads at each length")
    parser.add_argument("--output", type=Path, default=Path("evaluation/results/benchmark.json"))
    parser.add_argument("--worker", metavar="SYSTEM", help=argparse.SUPPRESS)
    parser.add_argument("--rates", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        if options.worker:
            record = work(options.worker, options.threads[0], options.corpus, options.repeats, options.words)
            sys.stdout.write(json.dumps(record) + "\n")
            return 0
        if options.rates:
            from .rates import product_rates

            sys.stdout.write(json.dumps(product_rates(options.threads[0])) + "\n")
            return 0
        result: dict[str, Any] = {"machine": _machine(), "rates": {}, "systems": []}
        shared = ["--corpus", str(options.corpus), "--repeats", str(options.repeats), "--words", str(options.words)]
        for threads in options.threads:
            result["rates"][str(threads)] = _apart(["--rates", "--threads", str(threads)], threads)
            for system in options.systems:
                record = _apart(["--worker", system, "--threads", str(threads), *shared], threads)
                if record:
                    result["systems"].append(record)
                    logger.info(
                        "%s, %d threads: %s", system, threads, [x["tokens_a_second"] for x in record["lengths"]]
                    )
        write_json(options.output, result)
        options.output.with_suffix(".md").write_text(markdown(result), encoding="utf-8")
        plot(result).savefig(options.output.with_suffix(".png"), dpi=120)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
