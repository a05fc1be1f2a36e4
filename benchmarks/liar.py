"""A chat model that quotes what it is shown, changes one thing in most sentences, and miscites.

It reads the passages out of the prompt like any model, so nothing of the pipeline is bypassed.
Asked to rewrite a sentence it insists on it. What it said, and what was done to it, is kept.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.alter import EDITS, Scene, altered
from benchmarks.kinds import organisations, persons, places
from rag.llm import Message
from rag.text import sentence_spans

MARKS = ("right", "wrong", "absent", "phantom")
TRUE = "true"
_BLOCK = re.compile(r"^\[([0-9a-f]{6})\][^\n]*\n((?:> [^\n]*(?:\n|\Z))+)", re.MULTILINE)
_CARRIED = re.compile(r"^Sentence:\n> (.*)\Z", re.MULTILINE)
_PIECE = 16  # characters


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a reply: what was changed, how it was cited, and where it came from."""

    text: str
    kind: str  # a class of edits, or "true"
    mark: str
    origin: str  # the sentence as the passage has it


@dataclass(slots=True)
class Liar:
    """As ``rag.llm.ChatModel``; a reply has one sentence of each class of edits where it can."""

    seed: int = 0
    n_true: int = 3
    kinds: Sequence[str] = tuple(EDITS)
    piece_s: float = 0.0  # pause between pieces of the reply
    name: str = "liar"
    context_tokens: int = 16_000
    said: list[Said] = field(default_factory=list)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply in pieces."""
        prompt = messages[-1].content
        again = _CARRIED.search(prompt)
        ids = [m[1] for m in _BLOCK.finditer(prompt)]
        insisted = again and f"{again[1]}{f' [{ids[0]}]' if ids else ''}"
        reply = insisted or self._reply(prompt)
        for at in range(0, len(reply), _PIECE):
            time.sleep(self.piece_s)
            yield reply[at : at + _PIECE]

    def _reply(self, prompt: str) -> str:
        rng = random.Random(f"{self.seed} {prompt[-80:]}")
        blocks = {m[1]: _unquoted(m[2]) for m in _BLOCK.finditer(prompt)}
        scenes = list(_scenes(blocks))
        rng.shuffle(scenes)
        lines = []
        for tag, scene, kind, text in _chosen(scenes, (*self.kinds, *[TRUE] * self.n_true)):
            # A reply that opens with nothing but lies may be dropped whole: begin with a truth.
            mark = rng.choice(MARKS)
            said = Said(text=text, kind=kind, mark=mark, origin=scene.text)
            lines.append((said, f"{text}{_marked(tag, list(blocks), mark, rng)}"))
        lines.sort(key=lambda line: line[0].kind != TRUE)
        self.said.extend(said for said, _ in lines)
        return " ".join(text for _, text in lines)


def _unquoted(block: str) -> str:
    """The text of a passage; its first line is the title."""
    lines = [line.removeprefix("> ") for line in block.strip().splitlines()]
    return "\n".join(lines[1:] if len(lines) > 1 else lines)


def _scenes(blocks: Mapping[str, str]) -> Iterator[tuple[str, Scene]]:
    everything = "\n".join(blocks.values())
    pool = {
        "person": persons(everything),
        "organisation": organisations(everything),
        "place": places(everything),
    }
    for tag, text in blocks.items():
        for start, end in sentence_spans(text):
            sentence = text[start:end]
            plain = not any(c in sentence for c in '"\u201c\u201d[]()*_`~<>#')
            if 60 <= len(sentence) <= 300 and sentence.endswith(".") and plain:
                yield (
                    tag,
                    Scene(
                        text=sentence, source=text, article_id=tag, day="2022-06-01",
                        article=text, near=pool, pool=pool,
                    ),
                )  # fmt: skip


def _chosen(
    scenes: Sequence[tuple[str, Scene]], kinds: Sequence[str]
) -> Iterator[tuple[str, Scene, str, str]]:
    """For each kind a sentence of its own."""
    used: set[str] = set()
    for kind in kinds:
        for tag, scene in scenes:
            text = scene.text if kind == TRUE else altered(scene, kind)
            if scene.text not in used and text:
                used.add(scene.text)
                yield tag, scene, kind, text
                break


def _marked(tag: str, tags: Sequence[str], mark: str, rng: random.Random) -> str:
    others = [t for t in tags if t != tag]
    match mark:
        case "right":
            return f" [{tag}]"
        case "wrong" if others:
            return f" [{rng.choice(others)}]"
        case "phantom":
            return f" [e9{rng.randrange(16**4):04x}]"
        case _:
            return ""
