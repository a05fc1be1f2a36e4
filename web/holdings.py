"""What people change about the articles of an archive: take out, put back, set right."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from ingest.decode import tidy
from rag.corrections import checked, corrected
from rag.embed import Embedder
from rag.errors import ArticleMissing, InputRefused
from rag.history import Decisions, Gone
from rag.index import Index
from rag.schema import Article

_MAX_REASON = 300
# What was taken out by hand can be put back for so long, and only by the process that took it.
_UNDO_S = 900.0
_MAX_UNDO = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Articles that were taken out together, and the word that puts them back."""

    articles: tuple[Article, ...]
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One of them as it was: all its revisions, oldest first, and the rows of its corrections."""

    revisions: tuple[Article, ...]
    corrections: tuple[tuple[object, ...], ...]


class Holdings:
    """The articles of an open index, as people change them.

    ``find`` gives an article by id, path or URL or raises ArticleMissing; nothing is ingested
    inside ``resting``.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        find: Callable[[str], Article],
        resting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._find = find
        self._resting = resting
        self._kept: dict[str, tuple[float, tuple[_Kept, ...]]] = {}

    # Taking out

    def remove(self, ref: str) -> Article:
        """Take one article out of catalog, vectors and words at once; returns what it was.

        Raises:
            ArticleMissing: there is none.
        """
        return self.remove_all(ref)[-1]

    def remove_all(self, ref: str) -> tuple[Article, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        return self._drop(ref, None)

    def withdraw(self, ref: str, reason: str) -> Article:
        """Take an article out for good: it is not taken in again, and the reason is told.

        Raises:
            ArticleMissing: there is none.
        """
        return self.withdraw_all(ref, reason)[-1]

    def withdraw_all(self, ref: str, reason: str) -> tuple[Article, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        return self._drop(ref, tidy(reason)[:_MAX_REASON])

    def _drop(self, ref: str, withdrawn: str | None) -> tuple[Article, ...]:
        with self._resting():
            catalog = self._index.catalog
            found = tuple(catalog.articles(catalog.at_path(ref)).values()) or (self._find(ref),)
            self._drop_all(found, withdrawn)
        return found

    def _drop_all(self, found: Sequence[Article], withdrawn: str | None) -> None:
        from ingest.dedupe import group

        for article in found:
            self._index.remove(article.article_id, withdrawn=withdrawn)
        group(self._index.catalog)

    # Taking out by hand, and putting back

    def take_out(self, article_ids: Sequence[str], reason: str | None = None) -> Taken:
        """Remove these articles, or with a reason withdraw them, so that it can be undone.

        They are gone from the archive at once, also after a crash; their text is kept in memory
        for a quarter of an hour, for ``undo``.

        Raises:
            ArticleMissing: one of them is not there; none is taken out.
        """
        withdrawn = None if reason is None else tidy(reason)[:_MAX_REASON]
        with self._resting():
            held = self._index.catalog.articles(article_ids)
            missing = next((i for i in article_ids if i not in held), None)
            if missing is not None or not held:
                raise ArticleMissing("no such article is here", "reload the page")
            articles = tuple(held.values())
            kept = tuple(self._as_it_is(article) for article in articles)
            self._drop_all(articles, withdrawn)
        return Taken(articles=articles, token=self._keep(kept))

    def undo(self, token: str) -> tuple[Article, ...]:
        """Put back what was taken out under this token; what has come in again since stays.

        Raises:
            InputRefused: it was too long ago, was undone, or the program was started anew.
        """
        taken_at, kept = self._kept.pop(token, (0.0, ()))
        if not kept or time.monotonic() - taken_at > _UNDO_S:
            raise InputRefused("This cannot be undone any more", "add the file again")
        with self._resting():
            for one in reversed(kept):  # the one that stood first came in last
                self._put_back(one)
        return tuple(one.revisions[-1] for one in kept)

    def _as_it_is(self, article: Article) -> _Kept:
        sql = "SELECT * FROM corrections WHERE article_id = ?"
        rows = self._index.catalog.rows(sql, article.article_id)
        return _Kept(
            revisions=(*self._index.history.revisions(article.article_id), article),
            corrections=tuple(tuple(row) for row in rows),
        )

    def _keep(self, kept: tuple[_Kept, ...]) -> str:
        now = time.monotonic()
        fresh = {t: (at, k) for t, (at, k) in self._kept.items() if now - at < _UNDO_S}
        token = secrets.token_urlsafe(16)
        self._kept = dict([*fresh.items(), (token, (now, kept))][-_MAX_UNDO:])
        return token

    def _put_back(self, kept: _Kept) -> None:
        """Every revision again, in turn: each makes the one before it a thing of the past."""
        from ingest.batch import put_article

        article_id = kept.revisions[-1].article_id
        if self._index.catalog.article(article_id) is not None:
            return
        for revision in kept.revisions:
            put_article(revision, self._index, self._embedder)
        self._index.history.decide(Decisions(corrections=kept.corrections))

    def restore(self, ref: str) -> Gone:
        """Let a withdrawn article be taken in again by the next ingestion.

        Raises:
            ArticleMissing: nothing of this id, path or URL was withdrawn.
        """
        return self.restore_all(ref)[-1]

    def restore_all(self, ref: str) -> tuple[Gone, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        history = self._index.history
        found = tuple(g for g in history.found(ref) if history.restore(g.article_id))
        if not found:
            raise ArticleMissing(f"nothing withdrawn is {ref!r}", "see byline sources --withdrawn")
        return found

    # Setting right

    def correct(self, ref: str, given: Mapping[str, object]) -> Article:
        """Set what an article says about itself, for good; the article as it is now.

        Raises:
            ArticleMissing: there is none.
            InputRefused: there is no such field, or a value does not fit.
        """
        values = checked(given)
        with self._resting():
            article = self._find(ref)
            self._index.corrections.put(article, values)
            return self._revise(article, values)

    def uncorrect(self, ref: str) -> Article:
        """Take all corrections of an article back."""
        with self._resting():
            article = self._find(ref)
            was = self._index.corrections.drop(article.article_id)
            return self._revise(article, was)

    def _revise(self, article: Article, values: Mapping[str, object]) -> Article:
        from ingest.batch import put_article

        revised = replace(corrected(article, values), revision=article.revision + 1)
        if values:
            put_article(revised, self._index, self._embedder)
        return revised if values else article
