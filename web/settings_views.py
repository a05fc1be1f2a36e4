"""The Settings tab: what it shows, and what editors may choose there.

A reader is shown how the page looks, and nothing of the archive's settings. No answer of these
routes holds the key, nor does any error.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from rag.errors import LLMError, ModelMissing, SettingsError
from rag.i18n import tr, trn
from rag.settings import Settings
from web.endpoint import host_of, models_of, told, tried
from web.faults import Refused
from web.settings_form import FieldErrors, Form, chosen_by, form_of
from web.settings_html import settings_html
from web.visitors import editor_of, from_page, visitor_of

if TYPE_CHECKING:
    from web.desk import Desk

_MAX_BODY = 20_000
Json = dict[str, Any]


def settings_routes(desk: "Desk") -> APIRouter:
    """The routes below ``/page/settings``."""
    router = APIRouter(prefix="/page/settings")

    @router.get("")
    def shown(request: Request) -> Response:
        markup = settings_html(desk, visitor_of(request))
        return HTMLResponse(markup, headers={"cache-control": "no-store"})

    _add_changes(router, desk)
    return router


def _add_changes(router: APIRouter, desk: "Desk") -> None:
    async def answered(request: Request, deed: Callable[["Desk", Form], Json]) -> Response:
        """Do it in a thread, since it may wait for an endpoint; errors stand by their field."""
        editor_of(request)
        from_page(request)
        try:
            form = form_of(await _body(request))
            return JSONResponse(await run_in_threadpool(deed, desk, form))
        except FieldErrors as error:
            return JSONResponse({"done": False, "errors": dict(error.errors)}, status_code=422)

    @router.post("")
    async def save(request: Request) -> Response:
        return await answered(request, _save)

    @router.post("/test")
    async def test(request: Request) -> Response:
        return await answered(request, _test)

    @router.post("/models")
    async def models(request: Request) -> Response:
        return await answered(request, _models)

    @router.post("/reset")
    async def reset(request: Request) -> Response:
        editor_of(request)
        from_page(request)
        return JSONResponse(await run_in_threadpool(_reset, desk))


async def _body(request: Request) -> object:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > _MAX_BODY:
            raise Refused(413, "the settings are too long", "shorten them")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "reload the page") from None


def _save(desk: "Desk", form: Form) -> Json:
    try:
        desk.apply(chosen_by(form, desk))
    except (ModelMissing, SettingsError) as error:
        text = error.message.replace("BYLINE_VERIFIER", "The verifier")
        name = "encoder" if form.judge == "encoder" else "endpoint"
        raise FieldErrors({name: f"{text[:1].upper()}{text[1:]}."}) from None
    return {"done": True, "told": tr("Saved. The next question is answered this way.")}


def _reset(desk: "Desk") -> Json:
    try:
        desk.apply(None)
    except (ModelMissing, SettingsError) as error:
        why = tr("The environment's settings cannot work: {reason}.", reason=error.message)
        return {"done": False, "told": why}
    return {"done": True, "told": tr("The environment's settings are in force again.")}


def _asked(desk: "Desk", form: Form) -> Settings:
    """The settings with what stands in the form, saved or not, and a model in any case."""
    wanted = form.model_copy(update={"mode": "llm", "judge": "embedded"})
    return chosen_by(wanted, desk).over(desk.given)


def _test(desk: "Desk", form: Form) -> Json:
    settings = _asked(desk, form)
    try:
        reply = tried(settings)
    except LLMError as error:
        return {"done": False, "told": told(error)}
    answered = tr(
        "{model} at {host} answered in {time}:",
        model=reply.model,
        host=host_of(settings),
        time=_span(reply.seconds),
    )
    return {"done": True, "told": answered, "reply": reply.text}


def _span(seconds: float) -> str:
    if seconds >= 1:
        return tr("{seconds} s", seconds=f"{seconds:.1f}")
    return tr("{milliseconds} ms", milliseconds=max(1, round(1_000 * seconds)))


def _models(desk: "Desk", form: Form) -> Json:
    settings = _asked(desk, form)
    try:
        names = models_of(settings)
    except LLMError as error:
        return {"done": False, "told": told(error), "models": []}
    n = len(names)
    return {
        "done": True,
        "told": trn("{host} has {n} model.", "{host} has {n} models.", n, host=host_of(settings)),
        "models": list(names),
    }
