"""Replies that cite three sources, and judges of them."""

from functools import lru_cache

from eval.judges import embedded
from eval.reply import Reply, Said, Source
from rag.verify import support

BRIDGE = Source(
    article_id="a",
    text="The council of Orrin approved the new bridge on 14 April 2026. It will cost 48 million "
    "crowns. Mayor Orla Brandt signed the contract in the town hall.",
)
FERRY = Source(
    article_id="b",
    text="The ferry Tamsin Gale capsized on Lake Verrin with 68 people aboard. Edda Lorne leads "
    "the search.",
)
OTHER = Source(article_id="c", text="The orchard sold apples. Nobody else came.")
SOURCES = (BRIDGE, FERRY, OTHER)
TRUE = (
    "The council of Orrin approved the new bridge on 14 April 2026.",
    "It will cost 48 million crowns.",
    "Mayor Orla Brandt signed the contract in the town hall.",
    "The ferry Tamsin Gale capsized on Lake Verrin with 68 people aboard.",
    "Edda Lorne leads the search.",
)


@lru_cache(maxsize=10_000)
def really(claim: str, source: str) -> bool:
    return support(claim, source) >= embedded().threshold


def reply(*sentences: tuple[str, tuple[int, ...]], cited: dict[int, Source] | None = None) -> Reply:
    return Reply(
        sentences=tuple(Said(text=text, markers=markers) for text, markers in sentences),
        cited=dict(enumerate(SOURCES, 1)) if cited is None else cited,
        retrieved=SOURCES,
    )
