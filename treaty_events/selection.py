"""Active learning: which articles of a pile a person should annotate next.

An article is worth annotating if the model is in doubt about it (uncertainty sampling, Lewis & Gale 1994, "A sequential
algorithm for training text classifiers") and if it is unlike the others that are annotated (core-sets, Sener & Savarese
2018, "Active learning for convolutional neural networks: a core-set approach"). Both are measured on what is at hand:
the probabilities of an extraction, and the release's word embeddings. What the model overlooks altogether leaves no
trace in its numbers.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import language as identification
from . import release
from .articles import Article
from .assembly import assemble
from .errors import InputError, ReleaseError, UnreadableError
from .extraction import Extraction
from .extractor import Extractor, Published, parse_published

Floats = NDArray[np.float32]
# Pieces of a text and how often each comes.
Pieces = tuple[NDArray[np.int32], NDArray[np.int32]]
# Articles that are read together, and characters of theirs, as in `stream`.
_ARTICLES: Final = 64
_CHARACTERS: Final = 200_000
# Taking up an article costs as much as reading so many tokens of it: a line with one doubtful name is no find.
_OPENING: Final = 100
# Wrong decisions in 100 tokens from which on more of them count no more: such texts are lists and broken pages.
_CAP: Final = 5.0
# What the model is sure of can be wrong too.
_FLOOR: Final = 0.05
# So many times the articles wanted are compared for diversity: the most doubtful ones.
_POOL: Final = 10
# Cosine of weighted piece counts. Texts cut by a fifth or edited in every tenth word have 0.85 and more, texts on
# different events in one language up to 0.5. Means of embeddings cannot tell these: those of long texts all lie close.
_SAME: Final = 0.75
# Piece counts are hashed to so many columns, which moves a cosine by 0.03.
_COLUMNS: Final = 1024
# One of so many word embeddings goes into their mean.
_STEP: Final = 64
# Share of replacement characters that a text may hold.
_BROKEN: Final = 0.005
# Characters that Windows-1252 has and Latin-1 has not, as the bytes that they stand for.
_BYTES: Final = {
    ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


@dataclasses.dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure the model is about an article.

    Attributes:
        errors: expected number of wrong decisions in 100 tokens.
        confidence: that of the event that is nearest to 0.5; None without events.
    """

    errors: float
    confidence: float | None = None

    @property
    def value(self) -> float:
        """Both as one number, 0 to 1: half for the decisions, up to a cap, and half for the event."""
        margin = 0.0 if self.confidence is None else 1 - abs(2 * self.confidence - 1)
        return (min(self.errors, _CAP) / _CAP + margin) / 2


def doubt(extraction: Extraction, confidences: Iterable[float] = ()) -> Doubt:
    """Measure how unsure a model is about an article.

    Each mention, attribute and relation is a decision that is wrong with one minus its probability. Their sum is set
    against the length of the text, for that is what annotating it costs.

    Args:
        extraction: what the model says of the article.
        confidences: calibrated confidence of its events, also of those too unsure to be told.
    """
    wrong = sum(1 - m.score + sum(1 - m.scores[k] for k in m.attributes if k in m.scores) for m in extraction.mentions)
    wrong += sum(1 - r.score for r in extraction.relations)
    nearest = min(confidences, key=lambda confidence: abs(confidence - 0.5), default=None)
    return Doubt(100 * wrong / (extraction.tokens + _OPENING), nearest)


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """An article that was chosen.

    Attributes:
        index: its place in the pile, from 0.
        score: how useful it is next to those chosen before it; falls from choice to choice.
        doubt: how unsure the model is about it.
        distance: how unlike it is to the nearest article that is annotated or was chosen before, 0 to 1.
    """

    index: int
    score: float
    doubt: Doubt
    distance: float

    @property
    def reason(self) -> str:
        """Why it was chosen, in words."""
        event = "no event" if self.doubt.confidence is None else f"an event of confidence {self.doubt.confidence:.2f}"
        place = "nothing like it yet" if self.distance == 1 else f"{self.distance:.2f} from the nearest"
        return f"{self.doubt.errors:.1f} wrong decisions in 100 tokens expected, {event}, {place}"


class _Vectors:
    """Makes vectors of texts: what they are about, and how they are worded.

    Args:
        extractor: one that was loaded from a release directory.
    """

    def __init__(self, extractor: Extractor) -> None:
        if extractor.directory is None:
            raise ReleaseError("this extractor was not loaded from a release directory: there are no word embeddings")
        self.tokenizer = extractor.reader.tokenizer
        blocks = release.Tensors(extractor.directory / release.WEIGHTS)[release.WORDS]
        self.words = release.WordEmbeddings(blocks)
        # What all words have in common says nothing about a text.
        self.mean = self.words(np.arange(0, len(blocks), _STEP)).mean(axis=0)
        rng = np.random.default_rng(0)
        self.columns = rng.integers(0, _COLUMNS, len(blocks))
        self.signs = rng.choice(np.array([-1.0, 1.0]), len(blocks))
        self.texts = 0
        # Texts that hold a piece.
        self.frequencies = np.zeros(len(blocks), np.int64)

    def count(self, text: str) -> Pieces:
        """Count a text's pieces; it then counts for their frequencies."""
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        pieces, counts = np.unique(np.array(ids, np.int32), return_counts=True)
        self.frequencies[pieces] += 1
        self.texts += 1
        return pieces, counts.astype(np.int32)

    def _weights(self, counted: Pieces) -> NDArray[np.float64]:
        """Weigh pieces by how often they come in the text and how rare they are in others (tf-idf)."""
        rarity = np.log((1 + self.texts) / (1 + self.frequencies[counted[0]])) + 1
        weights: NDArray[np.float64] = (1 + np.log(counted[1])) * rarity
        return weights

    def topic(self, counted: Pieces) -> Floats:
        """Mean word embedding of a text, of length 1."""
        return _unit(self._weights(counted) @ (self.words(counted[0].astype(np.int64)) - self.mean))

    def wording(self, counted: Pieces) -> Floats:
        """Weighted piece counts of a text, hashed with signs to a few columns (Weinberger et al. 2009), of length 1."""
        weights = self._weights(counted) * self.signs[counted[0]]
        return _unit(np.bincount(self.columns[counted[0]], weights, _COLUMNS).astype(np.float64))


class Pile:
    """Articles to choose from. Their texts are not kept, only their piece counts and how unsure the model is.

    Example::

        pile = Pile(Extractor.from_pretrained(), seen=[document.text for document in annotated])
        articles = [item for item in pile.read(read_articles(["news.jsonl"])) if isinstance(item, Article)]
        for choice in pile.choose(50):
            print(articles[choice.index].name, choice.score, choice.reason)

    Args:
        extractor: the model that the annotation is for.
        seen: texts of articles that are annotated already.

    Raises:
        ReleaseError: the extractor was not loaded from a release directory.
        InputError: a text of `seen` is empty.
    """

    def __init__(self, extractor: Extractor, seen: Iterable[str] = ()) -> None:
        self.extractor = extractor
        self._vectors = _Vectors(extractor)
        self._seen: list[Pieces] = []
        for number, text in enumerate(seen, 1):
            if not text.strip():
                raise InputError(f"annotated article {number} has no text: join it with its text first (data.align)")
            self._seen.append(self._vectors.count(text))
        self._pieces: list[Pieces] = []
        self._languages: list[str] = []
        self._doubts: list[Doubt] = []

    def __len__(self) -> int:
        return len(self._doubts)

    def read(
        self, articles: Iterable[Article | UnreadableError], published: Published = None, language: str | None = None
    ) -> Iterator[Article | UnreadableError]:
        """Read articles with the model and add them.

        Args:
            articles: as `read_articles` gives them.
            published: publication date of those that have none of their own.
            language: language of those that have none of their own; identified if None.

        Yields:
            The articles in order, once they are in the pile, and an error in place of each one that is not.

        Raises:
            InputError: `published` is no date.
        """
        day = parse_published(published)
        batch: list[Article | UnreadableError] = []
        characters = 0
        for item in articles:
            batch.append(_checked(item))
            characters += len(item.text) if isinstance(item, Article) else 0
            if len(batch) >= _ARTICLES or characters >= _CHARACTERS:
                self._read([a for a in batch if isinstance(a, Article)], day, language)
                yield from batch
                batch, characters = [], 0
        self._read([a for a in batch if isinstance(a, Article)], day, language)
        yield from batch

    def _read(self, articles: Sequence[Article], published: datetime.date | None, language: str | None) -> None:
        if not articles:
            return
        extractions = self.extractor.extract([article.text for article in articles])
        for article, extraction in zip(articles, extractions, strict=True):
            code = article.language or language or identification.identify(article.text)
            day = parse_published(article.published or published)
            # Events that are too unsure to be told are the ones that are wanted here.
            events = assemble(extraction, code, day, self.extractor.calibration)
            self.add(article.text, code, doubt(extraction, [event.confidence for event in events]))

    def add(self, text: str, language: str | None, unsure: Doubt) -> None:
        """Add an article that was read.

        Args:
            text: its text, which is not kept.
            language: ISO 639-1 code, if known.
            unsure: what `doubt` gives for it.
        """
        self._pieces.append(self._vectors.count(text))
        self._languages.append(language or "und")
        self._doubts.append(unsure)

    def choose(self, n: int, *, balance: bool = True) -> list[Choice]:
        """Choose articles, one after the other: each time the one with the most doubt times distance.

        The distance is one minus the cosine to the nearest article that is annotated or was chosen before. Articles of
        nearly the same wording as such a one are passed over.

        Args:
            n: how many, at least 1.
            balance: share the choice among the languages: with each article chosen, others of its language count less.

        Returns:
            The most useful first; fewer than `n` if the pile holds no more that differ.

        Raises:
            InputError: `n` is less than 1, or the pile is empty.
        """
        if n < 1:
            raise InputError(f"{n} articles cannot be chosen: give at least 1")
        if not len(self):
            raise InputError("there is no article to choose from")
        pool = self._pool(n, balance)
        if not pool:
            return []
        topics = np.stack([self._vectors.topic(self._pieces[i]) for i in pool])
        nearest = np.zeros(len(pool), np.float32)
        for counted in self._seen:
            nearest = np.maximum(nearest, topics @ self._vectors.topic(counted))
        values = np.array([_FLOOR + self._doubts[i].value for i in pool])
        codes, groups = np.unique([self._languages[i] for i in pool], return_inverse=True)
        taken, left = np.zeros(len(codes)), np.ones(len(pool), np.bool_)
        choices: list[Choice] = []
        while len(choices) < min(n, len(pool)):
            distances = np.clip(1 - nearest, 0, 1)
            scores = values * distances / (1 + taken[groups] * balance)
            best = int(np.where(left, scores, -1).argmax())
            choices.append(Choice(pool[best], float(scores[best]), self._doubts[pool[best]], float(distances[best])))
            left[best] = False
            taken[groups[best]] += 1
            nearest = np.maximum(nearest, topics @ topics[best])
        return choices

    def _pool(self, n: int, balance: bool) -> list[int]:
        """Give the most doubtful articles, of each language if it is to be balanced, without near-duplicates."""
        groups = self._languages if balance else [""] * len(self)
        # As many of each language as could be chosen of it, should the others have none.
        most = max(n, _POOL * n // len(set(groups)))
        space = sum(min(most, size) for size in Counter(groups).values())
        wordings = np.zeros((len(self._seen) + space, _COLUMNS), np.float32)
        for row, counted in enumerate(self._seen):
            wordings[row] = self._vectors.wording(counted)
        pool: list[int] = []
        kept: Counter[str] = Counter()
        for i in np.argsort([-d.value for d in self._doubts], kind="stable").tolist():
            if kept[groups[i]] == most:
                continue
            row = len(self._seen) + len(pool)
            wording = self._vectors.wording(self._pieces[i])
            if not (wordings[:row] @ wording > _SAME).any():
                wordings[row] = wording
                pool.append(i)
                kept[groups[i]] += 1
        return pool


def _unit(vector: NDArray[np.float64]) -> Floats:
    return (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)


def _checked(item: Article | UnreadableError) -> Article | UnreadableError:
    """Give an article back if it can be annotated, else the reason why not."""
    if isinstance(item, UnreadableError):
        return item
    try:
        item.text.encode("utf-8")
        parse_published(item.published or None)
    except UnicodeEncodeError as error:
        return UnreadableError(item.name, f"holds a lone surrogate at {error.start}: decode it with errors='replace'")
    except InputError as error:
        return UnreadableError(item.name, str(error))
    if not any(character.isalpha() for character in item.text):
        return UnreadableError(item.name, "no words to annotate")
    if item.text.count("\ufffd") > len(item.text) * _BROKEN or _misread(item.text):
        return UnreadableError(item.name, "decoded with the wrong encoding: convert it from its source again")
    return item


def _misread(text: str) -> bool:
    """Tell whether a text is UTF-8 that was decoded as Windows-1252 or Latin-1: each letter beyond ASCII is several."""
    try:
        repaired = text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    # One such pair may be chance (a capital before a closing quotation mark).
    return len(repaired) + 2 < len(text)
