"""The model card: `python -m evaluation.card RESULTS_DIR... --output model_card.md`.

Every figure on it comes from the `results.json` files of the benchmark or from the model's `provenance.json`; the words
come from `model_card_template.md`.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from treaty_events import vocabulary
from treaty_events.errors import InputError, MissingExtraError, TreatyEventsError
from treaty_events.release import PROVENANCE, WEIGHTS, file_digest

from .ablation import variants_table
from .evaluate import RESULTS
from .report import event_cells, event_table, figure, language_table, score_table, slot_table, table
from .spans import MICRO

_ROOT: Final = Path(__file__).parent.parent
# Written by `training.export --compare ... --report` beside the results.
PARITY: Final = "parity.json"
# Written by `evaluation.normalisation --output` and `evaluation.dossiers --output`.
VALUES: Final = "values.json"
DOSSIERS: Final = "dossiers.json"
GATE: Final = "gate.json"
# Written by `evaluation.ablation --output`.
ABLATION: Final = "ablation.json"
TEMPLATE: Final = Path(__file__).parent / "model_card_template.md"
# Names with fewer gold items say little about where the model fails.
_ENOUGH: Final = 10
_WEAKEST: Final = 5
_HEADLINES: Final = {
    "event_f1": "Event F1",
    "strict_f1": "Event F1, status and parties right too",
    "slot_f1": "Slot F1",
}
_SPAN_HEADLINES: Final = {"mentions": "Mention F1", "triggers": "Trigger F1", "relations_closed": "Relation F1"}
logger = logging.getLogger(__name__)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InputError: the file is missing or holds none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no JSON object")
    return content


def read_results(directories: Sequence[Path]) -> list[dict[str, Any]]:
    """Read the results of several runs of the benchmark.

    Raises:
        InputError: one is missing, scores no model, or another model than the first.
    """
    results = [read_json(directory / RESULTS) for directory in directories]
    for directory, result in zip(directories, results, strict=True):
        if not result.get("model"):
            raise InputError(f"{directory / RESULTS} scores somebody's predictions, no model")
        if result["model"]["weights_sha256"] != results[0]["model"]["weights_sha256"]:
            raise InputError(
                f"{directory / RESULTS} is of another model (weights differ) than {directories[0] / RESULTS}"
            )
        for name in (PARITY, VALUES, DOSSIERS, GATE, ABLATION):
            if (directory / name).is_file():
                result[name.removesuffix(".json")] = read_json(directory / name)
        told = result.get("ablation", {}).get("model", result["model"])
        if told["weights_sha256"] != result["model"]["weights_sha256"]:
            raise InputError(
                f"{directory / ABLATION} is of another model (weights differ): run evaluation.ablation again"
            )
        result["baselines"] = {
            path.parent.name: read_json(path)["measurements"] for path in sorted(directory.glob(f"*/{RESULTS}"))
        }
    return results


def read_provenance(model: Mapping[str, Any], directory: Path | None) -> dict[str, Any]:
    """Read how the measured model came to be.

    Args:
        model: what the results say of it.
        directory: where it is now; None for where it was measured.

    Raises:
        InputError: it is not there, or is not the measured model.
    """
    place = directory or Path(model["directory"])
    weights = place / WEIGHTS
    if not weights.is_file():
        raise InputError(f"{weights} is not there: name the measured model's directory with --model")
    if file_digest(weights) != model["weights_sha256"]:
        raise InputError(f"{weights} is not the measured model: its SHA-256 differs from the one in {RESULTS}")
    return read_json(place / PROVENANCE)


def _values(tree: Any, key: str) -> Iterator[Any]:
    """Find all values of a key, however deep: a model trained in stages tells of each stage."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            if name == key:
                yield value
            else:
                yield from _values(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from _values(value, key)


def auxiliary_sets(provenance: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give name, licence and citation of the auxiliary sets that a model was trained on."""
    names = list(dict.fromkeys(name for value in _values(provenance, "auxiliary_sets") for name in value or ()))
    if not names:
        return []
    try:
        from training.auxiliary import SETS
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    unknown = [name for name in names if name not in SETS]
    if unknown:
        raise InputError(f"provenance names {', '.join(unknown)}, which training.auxiliary does not know")
    return [{"name": name, "licence": SETS[name].licence, "cite": SETS[name].cite} for name in names]


def real_passages(provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give source, licences and number of the real passages that a model was trained on (stand-off documents)."""
    from data.documents import read_documents

    files = list(dict.fromkeys(name for value in _values(provenance, "standoff") for name in value or ()))
    counts = Counter(str(document.source) for name in files for document in read_documents(_ROOT / name))
    licences = json.loads((_ROOT / "data" / "pool_sources.json").read_text(encoding="utf-8")) if counts else {}
    unknown = sorted(set(counts) - set(licences))
    if unknown:
        raise InputError(f"data/pool_sources.json names no licence of {', '.join(unknown)}")
    return [{"name": n, "licence": ", ".join(licences[n]), "passages": c} for n, c in counts.most_common()]


def stages(provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the training runs behind a model, first one first: configuration, minutes, epoch, machine."""
    found: list[dict[str, Any]] = []
    stage: Any = provenance
    while isinstance(stage, dict) and stage:
        found.insert(
            0,
            {
                "config": stage.get("config") or "configs/RUN.yaml",
                "minutes": round(stage.get("seconds", 0) / 60),
                "epoch": stage.get("epoch", "unknown"),
                "machine": stage.get("machine", "an unknown machine"),
                "torch": stage.get("torch", "unknown"),
                "documents": stage.get("documents", 0),
                "stopped": stage.get("stopped", ""),
            },
        )
        stage = stage.get("start")
    return found


def weakest(measurement: Mapping[str, Any]) -> list[str]:
    """Tell where a model does worst, from its figures: labels, relations, attributes, slots, languages."""
    lines = []
    for part in ("mentions", "triggers", "relations_closed", "attributes"):
        rows = measurement.get("spans", {}).get("all", {}).get(part, {})
        named = sorted((row["f1"], name) for name, row in rows.items() if name != MICRO and row["gold"] >= _ENOUGH)
        if named:
            title = part.removesuffix("_closed").capitalize()
            lines.append(f"{title}: " + ", ".join(f"`{name}` F1 {figure(f1)}" for f1, name in named[:_WEAKEST]))
    events = measurement["events"]
    slots = sorted((v, k.removesuffix("_f1")) for k, v in events["all"].items() if k.endswith("_f1"))
    slots = [(value, name) for value, name in slots if name not in ("event", "strict", "slot")]
    lines.append("Slots of events: " + ", ".join(f"{name} F1 {figure(value)}" for value, name in slots[:_WEAKEST]))
    languages = sorted(
        (row["slot_f1"], name) for name, row in events.items() if name != "all" and row["gold"] >= _ENOUGH
    )
    if languages:
        named_languages = ", ".join(f"{name} slot F1 {figure(value)}" for value, name in languages[:_WEAKEST])
        lines.append(f"Languages: {named_languages}")
    return lines


def _metrics(measurement: Mapping[str, Any]) -> list[dict[str, Any]]:
    events = measurement["events"]["all"]
    metrics = [{"name": title, "value": round(events[name], 4)} for name, title in _HEADLINES.items()]
    spans = measurement.get("spans", {}).get("all", {})
    for part, title in _SPAN_HEADLINES.items():
        if MICRO in spans.get(part, {}):
            metrics.append({"name": title, "value": round(spans[part][MICRO]["f1"], 4)})
    return metrics


def _article_table(text: Mapping[str, Any]) -> str:
    header = ["", "type", "status", "kind", "domain", "parties", "date"]
    rows = [
        [side, *event_cells(pair[key])]
        for pair in text["events"]
        for side, key in (("**gold**", "gold"), ("model", "predicted"))
    ]
    return table(header, rows, words=True) if rows else "No event in gold, none predicted."


def _values_table(values: Mapping[str, Any]) -> str:
    header = ["what", "forms", "languages", "right", "wrong", "negatives", "false hits"]
    return table(
        header,
        [
            [
                name,
                row["forms"],
                row["languages"],
                *(f"{100 * row[key]:.1f} %" for key in ("right", "wrong")),
                row["negatives"],
                f"{100 * row['false']:.1f} %",
            ]
            for name, row in ((name, found["all"]) for name, found in values.items())
        ],
    )


def _baseline_table(baselines: Mapping[str, Any], measurements: Sequence[Mapping[str, Any]]) -> str:
    keys = ("event_f1", "slot_f1", "strict_f1", "false_per_negative")
    header = ["set", "system", "event F1", "slot F1", "strict F1", "false events a text without"]
    rows = []
    for measurement in measurements:
        others = {
            name: found["events"]["all"]
            for name, measured in baselines.items()
            for found in measured
            if found["name"] == measurement["name"]
        }
        for name, figures in [*others.items(), ("the model", measurement["events"]["all"])] if others else []:
            rows.append([measurement["name"], name, *(figure(figures[key]) for key in keys)])
    return table(header, rows, words=True)


def _gate_table(gate: Mapping[str, Any]) -> str:
    header = ["articles", "with event", "recall", "without", "of these let through"]
    point = str(gate["default"])
    rows = []
    for name, found in gate.items():
        if isinstance(found, Mapping) and "points" in found:
            recall, passed = (found["points"][point][key] for key in ("recall", "passed_without"))
            shown = ["" if value is None else f"{100 * value:.1f} %" for value in (recall, passed)]
            rows.append([name, found["with_event"], shown[0], found["without"], shown[1]])
    return table(header, rows, words=True)


def card_context(results: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Put together what the template needs."""
    measurements = [m for result in results for m in result["measurements"]]
    languages = sorted({language for m in measurements for language in m["languages"]})
    return {
        "model": results[0]["model"],
        "machines": [result["machine"] for result in results],
        "commands": [result["command"] for result in results],
        "measurements": measurements,
        "languages": languages,
        "provenance": provenance,
        "settings": json.dumps(provenance.get("settings", provenance), ensure_ascii=False, indent=1),
        "train_files": list(dict.fromkeys(f for value in _values(provenance, "train") for f in value or ())),
        "sets": auxiliary_sets(provenance),
        "passages": real_passages(provenance),
        "stages": stages(provenance),
        "soup": provenance.get("soup", ()),
        **{
            name: next((result[name] for result in results if result.get(name)), None)
            for name in ("parity", "values", "dossiers", "gate", "ablation", "baselines")
        },
        "license": provenance.get("license", "apache-2.0"),
        "event_types": list(vocabulary.EVENT_TYPES),
        "labels": list(vocabulary.MENTION_LABELS),
    }


def render_card(results: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any], template: Path = TEMPLATE) -> str:
    """Render the model card.

    Args:
        results: contents of `results.json` files of one model.
        provenance: content of the model's `provenance.json`.
        template: jinja2 template.

    Returns:
        The card: Hugging Face YAML metadata, then Markdown.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtraError("jinja2", "evaluation") from error
    # The card is Markdown, not HTML: nothing to escape.
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {
        "quoted": lambda value: json.dumps(value, ensure_ascii=False),
        "event_table": event_table,
        "slot_table": slot_table,
        "score_table": score_table,
        "language_table": language_table,
        "article_table": _article_table,
        "values_table": _values_table,
        "baseline_table": _baseline_table,
        "gate_table": _gate_table,
        "variants_table": variants_table,
        "figure": figure,
        "metrics": _metrics,
        "weakest": weakest,
    }
    source = environment.from_string(template.read_text(encoding="utf-8"))
    return source.render(card_context(results, provenance))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.card", description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path, help="directories that evaluation.evaluate wrote")
    parser.add_argument("--model", type=Path, help="directory of the measured model (default: where it was measured)")
    parser.add_argument("--output", type=Path, default=Path("model_card.md"))
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.INFO)
    try:
        results = read_results(options.results)
        provenance = read_provenance(results[0]["model"], options.model)
        options.output.write_text(render_card(results, provenance), encoding="utf-8")
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    logger.info("wrote %s", options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
