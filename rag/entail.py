"""Second judges of a sentence: the configured language model, or a cross-encoder on this machine.

They read beside the built-in checks and never overrule a contradiction that these found.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.errors import LLMRejected, ModelMissing, SettingsError
from rag.llm import ChatModel
from rag.prompts import one_line, write_judge_prompt
from rag.schema import Label, Verdict
from rag.settings import EMBEDDED_VERIFIER, LLM_VERIFIER

_ENOUGH = 0.5  # score from which a cross-encoder's pair counts as support
_MAX_REASON = 200
_MAX_REPLY = 2_000  # characters; a verdict has fewer than 300
_PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|.*[\\/].*[\\/]")  # a hub's id has one slash, inside
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_WORD = re.compile(r"\W*(supported|partial|refuted|unsupported)\b", re.IGNORECASE)
# Bands, as the built-in checks give them: a word has no score of its own.
_SCORES: dict[Label, float] = {
    "supported": 0.8,
    "partial": 0.5,
    "unsupported": 0.2,
    "refuted": 0.0,
}


class Judge(Protocol):
    """A second reader: it may lower a verdict, and lift one that no check contradicts."""

    @property
    def reads_quotes(self) -> bool:
        """True if it is also asked about sentences that stand in the source word for word."""

    def judge(self, text: str, source: str) -> Verdict:
        """Its own verdict on a sentence; raises a ``BylineError`` when it comes to none."""


def check_verifier(verifier: str, *, has_model: bool) -> None:
    """Refuse a verifier that cannot work as the settings are; loads nothing.

    Raises:
        SettingsError: it needs a language model, or a folder that is not there.
    """
    name = verifier.strip()
    if name.lower() == LLM_VERIFIER and not has_model:
        raise SettingsError(
            "BYLINE_VERIFIER is llm, but no language model is set",
            "set OPENAI_BASE_URL or OPENAI_API_KEY, or unset BYLINE_VERIFIER",
        )
    if _PATH.match(name) and not Path(name).expanduser().is_dir():
        raise SettingsError(
            f"BYLINE_VERIFIER names {name}, and there is no such folder",
            "correct the path, or unset BYLINE_VERIFIER",
        )


def load_judge(verifier: str, model: ChatModel | None) -> "LLMJudge | CrossEncoderJudge | None":
    """The judge named in the settings; None for the built-in checks alone.

    Raises:
        SettingsError: as ``check_verifier``, or it is no judge of entailment.
        ModelMissing: the cross-encoder cannot be loaded.
    """
    check_verifier(verifier, has_model=model is not None)
    name = verifier.strip()
    if name.lower() in ("", EMBEDDED_VERIFIER):
        return None
    if name.lower() == LLM_VERIFIER and model is not None:
        return LLMJudge(model)
    return CrossEncoderJudge(name)


def asking(judge: Judge | None, model: ChatModel) -> Judge | None:
    """The same judge; one that asks a model asks this one."""
    return LLMJudge(model) if isinstance(judge, LLMJudge) else judge


class LLMJudge:
    """Asks a chat model for a verdict and its reason."""

    reads_quotes = False

    def __init__(self, model: ChatModel) -> None:
        self.name = model.name
        self._model = model

    def judge(self, text: str, source: str) -> Verdict:
        """As ``Judge``.

        Raises:
            LLMError: no reply, or none that holds a verdict.
        """
        messages = write_judge_prompt(text, source, context_tokens=self._model.context_tokens)
        reply = ""
        for piece in self._model.stream(messages):
            reply += piece
            if len(reply) > _MAX_REPLY:
                break
        label, reason = _read(reply, self.name)
        reasons = (f"{self.name}: {reason}",) if reason and label != "supported" else ()
        return Verdict(label=label, score=_SCORES[label], reasons=reasons, judge=self.name)


def _read(reply: str, name: str) -> tuple[Label, str]:
    """The verdict and the reason in a reply: JSON somewhere in it, or a word at its beginning."""
    told = first_object(reply)
    word = _WORD.match(str(told.get("verdict", "")) if told else reply)
    if word is None:
        raise LLMRejected(f"{name} gave no verdict")
    reason = told.get("reason", "")
    plain = _URL.sub("", reason) if isinstance(reason, str) else ""
    labels: dict[str, Label] = {label: label for label in _SCORES}
    return labels[word[1].lower()], one_line(plain, _MAX_REASON)


def first_object(reply: str) -> Mapping[str, Any]:
    """The first JSON object in a text; empty when there is none."""
    at = reply.find("{")
    while at >= 0:
        try:
            found, _ = json.JSONDecoder().raw_decode(reply, at)
        except (ValueError, RecursionError):
            at = reply.find("{", at + 1)
            continue
        return found if isinstance(found, dict) else {}
    return {}


class CrossEncoderJudge:
    """A sentence-transformers cross-encoder, by id or path, that reads (source, sentence).

    With one output its score is the support; with several, one must be named as entailment.
    """

    reads_quotes = True

    def __init__(self, model: str) -> None:
        from sentence_transformers import CrossEncoder

        path = Path(model).expanduser()
        self.name = path.name if path.is_dir() else model
        try:
            self._model = CrossEncoder(str(path) if path.is_dir() else model, device="cpu")
        except (OSError, ValueError, ImportError) as error:
            raise ModelMissing(
                f"the verifier {model} could not be loaded: {error}",
                f"name another in BYLINE_VERIFIER, {LLM_VERIFIER}, or {EMBEDDED_VERIFIER}",
            ) from error
        labels = dict(self._model.config.id2label or {})
        self._entails = _place_of("entail", labels)
        self._refutes = _place_of("contradict", labels)
        self._n_outputs = int(self._model.num_labels)
        if self._n_outputs > 1 and self._entails is None:
            raise SettingsError(
                f"the verifier {model} tells {', '.join(map(str, labels.values()))} apart, "
                "and none of these is entailment",
                "name a cross-encoder with one score, or with a label for entailment",
            )

    def judge(self, text: str, source: str) -> Verdict:
        """As ``Judge``.

        Raises:
            ModelMissing: it cannot read this pair.
        """
        support, refuted = self._scores(text, source)
        if support >= _ENOUGH:
            return Verdict(label="supported", score=support, judge=self.name)
        label: Label = "refuted" if refuted >= _ENOUGH else "unsupported"
        reason = f"{self.name} sees too little support: {support:.2f} of 1"
        return Verdict(label=label, score=support, reasons=(reason,), judge=self.name)

    def _scores(self, text: str, source: str) -> tuple[float, float]:
        try:
            raw = self._model.predict(
                [(source, text)], activation_fn=_same, show_progress_bar=False
            )
        except (RuntimeError, IndexError, ValueError) as error:
            raise ModelMissing(f"{self.name} could not read the sentence: {error}") from error
        logits = np.asarray(raw, dtype=np.float64).reshape(-1)
        if not np.isfinite(logits).all():
            raise ModelMissing(f"{self.name} gave no number")
        if self._entails is None or self._n_outputs == 1:
            return 1 / (1 + math.exp(-float(np.clip(logits[0], -500, 500)))), 0.0
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        refutes = 0.0 if self._refutes is None else float(shares[self._refutes])
        return float(min(1.0, shares[self._entails])), refutes


def _same(logits: Any) -> Any:
    """Leave the outputs as they are: what is done to them by default depends on the model."""
    return logits


def _place_of(name: str, labels: Mapping[Any, str]) -> int | None:
    return next((int(i) for i, told in labels.items() if told.lower().startswith(name)), None)
