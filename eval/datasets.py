"""Cases: questions with what is known of their answers, from the formats that people use.

One row is one case: ``{"qid", "question", "answer", "type", "evidence": [{"doc_id", "fact"}],
"answerable", "documents", "wrong_answers", "nuggets", "conflict", "asked_at", "split"}``; only
``question`` must be there. ``answer`` is a text, a list of texts that a full answer says, or a
list of lists, each the aliases of one. The names of MultiHop-RAG, RealTimeQA, RAMDocs, RGB, RAGAS
and TREC topics are read too; JSON lines (gzipped or not), JSON arrays, CSV and TSV.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.rows import Row, is_rows, read_rows
from rag.errors import InputRefused

Json = dict[str, Any]
# What the fields are called elsewhere, the telling ones first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "qid": ("qid", "case_id", "question_id", "query_id", "id"),
    "question": ("question", "question_sentence", "user_input", "query", "title"),
    "answer": (
        "answer",
        "answers",
        "reference",
        "ground_truth",
        "ground_truths",
        "reference_answer",
    ),
    "type": ("type", "question_type", "synthesizer_name"),
    "evidence": ("evidence", "evidence_list"),
    "documents": ("documents", "contexts", "retrieved_contexts", "reference_contexts"),
    "wrong": ("wrong_answers", "fake_answer"),
    "asked_at": ("asked_at", "question_date"),
}
_UNANSWERABLE = ("null_query", "unanswerable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article that comes with its question."""

    doc_id: str
    text: str
    title: str = ""
    outlet: str = ""
    published_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A piece of gold evidence: which document, and its words."""

    doc_id: str
    text: str = ""
    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question with what is known of its answer."""

    case_id: str
    question: str
    answers: tuple[tuple[str, ...], ...] = ()  # what a full answer says, each with its aliases
    wrong: tuple[str, ...] = ()  # what the misinformed say
    answerable: bool = True
    kind: str = ""
    evidence: tuple[Fact, ...] = ()
    documents: tuple[Document, ...] = ()
    nuggets: tuple[str, ...] = ()
    conflict: bool | None = None  # whether the sources disagree; None: not known
    asked_at: str = ""
    split: str = ""

    @property
    def sides(self) -> tuple[tuple[str, ...], ...]:
        """Every answer that some source gives, right or wrong, each with its aliases."""
        return (*self.answers, *((w,) for w in self.wrong))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """The cases of a file, and what was wrong with its other rows."""

    cases: tuple[Case, ...]
    faults: tuple[str, ...] = ()


def load_cases(path: Path, limit: int | None = None) -> CaseFile:
    """The cases of a file in its order; ``limit`` keeps so many, spread evenly over it.

    Raises:
        InputRefused: the file cannot be read, or holds no question.
    """
    cases: list[Case] = []
    faults: list[str] = []
    seen: set[str] = set()
    for row in _rows(path):
        try:
            if isinstance(row, InputRefused):
                raise row
            case = _case(row)
            if case.case_id in seen:
                raise InputRefused(f"{row.where}: {case.case_id!r} was there before", "number them")
        except InputRefused as fault:
            faults.append(str(fault))
            continue
        seen.add(case.case_id)
        cases.append(case)
    if not cases:
        told = f": {faults[0].removeprefix(f'{path.name}, ')}" if faults else ""
        raise InputRefused(f"{path} holds no question{told}", 'each row needs "question"')
    if limit is not None and limit < len(cases):
        cases = [cases[i * len(cases) // limit] for i in range(limit)]
    return CaseFile(cases=tuple(cases), faults=tuple(faults))


def _rows(path: Path) -> Iterator[Row | InputRefused]:
    if is_rows(path):
        yield from read_rows(path)
        return
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"{path} cannot be read: {error}", "check the file") from error
    read = {".json": _array, ".csv": _table, ".tsv": _topics}.get(path.suffix.lower())
    if read is None:
        raise InputRefused(f"{path} is no .jsonl, .json, .csv or .tsv file", "name another")
    for number, values in enumerate(read(text, path), 1):
        yield Row(path=path, line=number, values=values)


def _array(text: str, path: Path) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputRefused(f"{path} is not JSON: {error}", "check the file") from error
    if isinstance(found, dict):  # an object around the list of questions
        found = next((v for v in found.values() if isinstance(v, list)), [])
    return [v for v in found if isinstance(v, dict)]


def _table(text: str, _: Path) -> list[Mapping[str, Any]]:
    """CSV with a header; a cell that is a JSON list is one."""
    return [
        {name: _cell(value) for name, value in row.items() if name and value}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _cell(value: str) -> Any:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, list | bool) else value


def _topics(text: str, path: Path) -> list[Mapping[str, Any]]:
    """TREC topics: a number, a tab, the question; gold documents from ``NAME.qrels`` beside it."""
    qrels: dict[str, list[Json]] = {}
    beside = path.with_suffix(".qrels")
    for line in beside.read_text("utf-8").splitlines() if beside.is_file() else ():
        cells = line.split()
        if len(cells) == 4 and cells[3].isdigit() and int(cells[3]) > 0:
            qrels.setdefault(cells[0], []).append({"doc_id": cells[2]})
    lines = (line.split("\t") for line in text.splitlines() if "\t" in line)
    named = ((cells[0].strip(), cells[1].strip()) for cells in lines)
    return [{"qid": n, "question": q, "evidence": qrels.get(n, [])} for n, q in named]


def _named(values: Mapping[str, Any], name: str) -> Any:
    """The first of the field's names that holds something."""
    found = (values.get(n) for n in _NAMES[name])
    return next((v for v in found if v not in (None, "", [])), None)


def _case(row: Row) -> Case:
    values = _storable(dict(row.values))
    question = _named(values, "question")
    if not isinstance(question, str) or not question.strip():
        raise InputRefused(f"{row.where} has no 'question'", "it must be a text")
    kind = str(_named(values, "type") or "")
    answers = _answers(values)
    documents = _documents(values)
    return Case(
        case_id=str(_named(values, "qid") or row.line),
        question=question.strip(),
        answers=answers,
        wrong=tuple(_texts(_named(values, "wrong"))),
        answerable=_truth(row, "answerable", default=kind not in _UNANSWERABLE),
        kind=kind,
        evidence=_evidence(_named(values, "evidence")),
        documents=documents,
        nuggets=tuple(_texts(values.get("nuggets"))),
        conflict=_conflict(row, answers, documents),
        asked_at=str(_named(values, "asked_at") or ""),
        split=str(values.get("split") or ""),
    )


def _storable(value: Any) -> Any:
    """The same without halves of surrogate pairs, which no model or file can take."""
    if isinstance(value, dict):
        return {k: _storable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(v) for v in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _truth(row: Row, name: str, *, default: bool) -> bool:
    value = row.values.get(name)
    if value is None or value == "":
        return default
    told = {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
    if told is None:
        raise InputRefused(f"{row.where}: {name!r} is {value!r}", "write true or false")
    return told


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(v).strip() for v in values if isinstance(v, str | int | float) and str(v).strip()]


def _answers(values: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    found = _named(values, "answer")
    choices = _texts(values.get("choices"))
    if choices and "question_sentence" in values:  # RealTimeQA's answers are numbers of choices
        return tuple(
            (choices[int(i)],) for i in _texts(found) if i.isdigit() and int(i) < len(choices)
        )
    if isinstance(found, list):
        groups = (tuple(_texts(v)) for v in found)
        return tuple(g for g in groups if g)
    return tuple((text,) for text in _texts(found))


def _evidence(value: Any) -> tuple[Fact, ...]:
    rows = value if isinstance(value, list) else []
    return tuple(
        Fact(
            doc_id=str(
                v.get("doc_id") or v.get("article_id") or v.get("url") or v.get("title") or ""
            ),
            text=str(v.get("fact") or v.get("text") or ""),
            url=str(v.get("url") or ""),
            title=str(v.get("title") or ""),
        )
        for v in rows
        if isinstance(v, dict)
    )


def _documents(values: Mapping[str, Any]) -> tuple[Document, ...]:
    found = _named(values, "documents")
    if found is None:  # RGB: right, counterfactual and beside the point
        names = ("positive", "positive_wrong", "negative")
        found = [text for name in names for text in _texts(values.get(name))]
    rows: Sequence[Any] = found if isinstance(found, list) else []
    told = [v if isinstance(v, dict) else {"text": v} for v in rows]
    return tuple(
        Document(
            doc_id=str(v.get("doc_id") or v.get("id") or f"document-{i}"),
            text=str(v["text"]),
            title=str(v.get("title") or ""),
            outlet=str(v.get("source") or v.get("outlet") or ""),
            published_at=str(v.get("published_at") or ""),
        )
        for i, v in enumerate(told, 1)
        if isinstance(v.get("text"), str) and v["text"].strip()
    )


def _conflict(
    row: Row, answers: Sequence[Sequence[str]], documents: Sequence[Document]
) -> bool | None:
    """As the row says; else known only of RAMDocs and RGB, whose documents tell every side."""
    if row.values.get("conflict") is not None:
        return _truth(row, "conflict", default=False)
    told = bool(row.values.get("disambig_entity") or row.values.get("positive_wrong"))
    if not (told and documents and answers):
        return None
    return len(answers) + len(_texts(_named(row.values, "wrong"))) > 1
