"""The command line of Byline: each command parses, calls one function and prints."""

import io
import json
import sys
import traceback
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import BylineError, InputRefused

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
HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where the archive lives. Default: .byline"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@cli.command()
def ingest(
    sources: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders.")],
    home: HomeOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Empty the archive first, e.g. for a new embedder.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add articles: .txt, .md, .html, .json and .jsonl files, or folders of them."""
    from web.archive import open_archive
    from web.progress import bar

    with open_archive(_settings(home), create=True, rebuild=rebuild) as archive:
        _say_served(archive.served_at)
        with bar() as advance:
            report = archive.ingest(sources, advance)
    outcomes = Counter(item["outcome"] for item in report["items"])
    for item in report["items"]:
        if item["outcome"] == "skipped":
            _note(f"skipped {item['source']}: {item['reason']}")
    _note(_summary(outcomes, report))
    if as_json:
        _print_json(report)
    raise typer.Exit(PARTLY if outcomes["skipped"] else DONE)


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
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from the archive, with citations and verdicts."""
    from rag.schema import Filters
    from web.archive import open_archive

    filters = Filters(since=_day(since), until=_day(until), outlets=tuple(outlet or ()))
    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        body = archive.ask(question, filters, _note if sys.stderr.isatty() else _quiet)
    if as_json:
        _print_json(body)
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
            "--allow-remote", help="Listen beyond this machine although there is no login."
        ),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the chat page and the JSON API until interrupted."""
    from web.desk import Desk
    from web.serve import serve as serve_desk

    with Desk.open(_settings(home), create=True) as desk:
        desk.warm_up()

        def ready(url: str) -> None:
            if as_json:
                _print_json({"schema": 1, "url": url, "home": str(desk.home)})
                sys.stdout.flush()  # a program that waits for it reads from a pipe

        serve_desk(desk, host, port, allow_remote=allow_remote, ready=ready)


@cli.command()
def sources(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the articles of the archive."""
    from web.archive import open_archive

    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        articles = archive.sources()
    if as_json:
        _print_json(articles)
        return
    for article in articles:
        day = (article["published_at"] or article["updated_at"] or "undated")[:10]
        typer.echo(_one_line(f"{article['article_id']}  {day:10}  {_title(article)}"))
    _note(f"{len(articles)} articles")


@cli.command()
def remove(
    ref: Annotated[str, typer.Argument(metavar="ID|PATH|URL", help="Which article.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove one article from index, search and catalog at once."""
    from web.archive import open_archive

    with open_archive(_settings(home)) as archive:
        _say_served(archive.served_at)
        article = archive.remove(ref)
    _note(f"removed {article['article_id']}  {_title(article)}")
    if as_json:
        _print_json(article)


@cli.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check that everything Byline needs is there and works."""
    from web.doctor import examine

    findings = examine(_settings(home))
    if as_json:
        _print_json([{"check": f.check, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.check}: {finding.detail}")
    raise typer.Exit(DONE if all(f.ok for f in findings) else PARTLY)


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
        _note("byline: stopped; what was finished is kept")
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001  # the edge: Python's own exit code would say "skipped"
        traceback.print_exc()
        fault = f"a fault of Byline itself: {type(error).__name__}: {error}"
        _fail(BylineError(fault, "please report it with the lines above"))


def _fail(error: BylineError) -> None:
    if "--json" in sys.argv:
        _print_json({"error": {"message": error.message, "hint": error.hint, "request_id": ""}})
    _note(f"byline: {error}")
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
        f"{counts or 'nothing found'}; {report['n_passages']} passages, {report['seconds']:.1f} s"
    )


def _say_served(url: str | None) -> None:
    if url:
        _note(f"asking the server at {url}, with its settings")


def _note(message: str) -> None:
    """Progress and logs go to standard error, so that standard output stays the result."""
    typer.echo(_one_line(message), err=True)


def _one_line(text: str) -> str:
    """Titles and file names are foreign: without line breaks, and nothing a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in text)


def _quiet(_: str) -> None:
    """Nobody watches."""


def _print_json(body: object) -> None:
    # In bytes: JSON is UTF-8 whatever the locale.
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1).encode())


if __name__ == "__main__":
    main()
