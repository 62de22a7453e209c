"""The form of a request: one article, or `{"articles": [...]}`.

A single article is answered with one document, a list with a list in the same order. A request is taken whole or not at
all: if one article is at fault, the answer names it and no article is read, so that no result is missing unnoticed.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from ..errors import InputError
from ..extractor import parse_published
from .limits import Limits
from .problems import Fault, RequestError

# Faults that an answer lists; it tells how many there are. An echoed field name is cut at as many characters.
_LISTED = 20
_ECHOED = 40


def _whole(value: object) -> object:
    """Refuse half a surrogate pair, which JSON can write (as an escape) and UTF-8 cannot."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise PydanticCustomError(
                "lone_surrogate",
                "half a surrogate pair at character {offset}: write the character whole, or as U+FFFD",
                {"offset": error.start},
            ) from error
    return value


def _day(value: object) -> datetime.date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            # The whole string must be a date or a date and time; the day is the one that is written, in whatever zone.
            datetime.datetime.fromisoformat(value)
            return parse_published(value)
    except ValueError:
        pass
    raise PydanticCustomError("no_date", "no date: give 'YYYY-MM-DD' or a date and time in ISO 8601, or leave it out")


_DAY_SCHEMA = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "null"}]
}
_String = Annotated[str, BeforeValidator(_whole)]
_Day = Annotated[datetime.date | None, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
_Language = Annotated[str, Field(pattern="^[a-z]{2}$"), BeforeValidator(_whole)]


class Article(BaseModel):
    """An article to read.

    Attributes:
        text: the article as plain text; offsets of the answer count its code points.
        id: name of the article, given back with its document.
        published: when it was published, for dates such as "yesterday"; of a date and time the date counts.
        language: ISO 639-1 code; identified from the text if left out.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"text": "The Senate ratified the treaty.", "published": "2025-02-13"}},
    )

    text: _String
    id: _String | None = None
    published: _Day = None
    language: _Language | None = None


_FIELDS = ", ".join(Article.model_fields)
# What to do, by the type of pydantic's error; the errors made above say it themselves.
_MESSAGES = {
    "missing": "is missing: give the article as plain text",
    "string_type": "is no string: give one",
    "string_pattern_mismatch": "is no ISO 639-1 code: give two small letters such as 'fr', or leave it out",
}


def request_schema(limits: Limits) -> dict[str, Any]:
    """Give the JSON Schema of a request's body."""
    article = Article.model_json_schema()
    articles = {
        "title": "Articles",
        "description": "Articles to read; the documents come in the same order.",
        "type": "object",
        "properties": {"articles": {"type": "array", "items": article, "maxItems": limits.max_texts}},
        "required": ["articles"],
        "additionalProperties": False,
    }
    return {"oneOf": [article, articles]}


def _unknown(names: Sequence[str], number: int | None) -> Fault:
    """Tell of fields that an article does not have, such as a misspelt one, by the first of them."""
    others = f" (nor are {len(names) - 1} others)" if len(names) > 1 else ""
    # A name that the request chose may hold anything: shown in ASCII, and short.
    shown = ascii(names[0][:_ECHOED])[1:-1]
    return Fault(article=number, field=shown, message=f"is no field of an article{others}: these are {_FIELDS}")


def _fault(error: ErrorDetails, number: int | None) -> Fault:
    message = _MESSAGES.get(error["type"], error["msg"])
    return Fault(article=number, field=str(error["loc"][0]), message=message)


def _number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_number)
    except UnicodeDecodeError as error:
        raise RequestError(400, f"the body is not UTF-8 at byte {error.start}: encode it so") from error
    except RecursionError as error:
        raise RequestError(400, "the body is nested too deeply: send an article or a list of them") from error
    except ValueError as error:
        what = f"is not JSON ({error})" if body.strip() else "is empty"
        raise RequestError(400, f'the body {what}: send {{"text": "..."}} or {{"articles": [...]}}') from error


def refuse_faulty(status: int, faults: Sequence[Fault], articles: int) -> NoReturn:
    """Refuse a request because of some of its articles.

    Args:
        status: HTTP status code.
        faults: what is wrong with which article, at least one fault.
        articles: how many articles the request has.

    Raises:
        RequestError: always.
    """
    message = str(faults[0])
    if articles > 1:
        at_fault = len({fault.article for fault in faults})
        message += (
            f" ({at_fault} of {articles} articles at fault, none is answered: mend or leave out what is at fault)"
        )
    if len(faults) > _LISTED:
        message += f" ({len(faults)} faults, the first {_LISTED} are listed)"
    raise RequestError(status, message, faults[:_LISTED])


def parse(body: bytes, limits: Limits) -> tuple[list[Article], bool]:
    """Read a request's body.

    Args:
        body: UTF-8 JSON.
        limits: how many articles it may hold.

    Returns:
        The articles, and whether they came as a list.

    Raises:
        RequestError: 400 if it is not JSON, 422 if its content is wrong; says which article and what to do.
    """
    content = _decode(body)
    if not isinstance(content, dict):
        raise RequestError(422, 'the body is no object: send {"text": "..."} or {"articles": [...]}')
    many = "articles" in content
    items = content["articles"] if many else [content]
    if many and (len(content) > 1 or not isinstance(items, list)):
        raise RequestError(
            422, f"'articles' is a list and stands alone: what belongs to an article ({_FIELDS}) goes in"
        )
    if len(items) > limits.max_texts:
        raise RequestError(422, f"{len(items)} articles in a request: send at most {limits.max_texts} at once")
    articles, faults = [], []
    for number, item in enumerate(items):
        place = number if many else None
        if not isinstance(item, dict):
            faults.append(Fault(article=place, message='is no object: give {"text": "..."}'))
            continue
        if unknown := [name for name in item if name not in Article.model_fields]:
            faults.append(_unknown(unknown, place))
        try:
            # Unknown names are not shown to pydantic, which cannot take all strings as names.
            articles.append(Article.model_validate({name: item[name] for name in item.keys() & Article.model_fields}))
        except ValidationError as error:
            faults += [_fault(detail, place) for detail in error.errors(include_url=False, include_input=False)]
    if faults:
        refuse_faulty(422, faults, len(items))
    return articles, many


def read_faults(errors: Sequence[Exception | None], many: bool) -> None:
    """Refuse a request some of whose articles the model could not read.

    Args:
        errors: by article, what went wrong; None where nothing did.
        many: whether the articles came as a list.

    Raises:
        RequestError: if any is not None; 422 if the extractor found fault with the articles, else 500.
    """
    faults = [
        Fault(
            article=number if many else None,
            field="text",
            # Other errors may tell of the inside of the service: they are logged, not sent.
            message=str(error)
            if isinstance(error, InputError)
            else "the model failed on it: tell who runs the service",
        )
        for number, error in enumerate(errors)
        if error is not None
    ]
    if faults:
        ours = any(error is not None and not isinstance(error, InputError) for error in errors)
        refuse_faulty(500 if ours else 422, faults, len(errors))
