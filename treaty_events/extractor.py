"""The extractor: a release directory ready to read texts, and `predict` for those who just want the answer."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, cast, overload

from . import hub, release
from . import language as identification
from .articles import Article
from .assembly import assemble
from .engines import EngineName
from .errors import InputError, ReleaseError, UnreadableError
from .extraction import Extraction
from .gate import DEFAULT_RECALL, Gate
from .judges import Judges
from .reader import Reader
from .runtime import Backend, ReleaseBackend
from .schema import Document, ModelInfo, TreatyEvent
from .segmentation import Segmenter, load_segmenter
from .stream import Stream

Published = datetime.date | str | None


def package_version() -> str:
    """Give the version of the installed package, or `unknown` in a bare source tree."""
    try:
        return metadata.version("treaty-events")
    except metadata.PackageNotFoundError:
        return "unknown"


def parse_published(value: Published) -> datetime.date | None:
    """Read a publication date.

    Args:
        value: a date, or a string that starts with one in ISO 8601 (`2024-11-28`, `2024-11-28T10:00:00Z`).

    Raises:
        InputError: it is neither.
    """
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value[:10])
        except ValueError:
            pass
    raise InputError(f"published {value!r} is no date: give a datetime.date or 'YYYY-MM-DD'")


class Extractor:
    """Finds treaty events in texts.

    Example::

        from treaty_events import Extractor

        extractor = Extractor.from_pretrained()
        document = extractor.document("Le Sénat a ratifié l'accord avec le Qatar.", published="2025-02-13")

    Args:
        backend: the model.
        segmenter: cuts texts into its pieces.
        config: its configuration (see `release.read_config`).
        info: which model it is.
        directory: the release that it was loaded from, if it was.
    """

    def __init__(
        self,
        backend: Backend,
        segmenter: Segmenter,
        config: dict[str, Any],
        info: ModelInfo,
        directory: Path | None = None,
    ) -> None:
        self.reader = Reader(backend, segmenter, config)
        self.info = info
        self.directory = directory
        slope, intercept = config.get("confidence") or (1.0, 0.0)
        self.calibration = (float(slope), float(intercept))
        self.least = float(config.get("least_confidence") or 0.0)
        self.judges: Judges | None = None

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        *,
        threads: int | None = None,
        engine: EngineName = "auto",
        check: bool = True,
        least_confidence: float | None = None,
    ) -> Extractor:
        """Load a release directory.

        Args:
            path: the directory, or `owner/name[@revision]` on the Hugging Face Hub (extra `hub`); None for the weights
                that ship with the package.
            threads: threads of the runtime; None lets it choose.
            engine: `onnx`, `openvino`, or `auto` for the faster of those that are there (see `engines`).
            check: compare the files' SHA-256 with the recorded ones.
            least_confidence: confidence from which on an event is told, 0 for all; None for the release's own choice,
                made on the development split (see `training.judges` and `training.calibrate`).

        Raises:
            ReleaseError: the directory is missing, damaged, or of another vocabulary.
            MissingExtraError: the engine is not installed.
        """
        directory = release.default_directory() if path is None else hub.resolve(path)
        finish: Callable[[], None] | None = None
        if check:
            finish = release.check_beside(directory)
        else:
            release.check(directory, digests=False)
        try:
            config = release.read_config(directory)
            provenance = json.loads((directory / release.PROVENANCE).read_text(encoding="utf-8"))
            backend = ReleaseBackend(directory, config, threads, engine)
            segmenter = load_segmenter(directory)
        except Exception:
            # A damaged file is told as such, whatever else came of it.
            if finish is not None:
                finish()
            raise
        if finish is not None:
            finish()
        if least_confidence is not None:
            config["least_confidence"] = least_confidence
        info = ModelInfo(
            name=provenance.get("name", directory.name),
            weights_sha256=release.read_digests(directory).get(release.WEIGHTS, ""),
            package=package_version(),
        )
        extractor = cls(backend, segmenter, config, info, directory)
        extractor.judges = Judges.from_pretrained(directory)
        return extractor

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Give what the model itself says: mentions and relations, one extraction a text."""
        return self.reader.read(texts)

    def assemble(
        self, extraction: Extraction, language: str | None = None, published: datetime.date | None = None
    ) -> Document:
        """Assemble the events of an extraction.

        Args:
            extraction: what `extract` gave.
            language: ISO 639-1 code; identified from the text if None.
            published: publication date, for relative dates.
        """
        language = language or identification.identify(extraction.text)
        return Document(
            text=extraction.text,
            events=assemble(extraction, language, published, self.calibration, self.least, self.judges),
            language=language,
            published=published,
            characters_read=len(extraction.text),
            tokens=extraction.tokens,
            windows=extraction.windows,
            model=self.info,
        )

    @cached_property
    def gate(self) -> Gate:
        """The release's gate for streams, loaded at first use.

        Raises:
            ReleaseError: the release has none.
        """
        if self.directory is None:
            raise ReleaseError("this extractor was not loaded from a release directory: there is no gate")
        return Gate.from_pretrained(self.directory, self.reader.segmenter)

    @property
    def has_gate(self) -> bool:
        """Whether the release has a gate for streams."""
        return self.directory is not None and (self.directory / release.GATE).is_file()

    def stream(
        self,
        articles: Iterable[Article | str | UnreadableError],
        published: Published = None,
        language: str | None = None,
        *,
        gate: float | None = DEFAULT_RECALL,
    ) -> Stream:
        """Read articles as they come, in bounded memory and in order.

        Example::

            stream = extractor.stream(open("articles.txt"), published="2025-02-13")
            for document in stream:
                ...
            print(stream.read, stream.skipped, stream.failed)

        Args:
            articles: any number of `treaty_events.articles.Article` or plain strings, also as `read_articles` gives
                them.
            published: publication date of those that have none of their own.
            language: ISO 639-1 code of those that have none of their own; identified if None.
            gate: share of the articles with a treaty event that is to be read in full: the gate skips most of those
                without one (`Document.skipped`) at hardly any cost. None reads everything.

        Returns:
            An iterable over documents, with a `Failure` in place of each article that could not be read; it counts
            what was read, skipped and failed.

        Raises:
            ReleaseError: a gate is asked for and the release has none.
            InputError: `gate` is no share.
        """
        return Stream(self, articles, published, language, gate)

    def unread(
        self, text: str, published: Published = None, language: str | None = None, name: str | None = None
    ) -> Document:
        """Give the document of a text that was not read because a gate skipped it."""
        return Document(
            id=name,
            text=text,
            events=(),
            language=language or identification.identify(text),
            published=parse_published(published),
            characters_read=0,
            tokens=0,
            windows=0,
            model=self.info,
            skipped=True,
        )

    def documents(
        self,
        texts: Sequence[str],
        published: Published | Sequence[Published] = None,
        language: str | Sequence[str | None] | None = None,
    ) -> list[Document]:
        """Read texts.

        Args:
            texts: articles as plain text.
            published: one publication date for all, or one a text.
            language: one ISO 639-1 code for all, or one a text; identified where None.

        Returns:
            One document a text, in order.

        Raises:
            InputError: a text is no string or cannot be encoded, a date is none, or the numbers differ.
        """
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise InputError(f"text {number} is {type(text).__name__}, not str: decode bytes before reading them")
            try:
                text.encode("utf-8")
            except UnicodeEncodeError as error:
                raise InputError(
                    f"text {number} holds a lone surrogate at {error.start}: decode it with errors='replace'"
                ) from error
        dates = (
            [published] * len(texts)
            if published is None or isinstance(published, str | datetime.date)
            else list(published)
        )
        languages = [language] * len(texts) if language is None or isinstance(language, str) else list(language)
        if len(dates) != len(texts) or len(languages) != len(texts):
            raise InputError(
                f"{len(texts)} texts, {len(dates)} dates and {len(languages)} languages: give one for all or one a text"
            )
        days = [parse_published(d) for d in dates]
        return [self.assemble(e, code, day) for e, code, day in zip(self.extract(texts), languages, days, strict=True)]

    def document(self, text: str, published: Published = None, language: str | None = None) -> Document:
        """Read one text; see `documents`."""
        return self.documents([text], published, language)[0]

    @overload
    def predict(self, text: str, published: Published = None, language: str | None = None) -> list[TreatyEvent]: ...

    @overload
    def predict(
        self,
        text: list[str] | tuple[str, ...],
        published: Published | Sequence[Published] = None,
        language: str | Sequence[str | None] | None = None,
    ) -> list[Document]: ...

    def predict(
        self,
        text: str | list[str] | tuple[str, ...],
        published: Published | Sequence[Published] = None,
        language: str | Sequence[str | None] | None = None,
    ) -> list[TreatyEvent] | list[Document]:
        """Find treaty events.

        Args:
            text: an article, or a list of them.
            published: its publication date (a list for a list of texts, or one for all); without it relative dates stay
                unresolved.
            language: ISO 639-1 code; identified if None.

        Returns:
            The events of a single text; for a list, one document a text, in order.

        Raises:
            InputError: see `documents`.
        """
        if isinstance(text, str):
            return list(self.documents([text], published, language)[0].events)
        if not isinstance(text, list | tuple):
            raise InputError(f"give a string or a list of strings, not {type(text).__name__}")
        return self.documents(text, published, language)


@cache
def _shipped() -> Extractor:
    return Extractor.from_pretrained()


@cache
def _loaded(path: str) -> Extractor:
    return Extractor.from_pretrained(path)


@overload
def predict(
    text: str, published: Published = None, language: str | None = None, *, model: str | Path | None = None
) -> list[TreatyEvent]: ...


@overload
def predict(
    text: list[str] | tuple[str, ...],
    published: Published | Sequence[Published] = None,
    language: str | Sequence[str | None] | None = None,
    *,
    model: str | Path | None = None,
) -> list[Document]: ...


def predict(
    text: str | list[str] | tuple[str, ...],
    published: Published | Sequence[Published] = None,
    language: str | Sequence[str | None] | None = None,
    *,
    model: str | Path | None = None,
) -> list[TreatyEvent] | list[Document]:
    """Find treaty events with the released model, which is loaded once, at the first call.

    Example::

        from treaty_events import predict

        for event in predict(article, published="2024-11-28"):
            print(event.type, event.status, event.party_codes)

    Args:
        text: an article, or a list of them.
        published: its publication date (a list for a list of texts, or one for all).
        language: ISO 639-1 code; identified if None.
        model: another release: its directory, or `owner/name[@revision]` on the Hugging Face Hub (extra `hub`).

    Returns:
        The events of a single text; for a list, one `Document` a text, in order.

    Raises:
        InputError: what was given is no text or no date.
        ReleaseError: the model is missing or damaged.
    """
    if language is None:
        identification.prepare()
    extractor = _shipped() if model is None else _loaded(str(model))
    return cast("list[TreatyEvent] | list[Document]", extractor.predict(text, published, language))  # type: ignore[arg-type]
