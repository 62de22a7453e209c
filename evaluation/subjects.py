"""What is judged: a released model as users run it, or a trained one in PyTorch."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from treaty_events import language as identification
from treaty_events import release
from treaty_events.assembly import assemble
from treaty_events.engines import EngineName
from treaty_events.errors import MissingExtraError, ReleaseError
from treaty_events.extraction import Extraction
from treaty_events.extractor import Extractor, package_version
from treaty_events.reader import Reader
from treaty_events.schema import ModelInfo, TreatyEvent


class Subject(Protocol):
    """Reads texts and tells their events."""

    @property
    def info(self) -> ModelInfo:
        """Which model it is."""

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Give mentions and relations of each text."""

    def events(self, extraction: Extraction, published: datetime.date | None) -> tuple[TreatyEvent, ...]:
        """Assemble events; the language is not told, as users need not tell it."""


@dataclasses.dataclass(frozen=True)
class ReleasedSubject:
    """A release directory behind `Extractor`."""

    extractor: Extractor

    @property
    def info(self) -> ModelInfo:
        """Which model it is."""
        return self.extractor.info

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Give mentions and relations of each text."""
        return self.extractor.extract(texts)

    def events(self, extraction: Extraction, published: datetime.date | None) -> tuple[TreatyEvent, ...]:
        """Assemble events."""
        return self.extractor.assemble(extraction, None, published).events


@dataclasses.dataclass(frozen=True)
class TorchSubject:
    """A model in PyTorch, fp32, behind the runtime's reader."""

    reader: Reader
    info: ModelInfo

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Give mentions and relations of each text."""
        return self.reader.read(texts)

    def events(self, extraction: Extraction, published: datetime.date | None) -> tuple[TreatyEvent, ...]:
        """Assemble events."""
        return assemble(extraction, identification.identify(extraction.text), published)


def is_trained(directory: Path) -> bool:
    """Tell whether a directory holds a trained model that was not exported."""
    return (directory / release.CONFIG).is_file() and not (directory / release.GRAPH).is_file()


def open_subject(
    directory: str | Path | None = None,
    threads: int | None = None,
    *,
    torch: bool = False,
    engine: EngineName = "onnx",
) -> Subject:
    """Load a model to judge.

    Args:
        directory: a release directory, or one that training wrote; None for the weights that ship with the package.
        threads: threads to run with; None lets the runtime choose.
        torch: read with PyTorch in fp32 also what could be read with the released runtime.
        engine: what runs a release: by default int8 in ONNX Runtime, as an installation without extras does.

    Raises:
        ReleaseError: the directory holds no model, or a damaged one.
        MissingExtraError: PyTorch is needed and not installed.
    """
    path = release.default_directory() if directory is None else Path(directory)
    if not torch and not is_trained(path):
        return ReleasedSubject(Extractor.from_pretrained(path, threads=threads, engine=engine))
    if not (path / release.WEIGHTS).is_file():
        raise ReleaseError(f"{path} holds no model: no {release.WEIGHTS}")
    try:
        import torch as framework

        from training.backend import reader_of
        from training.release import load_trained
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    if threads is not None:
        framework.set_num_threads(threads)
    model, tokenizer = load_trained(path)
    model.eval()
    info = ModelInfo(
        name=f"{path.name} (PyTorch)",
        weights_sha256=release.file_digest(path / release.WEIGHTS),
        package=package_version(),
    )
    return TorchSubject(reader_of(model, tokenizer), info)
