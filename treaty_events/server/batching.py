"""Articles of all requests in one queue, read together by one thread.

Articles that arrive while others are being read, or within a few milliseconds, make the next batch. If a batch fails,
its articles are read one by one, so that an article that the model fails on does not hurt its neighbours. A batch that
nobody waits for any longer is given up between two windows.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import logging
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..extractor import Extractor
from ..heads import Array
from ..runtime import Backend
from ..schema import Document
from .limits import Limits
from .problems import RequestError
from .wire import Article

logger = logging.getLogger("treaty_events")
Outcome = Document | Exception


@dataclasses.dataclass(frozen=True, slots=True)
class _Job:
    article: Article
    outcome: asyncio.Future[Outcome]


class _AbandonedError(Exception):
    """Nobody waits for what is being read."""


class _Abandonable:
    """A model that stops between two windows when nobody waits for it.

    Args:
        backend: the model.
        wanted: whether anybody waits.
    """

    def __init__(self, backend: Backend, wanted: Callable[[], bool]) -> None:
        self.backend, self.wanted = backend, wanted

    def encode(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Run a batch of windows; see `Backend.encode`."""
        if not self.wanted():
            raise _AbandonedError
        return self.backend.encode(ids, mask)

    def relate(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score a window's spans; see `Backend.relate`."""
        return self.backend.relate(hidden, bounds, types)


def _abandonable(extractor: Extractor, wanted: Callable[[], bool]) -> Extractor:
    """Copy an extractor, its model shared; the copy stops when nobody waits."""
    extractor = copy.copy(extractor)
    extractor.reader = copy.copy(extractor.reader)
    extractor.reader.backend = _Abandonable(extractor.reader.backend, wanted)
    return extractor


class Batcher:
    """Reads articles for many requests at once; for use in one event loop.

    Args:
        extractor: the model, which no other thread may use meanwhile.
        limits: size of the queue and of a batch.
    """

    def __init__(self, extractor: Extractor, limits: Limits) -> None:
        self.extractor, self.limits = _abandonable(extractor, self._wanted), limits
        self._waiting: deque[_Job] = deque()
        self._reading: Sequence[_Job] = ()
        self._arriving: set[asyncio.Timeout] = set()
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="treaty-events")
        self._stopping = False
        self._seconds_per_text = 0.1

    @property
    def waiting(self) -> int:
        """How many articles wait."""
        return len(self._waiting)

    def check(self, articles: int = 1) -> None:
        """Check that there is room for so many articles.

        Raises:
            RequestError: 503 if there is not, or if the service is about to end.
        """
        if self._stopping:
            raise _stopped()
        if len(self._waiting) + articles > self.limits.max_waiting:
            seconds = math.ceil(len(self._waiting) * self._seconds_per_text)
            # More than a request's own time would be no help.
            seconds = max(1, min(seconds, math.ceil(self.limits.timeout)))
            raise RequestError(503, f"too many articles wait to be read: try again in {seconds} s", retry_after=seconds)

    @contextlib.asynccontextmanager
    async def arriving(self) -> AsyncIterator[None]:
        """Limit the time in which a request's body arrives; it is over at once when the service is to end.

        Raises:
            TimeoutError: it is over.
        """
        async with asyncio.timeout(self.limits.timeout) as limit:
            self._arriving.add(limit)
            try:
                yield
            finally:
                self._arriving.discard(limit)

    async def read(self, articles: Sequence[Article]) -> list[Outcome]:
        """Read articles, together with those of other requests.

        Args:
            articles: of one request; they are all taken or none is.

        Returns:
            By article, its document or what went wrong with it.

        Raises:
            RequestError: 503 if the queue is full, or the service ends before all of them are read.
        """
        self.check(len(articles))
        loop = asyncio.get_running_loop()
        jobs = [_Job(article, loop.create_future()) for article in articles]
        self._waiting.extend(jobs)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        try:
            outcomes = await asyncio.gather(*(job.outcome for job in jobs))
        except asyncio.CancelledError:
            # The request's time is over, and gather has cancelled its futures: nobody waits for these any longer.
            self._waiting = deque(job for job in self._waiting if not job.outcome.cancelled())
            raise
        for outcome in outcomes:
            if isinstance(outcome, RequestError):
                raise outcome
        return outcomes

    def stop(self) -> None:
        """Take no more articles, and refuse those that still wait once the grace is over; needs the running loop."""
        if not self._stopping:
            self._stopping = True
            asyncio.get_running_loop().call_later(self.limits.grace, self._refuse_waiting)
            for limit in self._arriving:
                if not limit.expired():
                    limit.reschedule(0)

    async def close(self) -> None:
        """Refuse what waits, wait for what is being read, end the thread."""
        self.stop()
        self._refuse_waiting()
        if self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])
        self._thread.shutdown()

    def _refuse_waiting(self) -> None:
        while self._waiting:
            _answer(self._waiting.popleft(), _stopped())

    async def _work(self) -> None:
        """Read batches until nothing waits."""
        while self._waiting:
            if len(self._waiting) < self.limits.batch_texts:
                await asyncio.sleep(self.limits.batch_delay)
            batch = self._next_batch()
            # All may have left meanwhile.
            if not batch:
                break
            started = time.monotonic()
            loop = asyncio.get_running_loop()
            outcomes = await loop.run_in_executor(self._thread, self._read, batch)
            self._seconds_per_text = (time.monotonic() - started) / len(batch)
            for job, outcome in zip(batch, outcomes, strict=True):
                _answer(job, outcome)

    def _next_batch(self) -> list[_Job]:
        batch: list[_Job] = []
        characters = 0
        while self._waiting and len(batch) < self.limits.batch_texts:
            size = len(self._waiting[0].article.text)
            if batch and characters + size > self.limits.batch_characters:
                break
            batch.append(self._waiting.popleft())
            characters += size
        return batch

    def _wanted(self) -> bool:
        """Tell whether anybody waits for what is being read."""
        return any(not job.outcome.done() for job in self._reading)

    def _read(self, jobs: Sequence[_Job]) -> list[Outcome]:
        """Read a batch; runs in the thread, and never raises what belongs to an article."""
        self._reading = jobs
        try:
            return self._documents([job.article for job in jobs])
        except _AbandonedError as error:
            return [error] * len(jobs)
        # A panic in the tokenizer's Rust is no Exception; it would end the worker and leave the requests waiting.
        except BaseException as error:
            if len(jobs) > 1:
                return [outcome for job in jobs for outcome in self._read([job])]
            if not isinstance(error, InputError):
                logger.exception("the model failed on an article of %d characters", len(jobs[0].article.text))
            return [error if isinstance(error, Exception) else RuntimeError(repr(error))]

    def _documents(self, articles: Sequence[Article]) -> list[Outcome]:
        documents = self.extractor.documents(
            [article.text for article in articles],
            [article.published for article in articles],
            [article.language for article in articles],
        )
        return [
            document.model_copy(update={"id": article.id})
            for article, document in zip(articles, documents, strict=True)
        ]


def _stopped() -> RequestError:
    return RequestError(503, "the service is about to end: try again in 5 s", retry_after=5)


def _answer(job: _Job, outcome: Outcome) -> None:
    if not job.outcome.done():
        job.outcome.set_result(outcome)
