"""Reads an HTML page: the article's text and what the page says about itself.

The reading runs in a process of its own, since a page can be made so that a parser takes minutes
or gigabytes over it: 50,000 attributes on one tag cost trafilatura 14 seconds. The process is
started at the first page, stopped when one takes too long, and started again for the next.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from rag.errors import InputRefused

_MAX_SECONDS = 30.0  # a page of 1 MB takes 2 s
_MAX_MEMORY = 1_300_000_000  # bytes of address space; a page of 5 MB takes 600 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page holds; dates are as written there."""

    text: str
    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    published: str | None = None
    updated: str | None = None
    section: str | None = None
    language: str | None = None
    dated_by: str | None = None  # what gives the dates: "json-ld", "meta"; None: its fields
    head: str = ""  # lines around the headline that are not in the text: byline, date


class PageReader:
    """Reads pages in a process of its own, within 30 s and 1.3 GB each; close it when done."""

    def __init__(self, max_seconds: float = _MAX_SECONDS) -> None:
        self._max_seconds = max_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, html: str) -> Page:
        """The page written in ``html``.

        Raises:
            InputRefused: it holds no article text, or takes too much time or memory.
        """
        try:
            process = self._running()
            _send(process, {"html": html})
            reply = _receive(process, time.monotonic() + self._max_seconds)
        except (OSError, EOFError):
            self.close()
            raise InputRefused("the page could not be read within its limits") from None
        except TimeoutError:
            self.close()
            raise InputRefused(
                f"the page took more than {self._max_seconds:.0f} seconds to read"
            ) from None
        if "refused" in reply:
            raise InputRefused(reply["refused"])
        return Page(**{**reply, "authors": tuple(reply["authors"])})

    def close(self) -> None:
        """Stop the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            root = str(Path(__file__).resolve().parents[1])
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.page"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,  # Ctrl-C is for the one who asked
            )
        return self._process


def _send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert process.stdin
    _write(process.stdin, message)


def _receive(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    assert process.stdout
    size = int.from_bytes(_take(process.stdout, 8, deadline), "big")
    reply: dict[str, Any] = json.loads(_take(process.stdout, size, deadline))
    return reply


def _take(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise TimeoutError
        part = os.read(pipe.fileno(), size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _write(pipe: IO[bytes], message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def parse(html: str) -> Page:
    """The page written in ``html``, read in this process; hidden text is left out.

    Raises:
        InputRefused: it holds no article text.
    """
    import lxml.html
    import trafilatura
    from lxml import etree
    from trafilatura.settings import use_config

    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        raise InputRefused("the page holds no text") from None
    from ingest.markup import about_of, head_of, standfirst_of
    from ingest.prune import drop_clutter, drop_hidden, mark_article, mended

    about = about_of(tree)
    drop_hidden(tree)
    about["head"], standfirst = head_of(tree), standfirst_of(tree)
    drop_clutter(tree)
    mark_article(tree)
    settings = use_config()
    # Below 250 characters trafilatura falls back to a reading that breaks lines at <b>.
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")
    settings.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    text = trafilatura.extract(tree, include_comments=False, include_tables=True, config=settings)
    if not text or not text.strip():
        raise InputRefused("the page holds no article text")
    return Page(text=mended(text, about["title"] or "", standfirst), **about)


def _serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until the asker hangs up."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    while size := int.from_bytes(source.read(8), "big"):
        html = json.loads(source.read(size))["html"]
        try:
            reply = asdict(parse(html))
        except InputRefused as error:
            reply = {"refused": error.message}
        except (MemoryError, RecursionError):
            reply = {"refused": "the page is built too deep or too large to read"}
        _write(sink, reply)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
