"""Who catches what: sixty answers with known faults, scored by us and by other kits.

    python -m benchmarks.faults [--peer KIT=PYTHON ...]

Ten good answers over the samples, each cited, and ways to spoil each: citations removed, a citation
of what does not exist, a figure or name changed, a second sentence that is false and cites what
does not exist, and nothing but "I don't know"; and ten empty ones. PYTHON is an interpreter of its
own with the kit: ragas (with rouge_score, rapidfuzz, sacrebleu), deepeval or open-rag-eval. Where
a kit needs a language model it is given an oracle (``benchmarks.peers``). A fault is caught by a
metric where it scores the spoilt answer lower than the good one.
"""

import argparse
from collections.abc import Mapping
from functools import lru_cache
from math import isnan

from benchmarks.peers import scores_of
from eval.datasets import Case
from eval.judges import Judge, embedded
from eval.reply import Reply, Source, from_text
from eval.run import Recorded
from eval.score import score_reply
from rag.embed import load_embedder
from rag.settings import EMBEDDED_MODEL, load_settings

# Question, gold answer, source, the good answer, and the same with something false in it.
ROWS = (
    ("How many died on Lake Verrin?", "Twelve", "Twelve people died when the ferry Tamsin Gale "
     "capsized on Lake Verrin, the rescue service said on Wednesday.",
     "Twelve people died when the ferry Tamsin Gale capsized.",
     "Nineteen people died when the ferry Tamsin Gale capsized."),
    ("Who leads the search?", "Edda Lorne", "The search will go on until Friday, said Edda Lorne, "
     "the head of the rescue service.", "Edda Lorne is the head of the rescue service.",
     "Gus Okafor is the head of the rescue service."),
    ("How full is the Arden reservoir?", "29 percent", "The Arden reservoir is now 29 percent "
     "full, and the water board has brought its ban forward to Monday.",
     "The Arden reservoir is 29 percent full.", "The Arden reservoir is 92 percent full."),
    ("What is the fine?", "250 crowns", "Whoever washes a car or fills a pool risks a fine of 250 "
     "crowns.", "Whoever washes a car risks a fine of 250 crowns.",
     "Whoever washes a car risks a fine of 750 crowns."),
    ("What will the Mill Line cost?", "$48 million", "The line will cost $48 million, of which the "
     "state pays half.", "The line will cost $48 million.", "The line will cost $148 million."),
    ("When did the shipyard close?", "2011", "The factory stands on the grounds of the old "
     "shipyard, which closed in 2011.", "The old shipyard closed in 2011.",
     "The old shipyard closed in 1987."),
    ("How many jobs?", "1,200", "The plant will create 1,200 jobs, most of them in production.",
     "The plant will create 1,200 jobs.", "The plant will create 2,100 jobs."),
    ("Did the council approve the tram?", "approved", "The Calder Ridge city council has approved "
     "the Mill Line, the tram that is to link the station with the mill district.",
     "The Calder Ridge city council has approved the Mill Line.",
     "The Calder Ridge city council has rejected the Mill Line."),
    ("How many votes?", "Seven", "Seven members voted for it on Tuesday night and two against.",
     "Seven members voted for it on Tuesday night.",
     "Seven members voted against it on Tuesday night."),
    ("How deep does it lie?", "31 metres", "The boat lies on its side at a depth of 31 metres.",
     "The boat lies at a depth of 31 metres.", "The boat does not lie at a depth of 31 metres."),
)  # fmt: skip
Row = tuple[str, str, str, str, str]
Scores = Mapping[tuple[int, str], Mapping[str, float]]
FAULTS = ("uncited", "phantom", "false", "false and phantom beside it", "empty", "idk")
KINDS = ("good", *FAULTS)
OURS = ("citation_recall", "citation_precision", "faithfulness", "correct", "wrong_refusal")
_LESS = ("wrong_refusal",)
_OTHER = "The orchard sold its apples early this year."


def main() -> None:
    """Spoil, score, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer", metavar="KIT=PYTHON", action="append", default=[])
    args = parser.parse_args()
    print("Of ten spoilt answers, how many each metric scores below the good one.\n")
    print(f"| metric | {' | '.join(FAULTS)} |\n|---|{'---|' * len(FAULTS)}")
    report("byline", {(i, k): ours(row, k) for i, row in enumerate(ROWS) for k in KINDS})
    for peer in args.peer:
        kit, _, python = peer.partition("=")
        report(kit, theirs(kit, python))


def answer(row: Row, kind: str) -> str:
    """The good answer, or the same spoilt."""
    _, _, _, good, false = row
    return {
        "good": f"{good} [1]",
        "uncited": good,
        "phantom": f"{good} [7]",
        "false": f"{false} [1]",
        "false and phantom beside it": f"{good} [1] {false} [7]",
        "empty": "",
        "idk": "I don't know.",
    }[kind]


def ours(row: Row, kind: str) -> dict[str, float]:
    """Our metrics of one answer; where there is nothing to judge there is no value."""
    question, gold, source, _, _ = row
    case = Case(case_id=question, question=question, answers=((gold,),))
    found = (Source(article_id="a", text=source), Source(article_id="b", text=_OTHER))
    reply: Reply = from_text(answer(row, kind), found)
    supports = Recorded(judge())
    supports.begin()
    told = {s.metric: s.value for s in score_reply(case, reply, supports)}
    return {name: -told[name] if name in _LESS else told[name] for name in OURS}


@lru_cache(maxsize=1)
def judge() -> Judge:
    """The judge of ``byline eval run``."""
    return embedded(load_embedder(EMBEDDED_MODEL, load_settings().cache))


def theirs(kit: str, python: str) -> Scores:
    """The metrics of another kit, with the good answer as reference."""
    keys = [(i, kind) for i in range(len(ROWS)) for kind in KINDS]
    rows = [
        {
            "user_input": ROWS[i][0],
            "response": answer(ROWS[i], kind),
            "reference": ROWS[i][3],
            "contexts": [ROWS[i][2], _OTHER],
            **stated(ROWS[i], kind),
        }
        for i, kind in keys
    ]
    return dict(zip(keys, scores_of(kit, python, rows), strict=True))


def stated(row: Row, kind: str) -> dict[str, list[str] | list[bool]]:
    """What the answer claims, and which of it is true: what an oracle knows."""
    _, _, _, good, false = row
    text = answer(row, kind)
    claims = [claim for claim in (good, false) if claim in text]
    return {"claims": claims, "true": [claim == good for claim in claims]}


def report(kit: str, scores: Scores) -> None:
    """One row to a metric: how many of each fault are caught, and where it gave no number."""
    for name in scores[0, "good"]:
        cells = []
        for kind in FAULTS:
            pairs = [(scores[i, "good"][name], scores[i, kind][name]) for i in range(len(ROWS))]
            caught = sum(spoilt < good for good, spoilt in pairs)
            silent = sum(isnan(spoilt) for _, spoilt in pairs)
            cells.append(f"{caught}{f' ({silent} without a value)' if silent else ''}")
        print(f"| {kit} {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
