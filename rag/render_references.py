"""The articles that a conversation cites, for reference managers: BibTeX and CSL-JSON.

Every article once, in the order of first citation. What is unknown is left out, never guessed; an
article of which only the update is dated has no date of issue, but a note.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

from rag.day_words import day_text
from rag.i18n import tr
from rag.render import UNTITLED, Json, is_web_url
from rag.render_story import line

# What LaTeX reads as commands. A brace, even behind a backslash, would unbalance the field.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{c: f"\\{c}" for c in "$&#_%"},
    }
)
# In an address these are written as codes: they would unbalance the field or read as commands.
_IN_URL = str.maketrans({c: f"%{ord(c):02X}" for c in "\\{}^~|`"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A cited article as a reference manager knows it."""

    key: str
    title: str
    outlet: str
    authors: tuple[str, ...]
    issued: date | None
    updated: date | None
    url: str  # http(s), or empty


def references(bodies: Iterable[Json]) -> tuple[Reference, ...]:
    """The cited articles of several answers; of one cited twice the newest revision."""
    cited: dict[str, Json] = {}
    for body in bodies:
        for citation in body["citations"]:
            known = cited.get(citation["article_id"])
            if known is None or _revision(citation) >= _revision(known):
                cited[citation["article_id"]] = citation
    return tuple(map(_reference, cited.values()))


def _revision(citation: Json) -> int:
    return int(citation.get("revision") or 0)


def _reference(citation: Json) -> Reference:
    outlet = line(citation["outlet"] or "")
    issued, updated = _day(citation["published_at"]), _day(citation["updated_at"])
    url = citation["url"] or ""
    name = line(Path(citation["path"] or "").name)
    return Reference(
        key=_key(citation["article_id"], outlet, issued),
        title=line(citation["title"] or "") or name or tr(UNTITLED),
        outlet=outlet,
        authors=tuple(filter(None, map(line, citation.get("authors") or ()))),
        issued=issued,
        updated=updated,
        url=url if is_web_url(url) and line(url) == url else "",
    )


def _day(iso: str | None) -> date | None:
    return datetime.fromisoformat(iso).astimezone(UTC).date() if iso else None


def _updated_text(day: date) -> str:
    return tr("Updated {day}", day=day_text(day))


def _key(article_id: str, outlet: str, issued: date | None) -> str:
    """The same for an article in every export: "harbourcourier2026-1f0c52ab"."""
    plain = unicodedata.normalize("NFKD", outlet).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]", "", plain.removeprefix("the "))[:24] or "article"
    digest = blake2b(article_id.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{name}{issued.year if issued else ''}-{digest}"


# --- BibTeX --------------------------------------------------------------------------------------


def to_bibtex(found: Iterable[Reference]) -> str:
    """One ``@article`` for each; ``journal`` is the outlet. UTF-8."""
    return "\n".join(map(_entry, found))


def _entry(reference: Reference) -> str:
    fields = [f"  title = {{{{{_latex(reference.title)}}}}}"]
    if reference.authors:
        fields.append(f"  author = {{{' and '.join(map(_author, reference.authors))}}}")
    if reference.outlet:
        fields.append(f"  journal = {{{_latex(reference.outlet)}}}")
    if reference.issued:
        fields.append(f"  year = {{{reference.issued.year}}}")
        fields.append(f"  month = {_MONTHS[reference.issued.month - 1]}")
        fields.append(f"  day = {{{reference.issued.day}}}")
    elif reference.updated:
        fields.append(f"  note = {{{_latex(_updated_text(reference.updated))}}}")
    if reference.url:
        fields.append(f"  url = {{{reference.url.translate(_IN_URL)}}}")
    return "@article{" + reference.key + ",\n" + ",\n".join(fields) + "\n}\n"


def _latex(text: str) -> str:
    return text.translate(_LATEX)


def _author(name: str) -> str:
    """A name as printed; one that BibTeX would take apart is kept whole."""
    shown = _latex(name)
    return f"{{{shown}}}" if re.search(r",|\band\b", name, re.I) else shown


# --- CSL-JSON ------------------------------------------------------------------------------------


def to_csl_json(found: Iterable[Reference]) -> str:
    """An array of ``article-newspaper`` items, as Zotero and pandoc read them."""
    return json.dumps([_item(r) for r in found], ensure_ascii=False, indent=2) + "\n"


def _item(reference: Reference) -> Json:
    item: Json = {
        "id": reference.key,
        "type": "article-newspaper",
        "title": reference.title,
    }
    if reference.authors:
        # Taking a name apart would be a guess.
        item["author"] = [{"literal": name} for name in reference.authors]
    if reference.outlet:
        item["container-title"] = reference.outlet
    if reference.issued:
        day = reference.issued
        item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    elif reference.updated:
        item["note"] = _updated_text(reference.updated)
    if reference.url:
        item["URL"] = reference.url
    return item
