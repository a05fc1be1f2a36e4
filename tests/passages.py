"""Articles of a day, and the passage that is the whole of one."""

from datetime import UTC, date, datetime

from rag.schema import Article, Passage
from rag.text import sentence_spans

WEDNESDAY = date(2026, 3, 4)


def article(
    key: str, text: str, day: str | None, *, outlet: str = "", group_id: str | None = None
) -> Article:
    moment = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC) if day else None
    return Article(
        article_id=key,
        revision=1,
        title=None,
        text=text,
        outlet=outlet or key.title(),
        published_at=moment,
        group_id=group_id,
    )


def whole(text: str, article_id: str) -> Passage:
    """All of an article as one passage."""
    return Passage(
        article_id=article_id,
        start=0,
        end=len(text),
        text=text,
        passage_id=f"{article_id}:1:0",
        sentences=sentence_spans(text),
    )


def passage(of: Article) -> Passage:
    return whole(of.text, of.article_id)
