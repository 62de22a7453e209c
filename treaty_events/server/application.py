"""The ASGI application: its paths, and its OpenAPI description."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.exceptions import HTTPException

from ..extractor import Extractor, package_version
from ..schema import Document, ModelInfo
from .batching import Batcher
from .body import read_body, while_connected
from .limits import Limits
from .problems import Problem, RequestError
from .wire import parse, read_faults, request_schema

_DOCUMENTS = TypeAdapter(list[Document])
_DESCRIPTION = """Finds treaty events in news articles.

`POST /predict` takes one article or `{"articles": [...]}` and answers with a document or a list of them in the same
order. A request is answered whole or not at all: if an article is at fault, `faults` names it by its number and no
document is sent. Every error is a `Problem`, which says what to do.
"""
_RETRY = {"Retry-After": {"description": "seconds after which to try again", "schema": {"type": "integer"}}}


class Health(BaseModel):
    """That the service takes articles.

    Attributes:
        status: always `ok`; a service that does not take articles answers 503.
        waiting: how many articles wait to be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["ok"] = "ok"
    waiting: int = Field(ge=0)


def _responses(limits: Limits) -> dict[int | str, dict[str, Any]]:
    """Describe every answer of `/predict` that is an error."""
    described = {
        400: "The body is not JSON in UTF-8, or the connection ended.",
        408: f"The body took more than {limits.timeout:g} s to arrive.",
        413: f"The body is larger than {limits.max_bytes} bytes.",
        415: "The body is not `application/json`, not UTF-8 or compressed, by its headers.",
        422: f"An article is at fault (`faults` says which), or there are more than {limits.max_texts}.",
        500: "The model failed on an article (`faults` says which).",
        503: "Too many articles wait, or the service is about to end: try again after `Retry-After` seconds.",
        504: f"The articles could not be read within {limits.timeout:g} s.",
    }
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": text} for status, text in described.items()
    }
    responses[503]["headers"] = _RETRY
    responses[200] = {"description": "A document for an article, a list of documents for `articles`."}
    return responses


def _problem(status: int, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.model_dump_json(), status, headers, "application/json")


async def _on_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _problem(error.status, error.problem, error.headers)


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Answer for what has no path or the wrong method."""
    assert isinstance(error, HTTPException)
    message = f"{error.detail}: there are POST /predict, GET /healthz, GET /version and GET /openapi.json"
    return _problem(error.status_code, Problem(error=message), dict(error.headers or {}))


async def _on_failure(_: Request, error: Exception) -> Response:
    """Answer for a fault of the service itself; the server logs it."""
    return _problem(500, Problem(error="the service failed: tell who runs it"))


def build(extractor: Extractor, limits: Limits) -> FastAPI:
    """Make the application; see `create_app`. Its `state.batcher` reads the articles."""
    batcher = Batcher(extractor, limits)
    # Requests whose bodies are held in memory: as many as could wait or be read if each had one article.
    places = asyncio.Semaphore(limits.max_waiting + limits.batch_texts)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await batcher.close()

    app = FastAPI(
        title="treaty-events",
        version=package_version(),
        description=_DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.batcher = batcher
    app.add_exception_handler(RequestError, _on_refused)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)
    body = {"required": True, "content": {"application/json": {"schema": request_schema(limits)}}}

    @app.post(
        "/predict",
        summary="Find the treaty events of articles",
        response_model=Document | list[Document],
        responses=_responses(limits),
        openapi_extra={"requestBody": body},
    )
    async def predict(request: Request) -> Response:
        # Said before the body is read, so that a crowd costs no memory.
        batcher.check()
        if places.locked():
            raise RequestError(503, "too many requests are open: try again in 1 s", retry_after=1)
        async with places:
            articles, many = parse(await read_body(request, batcher), limits)
            try:
                async with asyncio.timeout(limits.timeout):
                    outcomes = await while_connected(request, batcher.read(articles))
            except TimeoutError as error:
                raise RequestError(
                    504, f"not read within {limits.timeout:g} s: send fewer or shorter articles, or try again later"
                ) from error
        read_faults([outcome if isinstance(outcome, Exception) else None for outcome in outcomes], many)
        documents = [outcome for outcome in outcomes if isinstance(outcome, Document)]
        content = _DOCUMENTS.dump_json(documents) if many else documents[0].model_dump_json()
        return Response(content, media_type="application/json")

    @app.get(
        "/healthz",
        summary="Whether the service takes articles",
        responses={503: {"model": Problem, "description": "It is about to end.", "headers": _RETRY}},
    )
    async def healthz() -> Health:
        # A long queue is no reason to restart the service: only one that ends is unwell.
        batcher.check(articles=0)
        return Health(waiting=batcher.waiting)

    @app.get("/version", summary="Which model and package this is")
    async def version() -> ModelInfo:
        return extractor.info

    return app
