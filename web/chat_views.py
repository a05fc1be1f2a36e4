"""What the page's script asks of the conversations: to see, to name, to rate, to share them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from rag.chats import Chats, Feedback, Rating, Reason
from rag.chats import Exchange as Kept
from rag.errors import ConversationMissing
from rag.i18n import tr
from rag.render_html import esc
from rag.render_json import to_json
from rag.render_story import Exchange
from web.asking import MAX_MARKER, Limits, Short, Text
from web.chatting import conversation_json, list_html, proof_html
from web.export import Format, export
from web.login_page import dead_end_html
from web.visitors import from_page, visitor_of

if TYPE_CHECKING:
    from web.desk import Desk

Json = dict[str, Any]
MAX_LISTED = 300
Verb = Literal["rename", "pin", "delete", "undelete", "share", "unshare", "rate", "limit"]


class Deed(BaseModel):
    """Something to be done with a conversation or an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verb: Verb
    conversation: Short = ""
    exchange: Annotated[StrictInt, Field(ge=0, lt=1 << 62)] = 0
    title: Short = ""
    pinned: StrictBool = False
    rating: Rating | None = None
    reason: Reason = ""
    marker: Annotated[StrictInt | None, Field(ge=1, le=MAX_MARKER)] = None
    note: Annotated[Text, Field(max_length=2_000)] = ""
    scope: Limits | None = None


def chat_routes(desk: "Desk") -> APIRouter:
    """The routes below ``/page`` that show and change conversations."""
    router = APIRouter(prefix="/page")

    @router.get("/conversations")
    def conversations(
        request: Request, search: Annotated[str, Query(max_length=200)] = ""
    ) -> Response:
        owner = visitor_of(request).name
        found = desk.chats.listing(owner, search, limit=MAX_LISTED)
        return HTMLResponse(list_html(found, search, datetime.now(UTC).date()))

    @router.get("/conversation")
    def conversation(
        request: Request, conversation_id: Annotated[str, Query(alias="id", max_length=100)]
    ) -> Response:
        found = desk.chats.get(conversation_id, visitor_of(request).name)
        return JSONResponse(conversation_json(desk, found))

    @router.get("/proof")
    def proof(
        request: Request, exchange: Annotated[int, Query(alias="id", gt=0, lt=1 << 62)]
    ) -> Response:
        found = desk.chats.exchange(exchange, visitor_of(request).name)
        return JSONResponse(proof_html(found.answer))

    @router.get("/export")
    def exported(
        request: Request,
        conversation_id: Annotated[str, Query(alias="id", max_length=100)],
        kind: Annotated[Format, Query(alias="format")],
    ) -> Response:
        found = desk.chats.get(conversation_id, visitor_of(request).name)
        made = export(kind, found.title, _told(desk.chats.exchanges(found)))
        # Safe as it is: the name holds small letters, digits and hyphens.
        headers = {"content-disposition": f'attachment; filename="{made.filename}"'}
        return Response(made.content, media_type=made.media_type, headers=headers)

    @router.get("/scope")
    def scope() -> Response:
        return HTMLResponse(choices_html(desk))

    @router.post("/chat")
    def chat(request: Request, deed: Deed) -> Response:
        from_page(request)
        return JSONResponse(do(desk.chats, visitor_of(request).name, deed))

    return router


def shared_routes(desk: "Desk") -> APIRouter:
    """A conversation that somebody shared: whoever has the link may read it, logged in or not."""
    router = APIRouter()

    @router.get("/s/{token}")
    def shared(request: Request, token: Annotated[str, Path(max_length=100)]) -> Response:
        headers = {"x-robots-tag": "noindex", "cache-control": "no-store"}
        try:
            found = desk.chats.shared(token)
        except ConversationMissing:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            told = (tr("This link opens nothing."), tr("Ask whoever sent it for a new one."))
            return HTMLResponse(dead_end_html(*told), status_code=404, headers=headers)
        made = export("html", found.title, _told(desk.chats.exchanges(found)))
        return HTMLResponse(made.content, headers=headers)

    return router


def _told(exchanges: Sequence[Kept]) -> list[Exchange]:
    return [Exchange(asked_at=e.asked_at, body=to_json(e.answer)) for e in exchanges]


def do(chats: Chats, owner: str, deed: Deed) -> Json:
    """Do it; what the page should know of it.

    Raises:
        ConversationMissing: it is not the owner's.
    """
    return _DEEDS[deed.verb](chats, owner, deed)


def _rename(chats: Chats, owner: str, deed: Deed) -> Json:
    return {"title": chats.rename(deed.conversation, owner, deed.title).title}


def _pin(chats: Chats, owner: str, deed: Deed) -> Json:
    return {"pinned": chats.pin(deed.conversation, owner, deed.pinned).pinned}


def _delete(chats: Chats, owner: str, deed: Deed) -> Json:
    return {"title": chats.delete(deed.conversation, owner).title}


def _undelete(chats: Chats, owner: str, deed: Deed) -> Json:
    return {"title": chats.undelete(deed.conversation, owner).title}


def _share(chats: Chats, owner: str, deed: Deed) -> Json:
    return {"share": chats.share(deed.conversation, owner)}


def _unshare(chats: Chats, owner: str, deed: Deed) -> Json:
    chats.unshare(deed.conversation, owner)
    return {"share": None}


def _limit(chats: Chats, owner: str, deed: Deed) -> Json:
    chats.limit(deed.conversation, owner, (deed.scope or Limits()).chosen())
    return {}


def _rate(chats: Chats, owner: str, deed: Deed) -> Json:
    given = None
    if deed.rating is not None:
        given = Feedback(rating=deed.rating, reason=deed.reason, marker=deed.marker, note=deed.note)
    chats.rate(deed.exchange, owner, given)
    return {"rating": deed.rating}


_DEEDS: Mapping[Verb, Callable[[Chats, str, Deed], Json]] = {
    "rename": _rename,
    "pin": _pin,
    "delete": _delete,
    "undelete": _undelete,
    "share": _share,
    "unshare": _unshare,
    "limit": _limit,
    "rate": _rate,
}


def choices_html(desk: "Desk") -> str:
    """The outlets and languages that there are to choose from."""
    outlets = "".join(f'<option value="{esc(name)}"></option>' for name in desk.outlets())
    languages = "".join(
        f'<option value="{esc(code)}">{esc(code)}</option>' for code in desk.languages()
    )
    return (
        f'<datalist id="byline-outlets">{outlets}</datalist>'
        f'<template id="byline-languages">{languages}</template>'
    )
