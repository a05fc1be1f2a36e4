"""What several tests need: where the development data lies, and one embedder for all."""

from pathlib import Path

import pytest

from rag.embed import Embedder, load_embedder
from rag.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedded model, loaded once."""
    settings = Settings()
    return load_embedder(settings.embedder, settings.cache)
