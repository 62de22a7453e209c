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
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from transformers import PreTrainedTokenizerFast

from data.documents import write_documents
from treaty_events import release, vocabulary
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extractor import package_version
from treaty_events.files import write_json, write_text

from .calibrate import calibrate
from .comparison import Figures, compare, figures, table
from .judges import add_judges
from .mixture import count_triggers, mix, read_files
from .release import load_trained, write_release
from .settings import FinetuneSettings, Settings, read_finetune_settings
from .train import CHECKPOINT, TRAINED, Run

REPORT: Final = "report.json"
PLAN: Final = "plan.json"
# Word embeddings that are compared at a time.
_ROWS = 16_384
logger = logging.getLogger(__name__)


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
        self.name, self.start, self.folder = name, Path(settings.model.start), Path(settings.output)
        release.check(self.start)
        self.provenance = json.loads((self.start / release.PROVENANCE).read_text(encoding="utf-8"))
        known = self.provenance.get("name", self.start.name)
        self.output = Path(output or self.folder / f"{known}-finetuned")
        if self.output.exists() and (not self.output.is_dir() or any(self.output.iterdir())):
            raise InputError(f"{self.output} is there already: name another output, or remove it")
        # The event types of its own that the start has stay, whether they are named again or not.
        theirs = vocabulary.extra_event_types(release.read_config(self.start)["vocabulary"]) or ()
        self.settings = dataclasses.replace(
            settings, event_types=(*theirs, *(t for t in settings.event_types if t not in theirs))
        )
        self.documents = mix(self.settings, added, self.provenance)
        self.sets = {"shipped": self.documents.compared, "held_out": self.documents.held_out}
        self.record = {
            "package": package_version(),
            "start": {"name": known, "weights_sha256": release.file_digest(self.start / release.WEIGHTS)},
            **self.documents.record(),
        }

    def __call__(self, *, resume: bool = False) -> dict[str, Any]:
        """Train, write the release, and measure it against the start; gives the content of its `report.json`.

        Args:
            resume: go on from the last whole epoch of the same run.

        Raises:
            InputError: the run that is to be resumed had other documents or settings.
        """
        began = time.monotonic()
        documents = self.documents
        counts = len(documents.trained), len(documents.replay), len(documents.held_out)
        logger.info("training on %d new documents and %d of the corpus; %d new ones are held out", *counts)
        if not documents.held_out:
            logger.warning("no new document is held out: what is learnt from them is not measured")
        triggers = count_triggers((*documents.trained, *documents.replay))
        for name in (t for t in self.settings.event_types if not triggers[t]):
            logger.warning("event type %s: no document that is trained on has a trigger of it", name)
        settings = self._prepare(resume)
        before = figures(self.start, self.sets)
        run = Run(settings, resume=resume, name=self.name)
        run()
        tokenizer = run.tokenizer
        del run
        self.output.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self.output.parent, prefix=f".{self.output.name}."))
        try:
            self._write(part, tokenizer)
            report = self._report(before, figures(part, self.sets)) | {"seconds": round(time.monotonic() - began)}
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
        write_documents(added, self.documents.trained)
        write_documents(replay, self.documents.replay)
        write_text(path, plan)
        train = (*[str(added)] * data.repeat, str(replay))
        return dataclasses.replace(self.settings, data=dataclasses.replace(data, train=train))

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
            for key, value in calibrate(trained, read_files(self.settings.data.dev)).items():
                setattr(model.config, key, value)
        write_release(model.eval(), tokenizer, directory, provenance, texts=self.documents.texts)
        self._put_judges(directory)
        if not (self.start / release.GATE).is_file():
            return
        if _same_pieces(self.start, directory):
            shutil.copyfile(self.start / release.GATE, directory / release.GATE)
            release.record(directory, release.GATE)
            if self.settings.event_types:
                logger.warning(
                    "the gate was not trained on %s: it may skip such texts", ", ".join(self.settings.event_types)
                )
        else:
            logger.warning("the gate does not fit the new word embeddings: train one with 'python -m training.gate'")

    def _put_judges(self, directory: Path) -> None:
        if self.settings.calibrate:
            try:
                add_judges(directory, [Path(path) for path in self.settings.data.dev])
                return
            except InputError as error:
                logger.warning("judges stay the start's, if it has any: %s", error)
        if (self.start / release.JUDGES).is_file():
            # What makes a finding right changes little with some new documents.
            shutil.copyfile(self.start / release.JUDGES, directory / release.JUDGES)
            release.record(directory, release.JUDGES)

    def _report(self, before: Figures, after: Figures) -> dict[str, Any]:
        documents = self.documents
        report: dict[str, Any] = {
            "start": self.record["start"],
            "release": self.output.name,
            "trained_on": {"added": len(documents.trained), "replay": len(documents.replay)},
            **compare(self.sets, before, after),
        }
        report["shipped"]["files"] = list(self.settings.data.compare)
        report["held_out"]["ids"] = [d.id for d in documents.held_out]
        trained, held_out = (count_triggers(d) for d in (documents.trained, documents.held_out))
        report["event_types"] = {
            name: {"trained_on": trained[name], "held_out": held_out[name]} for name in self.settings.event_types
        }
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
        settings = read_finetune_settings(options.config)
        finetune(settings, options.add, options.output, resume=options.resume, name=str(options.config))
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
