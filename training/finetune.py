"""Fine-tune a release with new annotation: `python -m training.finetune --add new.jsonl --output my-release`.

The new documents are trained on together with a sample of the shipped corpus (replay), against forgetting; a part of
them is held out. The result is a release directory with a report of what was gained on the new documents and lost on
the shipped ones. `configs/finetune.yaml` holds the numbers.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from transformers import PreTrainedTokenizerFast

from data.documents import AnnotatedDocument, read_documents, text_digest, write_documents
from data.validate import check_corpus, read_any
from evaluation.development import PARTS, score_predictions
from treaty_events import Extractor, release
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extractor import package_version
from treaty_events.files import write_json, write_text

from .calibrate import calibrate
from .release import load_trained, write_release
from .settings import DataSettings, Settings, _build
from .train import CHECKPOINT, TRAINED, Run

REPORT: Final = "report.json"
PLAN: Final = "plan.json"
FIGURES: Final = (*PARTS, "score")
# Fewer documents than these are all trained on.
LEAST_TO_HOLD_OUT: Final = 5
# Texts of the corpus, and of the new documents, that the int8 weights are chosen by.
_SAMPLE, _SAMPLE_ADDED = 128, 64
# Word embeddings that are compared at a time.
_ROWS = 16_384
logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class FinetuneData(DataSettings):
    """What is read besides the new documents; `train` is the corpus that replay is drawn from.

    Attributes:
        replay: documents of the corpus that are trained on along with the new ones; 0 for none.
        repeat: times that an epoch goes over the new documents.
        held_out: share of the new documents that is not trained on.
        compare: JSONL files of the shipped split that is read before and after.
        compare_documents: documents of it that are read; 0 for all.
    """

    replay: int = 300
    repeat: int = 1
    held_out: float = 0.2
    compare: tuple[str, ...] = ()
    compare_documents: int = 0

    def __post_init__(self) -> None:
        if min(self.replay, self.compare_documents) < 0 or self.repeat < 1 or not 0 <= self.held_out < 1:
            raise InputError("data: replay and compare_documents are 0 or more, repeat 1 or more, held_out below 1")


@dataclasses.dataclass(frozen=True)
class FinetuneSettings(Settings):
    """A fine-tuning run: `output` is its folder, `model.start` the release that it goes on from.

    Attributes:
        data: what is read.
        calibrate: choose thresholds and confidence anew, on `data.dev`; otherwise they stay the start's.
        forgetting: fall of the mean figure on the shipped split from which on a warning is given.
    """

    data: FinetuneData = dataclasses.field(default_factory=FinetuneData)
    calibrate: bool = False
    forgetting: float = 0.02

    def __post_init__(self) -> None:
        if not self.model.start:
            raise InputError("model.start: name the release directory to go on from")
        if self.calibrate and not self.data.dev:
            raise InputError("calibrate: thresholds are chosen on data.dev, which names no file")
        if self.optimiser.epochs < 1:
            raise InputError("optimiser.epochs: at least 1")


def read_settings(path: str | Path) -> FinetuneSettings:
    """Read the YAML file of a fine-tuning run; errors as `training.settings.read_settings`."""
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    return _build(FinetuneSettings, values, str(path))


def read_added(paths: Sequence[str | Path]) -> list[AnnotatedDocument]:
    """Read new documents (JSONL, or the bracket form in .txt).

    Raises:
        InputError: a file cannot be read or a document is at fault; names every fault with its file and offset.
    """
    pairs: list[tuple[str | None, AnnotatedDocument]] = []
    faults: list[str] = []
    for path in paths:
        try:
            pairs += [(str(path), document) for document in read_any(path)]
        except TreatyEventsError as error:
            faults.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{path}: {error}")
    faults += map(str, check_corpus(pairs))
    faults += [
        f"{path}: document {d.id}: no text: join it with its text (data.align)" for path, d in pairs if not d.text
    ]
    if faults:
        raise InputError("\n".join([*faults, f"{len(faults)} faults in the new documents: nothing was trained"]))
    if not pairs:
        raise InputError(f"no document in {', '.join(map(str, paths))}: there is nothing to train on")
    return [document for _, document in pairs]


def _read(paths: Iterable[str]) -> list[AnnotatedDocument]:
    try:
        return [document for path in paths for document in read_documents(path)]
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror} (paths count from the current folder)") from error


def _keys(documents: Iterable[AnnotatedDocument]) -> set[str]:
    """What tells that two documents are not independent: the digest of the text, and the story if one is named."""
    return {key for d in documents for key in (text_digest(d.text), d.story) if key}


def trained_on(provenance: Mapping[str, Any]) -> set[str]:
    """Give the text digests and stories of the new documents that a release was fine-tuned with, in all its stages."""
    keys: set[str] = set()
    stage: Mapping[str, Any] | None = provenance
    while stage:
        added = (stage.get("finetune") or {}).get("added", ())
        keys |= {key for d in added if not d["held_out"] for key in (d["sha256"], d["story"]) if key}
        stage = stage.get("start")
    return keys


def hold_out(
    documents: Sequence[AnnotatedDocument], share: float, seed: int, seen: set[str]
) -> tuple[list[AnnotatedDocument], list[AnnotatedDocument]]:
    """Split new documents by story, by a hash of its key, so that little moves when documents are added.

    Args:
        documents: the new documents.
        share: of them to hold out, nearly: stories stay whole. At least one, where there are `LEAST_TO_HOLD_OUT`.
        seed: of the draw.
        seen: stories and text digests that the start was trained on: what has one of these measures nothing.

    Returns:
        Those to train on, and those held out; either in the order given. None is held out where no story may be.
    """
    wanted = max(1, round(share * len(documents))) if share and len(documents) >= LEAST_TO_HOLD_OUT else 0
    stories: dict[str, list[AnnotatedDocument]] = {}
    for document in documents:
        stories.setdefault(document.story or text_digest(document.text), []).append(document)
    drawn = sorted(stories, key=lambda key: text_digest(f"{seed} {key}"))
    free = [stories[key] for key in drawn if not _keys(stories[key]) & seen]
    held: set[str] = set()
    for story in free:
        if len(held) + len(story) <= wanted:
            held |= {d.id for d in story}
    smallest = min(free, key=len, default=[])
    # A story may be larger than the share, but not so large that little is left to learn from.
    if wanted and not held and 2 * len(smallest) <= len(documents):
        held = {d.id for d in smallest}
    return [d for d in documents if d.id not in held], [d for d in documents if d.id in held]


def _draw(documents: list[AnnotatedDocument], number: int, seed: int) -> list[AnnotatedDocument]:
    return documents if number >= len(documents) else random.Random(seed).sample(documents, number)


class Finetuning:
    """One fine-tuning: what is trained on, held out and compared, and the steps from the start to the new release.

    Args:
        settings: the run's numbers.
        added: files of new documents.
        output: release directory to write, not there yet; None for one in the run's folder, named after the start.
        name: of the configuration, for the record.

    Raises:
        InputError: a document is at fault, a file is missing, or `output` is taken.
        ReleaseError: `model.start` is no whole release.
    """

    def __init__(
        self, settings: FinetuneSettings, added: Sequence[str | Path], output: str | Path | None = None, name: str = ""
    ) -> None:
        self.settings, self.name, data = settings, name, settings.data
        self.start, self.folder = Path(settings.model.start), Path(settings.output)
        release.check(self.start)
        self.provenance = json.loads((self.start / release.PROVENANCE).read_text(encoding="utf-8"))
        known = self.provenance.get("name", self.start.name)
        self.output = Path(output or self.folder / f"{known}-finetuned")
        if self.output.exists() and (not self.output.is_dir() or any(self.output.iterdir())):
            raise InputError(f"{self.output} is there already: name another output, or remove it")
        documents = read_added(added)
        self.corpus = _read(data.train)
        self.trained, self.held_out = hold_out(
            documents, data.held_out, settings.seed, _keys(self.corpus) | trained_on(self.provenance)
        )
        # A new document may be a shipped one in a corrected form.
        texts = {text_digest(d.text) for d in documents}
        self.replay = _draw([d for d in self.corpus if text_digest(d.text) not in texts], data.replay, settings.seed)
        shipped, learnt = _read(data.compare), _keys(self.trained)
        free = [d for d in shipped if not _keys([d]) & learnt]
        if len(free) < len(shipped):
            message = "%d documents of %s share a text or story with the new ones and are not compared"
            logger.warning(message, len(shipped) - len(free), ", ".join(data.compare))
        self.compared = _draw(free, data.compare_documents or len(free), settings.seed)
        held = {d.id for d in self.held_out}
        self.record = {
            "package": package_version(),
            "start": {"name": known, "weights_sha256": release.file_digest(self.start / release.WEIGHTS)},
            "added": [
                {
                    "id": d.id,
                    "story": d.story,
                    "sha256": text_digest(d.text),
                    "annotation_sha256": text_digest(json.dumps(d.to_dict(), sort_keys=True)),
                    "held_out": d.id in held,
                }
                for d in documents
            ],
            "replay": sorted(d.id for d in self.replay),
        }

    def __call__(self, *, resume: bool = False) -> dict[str, Any]:
        """Train, write the release, and measure it against the start; gives the content of its `report.json`.

        Args:
            resume: go on from the last whole epoch of the same run.

        Raises:
            InputError: the run that is to be resumed had other documents or settings.
        """
        began = time.monotonic()
        counts = len(self.trained), len(self.replay), len(self.held_out)
        logger.info("training on %d new documents and %d of the corpus; %d new ones are held out", *counts)
        if not self.held_out:
            logger.warning("no new document is held out: what is learnt from them is not measured")
        sets = {name: d for name, d in (("shipped", self.compared), ("held_out", self.held_out)) if d}
        settings = self._prepare(resume)
        before = self._figures(self.start, sets)
        run = Run(settings, resume=resume, name=self.name)
        run()
        tokenizer = run.tokenizer
        del run
        self.output.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self.output.parent, prefix=f".{self.output.name}."))
        try:
            self._write(part, tokenizer)
            report = self._report(before, self._figures(part, sets)) | {"seconds": round(time.monotonic() - began)}
            write_json(part / REPORT, report)
            part.chmod(0o755)
            part.replace(self.output)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return report

    def _prepare(self, resume: bool) -> Settings:
        """Put what is trained on into the run's folder; gives the settings of the run over it."""
        data = self.settings.data
        plan = json.dumps({"settings": dataclasses.asdict(self.settings), **self.record}, indent=1, ensure_ascii=False)
        path = self.folder / PLAN
        if resume and path.exists():
            if path.read_text(encoding="utf-8") != plan:
                message = f"the run in {self.folder} has other documents or settings: start anew, without resuming"
                raise InputError(message)
        else:
            for old in (CHECKPOINT, TRAINED):
                shutil.rmtree(self.folder / old, ignore_errors=True)
        added, replay = self.folder / "added.jsonl", self.folder / "replay.jsonl"
        write_documents(added, self.trained)
        write_documents(replay, self.replay)
        write_text(path, plan)
        mix = (*[str(added)] * data.repeat, str(replay))
        return dataclasses.replace(self.settings, data=dataclasses.replace(data, train=mix))

    @staticmethod
    def _figures(directory: Path, sets: Mapping[str, Sequence[AnnotatedDocument]]) -> dict[str, dict[str, float]]:
        extractor = Extractor.from_pretrained(directory)
        figures = {}
        for name, documents in sets.items():
            scores = score_predictions(documents, extractor.extract([d.text for d in documents]))
            figures[name] = {figure: round(score, 4) for figure, score in scores.items()}
        return figures

    def _write(self, directory: Path, tokenizer: PreTrainedTokenizerFast) -> None:
        """Write the release of the trained model, with the start's gate where that still fits."""
        trained = self.folder / TRAINED
        provenance = json.loads((trained / release.PROVENANCE).read_text(encoding="utf-8"))
        provenance |= {
            "settings": dataclasses.asdict(self.settings),
            "finetune": self.record,
            "name": self.output.name,
        }
        if "license" in self.provenance:
            provenance["license"] = self.provenance["license"]
        model, _ = load_trained(trained)
        if self.settings.calibrate:
            for key, value in calibrate(trained, _read(self.settings.data.dev)).items():
                setattr(model.config, key, value)
        every = max(1, len(self.corpus) // _SAMPLE)
        texts = [d.text for d in (*self.corpus[::every], *self.trained[:_SAMPLE_ADDED])]
        write_release(model.eval(), tokenizer, directory, provenance, texts=texts)
        if not (self.start / release.GATE).is_file():
            return
        if _same_pieces(self.start, directory):
            shutil.copyfile(self.start / release.GATE, directory / release.GATE)
            release.record(directory, release.GATE)
        else:
            logger.warning("the gate does not fit the new word embeddings: train one with 'python -m training.gate'")

    def _report(self, before: Mapping[str, dict[str, float]], after: Mapping[str, dict[str, float]]) -> dict[str, Any]:
        counts = {"shipped": len(self.compared), "held_out": len(self.held_out)}
        report: dict[str, Any] = {
            "start": self.record["start"],
            "release": self.output.name,
            "trained_on": {"added": len(self.trained), "replay": len(self.replay)},
        }
        for name in counts:
            report[name] = {"documents": counts[name]}
            if name in before:
                change = {figure: round(after[name][figure] - before[name][figure], 4) for figure in FIGURES}
                report[name] |= {"before": before[name], "after": after[name], "change": change}
        report["shipped"]["files"] = list(self.settings.data.compare)
        report["held_out"]["ids"] = [d.id for d in self.held_out]
        fall = -report["shipped"].get("change", {}).get("score", 0.0)
        report["forgot"] = fall > self.settings.forgetting
        logger.info("\n%s", table(report))
        if report["forgot"]:
            logger.warning(
                "forgetting: the mean figure on the shipped documents fell by %.3f (bound %.3f): "
                "raise data.replay, or lower the rates or the epochs",
                fall,
                self.settings.forgetting,
            )
        return report


def _same_pieces(start: Path, other: Path) -> bool:
    """Tell whether two releases have the same tokenizer and word embeddings."""
    if release.file_digest(start / release.TOKENIZER) != release.file_digest(other / release.TOKENIZER):
        return False
    words, others = (
        release.WordEmbeddings(release.Tensors(d / release.WEIGHTS)[release.WORDS]) for d in (start, other)
    )
    # By value: a row of zeros has two forms in blocks.
    parts = np.array_split(np.arange(len(words.blocks)), 1 + len(words.blocks) // _ROWS)
    return len(words.blocks) == len(others.blocks) and all(np.array_equal(words(p), others(p)) for p in parts)


def table(report: Mapping[str, Any]) -> str:
    """Lay out a report's figures before and after, one line each."""
    lines = [f"{'':<28}" + "".join(f"{name.replace('_f1', ' F1'):>13}" for name in FIGURES)]
    for name, title in (("shipped", "shipped split"), ("held_out", "new, held out")):
        part = report[name]
        for when in ("before", "after", "change"):
            if when in part:
                label = f"{title} ({part['documents']}) {when}" if when == "before" else when
                sign = "+" if when == "change" else ""
                lines.append(f"{label:<28}" + "".join(f"{part[when][figure]:>{sign}13.3f}" for figure in FIGURES))
    return "\n".join(lines)


def finetune(
    settings: FinetuneSettings,
    added: Sequence[str | Path],
    output: str | Path | None = None,
    *,
    resume: bool = False,
    name: str = "",
) -> dict[str, Any]:
    """Fine-tune a release with new documents; see `Finetuning` for the arguments, and for what it raises.

    Returns:
        What `report.json` in the new release holds: figures before and after, on the shipped split and on the new
        documents that were held out.
    """
    return Finetuning(settings, added, output, name)(resume=resume)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Fine-tune a release with new annotated documents.")
    parser.add_argument("--config", type=Path, default=Path("configs/finetune.yaml"), help="YAML file of the run")
    parser.add_argument(
        "--add", nargs="+", type=Path, required=True, metavar="FILE", help="new documents: .jsonl, or bracket form .txt"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="release directory to write")
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    try:
        settings = read_settings(options.config)
        finetune(settings, options.add, options.output, resume=options.resume, name=str(options.config))
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
