"""Reading a stream of articles of any length in bounded memory, in order, with nothing lost on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .articles import Article
from .errors import InputError, TreatyEventsError, UnreadableError
from .schema import Document

if TYPE_CHECKING:
    from .extractor import Extractor, Published

# Articles that are read together, and characters of theirs: enough for full batches, few enough to hold.
_ARTICLES = 64
_CHARACTERS = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """What stands in a stream for an article that could not be read.

    Attributes:
        id: its name.
        error: why.
    """

    id: str
    error: InputError


class Stream:
    """Reads articles as they come: for each a document, or a failure, in their order.

    Args:
        extractor: what reads them.
        articles: articles, plain strings (named by their number from 1), or errors in place of articles.
        published: publication date of those that have none of their own.
        language: language of those that have none of their own; identified if None.
        gate: share of the event-bearing articles that is to be read (see `Gate.threshold`); None reads all.

    Attributes:
        read: articles read in full so far.
        skipped: articles so far that the gate took for ones without treaty event.
        failed: articles so far that could not be read.

    Raises:
        ReleaseError: a gate is asked for and the release has none.
        InputError: `gate` is no share.
    """

    def __init__(
        self,
        extractor: Extractor,
        articles: Iterable[Article | str | UnreadableError],
        published: Published = None,
        language: str | None = None,
        gate: float | None = None,
    ) -> None:
        self.extractor, self.articles = extractor, articles
        self.published, self.language = published, language
        self.gate = None if gate is None else extractor.gate
        self.threshold = float("-inf") if gate is None else extractor.gate.threshold(gate)
        self.read = self.skipped = self.failed = 0

    def __iter__(self) -> Iterator[Document | Failure]:
        batch: list[Article | Failure] = []
        characters = 0
        for number, item in enumerate(self.articles, 1):
            article = self._named(item, number)
            batch.append(article)
            characters += len(article.text) if isinstance(article, Article) else 0
            if len(batch) >= _ARTICLES or characters >= _CHARACTERS:
                yield from self._batch(batch)
                batch, characters = [], 0
        yield from self._batch(batch)

    @staticmethod
    def _named(item: Article | str | UnreadableError, number: int) -> Article | Failure:
        if isinstance(item, UnreadableError):
            return Failure(item.name, item)
        if isinstance(item, str):
            return Article(str(number), item)
        name = item.name if isinstance(item, Article) else str(number)
        if not isinstance(item, Article) or not isinstance(item.text, str):
            return Failure(name, InputError(f"article {number} has no text: give a string, or an Article with one"))
        # A language is written into the document, so it must be one that can be.
        if item.language is not None and not (isinstance(item.language, str) and _encodable(item.language)):
            return Failure(name, InputError(f"language {item.language!r} is none: give an ISO 639-1 code or None"))
        return item

    def _batch(self, batch: list[Article | Failure]) -> Iterator[Document | Failure]:
        articles = [(i, item) for i, item in enumerate(batch) if isinstance(item, Article)]
        results: list[Document | Failure | None] = [item if isinstance(item, Failure) else None for item in batch]
        if self.gate is not None and articles:
            articles = self._through(articles, results)
        for (i, _), result in zip(articles, self._documents([a for _, a in articles]), strict=True):
            results[i] = result
        for item in results:
            if isinstance(item, Failure):
                self.failed += 1
            elif item is not None and item.skipped:
                self.skipped += 1
            else:
                self.read += 1
            # Every place was filled above.
            if item is not None:
                yield item

    def _through(
        self, articles: list[tuple[int, Article]], results: list[Document | Failure | None]
    ) -> list[tuple[int, Article]]:
        """Fill in the articles that the gate holds back; gives the others."""
        # What no tokenizer can read is left to fail with the others.
        sound = [_encodable(article.text) for _, article in articles]
        assert self.gate is not None
        scores = self.gate.scores([a.text if good else "" for (_, a), good in zip(articles, sound, strict=True)])
        through = []
        for (i, article), score, good in zip(articles, scores.tolist(), sound, strict=True):
            if score >= self.threshold or not good:
                through.append((i, article))
                continue
            try:
                results[i] = self.extractor.unread(
                    article.text,
                    article.published or self.published,
                    article.language or self.language,
                    article.name,
                )
            except InputError as error:
                results[i] = Failure(article.name, error)
        return through

    def _documents(self, articles: list[Article]) -> list[Document | Failure]:
        if not articles:
            return []
        try:
            documents = self.extractor.documents(
                [a.text for a in articles],
                [a.published or self.published for a in articles],
                [a.language or self.language for a in articles],
            )
        except Exception as error:
            # What is wrong with the release or the installation is no article's fault.
            if isinstance(error, TreatyEventsError) and not isinstance(error, InputError):
                raise
            # One bad article must not take its neighbours along: halve until it is alone.
            if len(articles) > 1:
                half = len(articles) // 2
                return self._documents(articles[:half]) + self._documents(articles[half:])
            return [Failure(articles[0].name, _fault(articles[0].name, error))]
        return [d.model_copy(update={"id": a.name}) for a, d in zip(articles, documents, strict=True)]


def _fault(name: str, error: Exception) -> InputError:
    """Tell what went wrong with an article; the model's own failures are told as such, with their cause."""
    if isinstance(error, InputError):
        return error
    fault = UnreadableError(name, f"the model failed on it ({type(error).__name__}: {error})")
    fault.__cause__ = error
    return fault


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
