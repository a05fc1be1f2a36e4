"""What Settings sends, and a desk to which it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.settings import Settings
from web.desk import Desk

CANARY = "sk-canary-8c2e71d0"
KINDS = {"save": "", "test": "/test", "models": "/models", "reset": "/reset"}


def fields(**known: Any) -> dict[str, Any]:
    return {"mode": "llm", "judge": "embedded", **known}


def send(client: TestClient, kind: str, **known: Any) -> dict[str, Any]:
    told: dict[str, Any] = client.post(f"/page/settings{KINDS[kind]}", json=fields(**known)).json()
    return told


@contextmanager
def bare_desk(home: Path) -> Iterator[Desk]:
    """A desk to which the environment names no model."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "BYLINE_LLM_MODEL"):
            patch.delenv(name, raising=False)
        with Desk.open(Settings(home=home), create=True) as desk:
            yield desk
