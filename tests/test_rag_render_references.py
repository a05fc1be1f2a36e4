"""The cited articles for reference managers: read back by parsers, nothing guessed."""

import json
from collections.abc import Sequence
from typing import Any

import bibtexparser
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.render_json import to_json
from rag.render_references import references, to_bibtex, to_csl_json
from rag.schema import Answer
from tests.canned import canned, follow_up, hostile, near, typed, with_articles

TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=40)
ANSWERS = (canned(), typed("Is it really so?"), near("What colour?"), follow_up("And a ferry?"))


def bibtex(*answers: Answer) -> str:
    return to_bibtex(references(map(to_json, answers)))


def csl(*answers: Answer) -> Any:
    return json.loads(to_csl_json(references(map(to_json, answers))))


# The part of csl-data.json (schema 1.0.2) that is used here; nothing else is allowed.
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "number"]},
            "type": {"enum": ["article-newspaper"]},
            "title": {"type": "string"},
            "container-title": {"type": "string"},
            "note": {"type": "string"},
            "URL": {"type": "string"},
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"literal": {"type": "string"}},
                },
            },
            "issued": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 2,
                        "items": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 3,
                            "items": {"type": ["string", "number"]},
                        },
                    }
                },
            },
        },
    },
}


def test_csl_json_has_every_cited_article_once() -> None:
    items = csl(*ANSWERS)

    jsonschema.validate(items, CSL)
    assert [i["title"] for i in items] == [
        "Council closes harbour bridge to cars",
        "radio-note.txt",
        "Builders put bridge repair at 52 million",
    ]
    first, second, third = items
    assert first["issued"] == {"date-parts": [[2026, 1, 27]]}
    assert first["author"] == [{"literal": "Mara Lindqvist"}]
    assert first["URL"] == "https://courier.example/bridge"
    assert not {"issued", "container-title", "author", "URL", "note"} & second.keys()
    assert "issued" not in third and third["note"] == "Updated 29 January 2026"


def test_bibtex_is_read_back_by_a_parser() -> None:
    entries = parsed(bibtex(*ANSWERS))

    assert [e.entry_type for e in entries] == ["article"] * 3
    fields = {k: f.value for k, f in entries[0].fields_dict.items()}
    assert fields["title"] == "{Council closes harbour bridge to cars}"
    assert fields["author"] == "Mara Lindqvist"
    assert (fields["year"], fields["month"], fields["day"]) == ("2026", "jan", "27")
    assert not {"year", "month", "day", "journal"} & entries[1].fields_dict.keys()


def parsed(text: str) -> Sequence[Any]:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    return list(library.entries)


def test_keys_are_the_same_in_every_export() -> None:
    one = {e.key for e in parsed(bibtex(*ANSWERS))}
    other = {e.key for e in parsed(bibtex(ANSWERS[3]))}
    ids = {i["id"] for i in csl(*ANSWERS)}

    assert other < one == ids and len(one) == 3


def test_what_latex_would_obey_is_escaped() -> None:
    words = r"50 % of {R&D} costs \$1_000 #1 ~ ^"
    title = parsed(bibtex(with_articles(canned(), title=words)))[0].fields_dict["title"].value
    assert r"50 \% of \textbraceleft{}R\&D\textbraceright{} costs \textbackslash{}\$1\_000" in title
    assert title.count("{") == title.count("}")


@settings(deadline=None)
@given(TEXT)
def test_no_text_breaks_a_reference(words: str) -> None:
    answer = hostile(words)

    assert len(parsed(bibtex(answer))) == 3
    jsonschema.validate(csl(answer), CSL)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://evil.example"]
)
def test_only_web_addresses_are_given(url: str) -> None:
    answer = with_articles(canned(), url=url)

    assert "url" not in bibtex(answer)
    assert all("URL" not in item for item in csl(answer))


def test_an_address_cannot_unbalance_an_entry() -> None:
    answer = with_articles(canned(), url="https://courier.example/a}{b%20c_d~e")

    (url,) = {e.fields_dict["url"].value for e in parsed(bibtex(answer))}
    assert url == "https://courier.example/a%7D%7Bb%20c_d%7Ee"


def test_names_that_bibtex_would_take_apart_stay_whole() -> None:
    names = ("Mara Lindqvist", "Reuters and AP", "Vega, Jr.")
    entry = parsed(bibtex(with_articles(canned(), authors=names)))[0]

    assert entry.fields_dict["author"].value == (
        "Mara Lindqvist and {Reuters and AP} and {Vega, Jr.}"
    )
