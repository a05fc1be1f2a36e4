"""What the Quality tab's script fetches and asks to be done.

Whoever edits sees the answers of all; a reader sees their own. Only an editor runs evaluations
and changes sets of questions, and only from the page itself.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from rag.errors import InputRefused
from rag.i18n import tr
from web import quality_html as html
from web.compared_html import compare_html
from web.faults import Refused
from web.trials import Trials
from web.visitors import editor_of, from_page, visitor_of

if TYPE_CHECKING:
    from rag.chats import Exchange
    from web.desk import Desk
    from web.visitors import Visitor

Json = dict[str, Any]
Body = Mapping[str, Any]
MAX_BODY_BYTES = 20_000_000  # a set of questions may bring documents
MAX_QUESTIONS = 500
LATELY = -1  # days: as many as it takes to have something to show
Name = Annotated[str, Query(max_length=200)]


def quality_routes(desk: "Desk", trials: Trials) -> APIRouter:
    """The routes below ``/page/quality``."""
    router = APIRouter(prefix="/page/quality")
    _add_views(router, desk, trials)
    _add_reports(router, trials)
    _add_deeds(router, desk, trials)
    return router


def _add_views(router: APIRouter, desk: "Desk", trials: Trials) -> None:
    @router.get("")
    def answers(
        request: Request, days: Annotated[int, Query(ge=LATELY, le=100_000)] = LATELY
    ) -> Response:
        return HTMLResponse(answers_html(desk, visitor_of(request), days))

    @router.get("/runs")
    def runs(request: Request) -> Response:
        may_edit = visitor_of(request).may_edit
        is_busy = trials.standing.state == "running"
        body = html.runs_html(trials, may_edit=may_edit)
        return HTMLResponse(html.tab_html("runs", body, busy=is_busy))

    @router.get("/set")
    def questions(
        request: Request, name: Name, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0
    ) -> Response:
        editor_of(request)
        body = html.set_html(name, trials.sets.rows(name), offset)
        return HTMLResponse(html.tab_html("set", body))


def _add_reports(router: APIRouter, trials: Trials) -> None:
    @router.get("/report")
    def report(
        request: Request, run_id: Annotated[str, Query(alias="id", max_length=200)], whole: int = 0
    ) -> Response:
        visitor_of(request)
        path = trials.folder(run_id) / "report.html"
        if not path.is_file():  # of a run from the command line that was cut short after its JSON
            raise InputRefused(f"{run_id} has no report to read", "run it again")
        if whole:
            return FileResponse(path, media_type="text/html")
        body = html.report_html(run_id, _title(trials, run_id), path.read_text("utf-8"))
        return HTMLResponse(html.tab_html("report", body))

    @router.get("/compare")
    def compare(request: Request, before: Name, after: Name) -> Response:
        from eval.compare import compare_json, values_of
        from eval.run import read_scores

        visitor_of(request)
        was, now = (values_of(read_scores(trials.folder(name))) for name in (before, after))
        titles = (_title(trials, before), _title(trials, after))
        body = compare_html(*titles, compare_json(was, now))
        return HTMLResponse(html.tab_html("compare", body))


def _title(trials: Trials, run_id: str) -> str:
    """A run by its questions and its moment, or by its folder."""
    run = trials.run(run_id)
    return html.run_text(run) if run else run_id


def answers_html(desk: "Desk", visitor: "Visitor", days: int) -> str:
    """The answers given in the last days (0: ever) that this visitor may see."""
    from eval.chat_html import chat_html
    from eval.chat_report import chat_report

    exchanges: Sequence[Exchange] = ()
    for span in (30, 365, 0) if days == LATELY else (days,):
        since = datetime.now(UTC) - timedelta(days=span) if span else None
        exchanges = desk.chats.every(since, None if visitor.may_edit else visitor.name)
        if exchanges:
            break
    report = chat_report(exchanges)

    def link(answer: Mapping[str, Any]) -> str:
        """Conversations are private: only one's own opens."""
        if answer["owner"] != visitor.name:
            return ""
        return f"?c={answer['conversation_id']}#e-{answer['exchange_id']}"

    body = html.spans_html(span) if exchanges or span else ""
    body += chat_html(report, link) if exchanges or not span else html.nothing_in_time_html()
    return html.tab_html("answers", body, busy=report["n_unscored"] > 0)


# --- what is done --------------------------------------------------------------------------------


def _add_deeds(router: APIRouter, desk: "Desk", trials: Trials) -> None:
    deeds: Mapping[str, Callable[[Body], str]] = {
        "run": lambda body: _run(trials, body),
        "stop": lambda _: _stop(trials),
        "draft": lambda body: _draft(desk, trials, body),
        "upload": lambda body: _upload(trials, body),
        "keep": lambda body: _curate(trials, body, {}),
        "edit": lambda body: _curate(trials, body, _edited(body)),
        "drop": lambda body: _curate(trials, body, None),
        "remove-run": lambda body: _remove(trials.remove, body),
        "remove-set": lambda body: _remove(trials.sets.remove, body),
    }

    @router.post("/{verb}")
    async def act(verb: str, request: Request) -> Response:
        from_page(request)
        editor_of(request)
        body = await _body(request)
        if verb not in deeds:
            raise InputRefused(f"{verb[:50]!r} is nothing to do", "reload the page")
        return JSONResponse({"told": await run_in_threadpool(deeds[verb], body)})


async def _body(request: Request) -> Body:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_BODY_BYTES:
            raise Refused(413, "the file is larger than 20 MB", "take a part of it")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "reload the page") from None
    if not isinstance(body, dict):
        raise Refused(422, "the body is not a JSON object", "reload the page")
    return body


def _run(trials: Trials, body: Body) -> str:
    trials.start(_text(body, "name"), _number(body, "limit"))
    return ""


def _stop(trials: Trials) -> str:
    trials.stop()
    return ""


def _draft(desk: "Desk", trials: Trials, body: Body) -> str:
    path = trials.sets.draft(desk.listing(), _number(body, "n"))
    return tr("Drafted {name}. Look through it before you run it.", name=path.name)


def _upload(trials: Trials, body: Body) -> str:
    path = trials.sets.add(_text(body, "name"), _text(body, "text"))
    return tr("Took in {name}.", name=path.name)


def _curate(trials: Trials, body: Body, changes: Body | None) -> str:
    at = _number(body, "at", least=0, most=1_000_000)
    trials.sets.change(_text(body, "name"), at, _text(body, "was"), changes)
    return ""


def _edited(body: Body) -> Body:
    question = _text(body, "question").strip()
    if not question:
        raise InputRefused("a question needs words", "drop it instead")
    answerable = body.get("unanswerable") is not True
    answer = html.answers_of(_text(body, "answer")) if answerable else []
    if answerable and not answer:
        raise InputRefused("no answer is given", "write one, or say that it cannot be answered")
    return {"question": question, "answer": answer, "answerable": answerable}


def _remove(remove: Callable[[str], None], body: Body) -> str:
    name = _text(body, "name")
    remove(name)
    return tr("Deleted {name}.", name=name)


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise InputRefused(f"{name} must be text, not {value!r:.100}")
    return value.encode("utf-8", "replace").decode()


def _number(body: Body, name: str, *, least: int = 1, most: int = MAX_QUESTIONS) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InputRefused(f"{name} must be a number from {least} to {most:,}, not {value!r:.100}")
    return value
