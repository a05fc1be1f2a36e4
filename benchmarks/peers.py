"""What other kits say of the same answers: one script to each kit, run by a Python of its own.

A script reads rows from standard input (``user_input``, ``response``, ``reference``, ``contexts``,
``claims`` with what the answer states, ``true`` with which of them are) and writes one object to a
row, metric -> score. Kits that ask a language model for everything are given an oracle in its
place, which states the claims and judges each without a mistake: what they then miss, their own
arithmetic misses.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_RAGAS = """
import asyncio, json, sys, warnings
warnings.filterwarnings("ignore")
from ragas import SingleTurnSample
from ragas.metrics import BleuScore, ExactMatch, NonLLMStringSimilarity, RougeScore
metrics = [BleuScore(), ExactMatch(), NonLLMStringSimilarity(), RougeScore()]
out = []
for row in json.load(sys.stdin):
    sample = SingleTurnSample(
        user_input=row["user_input"], response=row["response"],
        reference=row["reference"], retrieved_contexts=row["contexts"])
    told = {}
    for metric in metrics:
        try:
            told[metric.name] = float(asyncio.run(metric.single_turn_ascore(sample)))
        except Exception:
            told[metric.name] = float("nan")
    out.append(told)
json.dump(out, sys.stdout)
"""

_DEEPEVAL = """
import contextlib, io, json, os, sys
os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "YES"
from deepeval.metrics import ExactMatchMetric, FaithfulnessMetric
from deepeval.models import DeepEvalBaseLLM
from deepeval.test_case import LLMTestCase

class Oracle(DeepEvalBaseLLM):
    def __init__(self, row):
        self.row = row
        super().__init__("oracle")
    def load_model(self):
        return self
    def get_model_name(self, *args, **kwargs):
        return "oracle"
    def generate(self, prompt, schema=None, **kwargs):
        row, name = self.row, schema.__name__
        told = {
            "Truths": {"truths": row["contexts"]},
            "Claims": {"claims": row["claims"]},
            "Verdicts": {"verdicts": [{"verdict": "yes" if t else "no"} for t in row["true"]]},
        }
        return schema(**told[name])
    async def a_generate(self, prompt, schema=None, **kwargs):
        return self.generate(prompt, schema)

def score(make, row):
    case = LLMTestCase(input=row["user_input"], actual_output=row["response"],
                       expected_output=row["reference"], retrieval_context=row["contexts"])
    try:
        return float(make(row).measure(case, _show_indicator=False))
    except Exception as error:
        print(type(error).__name__, error, file=sys.stderr)
        return float("nan")

makers = {
    "exact_match": lambda row: ExactMatchMetric(),
    "faithfulness (oracle)": lambda row: FaithfulnessMetric(
        model=Oracle(row), async_mode=False, include_reason=False),
}
with contextlib.redirect_stdout(io.StringIO()):
    out = [{n: score(m, row) for n, m in makers.items()} for row in json.load(sys.stdin)]
json.dump(out, sys.stdout)
"""

_OPEN_RAG_EVAL = """
import contextlib, io, json, sys
with contextlib.redirect_stdout(io.StringIO()):
    from open_rag_eval.data_classes.rag_results import (
        AugmentedGenerationResult, RAGResult, RetrievalResult)
    from open_rag_eval.metrics import CitationMetric, NoAnswerMetric
    from open_rag_eval.rag_results_loader import RAGResultsLoader

class Said:
    def __init__(self, **values):
        self.__dict__.update(values)

class Oracle:
    def __init__(self, row):
        self.row = row
    def parse(self, prompt, response_format, model_kwargs=None):
        row = self.row
        if response_format.__name__ == "CitationSupport":
            statement, _, citation = prompt.partition("Citation:")
            good = [c for c, true in zip(row["claims"], row["true"]) if true]
            carried = any(c in statement for c in good) and row["contexts"][0] in citation
            response = response_format(support="full_support" if carried else "no_support")
        else:
            response = response_format(answered="yes" if row["claims"] else "no")
        return {"response": response, "metadata": {}}

loader = RAGResultsLoader("")
out = []
for row in json.load(sys.stdin):
    found = {f"[{i}]": text for i, text in enumerate(row["contexts"], 1)}
    parts = loader._parse_generated_answer(row["response"])
    written = AugmentedGenerationResult(query=row["user_input"], generated_answer=parts)
    both = RAGResult(retrieval_result=RetrievalResult(
        query=row["user_input"], retrieved_passages=found), generation_result=written)
    cited = CitationMetric(Oracle(row)).compute(both)
    answered = NoAnswerMetric(Oracle(row)).compute(written)["query_answered"]
    out.append({
        "citation recall (oracle)": cited["weighted_recall"],
        "citation precision (oracle)": cited["weighted_precision"],
        "query answered (oracle)": float(answered == "yes"),
    })
json.dump(out, sys.stdout)
"""

PEERS: Mapping[str, str] = {
    "ragas": _RAGAS,
    "deepeval": _DEEPEVAL,
    "open-rag-eval": _OPEN_RAG_EVAL,
}


def scores_of(kit: str, python: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """The metrics of a kit for each row, in order; NaN where it gave no number.

    Raises:
        SystemExit: the kit cannot be run by this Python.
    """
    done = subprocess.run(
        [python, "-c", PEERS[kit]],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{kit} failed: {done.stderr[-500:]}")
    sys.stderr.write(done.stderr[-1_000:])
    told: list[dict[str, float]] = json.loads(done.stdout)
    return told
