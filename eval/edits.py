"""True and false variants of news sentences, made by code: what the verifier learns edits from.

A false variant changes one thing that turns the meaning; a true one says the same otherwise, so
that "not word for word" does not come to mean "wrong". The word lists are not those of
``benchmarks/edits.py``.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from eval.labelled import Labelled
from rag.facts import dates, names, quantities
from rag.text import sentence_spans

Edit = Callable[[str, random.Random, str], str | None]  # sentence, chance, another story's text

_TRADED = """
accelerated:slowed accused:cleared added:removed admitted:denied agreed:refused allowed:barred
ascending:descending attacked:defended backed:blocked banned:permitted beat:lost_to
boosted:reduced borrowed:lent broadened:narrowed cancelled:confirmed canceled:scheduled
celebrated:mourned cheaper:costlier clean:dirty climbed:dropped cold:warm condemned:praised
continued:halted created:abolished critics:supporters deepened:eased delayed:advanced
deny:admit dismissed:upheld doubled:halved dry:wet easier:harder east:west eastern:western
encouraged:discouraged endorsed:opposed enter:exit entered:left expanded:shrank extended:cut
failed:succeeded faster:slower few:many foreign:domestic former:current found:lost gained:lost
granted:refused greater:smaller grew:shrank hired:fired husband:wife improved:worsened
inside:outside joined:quit junior:senior larger:smaller latest:earliest liberal:conservative
lifted:imposed lighter:heavier lost:gained loud:quiet lowered:raised majority:minority
married:divorced maximum:minimum men:women mild:severe mother:father moved:stayed narrow:wide
north:south northern:southern offensive:defensive older:younger opened:closed optimistic:pessimistic
passed:failed peaceful:violent permanent:temporary popular:unpopular praised:criticized
predecessor:successor present:absent profit:loss profits:losses promoted:demoted pulled:pushed
raised:lowered recovered:deteriorated remembered:forgot removed:installed reopened:closed
resumed:suspended richer:poorer safer:riskier saved:wasted scored:conceded shorter:longer
slow:fast softened:hardened son:daughter stable:unstable stronger:weaker succeeded:failed
survived:died thick:thin top:bottom unlikely:likely upgraded:downgraded urban:rural
victory:defeat victims:suspects wider:narrower winner:loser winning:losing without:with
worse:better worst:best
"""
_ALIKE = """
although:though amid:during announced:disclosed approximately:roughly area:zone
around:roughly arrived:came assist:help attempt:try authorities:officials because:since
besides:beyond blaze:fire boy:youngster bring:carry cause:trigger
caused:triggered chance:opportunity choose:select claim:assertion
coach:trainer comments:remarks completed:finished concern:worry confirmed:verified
contest:race costs:expenses crash:collision crisis:emergency critics:opponents
crowd:throng deal:agreement debate:argument despite:notwithstanding discovered:found
display:show earlier:previously effort:attempt efforts:attempts
employees:workers employee:worker ensure:guarantee event:occasion eventually:ultimately
expected:anticipated experts:specialists fast:quickly fans:supporters
fatal:deadly firms:companies gathered:assembled global:worldwide
goods:products heavily:strongly helped:aided highlight:stress
holiday:vacation ill:sick illness:disease immediately:instantly impact:effect improve:enhance
incident:episode initially:originally injured:hurt journalists:reporters
likely:probably little:small lawmakers:legislators mainly:mostly
maintain:keep method:way murder:killing murdered:killed need:require obtained:got
occurred:happened opponent:rival opponents:rivals option:choice parents:families part:portion
permit:allow picture:image pictures:images
pledged:promised pupils:students problem:issue problems:issues provide:supply
question:query rapidly:fast received:got regarding:concerning region:area remain:stay
remained:stayed repeatedly:often reply:answer residents:inhabitants response:reaction
revealed:disclosed rules:regulations scared:frightened sector:industry several:various
situation:circumstances spoke:talked staff:personnel statement:declaration
struggle:battle summit:meeting supply:provide suspected:presumed
talks:negotiations teacher:instructor tell:inform tough:hard traffic:vehicles
transport:carry unveiled:presented urged:pressed urgent:pressing vehicle:car vote:ballot
warned:cautioned wage:pay wages:pay wealthy:affluent wide:broad
wrote:penned yearly:annual
"""
_MODALS = {
    "will": ("may", "might", "is unlikely to"),
    "would": ("might", "may not"),
    "can": ("may", "cannot"),
    "must": ("may", "need not"),
    "may": ("will", "must"),
    "might": ("will", "would"),
    "could": ("will", "is certain to"),
    "should": ("will", "must"),
}
_DOUBTED = re.compile(
    r"\b(?:allegedly|reportedly|possibly|perhaps|apparently|potentially|likely|suspected|"
    r"nearly|almost|about|reported|initial|planned|proposed) "
)
_BOUNDS = (
    ("more than", "fewer than"), ("fewer than", "more than"), ("less than", "more than"),
    ("at least", "no more than"), ("up to", "at least"), ("nearly", "well over"),
    ("over", "under"), ("all", "only some"), ("every", "hardly any"), ("most", "only a few"),
    ("many", "hardly any"), ("some", "nearly all"), ("several", "all"), ("few", "most"),
    ("half", "a quarter"), ("both", "neither"), ("always", "rarely"), ("often", "never"),
    ("dozens of", "hundreds of"), ("hundreds of", "thousands of"), ("thousands of", "dozens of"),
    ("million", "billion"), ("billion", "million"), ("percent", "percentage points"),
    ("twice", "three times"), ("first", "second"), ("second", "third"), ("only", "not only"),
)  # fmt: skip
_BEING = r"(was|were|is|are|has|have|had|will|can|could|would|should)"
_DONE = re.compile(r"(?<=[a-z] )(?:said|told|made|took|won|gave|began|found|went|came|became)\b")
_BASE = {
    "said": "say", "told": "tell", "made": "make", "took": "take", "won": "win", "gave": "give",
    "began": "begin", "found": "find", "went": "go", "came": "come", "became": "become",
}  # fmt: skip
_MONTHS = "January February March April June July August September November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WORDS = dict(zip("2 3 4 5 6 7 8 9".split(), "two three four five six seven eight nine".split(),
                  strict=True))  # fmt: skip


def _table(pairs: str, *, both: bool) -> Mapping[str, str]:
    listed = [pair.replace("_", " ").split(":") for pair in pairs.split()]
    table = {b: a for a, b in listed if " " not in b} if both else {}
    return table | dict(listed)


def _traded(table: Mapping[str, str]) -> Edit:
    def edit(text: str, rng: random.Random, _: str) -> str | None:
        found = [m for m in re.finditer(r"\b[a-z]+\b", text) if m.group() in table]
        if not found:
            return None
        one = rng.choice(found)
        return text[: one.start()] + table[one.group()] + text[one.end() :]

    return edit


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def number(text: str, rng: random.Random, _: str) -> str | None:
    """Another figure, of the same look."""
    found = [
        q for q in quantities(text) if re.search(r"\d|hundred|two|three|four|five|ten", q.text)
    ]
    if not found:
        return None
    one = rng.choice(found)
    digits = re.search(r"\d[\d,.]*\d|\d", one.text)
    if not digits:
        return _put(text, one.start, one.end, rng.choice("six seven eight eleven twenty".split()))
    value = float(digits[0].replace(",", ""))
    other = value * rng.choice((0.5, 0.8, 1.2, 2, 3, 10)) + rng.choice((0, 1, 2))
    new = f"{other:,.1f}" if "." in digits[0] else f"{max(1, round(other)):,}"
    new = new if value >= 10_000 or "," in digits[0] else new.replace(",", "")
    start = one.start + digits.start()
    return _put(text, start, start + len(digits[0]), new) if new != digits[0] else None


def day(text: str, rng: random.Random, _: str) -> str | None:
    """Another weekday, month, day or year."""
    found = list(dates(text))
    if not found:
        return None
    one = rng.choice(found)
    for pattern, others in ((r"\b(?:19|20)\d\d\b", None), (r"[A-Z][a-z]+day\b", _DAYS),
                            (r"[A-Z][a-z]{2,8}\b\.?", _MONTHS)):  # fmt: skip
        match = re.search(pattern, one.text)
        if match:
            year = str(int(match[0]) + rng.choice((-4, -2, -1, 1, 3))) if others is None else ""
            new = year or rng.choice([o for o in others or () if o != match[0]])
            start = one.start + match.start()
            return _put(text, start, start + len(match[0]), new)
    return None


def name(text: str, rng: random.Random, other: str) -> str | None:
    """A name of another story, or of the same source, for one of the sentence's."""
    own = [n for n in names(text) if n.sure]
    foreign = [n for n in names(other) if n.sure and n.text not in text]
    if not own or not foreign:
        return None
    one = rng.choice(own)
    like = [n for n in foreign if len(n.words) == len(one.words)] or foreign
    return _put(text, one.start, one.end, rng.choice(like).text)


def negation(text: str, rng: random.Random, _: str) -> str | None:
    """A "not" put in or taken out."""
    if re.search(r"\b(?:not|never)\b|n['\u2019]t\b", text):
        return re.sub(r" (?:not|never)\b|n['\u2019]t\b", "", text, count=1)
    options = [re.sub(rf"\b{_BEING} (?=[a-z])", rf"\1 {rng.choice(('not', 'never'))} ", text,
                      count=1)]  # fmt: skip
    verb = _DONE.search(text)
    if verb:
        options.append(_put(text, *verb.span(), f"did not {_BASE[verb[0]]}"))
    made = [o for o in options if o != text]
    return rng.choice(made) if made else None


def modality(text: str, rng: random.Random, _: str) -> str | None:
    """Surer or less sure than it was."""
    if _DOUBTED.search(text):
        return _DOUBTED.sub("", text, count=1)
    found = [m for m in re.finditer(r"\b[a-z]+\b", text) if m.group() in _MODALS]
    if found:
        one = rng.choice(found)
        return _put(text, *one.span(), rng.choice(_MODALS[one.group()]))
    doubt = rng.choice(("reportedly", "allegedly", "possibly"))
    made = re.sub(r"\b(was|were|has|have|had) (?=[a-z]+ed\b)", rf"\1 {doubt} ", text, count=1)
    return made if made != text else None


def quantifier(text: str, rng: random.Random, _: str) -> str | None:
    """Another share, bound or size."""
    found = [(a, b) for a, b in _BOUNDS if re.search(rf"\b{a}\b", text)]
    if not found:
        return None
    one, other = rng.choice(found)
    return re.sub(rf"\b{one}\b", other, text, count=1)


def roles(text: str, rng: random.Random, _: str) -> str | None:
    """Two names that change places."""
    found = [n for n in names(text) if n.sure or n.start == 0]
    pairs = [
        (a, b)
        for i, a in enumerate(found)
        for b in found[i + 1 : i + 3]
        if a.words != b.words and not re.fullmatch(r"[\s,]*(?:and|or|,)?\s*", text[a.end : b.start])
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return text[: a.start] + b.text + text[a.end : b.start] + a.text + text[b.end :]


def elsewhere(text: str, rng: random.Random, other: str) -> str | None:
    """The end of another story's sentence behind the beginning of this one."""
    spans = [other[a:b] for a, b in sentence_spans(other) if 60 <= b - a <= 250]
    cut = re.search(r"(?<=[a-z]) (?:and|but|after|while|because|when|as|that|who) ", text[25:])
    if not spans or not cut:
        return None
    tail = re.search(
        r" (?:and|but|after|while|because|when|as|that|who) (.{20,})", rng.choice(spans)
    )
    return text[: 25 + cut.end()] + tail[1] if tail else None


FALSE: Mapping[str, Edit] = {
    "number": number,
    "date": day,
    "name": name,
    "negation": negation,
    "modality": modality,
    "quantifier": quantifier,
    "roles": roles,
    "antonym": _traded(_table(_TRADED, both=True)),
    "elsewhere": elsewhere,
}


def _moved(text: str, rng: random.Random, _: str) -> str | None:
    """The same in another order, or without an aside."""
    front = re.fullmatch(
        r"((?:In|On|At|After|Before|During|Since|By|For|With) [^,]{3,70}), (.{20,})([.])", text
    )
    end = re.fullmatch(r"(.{20,}?) ((?:on|in|after|before|during|since) [^,]{3,50})[.]", text)
    said = re.fullmatch(
        r"(.{15,}), ((?:[Tt]he )?(?:[A-Z][\w.]+ ?){1,4}) (?:said|says|added)[.]", text
    )
    aside = re.search(r",? (?:who|which|\() ?[^,)]{5,80}[,)]", text)
    options = []
    if front:
        options.append(f"{_up(front[2])} {_down(front[1])}.")
    if end and "," not in end[1]:
        options.append(f"{_up(end[2])}, {_down(end[1])}.")
    if said and "\u201c" not in text and '"' not in text:
        options.append(f"{_up(said[2])} said that {_down(said[1])}.")
    if aside:
        options.append(_put(text, *aside.span(), ""))
    return rng.choice(options) if options else None


def _up(text: str) -> str:
    return text[0].upper() + text[1:]


def _down(text: str) -> str:
    first = re.match(r"(?:The|A|An|It|He|She|They|In|On|At|After|Before|During|Since|By|For|With|"
                     r"This|That|These|Those|We|Some|Many|Most|All)\b", text)  # fmt: skip
    return text[0].lower() + text[1:] if first else text


def _respelt(text: str, rng: random.Random, _: str) -> str | None:
    """Other marks, short forms and ways to write a figure."""
    changes = (
        (r" percent\b", "%"), (r"(?<=\d)%", " percent"), (r"\bdid not\b", "didn't"),
        (r"\b(is|was|are|were|does|has|had) not\b", r"\1n't"),
        (r"(?<!wo)(?<!ca)n['\u2019]t\b", " not"),
        (r"(?<=\d),(?=\d{3}\b)", ""), (r"\bUnited States\b", "US"), (r"\bU\.S\.", "US"),
        (r"\bwho is\b", "who's"), (r"\bit is\b", "it's"), (r"[\u201c\u201d]", '"'),
        (r" million\b", "m"), (r"\bdo not\b", "don't"), (r" \u2013 | \u2014 |--", ", "),
    )  # fmt: skip
    options = [re.sub(p, new, text) for p, new in changes if re.search(p, text)]
    options += [
        re.sub(rf"(?<![\d.,$]){digit}(?= [a-z])", word, text, count=1)
        for digit, word in _WORDS.items()
        if re.search(rf"(?<![\d.,$]){digit} [a-z]", text)
    ]
    return rng.choice(options) if options else None


def _shortened(text: str, _rng: random.Random, _: str) -> str | None:
    """Its main clause."""
    cut = re.match(
        r"(?!When|If|As |After|While|Since|Because|Though|Although)(.{45,}?), "
        r"(?:and|while|as|after|because|where|when|though|although) ",
        text,
    )
    whole = cut and not re.search(r"\b(?:not|if|both|between|may|said|says)\b", cut[1])
    quoted = cut and ('"' in cut[1] or "\u201c" in cut[1])
    return cut[1] + "." if cut and whole and not quoted else None


TRUE: Mapping[str, Edit] = {
    "synonym": _traded(_table(_ALIKE, both=True)),
    "moved": _moved,
    "respelt": _respelt,
    "shortened": _shortened,
}


def variants(articles: Sequence[str], n: int, seed: int) -> list[Labelled]:
    """About ``n`` rows from the sentences of articles: a third true, two in five on a rewording."""
    rng = random.Random(seed)
    made: list[Labelled] = []
    texts = list(articles)
    for text, other in zip(texts, texts[1:] + texts[:1], strict=True):
        for sentence, source in _sentences(text, rng):
            made.extend(_of(sentence, source, other, rng))
        if len(made) >= n:
            break
    return made[:n]


def _sentences(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Two sentences of an article, each with none to three of its neighbours or the whole."""
    spans = sentence_spans(text)
    good = [i for i, (a, b) in enumerate(spans) if 60 <= b - a <= 320 and text[b - 1] == "."]
    for i in rng.sample(good, min(2, len(good))):
        wide = rng.choice((0, 1, 2, 3, 12))
        around = spans[max(0, i - wide) : i + wide + 1]
        yield text[slice(*spans[i])], text[around[0][0] : around[-1][1]]


def _of(sentence: str, source: str, other: str, rng: random.Random) -> Iterator[Labelled]:
    """Up to two true rewordings and four false variants of one sentence."""
    true = _made(TRUE, sentence, other, rng)
    base = dict(true)
    again = [
        (f"{kind}+{then}", s) for kind, t in true[:1] for then, s in _made(TRUE, t, other, rng)[:1]
    ]
    for kind, text in (*true[:2], *again):
        yield Labelled(origin="edits", claim=text, source=source, label=1, kind=kind)
    for kind, text in _made(FALSE, sentence, other, rng)[:3]:
        reworded = rng.choice(list(base.values())) if base and rng.random() < 0.4 else None
        changed = FALSE[kind](reworded, rng, other) if reworded else text
        if changed and changed not in (sentence, reworded):
            yield Labelled(origin="edits", claim=changed, source=source, label=0, kind=kind)


def _made(
    edits: Mapping[str, Edit], sentence: str, other: str, rng: random.Random
) -> list[tuple[str, str]]:
    """What the edits make of a sentence, in a shuffled order."""
    found = [(kind, edit(sentence, rng, other)) for kind, edit in edits.items()]
    kept = [(kind, text) for kind, text in found if text and text != sentence]
    rng.shuffle(kept)
    return kept
