"""How the service says no: one exception, one JSON object, for every status code that is not 200."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from ..errors import TreatyEventsError


class Fault(BaseModel):
    """One thing that is wrong with an article.

    Attributes:
        article: its number in `articles`, from 0; None if the request is a single article.
        field: which field; None if it is about the article as a whole.
        message: what is wrong and what to do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    article: int | None = Field(default=None, ge=0)
    field: str | None = None
    message: str

    def __str__(self) -> str:
        place = [] if self.article is None else [f"articles[{self.article}]"]
        where = ".".join(place + ([] if self.field is None else [self.field]))
        return f"{where}: {self.message}" if where else self.message


class Problem(BaseModel):
    """Body of every answer that is an error.

    Attributes:
        error: what is wrong and what to do, in one sentence.
        faults: the articles at fault, where the trouble lies with articles.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: str
    faults: tuple[Fault, ...] = ()


class RequestError(TreatyEventsError):
    """A request cannot be answered.

    Args:
        status: HTTP status code.
        message: what is wrong and what to do.
        faults: the articles at fault.
        retry_after: seconds after which to try again, for what passes.
    """

    def __init__(
        self, status: int, message: str, faults: Sequence[Fault] = (), *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.problem = status, Problem(error=message, faults=tuple(faults))
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
