"""A finished run in the record formats of other kits, so that their metrics can be set beside ours.

``ragas``: one ``SingleTurnSample`` to a line (ragas 0.2 and later). ``trec-rag``: one answer to a
line, sentences with citations that count the references from 0 (TREC 2024 RAG track), which
open-rag-eval and the track's own scripts read; sentences keep what they cite, phantoms are left
out since the format cannot hold them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.reply import Reply, from_contract
from rag.errors import InputRefused

Json = dict[str, Any]


def ragas(case: Mapping[str, Any], reply: Reply) -> Json:
    """A ragas sample; what was retrieved is its context, an abstention's reason its response."""
    return {
        "user_input": case["question"],
        "retrieved_contexts": [source.text for source in reply.retrieved],
        "response": " ".join(s.text for s in reply.sentences) or reply.reason,
        "reference": "; ".join(aliases[0] for aliases in case["answers"]),
    }


def trec_rag(case: Mapping[str, Any], reply: Reply) -> Json:
    """A TREC RAG answer; references are what is cited, in the order of the markers."""
    markers = sorted(reply.cited)
    place = {marker: i for i, marker in enumerate(markers)}
    text = [s.text for s in reply.sentences]
    return {
        "run_id": "byline",
        "topic_id": case["case_id"],
        "topic": case["question"],
        "references": [reply.cited[m].article_id for m in markers],
        "response_length": sum(len(t.split()) for t in text),
        "answer": [
            {"text": s.text, "citations": [place[m] for m in s.markers if m in place]}
            for s in reply.sentences
        ],
    }


FORMATS: Mapping[str, Callable[[Mapping[str, Any], Reply], Json]] = {
    "ragas": ragas,
    "trec-rag": trec_rag,
}


def exported(folder: Path, form: str) -> Iterator[Json]:
    """The records of a run's answers, in the order of its cases; missing answers are left out.

    Raises:
        InputRefused: the folder holds no finished run, or nobody knows the format.
    """
    if form not in FORMATS:
        raise InputRefused(f"{form!r} is no format", f"the formats are: {', '.join(FORMATS)}")
    try:
        cases = {c["case_id"]: c for c in _rows(folder / "cases.jsonl")}
        entries = _rows(folder / "answers.jsonl")
    except (OSError, ValueError) as error:
        raise InputRefused(f"{folder} holds no finished run: {error}", "run it first") from error
    for entry in entries:
        if "answer" in entry:
            yield FORMATS[form](cases[entry["case_id"]], from_contract(entry["answer"]))


def _rows(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
