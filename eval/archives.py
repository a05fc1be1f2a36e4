"""What an evaluation asks: an archive, wherever it is open, and throw-away ones from documents."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.datasets import Case, Fact
from eval.rows import Row, read_rows
from rag.schema import Filters

Json = dict[str, Any]


class Archive(Protocol):
    """What is asked."""

    def ask(self, asked: str, filters: Filters, on_status: Callable[[str], None]) -> Json:
        """The answer as contract JSON."""

    def sources(self) -> list[Json]:
        """Every article, without its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Two archives as one: questions kept to their own documents are asked of the first."""

    own: Archive
    home: Archive

    def ask(self, asked: str, filters: Filters, on_status: Callable[[str], None]) -> Json:
        """As ``Archive.ask``."""
        archive = self.own if filters.articles else self.home
        return archive.ask(asked, filters, on_status)

    def sources(self) -> list[Json]:
        """As ``Archive.sources``: those of both."""
        return [*self.own.sources(), *self.home.sources()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Which articles of an archive the documents of the data are."""

    by_name: Mapping[str, str]  # article id, URL, title or doc_id -> article id

    def article(self, *names: str) -> str | None:
        """The article with the first of these names that is known."""
        return next((self.by_name[n] for n in names if n and n in self.by_name), None)


def known_in(archive: Archive, corpus: Path | None) -> Known:
    """The names of all articles; with the corpus that was ingested, its doc_ids too."""
    names: dict[str, str] = {}
    for article in archive.sources():
        for name in (article["title"], article["url"], article["article_id"]):
            if name:
                names[str(name)] = article["article_id"]
    for row in read_rows(corpus) if corpus else ():
        if isinstance(row, Row):
            told = (row.optional("url"), row.optional("title"))
            found = next((names[n] for n in told if n in names), None)
            if found:
                names[row.optional("doc_id")] = found
    return Known(by_name=names)


def state_of(archive: Archive) -> str:
    """Twelve hex digits that change when an article of the archive does."""
    rows = sorted(
        (a["article_id"], a["revision"], a["content_hash"], a["published_at"] or "")
        for a in archive.sources()
    )
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]


def write_documents(cases: Sequence[Case], target: Path) -> int:
    """Write the documents of all cases as one corpus; how many there are.

    Each has an address of its own, under a name that nobody can register (RFC 2606), so that the
    same document in two cases is two articles and ids do not depend on the folder.
    """
    n = 0
    with target.open("w", encoding="utf-8") as lines:
        for case in cases:
            for at, document in enumerate(case.documents, 1):
                row = {
                    "doc_id": document.doc_id,
                    "title": document.title,
                    "source": document.outlet or f"Document {at}",
                    "published_at": document.published_at,
                    "url": address(case, at),
                    "text": document.text,
                }
                lines.write(json.dumps({k: v for k, v in row.items() if v}) + "\n")
                n += 1
    return n


def address(case: Case, at: int) -> str:
    """The address of a case's document, counted from 1."""
    mark = hashlib.sha256(case.case_id.encode("utf-8", "replace")).hexdigest()[:12]
    return f"https://document-{at}.{mark}.invalid/"


def filters_of(case: Case, known: Known) -> Filters:
    """A case with documents of its own is answered from these alone."""
    own = (known.article(address(case, at)) for at in range(1, len(case.documents) + 1))
    return Filters(articles=tuple(article for article in own if article))


def relevant(case: Case, known: Known) -> tuple[str, ...]:
    """The articles of the gold evidence; where one is not known by name, a name for its fact."""
    return tuple(dict.fromkeys(_fact_name(case, fact, known) for fact in case.evidence))


def found(case: Case, body: Mapping[str, Any], known: Known) -> tuple[str, ...]:
    """The articles of what was retrieved, best first; passages that hold a fact stand for it."""
    facts = [f for f in case.evidence if f.text and _article(case, f, known) is None]
    out: list[str] = []
    for passage in body.get("retrieved", ()):
        words = " ".join(passage["quote"].split())
        out.extend(_fact_name(case, f, known) for f in facts if " ".join(f.text.split()) in words)
        out.append(passage["article_id"])
    return tuple(dict.fromkeys(out))


def _article(case: Case, fact: Fact, known: Known) -> str | None:
    own = [address(case, i) for i, d in enumerate(case.documents, 1) if d.doc_id == fact.doc_id]
    return known.article(*own, fact.doc_id, fact.url, fact.title)


def _fact_name(case: Case, fact: Fact, known: Known) -> str:
    return _article(case, fact, known) or f"fact {fact.doc_id} {fact.text[:60]}"


def unknown_facts(cases: Sequence[Case], known: Known) -> Iterator[str]:
    """The gold documents that the archive does not know by name."""
    for case in cases:
        yield from (f.doc_id for f in case.evidence if _article(case, f, known) is None)
