"""The benchmark: `python -m evaluation.evaluate --data data/test.jsonl --output results`.

Measures a model on annotated documents (`--data`; `--standoff` where their texts lie in a folder of their own,
`--texts`), on event-level gold (`--events`) and on articles that lie in a folder with their stand-off gold
(`--articles`), or scores somebody else's events on any of them (`--predictions`).
Writes `results.json`, `results.md`, `results.png` and the predicted events to `--output`, the Markdown to stdout too.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

from data.documents import write_lines
from treaty_events.engines import EngineName
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.files import write_json
from treaty_events.release import default_directory

from .gold import EventDocument, EventRecord, read_predictions
from .measure import Measurement, Predictions, measure_corpus, measure_events, read_corpus
from .plots import plot_results
from .report import articles_markdown, results_markdown
from .subjects import Subject, open_subject

RESULTS = "results.json"
_PACKAGES = ("numpy", "onnxruntime", "sentencepiece", "tokenizers", "seqeval", "torch", "transformers")
logger = logging.getLogger(__name__)


def describe_machine() -> dict[str, Any]:
    """Tell what the figures were measured on: processor, system, package versions."""
    processor = platform.processor()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text(encoding="utf-8", errors="replace").splitlines()
        processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), processor)
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": processor or platform.machine(),
        "cores": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": versions,
    }


class Evaluation:
    """One run of the benchmark.

    Args:
        subject: the model; None to score predictions.
        predictions: somebody's events by document id.
    """

    def __init__(self, subject: Subject | None, predictions: Predictions | None) -> None:
        self.subject, self.predictions = subject, predictions
        self.measurements: list[Measurement] = []
        self.problems: list[str] = []
        # By measurement: documents and their predicted events.
        self.read: list[tuple[Sequence[EventDocument], Sequence[Sequence[EventRecord]]]] = []

    def _add(self, measured: tuple[Measurement, list[EventDocument], list[list[EventRecord]], list[str]]) -> None:
        measurement, documents, events, problems = measured
        taken = {m["name"] for m in self.measurements}
        name, number = measurement["name"], 2
        while measurement["name"] in taken:
            measurement["name"] = f"{name}-{number}"
            number += 1
        for problem in problems:
            self.report(problem)
        self.measurements.append(measurement)
        self.read.append((documents, events))

    def report(self, problem: str) -> None:
        """Say what could not be measured, and keep it for the results."""
        logger.warning("%s", problem)
        self.problems.append(problem)

    def corpus(self, path: Path) -> None:
        """Measure on annotated documents."""
        if not path.is_file():
            raise InputError(f"{path} is not there: build the corpus with 'python -m data.build', or name another file")
        self._add(measure_corpus(path, self.subject, self.predictions))

    def standoff(self, path: Path, texts: Path) -> None:
        """Measure on stand-off documents; skipped where their texts are not, since not everybody may have them."""
        if not path.is_file():
            raise InputError(f"{path} is not there: name a file of stand-off documents, as data/pool_test.jsonl")
        if not texts.is_dir():
            self.report(f"{texts} is not there: {path} is skipped")
            return
        if not read_corpus(path, texts)[0]:
            self.report(f"{texts} holds none of the texts of {path}: it is skipped")
            return
        self._add(measure_corpus(path, self.subject, self.predictions, texts))

    def gold_events(self, path: Path, option: str) -> None:
        """Measure on event-level gold; what is not there is skipped, since not everybody may have the texts."""
        if not path.exists():
            self.report(f"{path} is not there: {option} is skipped")
            return
        self._add(measure_events(path, self.subject, self.predictions))


def write_results(evaluation: Evaluation, results: dict[str, Any], directory: Path) -> None:
    """Write results, picture, predicted events, and the tables of articles."""
    write_json(directory / RESULTS, results)
    (directory / "results.md").write_text(results_markdown(results), encoding="utf-8")
    plot_results(results, directory / "results.png")
    for measurement, (documents, events) in zip(evaluation.measurements, evaluation.read, strict=True):
        lines = [{"id": d.id, "lang": d.lang, "events": list(e)} for d, e in zip(documents, events, strict=True)]
        write_lines(directory / f"predictions-{measurement['name']}.jsonl", lines)
        if "texts" in measurement:
            beside = articles_markdown(documents, measurement["texts"])
            (directory / f"{measurement['name']}.md").write_text(beside, encoding="utf-8")


def run(options: argparse.Namespace, command: str) -> str:
    """Measure what the options ask for.

    Args:
        options: see `parser`.
        command: how the run was started, for the record.

    Returns:
        The results as Markdown.

    Raises:
        TreatyEventsError: a file or the model cannot be used, or nothing is left to measure.
    """
    if not (options.data or options.events or options.articles or options.standoff):
        raise InputError("nothing to measure on: give --data, --standoff, --events or --articles")
    if bool(options.standoff) != bool(options.texts):
        raise InputError("--standoff and --texts go together: the documents, and the folder that holds their texts")
    subject, predictions, model, source = None, None, None, None
    if options.predictions:
        predictions = read_predictions(options.predictions)
        source = {"file": str(options.predictions)}
    else:
        subject = open_subject(options.model, options.threads, torch=options.torch, engine=options.engine)
        model = {"directory": str(options.model or default_directory()), **subject.info.model_dump()}
    evaluation = Evaluation(subject, predictions)
    for path in options.data:
        evaluation.corpus(path)
    for path in options.standoff:
        evaluation.standoff(path, options.texts)
    for path in options.events:
        evaluation.gold_events(path, "--events")
    if options.articles:
        evaluation.gold_events(options.articles, "--articles")
    if not evaluation.measurements:
        raise InputError("nothing left to measure on")
    results = {
        "command": command,
        "model": model,
        "predictions": source,
        "machine": describe_machine(),
        "problems": evaluation.problems,
        "measurements": evaluation.measurements,
    }
    if options.output:
        write_results(evaluation, results, options.output)
    return results_markdown(results)


def parser() -> argparse.ArgumentParser:
    """Give the command line's parser."""
    result = argparse.ArgumentParser(prog="python -m evaluation.evaluate", description=__doc__.splitlines()[0])
    result.add_argument("--data", nargs="+", type=Path, default=[], help="annotated documents, JSONL")
    result.add_argument("--standoff", nargs="+", type=Path, default=[], help="annotated documents without text, JSONL")
    result.add_argument("--texts", type=Path, help="folder with the texts of --standoff")
    result.add_argument("--events", nargs="+", type=Path, default=[], help="texts with event-level gold, JSONL")
    result.add_argument("--articles", type=Path, help="folder with gold.jsonl and the texts that it names")
    result.add_argument(
        "--predictions",
        type=Path,
        help="score these events instead of a model's (JSONL: id, events; see evaluation.baselines)",
    )
    result.add_argument("--model", type=Path, help="release or trained model directory (default: the shipped weights)")
    result.add_argument("--output", type=Path, help="directory for results.json, results.md, results.png")
    result.add_argument("--threads", type=int, help="threads of the runtime")
    result.add_argument(
        "--engine", choices=get_args(EngineName), default="onnx", help="what runs a release; default: %(default)s"
    )
    result.add_argument("--torch", action="store_true", help="read with PyTorch in fp32 instead of the runtime")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        markdown = run(options, f"python -m evaluation.evaluate {shlex.join(given)}")
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    sys.stdout.write(markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
