"""Measure start and memory: `python -m evaluation.footprint --output evaluation/results/footprint.json`.

How long the import and the first prediction of a fresh process take, how much memory stays resident while a long stream
is read, and whether time and memory for one very long text grow with its length and no faster. Each in a process of its
own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from data.documents import read_documents
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.files import write_json

# Words of an article of the stream, points at which its memory is read, megabytes (of UTF-8) of the long texts.
WORDS, SAMPLES = 100, 20
MEGABYTES = (1, 5)
_IMPORT = "import time; t = time.perf_counter(); import treaty_events; print(time.perf_counter() - t)"
_PREDICT = "import treaty_events; treaty_events.predict('Kazakhstan and Qatar signed a defence agreement in Doha.')"
logger = logging.getLogger(__name__)


def resident() -> dict[str, int]:
    """Read this process' resident memory from Linux: all of it, and the part that is no file's, in mebibytes.

    Raises:
        InputError: the system has no /proc.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError("memory is read from /proc, which this system does not have") from error
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[key].split()[0]) // 1024 for name, key in (("all", "VmRSS"), ("anonymous", "RssAnon"))}


def articles(corpus: Path, words: int) -> Iterator[str]:
    """Cut the corpus' texts into articles of at most so many words, over and over."""
    texts = [d.text for d in read_documents(corpus)]
    for text in itertools.cycle(texts):
        parts = text.split()
        for start in range(0, len(parts), words):
            yield " ".join(parts[start : start + words])


def stream_memory(corpus: Path, number: int, threads: int) -> dict[str, Any]:
    """Read a stream without the gate, in this process; gives the memory at points on the way."""
    from treaty_events import Extractor

    extractor = Extractor.from_pretrained(threads=threads, engine="onnx")
    samples = []
    started = time.perf_counter()
    stream = extractor.stream(itertools.islice(articles(corpus, WORDS), number), gate=None)
    for count, _ in enumerate(stream, 1):
        if count % max(1, number // SAMPLES) == 0:
            samples.append({"articles": count, **resident()})
    return {"articles": number, "words": WORDS, "seconds": time.perf_counter() - started, "megabytes": samples}


def long_text(corpus: Path, megabytes: int, threads: int) -> dict[str, Any]:
    """Read one very long text, in this process."""
    import resource

    from treaty_events import Extractor

    parts, size = [], 0
    for text in itertools.cycle([d.text for d in read_documents(corpus)]):
        parts.append(text)
        size += len(text.encode()) + 2
        if size >= megabytes * 1_000_000:
            break
    extractor = Extractor.from_pretrained(threads=threads, engine="onnx")
    started = time.perf_counter()
    document = extractor.document("\n\n".join(parts))
    return {
        "megabytes_of_text": megabytes,
        "seconds": time.perf_counter() - started,
        "events": len(document.events),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fresh(arguments: Sequence[str]) -> str:
    """Run Python anew; gives what it writes."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{' '.join(arguments)} failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def starts(repeats: int = 5) -> dict[str, float]:
    """Time fresh processes: the import alone, and from the start of Python to the end of a first prediction."""
    imports, predictions = [], []
    for _ in range(repeats):
        imports.append(float(_fresh(["-c", _IMPORT])))
        started = time.perf_counter()
        _fresh(["-c", _PREDICT])
        predictions.append(time.perf_counter() - started)
    return {"import_seconds": median(imports), "first_prediction_seconds": median(predictions)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.footprint", description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/test.jsonl"))
    parser.add_argument("--articles", type=int, default=10_000, help="articles of the stream")
    parser.add_argument("--megabytes", type=int, nargs="*", default=list(MEGABYTES), help="sizes of the long texts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("evaluation/results/footprint.json"))
    parser.add_argument("--part", choices=("stream", "long"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        if options.part == "stream":
            sys.stdout.write(json.dumps(stream_memory(options.corpus, options.articles, options.threads)))
            return 0
        if options.part == "long":
            sys.stdout.write(json.dumps(long_text(options.corpus, options.megabytes[0], options.threads)))
            return 0
        shared = ["-m", "evaluation.footprint", "--corpus", str(options.corpus), "--threads", str(options.threads)]
        result: dict[str, Any] = {"threads": options.threads, "start": starts()}
        logger.info("%s", result["start"])
        result["stream"] = json.loads(_fresh([*shared, "--part", "stream", "--articles", str(options.articles)]))
        logger.info("%s", result["stream"])
        result["long"] = [
            json.loads(_fresh([*shared, "--part", "long", "--megabytes", str(size)])) for size in options.megabytes
        ]
        logger.info("%s", result["long"])
        write_json(options.output, result)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
