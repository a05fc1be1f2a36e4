"""Make ``rag/data/background.tsv.gz`` from a corpus of news: counts only, no text.

Usage: ``python -m benchmarks.background CORPUS.jsonl.gz``, where each row has ``title`` and
``text``. Stems of fewer than three articles are left out: they weigh as much as unknown ones.
"""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

from rag.background import TABLE
from rag.text import STOP_WORDS, sentence_spans, stem, tokens

_MIN_ARTICLES = 3


def count(corpus: Path) -> tuple[int, Counter[str], Counter[str], Counter[str]]:
    """Articles, articles per stem, occurrences inside sentences, and those with a capital."""
    n_articles = 0
    df: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    with gzip.open(corpus, "rt", encoding="utf-8") as rows:
        for row in rows:
            article = json.loads(row)
            text = f"{article['title']}\n{article['text']}"
            n_articles += 1
            seen: set[str] = set()
            for start, end in sentence_spans(text):
                words = tokens(text[start:end])
                stems = [stem(w.text) for w in words]
                seen.update(stems)
                # Titles and labels capitalise everything: only running text tells.
                if not text[start:end].endswith((".", "?", "!", "\u201d", '"')):
                    continue
                for word, term in list(zip(words, stems, strict=True))[1:]:
                    inside[term] += 1
                    capital[term] += word.text[:1].isupper()
            df.update(seen)
    return n_articles, df, inside, capital


def main() -> None:
    """Count the corpus named on the command line and write the table."""
    n_articles, df, inside, capital = count(Path(sys.argv[1]))
    kept = sorted(t for t, n in df.items() if n >= _MIN_ARTICLES and t not in STOP_WORDS)
    lines = [f"{n_articles}\n"]
    for term in kept:
        tenths = min(9, 10 * capital[term] // max(inside[term], 1))
        lines.append(f"{term}\t{df[term]}\t{tenths}\n")
    TABLE.parent.mkdir(exist_ok=True)
    # mtime 0 and no file name: the same counts give the same bytes.
    TABLE.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    print(f"{len(kept)} stems of {n_articles} articles, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
