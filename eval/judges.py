"""Who says whether a source supports a claim: the judges that metrics stand on.

A judge gives numbers; what it fails on is NaN with a reason, so that it is counted. The threshold
of a judge was chosen on development data (``eval/thresholds.json``, made by ``byline eval meta
--tune``), and is another one than the verifier draws while answering.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eval.baselines import Nearness, bigram_overlap
from eval.pairs import Labelled
from rag import entail
from rag.embed import Embedder, TokenStates
from rag.errors import BylineError, SettingsError
from rag.likeness import TokenReader
from rag.llm import ChatModel
from rag.text import STOP_WORDS, stem, tokens
from rag.verify import JUDGE as RUN_TIME
from rag.verify import support

Progress = Callable[[int, int], None]  # done, total

EMBEDDED, OVERLAP, LLM = "embedded", "overlap", "llm"
OVERLAP_NAME = "byline-overlap/1"
DEFAULT_THRESHOLD = 0.5
_THRESHOLDS = Path(__file__).with_name("thresholds.json")
_BATCH = 64
_MAX_READ = 256  # texts whose word pieces are kept: at most 200 MB


class Scorer(Protocol):
    """The work of a judge."""

    def __call__(self, pairs: Sequence[Labelled]) -> "Judged":
        """The support of each claim by its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Support from 0 to 1 for each pair in order, NaN where the judge failed, and why it did."""

    scores: NDArray[np.float64]
    failures: Mapping[str, int] = field(default_factory=dict)  # reason -> how often

    @property
    def n_failed(self) -> int:
        """How many pairs have no judgement."""
        return int(np.isnan(self.scores).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A scorer with its name, its threshold, and whether answers were made with its help."""

    name: str
    score: Scorer
    threshold: float
    is_run_time: bool = False  # the same judge also gave the verdicts in the answers

    def says(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which are supported; a failed judgement is not."""
        return np.nan_to_num(scores, nan=-1.0) >= self.threshold


def threshold_of(name: str) -> float:
    """The threshold chosen for this judge on development data; 0.5 for one never measured."""
    return float(_thresholds().get(name, DEFAULT_THRESHOLD))


@lru_cache(maxsize=1)
def _thresholds() -> dict[str, float]:
    return dict(json.loads(_THRESHOLDS.read_text("utf-8")))


def one_by_one(score: Callable[[str, str], float]) -> Scorer:
    """A scorer from a function of (claim, source) that raises when it comes to nothing."""

    def scorer(pairs: Sequence[Labelled]) -> Judged:
        scores = np.full(len(pairs), np.nan)
        failures: Counter[str] = Counter()
        for i, pair in enumerate(pairs):
            try:
                value = float(score(pair.claim, pair.source))
            except BylineError as error:
                failures[error.message] += 1
                continue
            except Exception as error:  # noqa: BLE001  # a judge may be anybody's; its fault is counted
                failures[f"{type(error).__name__}: {error}"[:200]] += 1
                continue
            if 0.0 <= value <= 1.0:
                scores[i] = value
            else:
                failures[f"gave {value}, which is not from 0 to 1"] += 1
        return Judged(scores=scores, failures=dict(failures))

    return scorer


def judged(judge: Judge, pairs: Sequence[Labelled], progress: Progress | None = None) -> Judged:
    """The judge's word on every pair, asked in batches so that progress can be shown.

    Claims about one source are asked one after the other, so that it need not be read again.
    """
    order = sorted(range(len(pairs)), key=lambda i: pairs[i].source)
    scores = np.full(len(pairs), np.nan)
    failures: Counter[str] = Counter()
    for at in range(0, len(pairs), _BATCH):
        rows = order[at : at + _BATCH]
        heard = judge.score([pairs[i] for i in rows])
        scores[rows] = heard.scores
        failures.update(heard.failures)
        if progress is not None:
            progress(at + len(rows), len(pairs))
    return Judged(scores=scores, failures=dict(failures))


def load_eval_judge(
    name: str, *, nearness: Nearness, model: ChatModel | None = None, repeats: int = 3
) -> Judge:
    """The judge of this name: embedded, overlap, llm, or a cross-encoder by id or path.

    Raises:
        SettingsError: it needs a language model and none is set, or it judges no entailment.
        ModelMissing: the cross-encoder cannot be loaded.
    """
    if name == EMBEDDED:
        return embedded(nearness.embedder)
    if name == OVERLAP:
        return overlap(nearness)
    if name == LLM:
        if model is None:
            raise SettingsError(
                "the judge is llm, but no language model is set",
                "set OPENAI_BASE_URL or OPENAI_API_KEY, or judge with: --judge embedded",
            )
        return repeated(entail.LLMJudge(model), repeats)
    return of_verdicts(entail.CrossEncoderJudge(name))


class Rereading:
    """A reader of word pieces that keeps what it read last: a source has many claims."""

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader
        self._kept: OrderedDict[str, TokenStates] = OrderedDict()

    def read_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """As ``TokenReader.read_tokens``."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> TokenStates:
        found = self._kept.pop(text, None)
        states = self._reader.read_tokens([text])[0] if found is None else found
        self._kept[text] = states  # the last in the row
        if len(self._kept) > _MAX_READ:
            self._kept.popitem(last=False)
        return states


def embedded(embedder: Embedder | None = None) -> Judge:
    """The verifier that also checks the answers, with a threshold of its own.

    With an embedder that reads word pieces it scores as it does while answering.
    """
    reader = Rereading(embedder) if isinstance(embedder, TokenReader) else None
    return Judge(
        name=RUN_TIME,
        score=one_by_one(partial(support, reader=reader)),
        threshold=threshold_of(RUN_TIME),
        is_run_time=True,
    )


def of_verdicts(judge: entail.CrossEncoderJudge) -> Judge:
    """A judge of the answering package, by the scores of its verdicts."""
    return Judge(
        name=judge.name,
        score=one_by_one(lambda claim, source: judge.judge(claim, source).score),
        threshold=threshold_of(judge.name),
    )


def repeated(judge: entail.Judge, repeats: int) -> Judge:
    """A judge that is asked several times and whose scores are averaged.

    A language model answers otherwise the next time: a kit that asks once gave .57, then .67 on
    the same rows. It fails when fewer than half of the repeats give a verdict.
    """
    name = f"{getattr(judge, 'name', 'judge')} x{repeats}"

    def score(claim: str, source: str) -> float:
        told, failed = [], None
        for _ in range(repeats):
            try:
                told.append(judge.judge(claim, source).score)
            except BylineError as error:
                failed = error
        if failed is not None and 2 * len(told) < repeats:
            raise failed
        return sum(told) / len(told)

    return Judge(name=name, score=one_by_one(score), threshold=threshold_of(name))


def overlap(nearness: Nearness) -> Judge:
    """An embedded judge that shares no code with the verifier: words, names, figures, vectors.

    The mean of MiniLM's nearness, the overlap of bigrams, and the shares of the claim's names
    and figures that the source has. Blunt, and meant as a second opinion.
    """

    def scorer(pairs: Sequence[Labelled]) -> Judged:
        near = nearness(pairs)
        scores = [
            (n + bigram_overlap(p.claim, p.source) + sum(_names_and_figures(p.claim, p.source))) / 4
            for n, p in zip(near, pairs, strict=True)
        ]
        return Judged(scores=np.array(scores, dtype=np.float64))

    return Judge(name=OVERLAP_NAME, score=scorer, threshold=threshold_of(OVERLAP_NAME))


def _names_and_figures(claim: str, source: str) -> tuple[float, float]:
    """The shares of the claim's capitalised words and of its figures that the source has."""
    words = tokens(claim)
    have = {stem(t.text) for t in tokens(source)}
    names = [t.text for t in words if t.text[0].isupper() and t.text.lower() not in STOP_WORDS]
    figures = [t.text for t in words if t.text[0].isdigit()]
    return tuple(  # type: ignore[return-value]  # two in, two out
        sum(stem(w) in have for w in found) / len(found) if found else 1.0
        for found in (names, figures)
    )
