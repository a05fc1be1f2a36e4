"""Measure the verifier: AUROC on human labels, and single edits of news sentences detected.

    python -m benchmarks.verify DATA

Prints two Markdown tables. The first needs ``{source_text, claim, label}`` rows (jsonl.gz, by their
names below), with bigram overlap and ROUGE-L measured in the same run as the floor. The shipped
weights have seen these rows: figures on sets left out are on their card, from
``eval.train_verifier``. The second edits
sentences of ``rtqa_2022_dev_corpus`` and counts as detected what scores below a threshold that
passes 95 % of the untouched and 90 % of the lightly paraphrased sentences. An edit of a paraphrase
is counted apart. Deterministic: the seed is fixed.
"""

import gzip
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval.agreement import auroc
from eval.overlap import bigram_overlap, rouge_l
from rag.embed import load_embedder
from rag.facts import dates, names, quantities
from rag.likeness import TokenReader
from rag.settings import EMBEDDED_MODEL, Settings
from rag.text import sentence_spans
from rag.verify import support

HUMAN = (
    "cliff_goyal21_dev",
    "xsumfaith_150docs",
    "xent_entities_dev",
    "wice_claim_oracle_dev",
    "expertqa_claims_dev",
    "summedits_other",
)
N_SENTENCES = 400
N_SUMMEDITS = 1_000  # of 3,847: every row costs a long document

Edit = Callable[[str, random.Random], str | None]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The JSON objects of a compressed file, one a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def human_table(folder: Path, reader: TokenReader) -> None:
    """AUROC per set against human labels, and what a claim costs on one core."""
    print("| set | n | support | without the encoder | ms | ms | bigrams | ROUGE-L |")
    print("|---|---|---|---|---|---|---|---|")
    means = []
    for name in HUMAN:
        found = list(rows(folder / f"{name}.jsonl.gz"))
        sample = found[:: max(1, len(found) // N_SUMMEDITS)]
        labels = np.array([int(r["label"]) for r in sample])
        told, ms = [], []
        for score in (partial(support, reader=reader), support, bigram_overlap, rouge_l):
            started = time.process_time()
            told.append(
                auroc(np.array([score(r["claim"], r["source_text"]) for r in sample]), labels)
            )
            ms.append(1000 * (time.process_time() - started) / len(sample))
        means.append(told)
        ours, bare, *floors = (f"{share:.3f}" for share in told)
        costs = f"{ms[0]:.1f} | {ms[1]:.1f}"
        print(f"| {name} | {len(sample)} | {ours} | {bare} | {costs} | {' | '.join(floors)} |")
    ours, bare, *floors = (f"{share:.3f}" for share in np.mean(means, axis=0))
    print(f"| mean | | {ours} | {bare} | | | {' | '.join(floors)} |")


PLACES = (
    "China Russia Ukraine Germany France Texas Florida California London Paris Moscow Japan "
    "Israel Iran Mexico Canada Brazil India Chicago Boston Ohio Georgia Arizona Spain Italy"
).split()
ORGANISATION = re.compile(
    r"\b(?:[A-Z][a-z]+ ){1,3}(?:Inc|Corp|University|Department|Party|Committee|Court|Agency|"
    r"Association|Bank|Commission|Institute|Council|Union|Service|Company|Group)\b"
)
PERSON = re.compile(
    r"\b(?!The |In |On )[A-Z][a-z]+ [A-Z][a-z]+(?= (?:said|told|says|was|is|has)\b)"
)
OPPOSED = [
    pair.split(":")
    for pair in """
    increased:decreased rose:fell more:fewer win:lose won:lost approved:rejected before:after
    higher:lower largest:smallest best:worst first:last new:old male:female public:private
    support:oppose supported:opposed accepted:refused legal:illegal guilty:innocent early:late
    strong:weak up:down high:low good:bad long:short young:old hot:cold open:closed safe:dangerous
    possible:impossible likely:unlikely easy:difficult rich:poor major:minor positive:negative
    released:jailed alive:dead arrived:left began:ended started:stopped bought:sold
    """.split()
]
SYNONYMS = [
    pair.split(":")
    for pair in """
    said:stated announced:declared children:kids began:started big:large told:informed
    died:perished buy:purchase bought:purchased help:aid kill:slay killed:slain about:around
    including:among show:demonstrate shows:demonstrates showed:demonstrated use:utilize
    used:utilized many:numerous often:frequently currently:presently enough:sufficient
    people:persons try:attempt trying:attempting tried:attempted end:finish ended:finished
    film:movie movie:film also:additionally ago:earlier asked:requested near:close
    important:significant hard:difficult quickly:rapidly huge:enormous gave:provided
    give:provide called:named officials:authorities job:position jobs:positions
    house:home happened:occurred nearly:almost almost:nearly believe:think thinks:believes
    recent:latest worried:concerned building:structure city:town company:firm
    """.split()
]


def swap_words(pairs: Sequence[Sequence[str]], *, both: bool) -> Edit:
    """An edit that puts one word of a pair for the other."""
    table = {pair[0]: pair[1] for pair in pairs}
    table |= {pair[1]: pair[0] for pair in pairs} if both else {}

    def edit(text: str, rng: random.Random) -> str | None:
        found = [m for m in re.finditer(r"\b[a-z]+\b", text) if m.group() in table]
        if not found:
            return None
        match = rng.choice(found)
        return text[: match.start()] + table[match.group()] + text[match.end() :]

    return edit


def swap_pattern(pattern: str, *others: str) -> Edit:
    """An edit that puts another text for what the pattern finds first."""

    def edit(text: str, rng: random.Random) -> str | None:
        match = re.search(pattern, text)
        choices = [o for o in others if o != (match and match.group())]
        return match and text[: match.start()] + rng.choice(choices) + text[match.end() :]

    return edit


def edit_number(text: str, rng: random.Random) -> str | None:
    """Another figure."""
    found = [q for q in quantities(text) if q.text[-1].isdigit() and q.kind != "ordinal"]
    found = [q for q in found if re.fullmatch(r"\$?[\d,]+", q.text)]
    if not found:
        return None
    figure = rng.choice(found)
    value = int(figure.value * rng.choice((2, 3, 10)) + rng.randint(1, 3))
    other = ("$" if figure.text.startswith("$") else "") + f"{value:,}"
    return text[: figure.start] + other + text[figure.end :]


def edit_date(text: str, rng: random.Random) -> str | None:
    """Another month, weekday or year."""
    for mention in dates(text):
        if mention.weekday is not None:
            return text.replace(mention.text, rng.choice(("Sunday", "Tuesday")), 1)
        if mention.year and mention.month is None and not mention.decade:
            return text.replace(mention.text, str(mention.year + rng.choice((-3, 2))), 1)
        if mention.month and mention.text[0].isalpha():
            other = mention.text.replace(mention.text.split(" ")[0], rng.choice(("May", "October")))
            return text.replace(mention.text, other, 1) if other != mention.text else None
    return None


def edit_place(text: str, rng: random.Random) -> str | None:
    """Another place."""
    found = [p for p in PLACES if re.search(rf"\b{p}\b", text)]
    other = rng.choice([p for p in PLACES if p not in text])
    return re.sub(rf"\b{found[0]}\b", other, text) if found else None


def edit_negation(text: str, _rng: random.Random) -> str | None:
    """A "not" put in or taken out."""
    if re.search(r"\bnot \w", text):
        return re.sub(r"\bnot ", "", text, count=1)
    if re.search(r"\b(?:was|were|is|are|has|have|had|will|can|could|would) [a-z]", text):
        return re.sub(
            r"\b(was|were|is|are|has|have|had|will|can|could|would) ", r"\1 not ", text, count=1
        )
    return None


def edit_modality(text: str, _rng: random.Random) -> str | None:
    """A doubt put in or taken out."""
    if re.search(r"\b(?:may|might|could) [a-z]", text):
        return re.sub(r"\b(may|might|could) ", "will ", text, count=1)
    if re.search(r"\b(?:reportedly|allegedly|possibly) ", text):
        return re.sub(r"\b(?:reportedly|allegedly|possibly) ", "", text, count=1)
    return re.sub(r"\bwill ", "may ", text, count=1) if " will " in text else None


def edit_quantifier(text: str, _rng: random.Random) -> str | None:
    """Another share or bound."""
    pairs = (
        ("more than", "less than"), ("at least", "at most"), ("up to", "more than"),
        ("all", "some"), ("some", "all"), ("most", "few"), ("many", "all"), ("every", "no"),
        ("each", "in total"), ("few", "most"),
    )  # fmt: skip
    for one, other in pairs:
        if re.search(rf"\b{one}\b", text):
            return re.sub(rf"\b{one}\b", other, text, count=1)
    return None


def edit_roles(text: str, _rng: random.Random) -> str | None:
    """Two names that change places."""
    found = [n for n in names(text) if n.sure]
    if len(found) < 2 or found[0].text == found[1].text:
        return None
    a, b = found[0], found[1]
    between = text[a.end : b.start]
    if not re.search(r"[a-z]{4}", between) or re.search(r"\band\b|,", between):
        return None
    return text[: a.start] + b.text + between + a.text + text[b.end :]


EDITS: dict[str, Edit] = {
    "number": edit_number,
    "date": edit_date,
    "person": swap_pattern(PERSON.pattern, "Alan Whitfield", "Maria Delgado", "Peter Osei"),
    "organisation": swap_pattern(
        ORGANISATION.pattern, "Northfield University", "Harlan Bank", "Civic Union"
    ),
    "place": edit_place,
    "negation": edit_negation,
    "modality": edit_modality,
    "quantifier": edit_quantifier,
    "role swap": edit_roles,
    "antonym": swap_words(OPPOSED, both=True),
}


def paraphrase(text: str, rng: random.Random) -> str | None:
    """The same said a little differently: word order, a synonym, an aside left out."""
    said = re.fullmatch(r"([A-Z][^,\"\u201c]{3,80}), ([A-Z][\w .]{3,40}) (?:said|told CNN)\.", text)
    moved = re.fullmatch(r"((?:In|On|At|After|Before|During) [^,]{3,60}), (.{20,})\.", text)
    aside = re.search(r", (?:who|which|a|an) [^,]{5,60},", text)
    options = [swap_words(SYNONYMS, both=False)(text, rng)]
    if said:
        options.append(f"According to {said[2]}, {said[1][0].lower() + said[1][1:]}.")
    if moved:
        options.append(f"{moved[2][0].upper() + moved[2][1:]} {moved[1][0].lower()}{moved[1][1:]}.")
    if aside:
        options.append(text[: aside.start()] + text[aside.end() :])
    made = [o for o in options if o]
    return rng.choice(made) if made else None


def sentences(folder: Path, rng: random.Random) -> list[tuple[str, str]]:
    """Sentences of news, each with the few that stand around it."""
    found = []
    for row in rows(folder / "rtqa_2022_dev_corpus.jsonl.gz"):
        spans = sentence_spans(row["text"])
        for i in range(2, len(spans) - 3, 7):
            text = row["text"][slice(*spans[i])]
            source = row["text"][spans[i - 2][0] : spans[i + 2][1]]
            if 60 <= len(text) <= 320 and text.endswith("."):
                found.append((text, source))
    return rng.sample(found, min(len(found), 12 * N_SENTENCES))


def edits_table(folder: Path) -> None:
    """Share of single edits below the threshold."""
    rng = random.Random(7)
    pool = sentences(folder, rng)
    light = [(p, s) for t, s in pool if (p := paraphrase(t, rng))][:N_SENTENCES]
    untouched = [support(t, s) for t, s in pool[:N_SENTENCES]]
    rephrased = [support(p, s) for p, s in light]
    threshold = min(np.quantile(untouched, 0.05), np.quantile(rephrased, 0.10))
    print(f"\nThreshold {threshold:.3f}: passes {np.mean(np.array(untouched) >= threshold):.2f} of")
    print(f"untouched, {np.mean(np.array(rephrased) >= threshold):.2f} of rephrased sentences.\n")
    print("| edit | n | detected | n on a paraphrase | detected |\n|---|---|---|---|---|")
    shares = []
    for kind, edit in EDITS.items():
        whole = [(e, s) for t, s in pool if (e := edit(t, rng)) and e != t][: N_SENTENCES // 2]
        again = [(e, s) for t, s in light if (e := edit(t, rng)) and e != t]
        caught = [support(e, s) < threshold for e, s in whole]
        caught_again = [support(e, s) < threshold for e, s in again]
        shares.append((np.mean(caught), np.mean(caught_again)))
        print(
            f"| {kind} | {len(whole)} | {np.mean(caught):.2f} "
            f"| {len(again)} | {np.mean(caught_again):.2f} |"
        )
    on_whole, on_light = np.mean(shares, axis=0)
    print(f"| mean | | {on_whole:.2f} | | {on_light:.2f} |")


if __name__ == "__main__":
    data = Path(sys.argv[1])
    encoder = load_embedder(EMBEDDED_MODEL, Settings().cache)
    assert isinstance(encoder, TokenReader)
    if "--edits" not in sys.argv:
        human_table(data, encoder)
    edits_table(data)
