"""The report of a run as Markdown and JUnit."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from eval.score import LESS_IS_BETTER, Score

Json = Mapping[str, Any]


def run_markdown(report: Json) -> str:
    """The figures as a table, with how many rows stand behind each."""
    judge = report["judge"]
    note = (
        ", which also checks the answers as they are written"
        if report["judge_is_run_time_verifier"]
        else ""
    )
    lines = [
        f"{report['name']}: {report['n']} questions, judged by {judge}{note}.",
        "",
        "| metric | value | 95 % interval | n | failed | abstained |",
        "|---|---|---|---|---|---|",
    ]
    for name, metric in report["metrics"].items():
        low, high = (_told(v) for v in metric["ci95"])
        less = " (less is better)" if name in LESS_IS_BETTER else ""
        cells = (
            f"{name}{less}",
            _told(metric["value"]),
            f"{low} to {high}",
            str(metric["n"]),
            str(metric["n_failed"]),
            str(metric["n_abstained"]),
        )
        lines.append("| " + " | ".join(cells) + " |")
    if report["cost"]["n_calls"]:
        lines += ["", _cost(report["cost"])]
    return "\n".join(lines)


def _cost(cost: Json) -> str:
    money = "" if cost["money"] is None else f"; {cost['money']:.4f} in money"
    return (
        f"Language model: {cost['n_calls']} calls, {cost['n_failed']} failed; tokens, about: "
        f"prompts {cost['prompt_tokens']:,}, replies {cost['reply_tokens']:,}{money}."
    )


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def junit(report: Json, scores: Sequence[Score]) -> bytes:
    """JUnit XML: one test case to a question; failed judgements and missing answers are errors."""
    by_case: dict[str, list[Score]] = {}
    for score in scores:
        by_case.setdefault(score.case_id, []).append(score)
    broken = {
        k: [s for s in v if s.state in ("invalid", "judge_failed")] for k, v in by_case.items()
    }
    suite = ElementTree.Element(
        "testsuite",
        name=f"byline eval {report['name']}",
        tests=str(len(by_case)),
        failures="0",
        errors=str(sum(bool(v) for v in broken.values())),
    )
    for case_id, found in by_case.items():
        case = ElementTree.SubElement(suite, "testcase", classname=report["name"], name=case_id)
        if broken[case_id]:
            told = "; ".join(f"{s.metric}: {s.state} {s.reason}".strip() for s in broken[case_id])
            ElementTree.SubElement(case, "error", message=_plain(told))
        out = ElementTree.SubElement(case, "system-out")
        out.text = _plain("\n".join(f"{s.metric} = {s.value:.4f} ({s.state})" for s in found))
    told_xml: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return told_xml


def _plain(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
