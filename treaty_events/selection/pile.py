"""Articles that wait to be annotated, and the choice among them."""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from treaty_events import language as identification
from treaty_events import soundness
from treaty_events.articles import Article
from treaty_events.assembly import assemble
from treaty_events.errors import InputError, UnreadableError
from treaty_events.extractor import Extractor, Published, parse_published

from .doubt import Doubt, doubt
from .vectors import COLUMNS, Pieces, Vectors

# Articles that are read together, and characters of theirs, as in `stream`.
_ARTICLES: Final = 64
_CHARACTERS: Final = 200_000
# What the model is sure of can be wrong too.
_FLOOR: Final = 0.05
# So many times the articles wanted are compared for diversity: the most doubtful ones.
_POOL: Final = 10
# Cosine of weighted piece counts. Texts cut by a fifth or edited in every tenth word have 0.85 and more, texts on
# different events in one language up to 0.5. Means of embeddings cannot tell these: those of long texts all lie close.
_SAME: Final = 0.75


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
        self._vectors = Vectors(extractor)
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
            batch.append(soundness.check(item))
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
            events = assemble(extraction, code, day, self.extractor.calibration, judges=self.extractor.judges)
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
        wordings = np.zeros((len(self._seen) + space, COLUMNS), np.float32)
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
