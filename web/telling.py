"""How the command line speaks: results on standard output, everything else on standard error."""

import json

import typer


def note(message: str) -> None:
    """Progress and logs go to standard error, so that standard output stays the result."""
    typer.echo(one_line(message), err=True)


def one_line(text: str) -> str:
    """Titles and file names are foreign: without line breaks, and nothing a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in text)


def print_json(body: object) -> None:
    """A result for a program: in bytes, since JSON is UTF-8 whatever the locale."""
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1).encode())
