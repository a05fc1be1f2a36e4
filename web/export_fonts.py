"""Which fonts a text needs: PT Serif, and Noto Sans for the scripts that it lacks.

Both come as packages, under the SIL Open Font License. Chinese, Japanese and Korean would need
tens of megabytes: their characters are replaced by a visible mark.
"""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont

SERIF: Mapping[str, Path] = {
    style: Path(str(files("fontpkg_pt_serif"))) / "files" / f"PT_Serif-Web-{name}.ttf"
    for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic"))
}
MISSING = "\ufffd"  # in Noto Sans
# Scripts whose letters change by their neighbours, or that run from right to left.
_SHAPED = ("R", "AL")
_BRAHMIC = (0x0900, 0x1CFF)


@lru_cache(maxsize=1)
def _others() -> tuple[tuple[Path, frozenset[int]], ...]:
    """Every other font with its characters, the one of most first; italics are not needed."""
    folder = Path(str(files("manimgx_fonts")))
    fonts = sorted(p for p in folder.glob("*.ttf") if "Italic" not in p.name)
    known = [(p, _characters(p)) for p in fonts]
    # Digits and letters that several have look best in the first of them.
    return tuple(sorted(known, key=lambda item: (not item[0].name.startswith("NotoSans["),)))


def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _serif() -> frozenset[int]:
    """What all cuts of the serif have."""
    return frozenset.intersection(*map(_characters, SERIF.values()))


class Typeface:
    """The fonts for one text: what each character is printed as, and in which files it is."""

    def __init__(self, text: str) -> None:
        needed = {ord(c) for c in text} - _serif() | {ord(MISSING)}
        self.fallbacks: list[Path] = []
        self._replaced: dict[int, str] = {}
        for path, characters in _others():
            if found := needed & characters:
                self.fallbacks.append(path)
                needed -= found
        for code in needed:
            # What only joins or directs its neighbours leaves no gap.
            invisible = unicodedata.category(chr(code)) in ("Cf", "Mn", "Zl", "Zp")
            self._replaced[code] = "" if invisible else MISSING
        self.is_shaped = any(map(_is_shaped, set(text)))

    def printable(self, text: str) -> str:
        """The text in characters that the fonts have."""
        return text.translate(self._replaced)


def _is_shaped(character: str) -> bool:
    code = ord(character)
    return unicodedata.bidirectional(character) in _SHAPED or _BRAHMIC[0] <= code <= _BRAHMIC[1]
