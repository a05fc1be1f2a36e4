"""Words: BM25 over passages with tantivy. Nothing else imports tantivy.

A copy of the catalog's texts, as stems: ``rag.text.terms`` decides what a word is, both here and
in queries, so tantivy only splits at white space and no question can be a syntax error. The
title counts in every passage of its article. Filters are part of the query: at 100,000 passages
that costs at most 1.4 times the search without them.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import IndexUnavailable
from rag.schema import Article, Filters, Passage
from rag.text import is_storable, terms

_HEAP_BYTES = 64 << 20
_MAX_TERM = 64  # characters; longer "words" are debris
_MAX_QUERY_TERMS = 256


class Lexicon:
    """The stems of passages in one folder; one process writes, any thread reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._index: Any = None
        self._writer: Any = None

    @property
    def present(self) -> bool:
        """True if the folder holds an index, whatever its state."""
        return (self.folder / "meta.json").is_file()

    def write(
        self, items: Sequence[tuple[Article, Sequence[Passage]]], doomed: Sequence[str] = ()
    ) -> None:
        """Put these passages in, replacing those with the same id, and take ``doomed`` out.

        All or nothing, visible to every search that begins after.
        """
        import tantivy

        with self._telling():
            try:
                writer = self._writing()
                new = [passage.passage_id for _, passages in items for passage in passages]
                for passage_id in (*new, *doomed):
                    writer.delete_documents_by_term("passage_id", passage_id)
                for article, passages in items:
                    for passage in passages:
                        fields = _fields(article, passage)
                        writer.add_document(tantivy.Document.from_dict(fields))
                writer.commit()
                self._opened().reload()
            except BaseException:
                self._writer = None  # what it had not committed goes with it
                raise

    def search(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k best passages that pass the filters, with their BM25 scores, best first."""
        with self._telling():
            asked = self._query(query, filters)
            if asked is None:
                return []
            searcher = self._opened().searcher()
            hits = searcher.search(asked, k, count=False).hits
            return [(searcher.doc(at)["passage_id"][0], float(score)) for score, at in hits]

    def count(self) -> int:
        """How many passages it holds."""
        with self._telling():
            return int(self._opened().searcher().num_docs)

    def ids(self) -> set[str]:
        """All passage ids it holds; for tests and repairs."""
        import tantivy

        with self._telling():
            searcher = self._opened().searcher()
            hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs)).hits
            return {searcher.doc(at)["passage_id"][0] for _, at in hits}

    def sound(self, n_passages: int) -> bool:
        """True if it can be read and holds so many passages."""
        try:
            return self.count() == n_passages
        except IndexUnavailable:
            return False

    def create(self) -> None:
        """Open it, made if it is not there."""
        import tantivy

        with self._telling(), self._lock:
            if self._index is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._index = tantivy.Index(_schema(), str(self.folder))

    def reset(self) -> None:
        """Throw the folder away and begin an empty one."""
        self.close()
        with self._telling():
            if self.folder.exists():
                shutil.rmtree(self.folder)
        self.create()

    def close(self) -> None:
        """Let go of the folder, with all merging done."""
        with self._lock:
            writer, self._writer, self._index = self._writer, None, None
        if writer is not None:
            with self._telling():
                writer.wait_merging_threads()

    def _query(self, query: str, filters: Filters) -> Any:
        from tantivy import Occur, Query

        schema = self._opened().schema
        words = [t for t in dict.fromkeys(terms(query)) if _is_word(t)][:_MAX_QUERY_TERMS]
        if not words:
            return None
        any_word = Query.boolean_query(
            [(Occur.Should, Query.term_query(schema, "body", w, "freq")) for w in words]
        )
        # A filter decides, but adds nothing to the score.
        conditions = [Query.const_score_query(c, 0.0) for c in _conditions(schema, filters)]
        if not conditions:
            return any_word
        return Query.boolean_query([(Occur.Must, part) for part in (any_word, *conditions)])

    def _opened(self) -> Any:
        import tantivy

        with self._lock:
            if self._index is None:
                self._index = tantivy.Index.open(str(self.folder))
            return self._index

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._opened().writer(_HEAP_BYTES, 1)
        return self._writer

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            told = str(error)
            if "No space" in told or "full" in told:
                hint = "free some disk space and run the command again; nothing is lost"
            else:
                hint = "run byline ingest on any article: it is made again from the catalog"
            raise IndexUnavailable(
                f"the word index {self.folder} cannot be used: {told}", hint
            ) from error


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("passage_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _fields(article: Article, passage: Passage) -> dict[str, list[Any]]:
    words = (*terms(article.title or ""), *terms(passage.text))
    fields: dict[str, list[Any]] = {
        "passage_id": [passage.passage_id],
        "article_id": [article.article_id],
        "body": [" ".join(filter(_is_word, words))],
    }
    if article.outlet is not None:
        fields["outlet"] = [article.outlet.casefold()]
    if article.day is not None:
        fields["day"] = [article.day.toordinal()]
    return fields


def _is_word(term: str) -> bool:
    return 0 < len(term) <= _MAX_TERM


def _conditions(schema: Any, filters: Filters) -> Iterator[Any]:
    from tantivy import FieldType, Query

    if filters.dated:
        since = filters.since.toordinal() if filters.since else 0
        until = filters.until.toordinal() if filters.until else 1 << 30
        yield Query.range_query(schema, "day", FieldType.Integer, since, until)
    if filters.outlets:
        names = [o.casefold() for o in filters.outlets if is_storable(o)]
        yield Query.term_set_query(schema, "outlet", names)
    if filters.articles:
        names = [a for a in filters.articles if is_storable(a)]
        yield Query.term_set_query(schema, "article_id", names)
