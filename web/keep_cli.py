"""The commands that keep an archive: its queue, withdrawals, corrections and revisions."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.errors import InputRefused
from web.telling import note, one_line, print_json

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where the archive lives. Default: .byline"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
RefArgument = Annotated[str, typer.Argument(metavar="ID|PATH|URL", help="Which article.")]
JobArgument = Annotated[int, typer.Argument(metavar="JOB", help="Its number.")]

queue = typer.Typer(
    help="See and steer what is being ingested.", invoke_without_command=True, add_completion=False
)


def add_to(cli: typer.Typer) -> None:
    """Put the commands on the command line."""
    cli.add_typer(queue, name="queue")
    for command in (withdraw, restore, correct, history, diff):
        cli.command()(command)


@queue.callback()
def show_queue(
    context: typer.Context, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """See and steer what is being ingested; without a further word: list the jobs."""
    if context.invoked_subcommand is None:
        _tell_queue(_keep(home, "queue"), as_json=as_json)
    elif home is not None or as_json:
        raise InputRefused(
            "--home and --json stand before the sub-command",
            f"write: byline queue {context.invoked_subcommand} ... --home DIR",
        )


@queue.command()
def show(job: JobArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What became of every item of a job."""
    body = _keep(home, "job", job_id=job)
    if as_json:
        print_json(body)
        return
    for item in body["items"]:
        typer.echo(one_line(f"{item['outcome']:9}  {item['source']}  {item['reason'] or ''}"))
    note(_job_line(body))


@queue.command()
def pause(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stop after the article at hand; nothing is lost."""
    _tell_queue(_keep(home, "pause"), as_json=as_json)


@queue.command()
def resume(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Go on after a pause; without a server, `byline ingest` does the work."""
    _tell_queue(_keep(home, "resume"), as_json=as_json)


@queue.command()
def cancel(job: JobArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stop a job; what it has stored stays."""
    _tell_queue(_keep(home, "cancel", job_id=job), as_json=as_json)


@queue.command()
def retry(job: JobArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Queue a job again that was skipped, failed or cancelled."""
    _tell_queue(_keep(home, "retry", job_id=job), as_json=as_json)


@queue.command()
def clear(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Forget the jobs that have ended; their articles stay."""
    _tell_queue(_keep(home, "clear"), as_json=as_json)


def withdraw(
    ref: RefArgument,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an article out for good: it is not taken in again."""
    body = _keep(home, "withdraw", ref=ref, reason=reason)
    for taken in body["articles"]:
        note(f"withdrew {taken['article_id']}  {taken['title'] or taken['path'] or ''}")
    if as_json:
        print_json(body)


def restore(ref: RefArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Let a withdrawn article be taken in again by the next ingestion."""
    body = _keep(home, "restore", ref=ref)
    for gone in body["articles"]:
        note(f"{gone['title'] or gone['article_id']} may be ingested again")
    if as_json:
        print_json(body)


def correct(
    ref: RefArgument,
    title: Annotated[str | None, typer.Option(help="The headline.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    author: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who wrote it; may be repeated.")
    ] = None,
    section: Annotated[str | None, typer.Option(help="Where the outlet files it.")] = None,
    language: Annotated[str | None, typer.Option(help="Two letters: en.")] = None,
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was published; UTC without a zone.")
    ] = None,
    updated: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was last updated.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take all corrections of the article back.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what an article says about itself; an empty text says "unknown". Lasts for good."""
    named = {"title": title, "outlet": outlet, "section": section, "language": language}
    values: dict[str, Any] = named | {"published_at": published, "updated_at": updated}
    values = {name: value for name, value in values.items() if value is not None}
    if author is not None:
        values["authors"] = author
    if undo:
        body = _keep(home, "uncorrect", ref=ref)
    else:
        body = _keep(home, "correct", ref=ref, values=values)
    if as_json:
        print_json(body)
        return
    for name in ("title", "outlet", "authors", "section", "language", "published_at", "updated_at"):
        value = body[name]
        shown = ", ".join(value) if isinstance(value, list) else value
        typer.echo(one_line(f"{name:13} {shown or 'unknown'}"))


def history(ref: RefArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The revisions of an article, and what changed from one to the next."""
    body = _keep(home, "revisions", ref=ref)
    if as_json:
        print_json(body)
        return
    before: dict[str, Any] | None = None
    for article in body["revisions"]:
        day = (article["retrieved_at"] or "")[:16].replace("T", " ")
        typer.echo(
            one_line(f"revision {article['revision']}  read {day}  {article['title'] or ''}")
        )
        if before is not None:
            _tell_changes(before, article)
        before = article


def diff(
    ref: RefArgument,
    other: Annotated[str, typer.Argument(metavar="ID|PATH|URL", help="The one to compare with.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What one article says otherwise than another, such as a reprint: [-out-] and {+in+}."""
    from rag.compare import compare

    one, two = (_keep(home, "revisions", ref=name)["revisions"][-1] for name in (ref, other))
    if as_json:
        changes = [asdict(change) for change in compare(one["text"], two["text"])]
        print_json({"schema": 1, "changes": changes})
        return
    _tell_changes(one, two)
    if one["text"] == two["text"]:
        note("the texts are the same")


def _tell_changes(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in ("title", "outlet", "published_at", "updated_at"):
        if before[name] != after[name]:
            old, new = before[name] or "unknown", after[name] or "unknown"
            typer.echo(one_line(f"  {name}: {old} -> {new}"))
    if before["text"] != after["text"]:
        _tell_diff(before["text"], after["text"])


def _tell_diff(old: str, new: str) -> None:
    from rag.compare import compare
    from rag.render_diff import diff_text

    for line in diff_text(compare(old, new)).splitlines():
        typer.echo(one_line(f"  {line}"))


def _tell_queue(body: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(body)
        return
    for job in body["jobs"]:
        typer.echo(one_line(_job_line(job)))
    status = body["status"]
    counts = ", ".join(f"{n} {state}" for state, n in sorted(status["counts"].items()))
    left = status.get("seconds_left")
    pace = f"; {status['items_per_s']:.1f} a second" if status.get("items_per_s") else ""
    pace += f", about {left:.0f} s left" if left else ""
    note(f"{counts or 'the queue is empty'}{_paused(status)}{pace}")


def _paused(status: dict[str, Any]) -> str:
    return f"; {status['paused']}" if status["paused"] else ""


def _job_line(job: dict[str, Any]) -> str:
    of = f"/{job['n_total']}" if job["n_total"] else ""
    counts = ", ".join(f"{n} {outcome}" for outcome, n in job["counts"].items())
    reason = f"  ({job['reason']})" if job["reason"] not in (None, job["state"]) else ""
    done = f"{job['n_done']}{of}"
    return f"{job['job_id']:5}  {job['state']:9} {done:>9}  {job['source']}  {counts}{reason}"


def _keep(home: Path | None, verb: str, **body: Any) -> dict[str, Any]:
    from rag.settings import load_settings
    from web.archive import open_archive
    from web.beside import steer

    settings = load_settings(home=home)
    told = steer(settings.home, verb, body)
    if told is not None:
        return told
    with open_archive(settings) as archive:
        if archive.served_at:
            note(f"asking the server at {archive.served_at}, with its settings")
        return archive.keep(verb, body)
