"""What the page's script fetches to show: an article, its history, the queue, the library.

Only reading: whatever changes something goes through ``web.acting``.
"""

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse, Response

from rag.browse import ONLY, Only, View
from rag.errors import ArticleMissing
from web import intake, record, stacks
from web.visitors import LOCAL, Visitor, editor_of, visitor_of

if TYPE_CHECKING:
    from web.desk import Desk

MAX_ROWS = 200
_MAX_OFFSET = 1 << 40
Ref = Annotated[str, Query(alias="id", max_length=2_000)]
Short = Annotated[str, Query(max_length=200)]


def page_routes(desk: "Desk") -> APIRouter:
    """The routes below ``/page``."""
    router = APIRouter(prefix="/page")
    _add_article(router, desk)
    _add_library(router, desk)
    return router


def _add_article(router: APIRouter, desk: "Desk") -> None:
    @router.get("/article")
    def article(
        request: Request,
        article_id: Ref,
        revision: int | None = None,
        marks: Annotated[str, Query(max_length=20 * record.MAX_MARKS)] = "",
    ) -> Response:
        try:
            may_edit = visitor_of(request).may_edit
            shown = record.view_html(desk, article_id, revision, marks, may_edit=may_edit)
            return HTMLResponse(shown)
        except ArticleMissing as error:
            return HTMLResponse(record.missing(desk, article_id, error), status_code=410)

    @router.get("/edit")
    def edit(request: Request, article_id: Ref) -> Response:
        editor_of(request)
        found = desk.article(article_id)
        return HTMLResponse(record.edit_html(found, desk.corrections(found.article_id)))

    @router.get("/withdraw")
    def withdraw(request: Request, article_id: Ref) -> Response:
        editor_of(request)
        return HTMLResponse(record.withdraw_html(desk.article(article_id)))

    @router.get("/history")
    def history(article_id: Ref) -> Response:
        return HTMLResponse(record.history_html(desk.revisions(article_id)))

    @router.get("/changes")
    def changes(article_id: Ref, revision: int) -> Response:
        *before, now = desk.revisions(article_id)
        old = next((a for a in before if a.revision == revision), now)
        return HTMLResponse(record.changes_html(old, now))


def _add_library(router: APIRouter, desk: "Desk") -> None:
    @router.get("/queue")
    def queue(
        wanted: Annotated[str, Query(alias="all", max_length=100)] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        shown = intake.queue_html(desk, wanted.split(","))
        digest = hashlib.blake2b(shown.encode(), digest_size=12).hexdigest()
        headers = {"etag": f'"{digest}"', "cache-control": "no-cache"}
        if if_none_match == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(shown, headers=headers)

    @router.get("/job")
    def job(job_id: Annotated[int, Query(alias="id", gt=0, lt=1 << 62)]) -> Response:
        found = desk.jobs_of((job_id,))
        if not found:
            raise ArticleMissing(f"there is no job {job_id}", "it was cleared")
        items = desk.browse.items(job_id, intake.MAX_ITEMS)
        return HTMLResponse(intake.items_html(found[0], items))

    @router.get("/library")
    def library(
        request: Request,
        search: Short = "",
        sort: Short = "added",
        only: Short = "all",
        group: Short = "",
        offset: Annotated[int, Query(ge=0, lt=_MAX_OFFSET)] = 0,
    ) -> Response:
        visitor = visitor_of(request)
        more = {"group_of": group, "offset": offset}
        return HTMLResponse(library_html(desk, search, sort, only, visitor=visitor, **more))


def library_html(
    desk: "Desk", search: str, sort: str, only: str, *, visitor: Visitor = LOCAL, **more: Any
) -> str:
    """The library as asked for; a choice that there is not is the first."""
    by, backwards = stacks.SORTS.get(sort, stacks.SORTS["added"])
    chosen: Only = next((name for name in ONLY if name == only), "all")
    view = View(search=search, sort=by, backwards=backwards, only=chosen, limit=MAX_ROWS, **more)
    if only == "withdrawn":
        return stacks.withdrawn_html(desk.withdrawn(), view, may_edit=visitor.may_edit)
    listing = desk.browse.articles(view)
    return stacks.library_html(listing, view, may_edit=visitor.may_edit)
