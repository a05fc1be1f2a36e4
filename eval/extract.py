"""The features of labelled rows, computed on all cores and kept between runs.

What the encoder says of a pair does not change with the rules, so the two halves are kept apart:
each under a hash of its texts and of the code that makes it.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rag
from eval.baselines import bigram_overlap, rouge_l
from eval.judges import Rereading
from eval.labelled import Labelled
from rag.embed import Embedder, load_embedder
from rag.likeness import LIKENESSES, TokenReader, likeness
from rag.pair import Pair
from rag.settings import Settings
from rag.support import joined, lexical
from rag.text import sentence_spans
from rag.verify import parts

_CHUNK = 50  # rows that a process takes at a time
# The rules stand on all modules of rag; what the encoder says only on these.
_ENCODER = ("align", "background", "embed", "likeness", "pair", "text", "words")

Features = NDArray[np.float64]


def extract(rows: Sequence[Labelled], cache: Path | None, jobs: int) -> Features:
    """The features of each row in the order of ``rag.support.ALIGNED``."""
    plain = _kept(rows, cache, jobs, ("lexical", lexical_of, code_hash()))
    split = [[replace(row, claim=one) for one in sentences(row.claim)] for row in rows]
    single = [one for of_row in split for one in of_row]
    alike = _kept(single, cache, jobs, ("aligned", aligned_of, code_hash(_ENCODER)))
    at = np.cumsum([0, *(len(of_row) for of_row in split)])
    whole = [
        joined(alike[a:b], LIKENESSES, [_pair(one) for one in of_row])
        for a, b, of_row in zip(at, at[1:], split, strict=False)
    ]
    return np.hstack([plain, np.vstack(whole)])


def sentences(text: str) -> list[str]:
    """The sentences of a claim, the claim itself when there is none."""
    return [text[a:b] for a, b in sentence_spans(text)] or [text]


Part = tuple[str, Callable[[Sequence[Labelled]], Features], str]


def _kept(rows: Sequence[Labelled], cache: Path | None, jobs: int, part: Part) -> Features:
    """One part of the features, from the cache where it holds them."""
    name, compute, code = part
    path = cache / f"{name}-{code}.npz" if cache else None
    held: dict[str, Features] = {}
    if path and path.is_file():
        with np.load(path) as stored:
            held = dict(zip(stored["keys"].tolist(), stored["values"], strict=True))
    keys = [_key(row) for row in rows]
    new = {k: row for k, row in zip(keys, rows, strict=True) if k not in held}
    if new:
        found = _in_processes(compute, list(new.values()), jobs)
        held |= dict(zip(new, found, strict=True))
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            values = np.array(list(held.values()))
            np.savez_compressed(path, keys=np.array(list(held)), values=values)
    return np.array([held[k] for k in keys])


def _in_processes(
    compute: Callable[[Sequence[Labelled]], Features], rows: Sequence[Labelled], jobs: int
) -> Iterable[Features]:
    chunks = [rows[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK)]
    if jobs <= 1:
        return np.vstack([compute(chunk) for chunk in chunks])
    with ProcessPoolExecutor(jobs) as pool:
        return np.vstack(list(pool.map(compute, chunks)))


def lexical_of(rows: Sequence[Labelled]) -> Features:
    """The features without the encoder."""
    return np.vstack([lexical(parts(row.claim, row.source)) for row in rows])


def aligned_of(rows: Sequence[Labelled]) -> Features:
    """The features of the embedded encoder, of single sentences."""
    return np.vstack([likeness(_pair(row), _reader()) for row in rows])


def _pair(row: Labelled) -> Pair:
    return Pair(row.claim, row.source)


@lru_cache(maxsize=1)
def embedded() -> Embedder:
    """The embedded encoder, loaded once in each process."""
    settings = Settings()
    return load_embedder(settings.embedder, settings.cache)


@lru_cache(maxsize=1)
def _reader() -> Rereading:
    """The embedded encoder; rows that follow each other often have one window."""
    reader = embedded()
    if not isinstance(reader, TokenReader):
        raise ValueError(f"{reader.name} gives no token states: unset BYLINE_EMBEDDER")
    return Rereading(reader)


def baselines(
    rows: Sequence[Labelled], chosen: NDArray[np.bool_], cache: Path | None
) -> dict[str, Features]:
    """What the chosen rows get from plain overlap, NaN elsewhere: bigrams, ROUGE-L, cosine."""
    held = [row for row, wanted in zip(rows, chosen, strict=True) if wanted]
    found = _kept(held, cache, 1, ("overlap", _overlaps, code_hash(("align", "embed", "text"))))
    out = np.full((len(rows), 3), np.nan)
    out[chosen] = found
    return {"bigram overlap": out[:, 0], "ROUGE-L": out[:, 1], "MiniLM cosine": out[:, 2]}


def _overlaps(rows: Sequence[Labelled]) -> Features:
    pairs = [(row.claim, row.source) for row in rows]
    near = cosines([c for c, _ in pairs], [s for _, s in pairs], embedded())
    return np.column_stack(
        [[bigram_overlap(c, s) for c, s in pairs], [rouge_l(c, s) for c, s in pairs], near]
    )


def _key(row: Labelled) -> str:
    return hashlib.sha256(f"{row.claim}\0{row.source}".encode()).hexdigest()[:24]


def code_hash(modules: Iterable[str] = ()) -> str:
    """A hash of the source of some modules of ``rag``, of all of them when none is named."""
    folder = Path(rag.__file__).parent
    wanted = [folder / f"{m}.py" for m in modules] or sorted(folder.glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in wanted)).hexdigest()[:12]


def cosines(
    claims: Sequence[str], sources: Sequence[str], embedder: Embedder
) -> NDArray[np.float64]:
    """Cosine of each claim and its source, both cut at the encoder's limit."""
    texts = list(dict.fromkeys([*claims, *sources]))
    vectors = dict(zip(texts, embedder.encode(texts), strict=True))
    return np.array([float(vectors[c] @ vectors[s]) for c, s in zip(claims, sources, strict=True)])
