"""The command line of Byline: each command parses, calls one function and prints."""

import io
import sys
import traceback
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import BylineError, InputRefused
from web import eval_cli, keep_cli, users_cli
from web.keep_cli import HomeOption, JsonOption
from web.telling import note, one_line, print_json

if TYPE_CHECKING:
    from rag.settings import Settings

DONE, PARTLY, FAILED, INTERRUPTED = 0, 1, 2, 130

cli = typer.Typer(
    name="byline",
    help="Ask the news, see the proof: answers in which every sentence is cited and checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.command()
def ingest(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL...", help="Files, folders, web pages.")
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="The articles of an RSS or Atom feed.")
    ] = None,
    sitemap: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="The pages of a sitemap.")
    ] = None,
    home: HomeOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Empty the archive first, e.g. for a new embedder.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Only queue it; a server, or the next run, does it.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help='Read and embed on this Ray cluster; or "local".'),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles, or without an argument go on with what is queued."""
    from web.archive import open_archive
    from web.progress import bar

    named = [*(sources or ()), *_marked("feed", feed), *_marked("sitemap", sitemap)]
    with open_archive(_settings(home), create=True, rebuild=rebuild) as archive:
        _say_served(archive.served_at)
        if no_wait:
            _tell_queued(archive.submit(named), as_json=as_json)
            return
        if ray is not None:
            archive.scale_out(ray)
        with bar() as advance:
            report = archive.ingest(named, advance)
    outcomes = Counter(item["outcome"] for item in report["items"])
    for item in report["items"]:
        if item["outcome"] == "skipped":
            note(f"skipped {item['source']}: {item['reason']}")
        elif item["reason"]:
            note(f"{item['source']}: {item['reason']}")
    note(_summary(outcomes, report))
    if as_json:
        print_json(report)
    raise typer.Exit(PARTLY if outcomes["skipped"] else DONE)


def _marked(kind: str, urls: list[str] | None) -> list[str]:
    return [f"{kind}:{url}" for url in urls or ()]


def _tell_queued(body: dict[str, Any], *, as_json: bool) -> None:
    note(f"queued {len(body['jobs'])}; see: byline queue")
    if as_json:
        print_json(body)


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only articles from this day on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only articles up to this day.")
    ] = None,
    outlet: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this outlet; may be repeated.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help='Only this language, such as "en".')
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from the archive, with citations and verdicts."""
    from rag.schema import Filters
    from web.archive import open_archive

    filters = Filters(
        since=_day(since),
        until=_day(until),
        outlets=tuple(outlet or ()),
        languages=tuple(language or ()),
    )
    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        body = archive.ask(question, filters, note if sys.stderr.isatty() else _quiet)
    if as_json:
        print_json(body)
    else:
        from rag.render import to_text

        typer.echo(to_text(body))


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 7860,
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote",
            help="Let in whoever reaches the address, as editors, while there is no user.",
        ),
    ] = False,
    login: Annotated[
        bool,
        typer.Option("--login", help="Ask for a login; on by itself once there is a user."),
    ] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="Believe a reverse proxy on this machine about client addresses and https.",
        ),
    ] = False,
    watch: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Ingest what is put into this folder; may be repeated."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the chat page and the JSON API until interrupted."""
    from web.desk import Desk
    from web.serve import Entry
    from web.serve import serve as serve_desk

    entry = Entry(login=login, allow_remote=allow_remote, behind_proxy=behind_proxy)

    with Desk.open(_settings(home), create=True) as desk:
        desk.warm_up()
        desk.start(watch or ())

        def ready(url: str) -> None:
            if as_json:
                print_json({"schema": 1, "url": url, "home": str(desk.home)})
                sys.stdout.flush()  # a program that waits for it reads from a pipe

        serve_desk(desk, host, port, entry=entry, ready=ready)


@cli.command()
def sources(
    home: HomeOption = None,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Those that were withdrawn, instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the articles of the archive."""
    from web.archive import open_archive

    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        if withdrawn:
            _tell_withdrawn(archive.keep("withdrawn", {}), as_json=as_json)
            return
        articles = archive.sources()
    if as_json:
        print_json(articles)
        return
    for article in articles:
        day = (article["published_at"] or article["updated_at"] or "undated")[:10]
        typer.echo(
            one_line(f"{article['article_id']}  {day:10}  {_title(article)}{_changed(article)}")
        )
    note(f"{len(articles)} articles")


def _changed(article: dict[str, Any]) -> str:
    """That an article is no longer as it first came in, and since when."""
    if article["revision"] == 1:
        return ""
    day = (article["retrieved_at"] or "")[:10]
    return f" · revision {article['revision']}, changed {day}"


def _tell_withdrawn(body: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(body["withdrawn"])
        return
    for gone in body["withdrawn"]:
        where = gone["title"] or gone["url"] or gone["path"] or ""
        typer.echo(one_line(f"{gone['article_id']}  {gone['at'][:10]}  {where}  {gone['reason']}"))
    note(f"{len(body['withdrawn'])} withdrawn")


@cli.command()
def remove(
    ref: Annotated[str, typer.Argument(metavar="ID|PATH|URL", help="Which article.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove an article, or all that came out of a file, archive or folder, from everything."""
    from web.archive import open_archive

    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        article = archive.remove(ref)
    for taken in article["articles"]:
        note(f"removed {taken['article_id']}  {taken['title'] or taken['path'] or ''}")
    if as_json:
        print_json(article)


@cli.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check that everything Byline needs is there and works."""
    from web.doctor import examine

    findings = examine(_settings(home))
    if as_json:
        print_json([{"check": f.check, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.check}: {finding.detail}")
    raise typer.Exit(DONE if all(f.ok for f in findings) else PARTLY)


keep_cli.add_to(cli)
eval_cli.add_to(cli)
users_cli.add_to(cli)


def main() -> None:
    """Run the command line; the one place where errors become exit codes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a locale without a check mark gets "?"
            stream.reconfigure(errors="replace")
    try:
        cli()
    except BylineError as error:
        _fail(error)
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except SystemExit as end:  # typer has told what was wrong with the command line
        _end(end.code)
    except Exception as error:  # noqa: BLE001  # the edge: Python's own exit code would say "skipped"
        traceback.print_exc()
        fault = f"a fault of Byline itself: {type(error).__name__}: {error}"
        _fail(BylineError(fault, "please report it with the lines above"))


def _end(code: object) -> None:
    if code == INTERRUPTED:
        note("byline: stopped; what was finished is kept, and byline ingest goes on with the rest")
    elif code == FAILED and "--json" in sys.argv:
        told = {"message": "the command line cannot be understood", "hint": "see: byline --help"}
        print_json({"error": {**told, "request_id": ""}})
    sys.exit(code)  # type: ignore[arg-type]  # as it came


def _fail(error: BylineError) -> None:
    if "--json" in sys.argv:
        print_json({"error": {"message": error.message, "hint": error.hint, "request_id": ""}})
    note(f"byline: {error}")
    sys.exit(FAILED)


def _settings(home: Path | None) -> "Settings":
    from rag.settings import load_settings

    return load_settings(home=home)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"{text!r} is not a date", "write it as 2026-01-29") from None


def _title(article: dict[str, Any]) -> str:
    where = article["url"] or article["path"] or ""
    return " · ".join(part for part in (article["title"] or where, article["outlet"]) if part)


def _summary(outcomes: Counter[str], report: dict[str, Any]) -> str:
    kinds = ("added", "updated", "unchanged", "skipped")
    counts = ", ".join(f"{outcomes[kind]} {kind}" for kind in kinds if outcomes[kind])
    return (
        f"{counts or 'nothing found'}; {report['n_passages']} passages,"
        f" {report['seconds']:.1f} s, {report['peak_memory_mb']:,} MB of memory at most"
    )


def _say_served(url: str | None) -> None:
    if url:
        note(f"asking the server at {url}, with its settings")


def _quiet(_: str) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    main()
