"""The embedded model is the published one, exact and independent of order."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag import embed
from rag.embed import (
    Embedder,
    Remembering,
    SentenceTransformerEmbedder,
    Vectors,
    export_graph,
    load_embedder,
)
from rag.errors import ModelMissing

TEXTS = ["Who approved the sale?", "A ferry sank.", "Beijing approved the sale of chips. " * 20, ""]


def test_rows_have_unit_length_and_the_order_given(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)

    assert vectors.shape == (4, embedder.dim) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-2)
    alone = np.vstack([embedder.encode([text]) for text in TEXTS])
    assert (np.sum(vectors * alone, axis=1) > 0.998).all()


def test_no_texts_no_rows(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, embedder.dim)


def test_agrees_with_sentence_transformers(embedder: Embedder) -> None:
    reference = SentenceTransformerEmbedder(str(embed._wheel_model()))
    cosine = np.sum(embedder.encode(TEXTS[:3]) * reference.encode(TEXTS[:3]), axis=1)

    # bf16 where the CPU has it; the reference cuts at 256 tokens as we do.
    assert (cosine > 0.998).all()


def test_what_is_remembered_is_embedded_once_and_the_same(embedder: Embedder) -> None:
    given: list[str] = []

    class Counting:
        name, dim = embedder.name, embedder.dim

        def encode(self, texts: Sequence[str]) -> Vectors:
            given.extend(texts)
            return embedder.encode(texts)

    memory = Remembering(Counting())
    for texts in (TEXTS[:2], [TEXTS[1], TEXTS[0], TEXTS[1]], []):
        assert memory.encode(texts).shape == (len(texts), embedder.dim)
    np.testing.assert_array_equal(memory.encode(TEXTS[:1])[0], memory.encode(TEXTS[:2])[0])
    assert given == list(TEXTS[:2])


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(ModelMissing, match="sha256"):
        export_graph(tmp_path, tmp_path / "cache")


def test_unknown_model_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelMissing, match="no-such"):
        load_embedder(str(tmp_path / "no-such"), tmp_path)


def test_loading_does_not_import_torch(embedder: Embedder) -> None:
    code = (
        "import sys; from rag.settings import Settings; from rag.embed import load_embedder;"
        "s = Settings(); load_embedder(s.embedder, s.cache).encode(['x']);"
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == "[]", done.stderr
