"""A run over many texts that costs money: what was answered is kept, whatever happens, and is not asked for again."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tqdm.auto import tqdm

from data.documents import text_digest, write_lines
from evaluation.gold import EventDocument, read_records
from treaty_events.errors import InputError

from .chat import ServiceError, Usage
from .llm import LlmEvents

# Texts in a row without an answer after which the service is taken to be down.
_PATIENCE: Final = 3
logger = logging.getLogger(__name__)


@dataclasses.dataclass
class Outcome:
    """What came of a run.

    Attributes:
        there: texts that had been answered before.
        asked: texts that were answered now.
        failed: ids of texts without an answer.
        unread: ids of texts that were answered now, but with nothing that could be read.
        usage: of all answers of this run, those included that could not be read.
        dropped: fields dropped in this run, by name.
    """

    there: int = 0
    asked: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    unread: list[str] = dataclasses.field(default_factory=list)
    usage: Usage = dataclasses.field(default_factory=Usage)
    dropped: Counter[str] = dataclasses.field(default_factory=Counter)

    def add(self, line: Mapping[str, Any]) -> None:
        """Count an answered text."""
        self.asked += 1
        self.dropped.update(line["dropped"])
        if "problem" in line:
            self.unread.append(line["id"])

    def __str__(self) -> str:
        """Say it in a few words."""
        dropped = ", ".join(f"{name} {number}" for name, number in sorted(self.dropped.items())) or "none"
        return (
            f"{self.asked} texts answered, {self.there} had been before, {len(self.failed)} without an answer, "
            f"{len(self.unread)} whose answer could not be read; {self.usage.requests} answers, "
            f"{self.usage.prompt_tokens} prompt tokens, {self.usage.completion_tokens} completion tokens; "
            f"fields dropped: {dropped}"
        )


class Answers:
    """The lines of predictions, in the output file and, while a run goes on, in a journal beside it.

    Args:
        path: the output file.
        identity: of the system that answers.

    Raises:
        InputError: the file holds something else, or answers of another system.
    """

    def __init__(self, path: Path, identity: Mapping[str, str]) -> None:
        self.path, self.journal = path, path.with_name(f"{path.name}.part")
        self.lines: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.lines = {str(line.get("id")): line for _, line in read_records(path)}
        if self.journal.exists():
            self.lines |= {line["id"]: line for line in self._journalled()}
        other = next((line for line in self.lines.values() if line.get("system") != identity), None)
        if other is not None:
            raise InputError(
                f"{path} has predictions of {other.get('system')}, this is {dict(identity)}: give another --output"
            )
        if self.journal.exists():
            # Half a line at its end would spoil what is written after it.
            write_lines(self.path, self.lines.values())
            self.journal.unlink()

    def _journalled(self) -> list[dict[str, Any]]:
        lines = []
        for line in self.journal.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                # A run that was killed may have left half a line; its text is asked for again.
                logger.warning("%s: half a line is left out", self.journal)
        return lines

    def has(self, document: EventDocument) -> bool:
        """Tell whether a text was answered, in the very words that it has now."""
        line = self.lines.get(document.id)
        return line is not None and line.get("sha256") == text_digest(document.text)

    def add(self, line: dict[str, Any]) -> None:
        """Keep an answer at once."""
        self.lines[line["id"]] = line
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.journal, "a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self, documents: Sequence[EventDocument]) -> None:
        """Write the output file in the order of the texts, answers to other texts last."""
        order = {document.id: i for i, document in enumerate(documents)}
        # What was said of another wording of a text has offsets that mean nothing here.
        stale = {document.id for document in documents if not self.has(document)}
        kept = [line for name, line in self.lines.items() if name not in stale]
        if kept or self.path.exists():
            write_lines(self.path, sorted(kept, key=lambda line: order.get(line["id"], len(order))))
        self.journal.unlink(missing_ok=True)


def ask_all(system: LlmEvents, documents: Sequence[EventDocument], path: Path) -> Outcome:
    """Ask for the events of all texts that have not been answered.

    Args:
        system: what to ask.
        documents: the texts.
        path: predictions; answers that are there are kept.

    Returns:
        What came of it. A text without an answer has no line, so that the next run asks for it.

    Raises:
        ServiceError: the service gives no answer to anything; what was answered is kept.
        InputError: the file holds something else.
    """
    answers, outcome = Answers(path, system.identity), Outcome()
    missing = [document for document in documents if not answers.has(document)]
    outcome.there = len(documents) - len(missing)
    row = 0
    try:
        for document in tqdm(missing, desc="asking", unit="text", disable=None):
            try:
                line = system.line(document)
            except ServiceError as error:
                outcome.failed.append(document.id)
                row += 1
                if error.hopeless or row == _PATIENCE:
                    raise
                logger.warning("%s: %s", document.id, error)
                continue
            row = 0
            answers.add(line)
            outcome.add(line)
    finally:
        answers.close(documents)
        outcome.usage = system.client.usage
        logger.info("%s", outcome)
    return outcome
