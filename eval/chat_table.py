"""The report on the chats for a terminal, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.render import VERDICT_WORDS, printable, shortened

Json = Mapping[str, Any]
_N_WORST = 5


def chat_markdown(report: Json) -> str:
    """Metrics, time, outlets and topics as tables; then the worst answers, and feedback."""
    if not report["n"]:
        return "No question was asked in the chat yet."
    return "\n".join(_lines(report)).strip()


def _lines(report: Json) -> Iterator[str]:
    yield (
        f"{report['n']:,} answers in {report['n_conversations']:,} conversations from "
        f"{report['first']} to {report['last']}; {report['n_abstained']:,} abstained, "
        f"{report['n_unscored']:,} not scored. Judged by: {', '.join(report['judges']) or '-'}"
    )
    yield from _table("metric", [{"name": n, **m} for n, m in report["metrics"].items()])
    points = [{"name": p["from"], **p} for p in report["over_time"]["points"]]
    yield from _table(f"faithfulness by {report['over_time']['unit']}", points)
    yield from _table("sentences carried, by outlet", report["by_outlet"])
    yield from _table("faithfulness, by name asked about", report["by_topic"])
    if report["worst"]:
        yield f"\nWorst answers ({report['n_with_faults']:,} with something wrong):"
    for answer in report["worst"][:_N_WORST]:
        yield f"\n- {_flat(answer['question'])} ({answer['asked_at'][:10]})"
        for sentence in answer["sentences"]:
            yield f"  - {VERDICT_WORDS[sentence['label']]}: {_flat(sentence['text'])}"
            yield from (f"    {_flat(why)}" for why in sentence["why"])
    yield from _feedback(report)


def _feedback(report: Json) -> Iterator[str]:
    told, agreed = report["feedback"], report["agreement"]
    if told["n"]:
        reasons = "".join(f", {r} {n:,}" for r, n in told["reasons"].items())
        yield f"\nFeedback: {told['up']:,} up, {told['down']:,} down{reasons}"
    if agreed["auroc"]["value"] is not None:
        low, high = agreed["auroc"]["ci95"]
        yield (
            f"Faithfulness of thumbs up {_number(agreed['faithfulness_up'])}, down "
            f"{_number(agreed['faithfulness_down'])}; AUROC {_number(agreed['auroc']['value'])} "
            f"[{_number(low)}, {_number(high)}]"
        )


def _table(head: str, rows: Sequence[Json]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n| {head} | value | 95 % interval | n | failed | nothing to judge |"
    yield "|" + "---|" * 6
    for row in rows:
        low, high = row["ci95"]
        yield (
            f"| {_flat(row['name'])} | {_number(row['value'])} "
            f"| {_number(low)} to {_number(high)} | {row['n']:,} | {row['n_failed']:,} "
            f"| {row['n_abstained']:,} |"
        )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _flat(text: str) -> str:
    """Foreign text in one line, with nothing that a terminal or a table obeys."""
    return shortened(" ".join(printable(text).replace("|", "/").split()), 200)
