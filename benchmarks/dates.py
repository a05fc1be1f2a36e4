"""Publication dates found in dated articles, rendered in many ways: a Markdown table.

Usage: python benchmarks/dates.py CORPUS.jsonl.gz [--articles N] [--baseline N] [--wrong N]

CORPUS has rows with ``text``, ``title`` and ``published_at``. Each article is rendered four times:
as a text file with a byline or date line, as a page with metadata, as a page with a date that only
a reader sees, and without any date of its own. Its text is as it is, with all dates in it, but for
lines that say "Published" or "Updated" or hold nothing but a moment in Eastern time. Right is the
same UTC day; in the last rendering, unknown. Beside ours stand htmldate and trafilatura on the
same pages (on text: wrapped in a page).
"""

import argparse
import gzip
import html
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

if not __package__:  # run as a file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from ingest.load import Loaded
from ingest.page import parse
from ingest.pipeline import build_article
from ingest.rows import take_header
from rag.errors import InputRefused

_SAYS_SO = re.compile(
    r"^.{0,120}\b(?i:updated|published|posted|modified)\b.{0,60}\b(?:19|20)\d\d\b.{0,40}$"
    r"|^[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}, \d{1,2}:\d\d [ap]\.m\. ET$"
)
_AUTHORS = ("Jane Doe", "Tom Roe", "Ann van Poe", "Lee O’Moe and Kim Loe")
_ZONES = {"ET": "America/New_York", "PT": "America/Los_Angeles", "UK": "Europe/London"}


@dataclass(frozen=True, slots=True)
class Case:
    """One article as rendered: the document, whether it is a page, and the day it should give."""

    rendering: str
    style: str
    document: str
    is_page: bool
    day: date | None


def us(at: datetime) -> str:
    """Jan. 5, 2026."""
    return f"{at:%b}. {at.day}, {at.year}"


def long(at: datetime) -> str:
    """January 5, 2026."""
    return f"{at:%B} {at.day}, {at.year}"


def day_first(at: datetime) -> str:
    """5 January 2026."""
    return f"{at.day} {at:%B} {at.year}"


def clock(at: datetime) -> str:
    """3:04 p.m."""
    return f"{at.hour % 12 or 12}:{at:%M} {'a' if at.hour < 12 else 'p'}.m."


Style = tuple[str, Callable[[datetime, str], str]]


def eastern(at: datetime) -> datetime:
    """The moment on a clock in New York."""
    return at.astimezone(ZoneInfo(_ZONES["ET"]))


def pacific(at: datetime) -> datetime:
    """The moment on a clock in Los Angeles."""
    return at.astimezone(ZoneInfo(_ZONES["PT"]))


def london(at: datetime) -> datetime:
    """The moment on a clock in London."""
    return at.astimezone(ZoneInfo(_ZONES["UK"]))


# A line with a time and a zone shows the local day, which may differ from the day in UTC.
HEAD_LINES: tuple[Style, ...] = (
    ("published, ET", lambda at, by: f"By {by}\nPublished {us(eastern(at))}, "
     f"{clock(eastern(at))} ET"),
    ("byline, bar", lambda at, by: f"By {by} | {long(at)}"),
    ("name, bar", lambda at, by: f"{by} | {us(at)}"),
    ("bare, zone", lambda at, _: f"{us(eastern(at))} {clock(eastern(at)).upper()} "
     f"{eastern(at):%Z}"),
    ("updated, numeric", lambda at, _: f"Updated: {pacific(at).month}/{pacific(at).day}/"
     f"{pacific(at).year}, {clock(pacific(at)).replace('.', '')} {pacific(at):%Z}"),
    ("published, ISO", lambda at, _: f"Published: {at:%Y-%m-%dT%H:%M:%SZ}"),
    ("updated, GMT", lambda at, _: f"Last updated on {long(at)} at {at:%H:%M} GMT"),
    ("byline, published", lambda at, by: f"By {by}, Harbour Courier Published "
     f"{clock(eastern(at))} ET {long(eastern(at))}"),
    ("bare, long", lambda at, _: long(at)),
    ("bare, weekday", lambda at, _: f"{at:%A}, {long(at)}"),
    ("published and updated", lambda at, _: f"PUBLISHED: {long(at)} at {clock(at)} | UPDATED: "
     f"{long(at + timedelta(days=1))} at {clock(at)}"),
    ("posted by", lambda at, by: f"Posted on {long(at)} by {by}"),
    ("day first", lambda at, by: f"By {by}\n{day_first(at)}"),
    ("day first, dotted time", lambda at, _: f"{london(at):%a} {london(at).day} "
     f"{london(at):%b %Y %H.%M %Z}"),
    ("day first, published", lambda at, _: f"Published {london(at).day} "
     f"{london(at):%b %Y, %H:%M %Z}"),
    ("numeric, no order", lambda at, _: f"{at:%d/%m/%Y %H:%M}"),
    ("dotted", lambda at, _: f"{at:%d.%m.%Y}, {at:%H:%M} Uhr"),
    ("ISO day", lambda at, by: f"{by}\n{at:%Y-%m-%d}"),
    ("section, day, minutes", lambda at, _: f"World | {day_first(at)} | 4 min read"),
)  # fmt: skip
FOOT_LINES: tuple[Style, ...] = (
    ("foot, updated", lambda at, _: f"Updated {us(eastern(at))}, {clock(eastern(at))} ET"),
    ("foot, first published", lambda at, _: f"First published on {day_first(at)}"),
)


def linked(at: datetime, **more: str) -> str:
    """A script with schema.org data."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle",
            "datePublished": at.isoformat(), **more}  # fmt: skip
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(name: str, content: str) -> str:
    """A meta tag."""
    return f'<meta property="{name}" content="{content}">'


METADATA: tuple[Style, ...] = (
    ("JSON-LD", lambda at, _: linked(eastern(at))),
    ("JSON-LD, modified", lambda at, _: linked(at, dateModified=(at + timedelta(3)).isoformat())),
    ("JSON-LD graph", lambda at, _: '<script type="application/ld+json">{"@graph": [{"@type": '
     '"WebPage"}, {"@type": ["NewsArticle"], "datePublished": "' + f"{at:%Y-%m-%dT%H:%M:%S+00:00}"
     + '"}]}</script>'),
    ("meta", lambda at, _: meta("article:published_time", at.isoformat())),
    ("meta, modified", lambda at, _: meta("article:modified_time", (at + timedelta(2)).isoformat())
     + meta("article:published_time", pacific(at).isoformat())),
    ("meta, Dublin Core", lambda at, _: f'<meta name="DC.date.issued" content="{at:%Y-%m-%d}">'),
    ("mixed", lambda at, _: linked(at) + meta("article:published_time", at.isoformat())
     + '<meta name="date" content="' + f"{at:%Y-%m-%d}" + '">'),
)  # fmt: skip
VISIBLE: tuple[Style, ...] = (
    ("time element", lambda at, by: f'<p class="by">By {by}</p><time datetime="{at.isoformat()}">'
     "last week</time>"),
    ("time, text", lambda at, by: f"<p>By {by}</p><p><time>{long(at)}</time></p>"),
    ("span date", lambda at, by: f'<div class="meta"><span class="author">{by}</span> '
     f'<span class="date">{us(at)}</span></div>'),
    ("byline", lambda at, by: f'<p class="byline">By {by} | {long(at)}</p>'),
    ("published", lambda at, _: f"<div>Published: {day_first(at)}</div>"),
    ("posted by", lambda at, by: f'<div class="entry-meta">Posted on {long(at)} by {by}</div>'),
    ("updated, ET", lambda at, _: f'<div class="ts">Updated {clock(eastern(at))} ET, '
     f"{eastern(at):%a} {long(eastern(at))}</div>"),
    ("published, time", lambda at, _: f'<p>Published <time datetime="{at:%Y-%m-%dT%H:%MZ}">'
     f"{at:%H:%M}</time></p>"),
    ("kicker", lambda at, _: f"<p>{day_first(at)} · 5 min read</p>"),
)  # fmt: skip


def text_file(title: str, body: str, head: str = "", foot: str = "") -> str:
    """An article as somebody saved it."""
    return "\n\n".join(part for part in (title, head, body, foot) if part)


def page(title: str, body: str, other: datetime, *, meta: str = "", visible: str = "") -> str:
    """The article as a page, beside other articles and comments with days of their own."""
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in body.split("\n") if p.strip())
    return (
        f"<html><head><title>{html.escape(title)}</title>{meta}</head><body>"
        f'<div class="masthead"><span>{long(other)}</span></div>'
        f"<article><h1>{html.escape(title)}</h1>{visible}{paragraphs}</article>"
        f'<div class="related"><h3>Related</h3><p><a>Another story</a> <time datetime='
        f'"{other:%Y-%m-%d}">{us(other)}</time></p></div>'
        f'<div class="comments"><p>rosie, {day_first(other)}: Quite so.</p></div>'
        f"<footer>© {other.year} Harbour Courier</footer></body></html>"
    )


def render(row: dict[str, str], rng: random.Random) -> Iterator[Case]:
    """The four renderings of one article, each in a style drawn at random."""
    day = date.fromisoformat(row["published_at"])
    at = datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(60), tzinfo=UTC)
    other = at + timedelta(days=rng.randrange(-900, 30))
    by = rng.choice(_AUTHORS)
    body = "\n\n".join(p for p in row["text"].split("\n") if p.strip() and not _SAYS_SO.match(p))
    title = row["title"]
    name, line = rng.choice(HEAD_LINES + FOOT_LINES)
    place = "foot" if name.startswith("foot") else "head"
    text = text_file(title, body, **{place: line(at, by)})
    yield Case("text with a date line", name, text, False, day)
    name, line = rng.choice(METADATA)
    document = page(title, body, other, meta=line(at, by))
    yield Case("page with metadata", name, document, True, day)
    name, line = rng.choice(VISIBLE)
    document = page(title, body, other, visible=line(at, by))
    yield Case("page with a visible date", name, document, True, day)
    if rng.random() < 0.5:
        yield Case("no date of its own", "text", text_file(title, body), False, None)
    else:
        yield Case("no date of its own", "page", page(title, body, other), True, None)


def ours(case: Case) -> date | None:
    """The day that ingestion stores."""
    try:
        found = parse(case.document) if case.is_page else take_header(case.document)
    except InputRefused:
        return None
    kind = "page" if case.is_page else "text"
    return build_article(
        Loaded(source="", path="/a", page=found, kind="page" if kind == "page" else "text")
    ).day


def _wrapped(case: Case) -> str:
    if case.is_page:
        return case.document
    lines = (f"<p>{html.escape(line)}</p>" for line in case.document.split("\n") if line.strip())
    return f"<html><body>{''.join(lines)}</body></html>"


def by_htmldate(case: Case) -> date | None:
    """The day that htmldate finds with its defaults, asked for the original one."""
    from htmldate import find_date

    found = find_date(_wrapped(case), original_date=True)
    return date.fromisoformat(found) if found else None


def by_trafilatura(case: Case) -> date | None:
    """The day that trafilatura finds with its defaults."""
    from trafilatura import extract_metadata

    found = extract_metadata(_wrapped(case))
    return date.fromisoformat(found.date) if found and found.date else None


def outcome(found: date | None, case: Case) -> str:
    """right, wrong or unknown; for a case without a date, unknown is right."""
    if found == case.day:
        return "right"
    return "unknown" if found is None else "wrong"


def share(n: int, of: int) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    p, z2 = n / of, 1.96**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = 1.96 * ((p * (1 - p) / of + z2 / (4 * of * of)) ** 0.5) / (1 + z2 / of)
    return f"{p:.1%} [{max(middle - half, 0):.1%}, {min(middle + half, 1):.1%}]"


def sample(path: Path, n: int) -> list[dict[str, str]]:
    """Dated rows drawn at random, the same ones every time."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [row for row in map(json.loads, stream) if row.get("published_at")]
    return random.Random(11).sample(rows, min(n, len(rows)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--baseline", type=int, default=300, help="articles for the baselines")
    parser.add_argument("--wrong", type=int, default=0, help="print so many that are not right")
    given = parser.parse_args()
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    by_style: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rng = random.Random(7)
    for number, row in enumerate(sample(given.corpus, given.articles)):
        for case in render(row, rng):
            found = ours(case)
            result = outcome(found, case)
            counts[case.rendering, "ours"][result] += 1
            by_style[case.rendering, case.style][result] += 1
            if result == "wrong" and given.wrong > 0:
                given.wrong -= 1
                told = (row.get("doc_id"), case.rendering, case.style, found, case.day)
                print(*told, file=sys.stderr)
            for name, find in (("htmldate", by_htmldate), ("trafilatura", by_trafilatura)):
                if number < given.baseline:
                    counts[case.rendering, name][outcome(find(case), case)] += 1
    print("| rendering | by | n | right | wrong | unknown |\n|---|---|---|---|---|---|")
    for (rendering, name), found_of in sorted(counts.items(), key=lambda item: item[0][0]):
        n = found_of.total()
        shares = " | ".join(share(found_of[kind], n) for kind in ("right", "wrong", "unknown"))
        print(f"| {rendering} | {name} | {n:,} | {shares} |")
    print("\n| rendering | style | n | right | wrong | unknown |\n|---|---|---|---|---|---|")
    for (rendering, style), of in sorted(by_style.items()):
        row_of = " | ".join(str(of[kind]) for kind in ("right", "wrong", "unknown"))
        print(f"| {rendering} | {style} | {of.total()} | {row_of} |")


if __name__ == "__main__":
    main()
