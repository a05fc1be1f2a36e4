"""Looks at everything that Byline stands on, and says what works."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from rag.errors import BylineError
from rag.preferences import chosen_in
from rag.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """One finding per check, in the order in which the parts are needed.

    What was chosen in the page of this home is looked at in place of the environment.
    """
    chosen = chosen_in(settings.home)
    settings = settings if chosen is None else chosen.over(settings)
    checks: dict[str, Callable[[Settings], str]] = {
        "python": lambda _: sys.version.split()[0],
        "embedder": _embedder,
        "verifier": _verifier,
        "archive": _archive,
        "answers": _answers,
    }
    return [_find(name, check, settings) for name, check in checks.items()]


def _find(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(check=name, ok=True, detail=check(settings))
    except BylineError as error:
        return Finding(check=name, ok=False, detail=str(error))


def _embedder(settings: Settings) -> str:
    from rag.embed import load_embedder

    embedder = load_embedder(settings.embedder, settings.cache)
    vector = embedder.encode(["Is anybody there?"])[0]
    return f"{embedder.name}, {len(vector)} dimensions"


def _verifier(settings: Settings) -> str:
    from rag.entail import load_judge
    from rag.llm import OpenAIChat

    model = OpenAIChat(settings) if settings.uses_llm else None
    judge = load_judge(settings.verifier, model)
    strict = "; strict: what is not carried is left out" if settings.strict else ""
    return ("built-in checks" if judge is None else f"built-in checks and {judge.name}") + strict


def _archive(settings: Settings) -> str:
    from web.archive import open_archive

    if not settings.home.is_dir():
        return f"none yet at {settings.home}; make one with: byline ingest PATH"
    with open_archive(settings) as archive:
        n_articles = len(archive.sources())
        served = f", served at {archive.served_at}" if archive.served_at else ""
    return f"{n_articles} articles in {settings.home}{served}"


def _answers(settings: Settings) -> str:
    if not settings.uses_llm:
        return "extractive: quotes your articles, no language model is set"
    from rag.llm import Message, OpenAIChat

    model = OpenAIChat(settings)
    reply = "".join(model.stream([Message(role="user", content="Reply with the word: ready")]))
    return f"{model.name} replied with {len(reply)} characters"
