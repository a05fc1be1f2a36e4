"""What became of the sentences of an answer that were in doubt, in the words of the page."""

from collections.abc import Callable, Mapping

from rag.i18n import trn

# What became of a model's sentences, in the words of a reader: of the first that is told, and of
# those that follow it.
_REPAIRED: Mapping[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "reattributed": (
        lambda n: trn(
            "{n} sentence re-attributed to words already found",
            "{n} sentences re-attributed to words already found",
            n,
        ),
        lambda n: trn(
            "{n} re-attributed to words already found",
            "{n} re-attributed to words already found",
            n,
        ),
    ),
    "retrieved": (
        lambda n: trn(
            "{n} sentence carried by a further search",
            "{n} sentences carried by a further search",
            n,
        ),
        lambda n: trn("{n} carried by a further search", "{n} carried by a further search", n),
    ),
    "rewritten": (
        lambda n: trn("{n} sentence rewritten", "{n} sentences rewritten", n),
        lambda n: trn("{n} rewritten", "{n} rewritten", n),
    ),
    "marked": (
        lambda n: trn("{n} sentence left marked", "{n} sentences left marked", n),
        lambda n: trn("{n} left marked", "{n} left marked", n),
    ),
    "removed": (
        lambda n: trn("{n} sentence removed", "{n} sentences removed", n),
        lambda n: trn("{n} removed", "{n} removed", n),
    ),
    "idle": (
        lambda n: trn(
            "{n} sentence that claims nothing left out",
            "{n} sentences that claim nothing left out",
            n,
        ),
        lambda n: trn("{n} that claims nothing left out", "{n} that claim nothing left out", n),
    ),
}


def repairs_text(repairs: Mapping[str, int]) -> str:
    """What became of sentences in doubt: "1 sentence rewritten, 2 removed"; "" if none was."""
    parts: list[str] = []
    for outcome, (first, later) in _REPAIRED.items():
        n = repairs.get(outcome, 0)
        if n:
            parts.append(later(n) if parts else first(n))
    return ", ".join(parts)
