"""A progress bar on standard error; nothing where nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(doing: str = "Ingesting") -> Iterator[Callable[[int, int | None, str], None]]:
    """A bar that is told ``(done, total or None, source)``."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)

        def advance(done: int, total: int | None, source: str) -> None:
            progress.update(task, completed=done, total=total, description=source[-50:])

        yield advance
