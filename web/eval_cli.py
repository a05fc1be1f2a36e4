"""The commands that evaluate: each parses, calls one function and prints."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from web.keep_cli import HomeOption, JsonOption
from web.telling import note, print_json

if TYPE_CHECKING:
    from eval.baselines import Nearness
    from eval.judges import Judge

DONE, PARTLY = 0, 1

cli = typer.Typer(
    help="Measure the answers, and the measures.", no_args_is_help=True, add_completion=False
)


def add_to(root: typer.Typer) -> None:
    """Put the commands on the command line."""
    root.add_typer(cli, name="eval")


@cli.command()
def meta(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Labelled sets: .jsonl or .jsonl.gz files.")
    ],
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="embedded, overlap, llm, or a cross-encoder's id or path; may be repeated.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="So many pairs of each set.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often a language model is asked.")] = 3,
    tune: Annotated[
        bool, typer.Option("--tune", help="Also tell each judge's best threshold here.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a page with plots.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """How well judges agree with people, beside simple baselines."""
    from eval.meta import find_sets, measure, tuned
    from eval.meta_html import meta_html
    from eval.meta_report import meta_json, meta_markdown
    from web.progress import bar

    paths, skipped = find_sets(data)
    for path, reason in skipped:
        note(f"skipped {path.name}: {reason}")
    judges, nearness = _judges(judge or ["embedded", "overlap"], repeats, home)
    with bar("Judging") as progress:
        results = measure(paths, judges, nearness, limit=limit, progress=progress)
    for fault in (fault for result in results for fault in result.data.faults):
        note(f"invalid: {fault}")
    if html is not None:
        html.write_text(meta_html(results), "utf-8")
    body = meta_json(results, [(path.name, reason) for path, reason in skipped])
    if tune:
        body["tuned"] = tuned(results)
    if as_json:
        print_json(body)
    else:
        typer.echo(meta_markdown(body))
        for name, value in body.get("tuned", {}).items():
            typer.echo(f"best threshold of {name} here: {value}")
    spoilt = any(r.data.faults or any(m.n_failed for m in r.judges) for r in results)
    raise typer.Exit(PARTLY if spoilt else DONE)


def _judges(names: list[str], repeats: int, home: Path | None) -> "tuple[list[Judge], Nearness]":
    """The judges of these names, and MiniLM for the baseline and whoever else wants it."""
    from eval.baselines import Nearness
    from eval.judges import load_eval_judge
    from rag.embed import load_embedder
    from rag.llm import OpenAIChat
    from rag.settings import EMBEDDED_MODEL, load_settings

    settings = load_settings(home=home)
    nearness = Nearness(load_embedder(EMBEDDED_MODEL, settings.cache))
    model = OpenAIChat(settings) if settings.uses_llm else None
    judges = [
        load_eval_judge(name, nearness=nearness, model=model, repeats=repeats) for name in names
    ]
    return judges, nearness


@cli.command()
def run(
    data: Annotated[
        Path, typer.Option(metavar="FILE", help="Questions: .jsonl, .jsonl.gz, .json, .csv, .tsv.")
    ],
    corpus: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Articles to ingest first.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="So many of the questions.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Questions at a time.")] = 1,
    judge: Annotated[
        str, typer.Option(metavar="NAME", help="embedded, overlap, llm, or a cross-encoder.")
    ] = "embedded",
    repeats: Annotated[int, typer.Option(min=1, help="How often a language model is asked.")] = 3,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder of the run. Default: HOME/evals/NAME"),
    ] = None,
    max_calls: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Ask the language model no oftener.")
    ] = None,
    price: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="IN OUT", help="Of a million tokens of prompts, and of replies."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the archive every question of a file, and score the answers.

    Questions that bring documents of their own are answered from these, in a throw-away archive.
    """
    from eval.datasets import load_cases
    from eval.report import run_markdown
    from rag.settings import load_settings
    from web.evaluating import Wanted, evaluate

    cases = load_cases(data, limit)
    for fault in cases.faults:
        note(f"invalid: {fault}")
    judges, _ = _judges([judge], repeats, home)
    wanted = Wanted(
        data=data,
        cases=cases,
        judge=judges[0],
        settings=load_settings(home=home),
        corpus=corpus,
        out=out,
        workers=workers,
        max_calls=max_calls,
        price=price,
    )
    report = evaluate(wanted)
    note(f"written to {wanted.folder}")
    if as_json:
        print_json(report)
    else:
        typer.echo(run_markdown(report))
    failed = any(m["n_failed"] for m in report["metrics"].values())
    raise typer.Exit(PARTLY if cases.faults or failed else DONE)


RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]


@cli.command()
def compare(
    before: RunArgument,
    after: RunArgument,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed between two runs, question by question, and whether it is more than chance."""
    from eval.compare import compare_json, compare_markdown, values_of
    from eval.run import read_scores

    _ = home  # runs lie where they were written
    body = compare_json(values_of(read_scores(before)), values_of(read_scores(after)))
    if as_json:
        print_json(body)
    else:
        typer.echo(compare_markdown(body))


@cli.command()
def gate(
    run_folder: RunArgument,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The baseline to hold the run against.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the run as a new baseline.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fail with exit code 1 if a metric dropped, and the interval of the drop excludes 0."""
    import json

    from eval.compare import (
        baseline_json,
        changes,
        compare_json,
        gone,
        read_baseline,
        values_of,
    )
    from eval.run import read_scores
    from rag.errors import InputRefused

    _ = home  # runs lie where they were written
    scores = read_scores(run_folder)
    if write is not None:
        write.write_text(json.dumps(baseline_json(scores), indent=1) + "\n", "utf-8")
        note(f"wrote {write}")
    if against is None:
        if write is None:
            raise InputRefused("no baseline is named", "name one with --against FILE")
        return
    before, after = read_baseline(against), values_of(scores)
    found = changes(before, after)
    worse = [change for change in found if change.is_worse]
    for line in [*gone(before, after), *(change.told for change in worse)]:
        note(line)
    if as_json:
        print_json({**compare_json(before, after), "passed": not worse})
    elif not worse:
        typer.echo(f"passed: none of {len(found)} metrics dropped beyond chance")
    raise typer.Exit(PARTLY if worse else DONE)


@cli.command()
def make(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the questions are written.")],
    n: Annotated[int, typer.Option("-n", "--number", min=1, help="How many at most.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed draws the same questions.")] = 0,
    max_calls: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Ask the language model no oftener. Default: 2 x n"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft questions from the archive, to be looked through before they are used.

    A language model writes them where one is set; else they are made of the articles' sentences.
    """
    import json

    from rag.errors import InputRefused
    from rag.settings import load_settings
    from web.evaluating import make_drafts

    rows, own = make_drafts(load_settings(home=home), n, seed, max_calls)
    if own is not None:
        note(f"{own.model} was asked {own.n_calls} times; {len(own.rows)} of its drafts are kept")
        for reason, times in own.dropped.items():
            note(f"dropped {times}: {reason}")
    if not rows:
        raise InputRefused("no sentence of the archive makes a question", "ingest more articles")
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out.write_text("".join(lines), "utf-8")
    note(
        f"wrote {len(rows)} drafts to {out}; look through them, then: byline eval run --data {out}"
    )
    if as_json:
        by_model = {} if own is None else {"model": own.model, "n_by_model": len(own.rows)}
        print_json({"schema": 1, "n": len(rows), "path": str(out), **by_model})


@cli.command()
def chats(
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only answers from this day on: 2026-01-31.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a page with plots.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write readers' feedback as labelled pairs, for: byline eval meta"
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """How good the answers given in chats are: scores what is unscored, and tells of all."""
    import json

    from eval.chat_page import chat_page
    from eval.chat_table import chat_markdown
    from rag.settings import load_settings
    from web.archive import open_archive

    with open_archive(load_settings(home=home)) as archive:
        wanted = {"since": since or "", "labels": labels is not None}
        body = archive.keep("chats", wanted)
    rows = body.pop("labels", [])
    if labels is not None:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        labels.write_text("".join(lines), "utf-8")
        note(f"wrote {len(rows)} labelled pairs to {labels}")
    if html is not None:
        html.write_text(chat_page(body), "utf-8")
        note(f"wrote {html}")
    if as_json:
        print_json(body)
    else:
        typer.echo(chat_markdown(body))
    failed = body["n_unscored"] or any(m["n_failed"] for m in body["metrics"].values())
    raise typer.Exit(PARTLY if failed else DONE)


@cli.command()
def export(
    run_folder: RunArgument,
    form: Annotated[str, typer.Option("--format", help="ragas or trec-rag.")] = "ragas",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the answers of a run as records of another kit, one to a line."""
    import json

    from eval.export import exported

    _ = home  # runs lie where they were written
    records = list(exported(run_folder, form))
    if as_json:
        print_json(records)
        return
    for record in records:
        typer.echo(json.dumps(record, ensure_ascii=False).encode())
