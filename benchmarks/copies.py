"""Whether copies of one text are told from stories that only share words, and what that costs.

    OMP_NUM_THREADS=1 python -m benchmarks.copies DATA [--pairs 400]

DATA holds ``rtqa_archive_corpus.jsonl.gz`` (news articles with title, text and day). Copies are
made from random articles by our own rules. The articles apart are real, but for those with a
shared frame or background and the forms. All of them are put into one archive and grouped; a pair
counts as found when both stand in one group, by whatever way. The corpus has copies of its own:
two articles on one event, of which the shorter has half of its runs of five words in the other, are
left out as unlabelled. Brackets are 95 % Wilson intervals.
"""

import argparse
import gzip
import hashlib
import json
import math
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from ingest.dedupe import group
from rag.catalog import Catalog
from rag.schema import Article
from rag.text import terms

SEED = 11
STEPS = (1_500, 3_000, 6_000, 12_000)
BATCH = 64
N_DAYS = 3
N_EVENT_SOURCES = 2_500  # articles whose neighbours are looked at
MIN_WORDS = 100
METHODS = ("groups", "MinHashLSH at .5", "exact hash")
INTROS = (
    "We publish this report together with our partners because it concerns many of our readers, "
    "and because its author has followed the matter for longer than anyone else. It has been "
    "shortened in places. What follows are her words.",
    "Our newsroom has been asked about this more often than about anything else this week. Here "
    "is what we know so far, told from the start, with the names that matter and why they do.",
)
HEADS = (
    "This report comes from the wire and was not edited by this newspaper. Times are local.",
    "LIVE | Breaking | Follow the news of the hour in our app. Reporting by the agency's desk.",
)
FEET = (
    "Reporting by the bureau; editing by the night desk. All rights reserved. This material may "
    "not be published, broadcast, rewritten or redistributed without the consent of the agency.",
    "Sign up for the evening letter and have the stories of the day in your mailbox at six. Write "
    "to our reporters with tips, complaints and corrections. Follow us wherever you read.",
)
FORM = (
    "The {index} index closed {way} at {a} points on {day}, after {b} points the day before. "
    "Turnover came to {c} million. {one} gained {d} percent to {e}, and {two} lost {f} percent to "
    "{g}. Traders spoke of {mood} dealings. The euro stood at {h} dollars. A barrel of oil cost "
    "{i} dollars, {j} cents more than on the day before. Bonds of ten years yielded {k} percent. "
    "In the next session the figures of {three} are awaited, and those of the labour office. All "
    "figures are as of the close of trading and are given without guarantee. This overview is "
    "made every evening from the data of the exchange."
)
WORDS = {
    "index": "Harbour Northern Valley All-Share Industrial".split(),
    "way": "higher lower unchanged mixed firmer weaker".split(),
    "day": "Monday Tuesday Wednesday Thursday Friday".split(),
    "mood": "calm nervous thin lively cautious hesitant".split(),
    "firm": "Astrel Borwick Caldane Dorrit Elsing Farrow Gantry Holmbach Irvale Jessop".split(),
}


@dataclass(frozen=True, slots=True)
class Text:
    """An article of the archive that is measured on."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Row(Text):
    """An article of the corpus."""

    day: date | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, and whether they are copies of one text."""

    kind: str
    one: Text
    other: Text
    is_copy: bool


def main() -> None:
    """Make the pairs, group, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=400, help="of each kind")
    args = parser.parse_args()
    rows = read(args.data / "rtqa_archive_corpus.jsonl.gz")
    rng = random.Random(SEED)
    pairs = [*made_copies(rows, args.pairs, rng), *apart(rows, args.pairs, rng)]
    report(pairs, {"groups": grouped(pairs), METHODS[1]: by_lsh(pairs), METHODS[2]: by_hash(pairs)})
    print("\n| articles | CPU s | CPU ms each | in groups |\n|---|---|---|---|")
    for n in STEPS:
        spent, n_grouped = cost([Text(r.title, r.text) for r in rows[:n]])
        print(f"| {n:,} | {spent:.1f} | {1e3 * spent / n:.2f} | {n_grouped:,} |")
    base = next(r for r in rows if len(r.text.split()) > 600)
    for n in (250, 500, 1_000):
        spent, n_grouped = cost([Text(base.title, edited(base.text, 0.02, rng)) for _ in range(n)])
        print(f"| {n:,} near copies of one | {spent:.1f} | {1e3 * spent / n:.2f} | {n_grouped:,} |")


def read(path: Path) -> list[Row]:
    """The articles of the corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [
        Row(r["title"] or "", r["text"], date.fromisoformat(r["published_at"][:10]))
        if r["published_at"]
        else Row(r["title"] or "", r["text"], None)
        for r in found
    ]


# Copies


def edited(text: str, share: float, rng: random.Random) -> str:
    """The text with that share of its words replaced, left out or added to."""
    words = text.split(" ")
    out = []
    for word in words:
        what = rng.choice(("replace", "drop", "add")) if rng.random() < share else ""
        if what in ("", "add"):
            out.append(word)
        if what in ("replace", "add"):
            out.append(rng.choice(words))
    return " ".join(out)


def cut(text: str) -> str:
    """The first 40 % of the words."""
    words = text.split(" ")
    return " ".join(words[: int(0.4 * len(words))])


def framed(text: str, rng: random.Random) -> str:
    """The text with an agency's lines at head and foot."""
    return f"{rng.choice(HEADS)}\n\n{text}\n\n{rng.choice(FEET)}"


def headline(text: str, rng: random.Random) -> str:
    """Another headline: some words of the text."""
    words = text.split()
    at = rng.randrange(max(1, len(words) - 9))
    return " ".join(words[at : at + 9])


def made_copies(rows: Sequence[Row], n: int, rng: random.Random) -> Iterator[Pair]:
    """Pairs of a random article and a copy of it, ``n`` of each kind."""
    kinds: dict[str, Callable[[str], str]] = {
        "first 40 % kept": cut,
        "other headline": str,
        "10 % of words edited": lambda text: edited(text, 0.1, rng),
        "agency lines at head and foot": lambda text: framed(text, rng),
        "intro of the outlet": lambda text: f"{rng.choice(INTROS)}\n\n{text}",
        "cut, 5 % edited, framed": lambda text: framed(edited(cut(text), 0.05, rng), rng),
    }
    long = [row for row in rows if len(row.text.split()) >= MIN_WORDS]
    for kind, change in kinds.items():
        for row in rng.sample(long, n):
            title = row.title if rng.random() < 0.5 and "head" not in kind else None
            copy = Text(title or headline(row.text, rng), change(row.text))
            yield Pair(kind, Text(row.title, row.text), copy, True)


# Articles apart


def apart(rows: Sequence[Row], n: int, rng: random.Random) -> Iterator[Pair]:
    """Pairs of articles that are no copies, up to ``n`` of each kind."""
    for _ in range(n):
        one, other = (Text(r.title, r.text) for r in rng.sample(rows, 2))
        yield Pair("unrelated", one, other, False)
    events = same_event(rows, rng)[:n]
    for one, other in events:
        yield Pair("same event, within 3 days", plain(one), plain(other), False)
    for one, other in events:
        words = other.text.split(" ")
        background = " ".join(words[len(words) // 2 : len(words) * 3 // 4])
        later = Text(one.title, f"{one.text}\n\n{background}")
        yield Pair("same event, background shared", later, plain(other), False)
    long = [row for row in rows if len(row.text.split()) >= MIN_WORDS]
    for _ in range(n):
        one, other = rng.sample(long, 2)
        head, foot = rng.choice(HEADS), rng.choice(FEET)
        first, second = (Text(r.title, f"{head}\n\n{cut(r.text)}\n\n{foot}") for r in (one, other))
        yield Pair("unrelated, same frame", first, second, False)
    for _ in range(n):
        yield Pair("form filled every day", form(rng), form(rng), False)


def plain(row: Row) -> Text:
    """The article without its day."""
    return Text(row.title, row.text)


def form(rng: random.Random) -> Text:
    """A market report of some day."""
    figures = {k: str(rng.randint(100, 99_999) / 100) for k in "abcdefghijk"}
    one, two, three = rng.sample(WORDS["firm"], 3)
    chosen = {k: rng.choice(WORDS[k]) for k in ("index", "way", "day", "mood")}
    text = FORM.format(**figures, **chosen, one=one, two=two, three=three)
    return Text("The markets at the close", text)


def same_event(rows: Sequence[Row], rng: random.Random) -> list[tuple[Row, Row]]:
    """The most alike pairs of articles of the same days, each article once, copies left out."""
    by_day = defaultdict(list)
    for at, row in enumerate(rows):
        if row.day and len(row.text.split()) >= MIN_WORDS:
            by_day[row.day.toordinal()].append(at)
    counts = [Counter(terms(row.text)) for row in rows]
    spread = Counter(term for count in counts for term in count)
    idf = {term: math.log(len(rows) / n) for term, n in spread.items()}
    vectors = [unit({t: (1 + math.log(n)) * idf[t] for t, n in c.items()}) for c in counts]
    found = []
    dated = [at for ats in by_day.values() for at in ats]
    for at in rng.sample(dated, min(len(dated), N_EVENT_SOURCES)):
        day = rows[at].day
        assert day is not None
        days = range(day.toordinal() - N_DAYS, day.toordinal() + N_DAYS + 1)
        others = [o for d in days for o in by_day.get(d, ()) if o != at]
        found += [(cosine(vectors[at], vectors[o]), at, o) for o in others]
    used: set[int] = set()
    pairs, n_unlabelled = [], 0
    for likeness, one, other in sorted(found, reverse=True):
        if likeness < 0.3 or {one, other} & used:
            continue
        used |= {one, other}
        if shared_runs(rows[one].text, rows[other].text) >= 0.5:
            n_unlabelled += 1
        else:
            pairs.append((rows[one], rows[other]))
    print(f"{len(pairs)} pairs on one event; {n_unlabelled} left out as unlabelled\n")
    return pairs


def unit(vector: dict[str, float]) -> dict[str, float]:
    """The vector at length 1."""
    length = math.sqrt(sum(v * v for v in vector.values())) or 1.0
    return {t: v / length for t, v in vector.items()}


def cosine(one: dict[str, float], other: dict[str, float]) -> float:
    """Of two vectors of length 1."""
    short, long = sorted((one, other), key=len)
    return sum(v * long.get(t, 0.0) for t, v in short.items())


def shared_runs(one: str, other: str) -> float:
    """The share of the shorter text's runs of five words that stand in the longer."""
    first, second = sorted((runs(one, 5), runs(other, 5)), key=len)
    return len(first & second) / max(1, len(first))


def runs(text: str, n: int) -> set[str]:
    """All runs of ``n`` words."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + n]) for i in range(len(words) - n + 1)}


# Methods: one verdict for each pair


def filled(folder: str, texts: Sequence[Text]) -> Iterator[Catalog]:
    """The archive after each batch of articles, named a000000 and so on."""
    catalog = Catalog(Path(folder) / "catalog.db")
    catalog.create({})
    for at in range(0, len(texts), BATCH):
        articles = [article(n, t) for n, t in enumerate(texts[at : at + BATCH], at)]
        catalog.flip([(a, (), np.zeros((0, 4), np.float16)) for a in articles])
        yield catalog
    catalog.close()


def article(n: int, text: Text) -> Article:
    """The text as an article."""
    digest = hashlib.sha256(f"{text.title}\n{text.text}".encode()).hexdigest()
    return Article(
        article_id=f"a{n:06}",
        revision=1,
        title=text.title,
        text=text.text,
        outlet=None,
        content_hash=digest,
    )


def grouped(pairs: Sequence[Pair]) -> list[bool]:
    """Grouped together in one archive of all articles."""
    texts = [text for pair in pairs for text in (pair.one, pair.other)]
    ids: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder:
        for catalog in filled(folder, texts):
            group(catalog)
            if catalog.counts()[0] == len(texts):
                ids = [a.group_id for a in catalog.listing()]
    return [a is not None and a == b for a, b in zip(ids[::2], ids[1::2], strict=True)]


def by_lsh(pairs: Sequence[Pair]) -> list[bool]:
    """Plain datasketch: runs of three words, 128 rows, threshold .5."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    hashes = []
    for n, pair in enumerate(pairs):
        for side, text in enumerate((pair.one, pair.other)):
            minhash = MinHash(num_perm=128)
            minhash.update_batch([run.encode() for run in runs(text.text, 3)])
            lsh.insert((n, side), minhash)
            hashes.append(minhash)
    return [(n, 1) in lsh.query(hashes[2 * n]) for n in range(len(pairs))]


def by_hash(pairs: Sequence[Pair]) -> list[bool]:
    """The same words in the same order."""
    return [normal(pair.one.text) == normal(pair.other.text) for pair in pairs]


def normal(text: str) -> str:
    """The words of a text, without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))


# Cost and tables


def cost(texts: Sequence[Text]) -> tuple[float, int]:
    """CPU seconds of grouping alone, batch by batch, and how many articles are in groups."""
    spent, n_grouped = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for catalog in filled(folder, texts):
            began = time.process_time()
            group(catalog)
            spent += time.process_time() - began
            sql = "SELECT COUNT(*) FROM articles WHERE group_id IS NOT NULL"
            n_grouped = catalog.rows(sql)[0][0]
    return spent, n_grouped


def report(pairs: Sequence[Pair], verdicts: dict[str, list[bool]]) -> None:
    """Print how many pairs of each kind came out right, and the precision of each method."""
    print(f"| pairs | n | {' | '.join(METHODS)} |\n|---|---|{'---|' * len(METHODS)}")
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        at = [n for n, pair in enumerate(pairs) if pair.kind == kind]
        is_copy = pairs[at[0]].is_copy
        right = [interval([verdicts[m][n] == is_copy for n in at]) for m in METHODS]
        name = f"{kind}: {'found' if is_copy else 'kept apart'}"
        print(f"| {name} | {len(at)} | {' | '.join(right)} |")
    copies = [n for n, pair in enumerate(pairs) if pair.is_copy]
    recall = [interval([verdicts[m][n] for n in copies]) for m in METHODS]
    print(f"| recall, all copies | {len(copies)} | {' | '.join(recall)} |")
    precision = [
        interval([p.is_copy for p, said in zip(pairs, verdicts[m], strict=True) if said])
        for m in METHODS
    ]
    print(f"| precision, all pairs | {len(pairs)} | {' | '.join(precision)} |")


def interval(values: Sequence[bool]) -> str:
    """The share with its 95 % Wilson interval."""
    n = len(values)
    if not n:
        return "none"
    share, z = sum(values) / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{share:.3f} [{max(0.0, middle - half):.3f}, {min(1.0, middle + half):.3f}]"


if __name__ == "__main__":
    main()
