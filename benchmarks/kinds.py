"""The people, bodies and places that an article names, by rules that the checks do not share."""

import re
from pathlib import Path

from benchmarks.lists import CITIES, DEMONYMS

_TABLE = Path(__file__).parents[1] / "rag" / "data" / "places.txt"

_TITLE = (
    r"(?:President|Sen\.|Rep\.|Gov\.|Mr\.|Ms\.|Mrs\.|Dr\.|Secretary|Minister|Judge|Justice|"
    r"Mayor|Chief|Director|CEO|Officer|Sheriff|Professor|Coach|actor|actress|singer|spokes\w+)"
)
_FULL = r"[A-Z][a-z]+(?: [A-Z]\.)? [A-Z][a-z\u2019'-]+[a-z]"
_PERSON = re.compile(
    rf"\b{_TITLE} ({_FULL})"
    rf"|\b({_FULL})(?:,? (?:said|says|told|tweeted|testified|wrote|who)\b|, \d\d\b)"
)
_NO_PERSON = re.compile(
    r"\b(?:The|In|On|At|But|And|New|United|North|South|West|East|University|Department|Police|"
    r"House|White|Street|County|City|State|News|Times|Court|Committee|Bank|League|Party|Center|"
    r"Group|Fox|According|One|This|That|When|While|After|Before|San|Los|Las|St)\b"
)
_ORG = re.compile(
    r"\b(?:[A-Z][a-z]+ (?:(?:of|for|and) )?){1,3}(?:Inc|Corp|University|Department|Party|Committee|"
    r"Court|Agency|Association|Bank|Commission|Institute|Council|Union|Service|Company|Group|"
    r"Foundation|Ministry|Administration|Airlines|Center|Office|Post|Times)\b"
    r"|\b(?:Department|Ministry|University|Bank|Institute) of [A-Z][a-z]+(?: [A-Z][a-z]+)?\b"
)
_ACRONYM = re.compile(
    r"\b(?:FBI|CIA|NATO|CDC|FDA|WHO|EPA|NASA|NBA|NFL|MLB|NCAA|FIFA|UEFA|IRS|SEC|FTC|FCC|FAA|DOJ|"
    r"IMF|OPEC|NHL|UNICEF|BBC|CNN|NBC|CBS|HBO|IBM|AMC|AAA|ACLU|NRA|NAACP|UAW|ICE|DHS|FEMA|TSA|"
    r"NOAA|NHTSA|NTSB|PGA|ESPN|Google|Apple|Amazon|Microsoft|Tesla|Facebook|Meta|Twitter|Netflix|"
    r"Disney|Walmart|Target|Costco|Starbucks|Boeing|Airbus|Ford|Toyota|Pfizer|Moderna|Uber|"
    r"TikTok|YouTube|Instagram|Spotify|Nike|Delta|Congress|Hamas|Hezbollah|Taliban)\b"
)


def _places() -> tuple[str, ...]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    listed = [name for line in lines if line for name in line.split(": ", 1)[1].split(", ")]
    return (*listed, *CITIES, *DEMONYMS)


_PLACE = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _places()), key=len, reverse=True)) + r")\b"
)


def persons(text: str) -> tuple[str, ...]:
    """Full names that an article treats as people, in order."""
    found = (m[1] or m[2] for m in _PERSON.finditer(text))
    return tuple(dict.fromkeys(n for n in found if not _NO_PERSON.search(n)))


def organisations(text: str) -> tuple[str, ...]:
    """Bodies by their last word or a well-known short name, in order."""
    found = (m.group() for p in (_ORG, _ACRONYM) for m in p.finditer(text))
    return tuple(dict.fromkeys(n for n in found if not re.match(r"(?:The|In|At|For|And) ", n)))


def places(text: str) -> tuple[str, ...]:
    """Countries, states, cities and peoples, in order."""
    return tuple(dict.fromkeys(m.group() for m in _PLACE.finditer(text)))
