"""What the check of a sentence found, as HTML: which claim fails, and what the source says."""

from collections.abc import Collection, Mapping

from rag.carry import PRONOUNS
from rag.i18n import msgid, tr
from rag.icons import icon_html
from rag.render import capitalized, verdict_within, verdict_word
from rag.render_html import esc
from rag.schema import ClaimVerdict, Firmness, Sentence

# Who makes a claim and how firmly; what is merely stated needs no word.
_SAID_BY: Mapping[Firmness, str] = {
    "stated": msgid("Said by {name}"),
    "official": msgid("Said by {name}, officially"),
    "reported": msgid("Said by {name}, as reported"),
    "alleged": msgid("Said by {name}, as an allegation"),
    "expected": msgid("Said by {name}, as expected to happen"),
    "possible": msgid("Said by {name}, as a possibility"),
    "denied": msgid("Denied by {name}"),
}
_TOLD: Mapping[Firmness, str] = {
    "stated": "",
    "official": msgid("Told officially"),
    "reported": msgid("Told as reported"),
    "alleged": msgid("Told as an allegation"),
    "expected": msgid("Told as expected to happen"),
    "possible": msgid("Told as a possibility"),
    "denied": msgid("Denied"),
}


def text_html(sentence: Sentence) -> str:
    """The words of a sentence, those of the claims that fail underlined."""
    text = sentence.text
    spans = sorted(_spans(sentence))
    out, end = "", 0
    for start, stop, claim in spans:
        if start < end:
            continue
        word = esc(verdict_within(claim.label))
        out += (
            f'{esc(text[end:start])}<span class="byline-fails" data-label="{claim.label}">'
            f"{esc(text[start:stop])}"
            f'<span class="byline-hidden"> ({word})</span></span>'
        )
        end = stop
    return out + esc(text[end:])


def _spans(sentence: Sentence) -> list[tuple[int, int, ClaimVerdict]]:
    """Where the claims that fail stand; none where all of a sentence of one claim does."""
    if len(sentence.verdict.claims) < 2:
        return []
    found = []
    for claim in sentence.verdict.claims:
        at = sentence.text.find(claim.text) if claim.text else -1
        if not _holds(claim) and at >= 0:
            found.append((at, at + len(claim.text), claim))
    return found


def _holds(claim: ClaimVerdict) -> bool:
    return claim.label in ("supported", "contested")


def reasons_html(sentence: Sentence, beside: Collection[str] = ()) -> str:
    """Why a sentence is not supported, claim by claim where these are known.

    ``beside`` are the quotations that the banner of the answer sets side by side: they are not
    repeated here, a button leads to them.
    """
    verdict = sentence.verdict
    failing = [c for c in verdict.claims if not _holds(c)]
    if failing:
        is_alone = len(verdict.claims) == 1
        items = "".join(_claim_html(c, sentence, alone=is_alone) for c in failing)
        told = {c.reason for c in failing}
        items += "".join(_reason_html(r, beside) for r in _left(verdict.reasons, told))
        return f'<ul class="byline-reasons byline-claims">{items}</ul>'
    if verdict.label == "supported" or not verdict.reasons:
        return ""
    items = "".join(_reason_html(r, beside) for r in verdict.reasons)
    return f'<ul class="byline-reasons">{items}</ul>'


def _reason_html(reason: str, beside: Collection[str]) -> str:
    quoted = next((f": “{q}”" for q in beside if q and reason.endswith(f": “{q}”")), "")
    told = esc(capitalized(reason.removesuffix(quoted)))
    if not quoted:
        return f'<li dir="auto">{told}</li>'
    see = f'<button type="button" class="byline-both">{esc(tr("See both sides"))}</button>'
    return f"<li><bdi>{told}.</bdi> {see}</li>"


def _left(reasons: tuple[str, ...], told: set[str]) -> list[str]:
    return [r for r in reasons if not any(t and (t in r or r in t) for t in told)]


def _claim_html(claim: ClaimVerdict, sentence: Sentence, *, alone: bool) -> str:
    """One claim that fails: its words, why, and the words that contradict it.

    A verdict that the whole sentence has stands above already.
    """
    head = "" if alone else f'<q class="byline-claim" dir="auto">{esc(claim.text)}</q>'
    reason = f'<span dir="auto">{esc(capitalized(claim.reason))}</span>' if claim.reason else ""
    against = _against_html(claim.against) if claim.against else ""
    sign = (
        f'<span class="byline-verdict" data-label="{claim.label}">'
        f"{icon_html(claim.label)}{esc(verdict_word(claim.label))}</span>"
    )
    own = "" if claim.label == sentence.verdict.label else sign
    return f'<li data-label="{claim.label}">{own}{head}{reason}{against}{_teller_html(claim)}</li>'


def _against_html(words: str) -> str:
    head = esc(tr("The source says:"))
    return f'<span class="byline-against">{head} <q dir="auto">{esc(words)}</q></span>'


def tellers_html(sentence: Sentence, outlets: Collection[str] = ()) -> str:
    """Who says it and how firmly: "Said by the mayor, as a possibility".

    Nothing where a claim fails: what is said of that stands with it. Nothing new is that one of
    the ``outlets``, which stand beside it, says what it prints.
    """
    if not all(map(_holds, sentence.verdict.claims)):
        return ""
    known = {_bare(outlet) for outlet in (*outlets, sentence.point or "")}
    told = dict.fromkeys(
        _teller(c)
        for c in sentence.verdict.claims
        if c.firmness != "stated" or _bare(c.said_by or "") not in known
    )
    return "".join(f'<span class="byline-teller-of">{esc(t)}</span>' for t in told if t)


def _bare(name: str) -> str:
    return name.casefold().removeprefix("the ")


def _teller_html(claim: ClaimVerdict) -> str:
    told = _teller(claim)
    return f'<span class="byline-teller-of">{esc(told)}</span>' if told else ""


def _teller(claim: ClaimVerdict) -> str:
    if claim.said_by and claim.said_by.casefold() not in PRONOUNS:  # "Said by he" tells nobody
        return tr(_SAID_BY[claim.firmness], name=claim.said_by)
    return tr(_TOLD[claim.firmness])
