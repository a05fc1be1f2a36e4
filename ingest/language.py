"""Which language an article is in: what it declares, checked against its words."""

import re
from functools import lru_cache
from typing import Any

_SAMPLE = 1_000  # characters: enough to be sure, 0.1 ms
_MIN_LETTERS = 80  # below, what is declared stands
_SURE_LETTERS = 200  # below, the words do not overrule what is declared
_SURE = 0.95  # py3langid gives the right language .99 on a paragraph
_ENGLISH = frozenset(  # without those that other languages have too: in, a, was, or, for
    "the of and to that with as by from it be are have has had not this which were they their"
    " his who would said she".split()
)
_ENGLISH_SHARE = 0.14  # of the words; English news has .22 in the median, Dutch .05
_THREE = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "por": "pt", "nld": "nl", "dut": "nl", "rus": "ru", "ukr": "uk", "zho": "zh", "chi": "zh",
    "jpn": "ja", "kor": "ko", "ara": "ar", "pol": "pl", "tur": "tr", "swe": "sv", "dan": "da",
    "nor": "no", "fin": "fi", "ces": "cs", "cze": "cs", "heb": "he", "hin": "hi", "fas": "fa",
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt",
    "português": "pt", "dutch": "nl", "russian": "ru", "ukrainian": "uk", "chinese": "zh",
    "japanese": "ja", "korean": "ko", "arabic": "ar", "polish": "pl", "turkish": "tr",
    "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "hindi": "hi",
}  # fmt: skip
# Written so alike that the words do not overrule what is declared.
_ALIKE = (
    {"no", "nb", "nn", "da"}, {"hr", "sr", "bs", "sh"}, {"id", "ms"}, {"gl", "pt"},
    {"cs", "sk"}, {"bg", "mk"}, {"ru", "uk", "be"}, {"af", "nl"}, {"hi", "mr", "ne"}, {"fa", "ps"},
)  # fmt: skip


def language_of(declared: str | None, text: str) -> str | None:
    """The ISO 639-1 code of the text's language; None if neither it nor its words tell.

    The words overrule what is declared when there are enough of them and they leave no doubt:
    many sites declare English on every page.
    """
    given = _code(declared)
    sample = text[:_SAMPLE]
    n_letters = sum(c.isalpha() for c in sample)
    if n_letters < _MIN_LETTERS:
        return given
    if given in (None, "en") and _is_english(sample):
        return "en"  # without loading a model: most archives are in one language
    found, sure = _identifier().classify(sample)
    if given is None:
        return str(found) if sure >= _SURE else None
    alike = found == given or any({found, given} <= group for group in _ALIKE)
    return given if alike or sure < _SURE or n_letters < _SURE_LETTERS else str(found)


def _code(declared: str | None) -> str | None:
    first = re.split(r"[-_,; ]", (declared or "").strip().lower(), maxsplit=1)[0]
    return _THREE.get(first) or (first if re.fullmatch(r"[a-z]{2}", first) else None)


def _is_english(sample: str) -> bool:
    words = re.findall(r"[^\W\d_]+", sample.lower())
    return sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """The model, loaded at the first text that is not plainly English: 0.7 s, 60 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
