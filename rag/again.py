"""Finds the passages again that earlier answers of a conversation cited.

A place comes from a client, so it may name what is gone or never was: that is left out. Only the
live revision of an article is looked at; where its text has changed, the passage that now stands
at the place is a candidate like any other.
"""

import json
from collections.abc import Sequence

from rag.catalog import Catalog
from rag.schema import Article, Filters, Passage, Place

_MAX_PLACES = 24  # the latest; a conversation may have cited far more


def passages_at(catalog: Catalog, places: Sequence[Place], filters: Filters) -> list[Passage]:
    """The live passages that hold these places and pass the filters, in the order of the places."""
    wanted = places[:_MAX_PLACES]
    articles = catalog.articles(p.article_id for p in wanted)
    allowed = {i for i, article in articles.items() if passes(article, filters)}
    asked = [[p.article_id, p.start, p.end] for p in wanted if p.article_id in allowed]
    sql = (
        "SELECT p.passage_id FROM json_each(?) place"
        " JOIN articles a ON a.article_id = json_extract(place.value, '$[0]')"
        " JOIN passages p ON p.article = a.ordinal"
        " AND p.start <= json_extract(place.value, '$[1]')"
        " AND p.\"end\" >= json_extract(place.value, '$[2]')"
        " ORDER BY place.key, p.start"
    )
    rows = catalog.rows(sql, json.dumps(asked)) if asked else []
    return list(catalog.passages(list(dict.fromkeys(row[0] for row in rows))).values())


def passes(article: Article, filters: Filters) -> bool:
    """Whether an article may answer under these filters, as the index has it."""
    day = article.day
    if filters.dated and day is None:
        return False
    early = day is not None and filters.since is not None and day < filters.since
    late = day is not None and filters.until is not None and day > filters.until
    outlets = {outlet.casefold() for outlet in filters.outlets}
    elsewhere = bool(outlets) and (article.outlet or "").casefold() not in outlets
    other = bool(filters.articles) and article.article_id not in filters.articles
    return not (early or late or elsewhere or other)
