"""The JSON API: ask, list, read and, with the token, fill and empty the archive."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from rag.render_json import article_json, citation_json, retrieved_json, sentence_json, to_json
from rag.schema import (
    AnswerEvent,
    Event,
    PassagesEvent,
    SentenceEvent,
    StatusEvent,
)
from web.asking import Ask, Asker
from web.chat_views import chat_routes, shared_routes
from web.faults import Refused, fault_of, refused
from web.filling import Filled, fill
from web.keeping import keep, queue_json, taken_json
from web.quality_views import quality_routes
from web.settings_views import settings_routes
from web.trials import Trials
from web.views import page_routes

if TYPE_CHECKING:
    from web.desk import Desk

MAX_BODY_BYTES = 1_000_000


class Sources(BaseModel):
    """What to ingest: files and folders of this machine, and addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: Annotated[list[StrictStr], Field(max_length=100_000)]


def routes(desk: "Desk", asker: Asker, trials: Trials | None = None) -> APIRouter:
    """The routes of the API over one open archive; ``trials`` are what its evaluations run in."""
    router = APIRouter()
    _add_reading(router, desk, asker)
    _add_filling(router, desk)
    router.include_router(page_routes(desk))
    router.include_router(settings_routes(desk))
    router.include_router(quality_routes(desk, trials or Trials(desk)))
    router.include_router(chat_routes(desk))
    router.include_router(shared_routes(desk))

    @router.api_route("/v1/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(path: str) -> Response:
        # Before the page, which takes every address that is left and answers in its own shape.
        known = path in ("ask", "articles", "ingest")
        raise Refused(405 if known else 404, f"/v1/{path[:200]} does not answer to this method")

    return router


def _add_reading(router: APIRouter, desk: "Desk", asker: Asker) -> None:

    @router.post("/v1/ask")
    async def ask(request: Request) -> Response:
        asked = Ask.model_validate(await _body(request))
        if "text/event-stream" in request.headers.get("accept", ""):
            return _event_stream(_ask_events(asker, asked))
        return JSONResponse(to_json(await asker.answer(asked)))

    @router.get("/v1/articles")
    def articles() -> Response:
        return JSONResponse([article_json(a) for a in desk.listing()])

    @router.get("/v1/articles/{article_id}")
    def article(article_id: str) -> Response:
        return JSONResponse(article_json(desk.article(article_id), with_text=True))

    @router.get("/v1/jobs")
    def jobs() -> Response:
        return JSONResponse(queue_json(desk))

    @router.get("/healthz")
    def health() -> Response:
        n_articles, n_passages = desk.counts()
        return JSONResponse({"status": "ok", "articles": n_articles, "passages": n_passages})


def _add_filling(router: APIRouter, desk: "Desk") -> None:
    @router.delete("/v1/articles")
    def remove(
        ref: Annotated[str, Query(max_length=4_000)],
        authorization: Annotated[str, Header()] = "",
    ) -> Response:
        _authorize(desk, authorization)
        return JSONResponse(taken_json(desk.holdings.remove_all(ref)))

    @router.post("/v1/keep/{verb}")
    async def keeping(
        verb: str, request: Request, authorization: Annotated[str, Header()] = ""
    ) -> Response:
        _authorize(desk, authorization)
        body = await _body(request, max_bytes=50 * MAX_BODY_BYTES)
        if not isinstance(body, dict):
            raise Refused(422, "the body is not a JSON object", 'send {"ref": "..."}')
        return JSONResponse(await run_in_threadpool(keep, desk, verb, body))

    @router.post("/v1/ingest")
    async def ingest(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        _authorize(desk, authorization)
        given = Sources.model_validate(await _body(request, max_bytes=50 * MAX_BODY_BYTES))
        return _event_stream(_ingest_events(fill(desk, given.sources)))


def handle_errors(app: FastAPI) -> None:
    """Answer every failure in the contract's shape, with the status that fits."""

    async def failed(_: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            error = refused(error.errors())
        if isinstance(error, HTTPException):
            phrase = HTTPStatus(error.status_code).phrase.lower()
            error = Refused(error.status_code, str(error.detail or phrase))
        fault = fault_of(error)
        return JSONResponse(fault.body(), status_code=fault.status)

    # One entry each: Starlette looks handlers up along the class, and Exception alone would
    # also print a traceback of ours.
    from pydantic import ValidationError

    from rag.errors import BylineError

    for kind in (BylineError, ValidationError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, failed)


# --- asking --------------------------------------------------------------------------------------


async def _body(request: Request, max_bytes: int = MAX_BODY_BYTES) -> Any:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > max_bytes:
            raise Refused(
                413, f"the body is larger than {max_bytes} bytes", "ask something shorter"
            )
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "send a JSON object") from None


async def _ask_events(asker: Asker, ask: Ask) -> AsyncIterator[tuple[str, object]]:
    introduced: set[int] = set()
    async with aclosing(asker.stream(ask)) as events:  # type: ignore[type-var]  # a generator
        async for event in events:
            yield event_json(event, introduced)


def event_json(event: Event, introduced: set[int]) -> tuple[str, object]:
    """The name and the data of a streamed event; notes which markers were introduced."""
    match event:
        case StatusEvent():
            return "status", {"stage": event.stage, "message": event.message}
        case PassagesEvent():
            found = [
                retrieved_json(p, event.articles[p.passage.article_id]) for p in event.passages
            ]
            return "passages", {"standalone": event.question.text, "retrieved": found}
        case SentenceEvent():
            new = [c for c in event.sentence.citations if c.marker not in introduced]
            introduced |= {c.marker for c in new}
            cited = [citation_json(c, event.articles[c.evidence.article_id]) for c in new]
            return "sentence", {**sentence_json(event.sentence), "introduces": cited}
        case AnswerEvent():
            return "answer", to_json(event.answer)


# --- filling -------------------------------------------------------------------------------------


def _authorize(desk: "Desk", authorization: str) -> None:
    expected = f"Bearer {desk.token}"
    if not secrets.compare_digest(authorization.encode("utf-8", "replace"), expected.encode()):
        raise Refused(
            401, "this needs the server's token", "send it as Authorization: Bearer TOKEN"
        )


async def _ingest_events(told: AsyncIterator[Filled]) -> AsyncIterator[tuple[str, object]]:
    from web.archive import report_json

    async with aclosing(told) as events:  # type: ignore[type-var]  # a generator
        async for event in events:
            value = event.value
            if event.kind == "report":
                yield "report", report_json(value)
            else:
                step = {"done": value.done, "total": value.total, "source": str(value.source)}
                yield "progress", step


# --- streaming -----------------------------------------------------------------------------------


def _event_stream(events: AsyncIterator[tuple[str, object]]) -> Response:
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_sse(events), media_type="text/event-stream", headers=headers)


async def _sse(events: AsyncIterator[tuple[str, object]]) -> AsyncIterator[str]:
    try:
        async with aclosing(events) as named:  # type: ignore[type-var]  # a generator
            async for name, data in named:
                yield sse(name, data)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told in the stream
        yield sse("error", fault_of(error).body())


def sse(name: str, data: object) -> str:
    """One server-sent event; ASCII, so that no line separator inside a text can end it."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
