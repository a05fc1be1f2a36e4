"""Settings are read once and say what is wrong."""

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "BYLINE_LLM_MODEL", "BYLINE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_misspelt_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_LLM_MODLE", "x")
    with pytest.raises(SettingsError, match="BYLINE_LLM_MODLE is not a setting"):
        load_settings()


def test_misspelt_line_in_dotenv_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# BYLINE_NOTE=\nexport BYLINE_HOEM=there\n")
    with pytest.raises(SettingsError, match="BYLINE_HOEM"):
        load_settings()


def test_bad_value_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_LLM_CONTEXT_TOKENS", "many")
    with pytest.raises(SettingsError, match="llm_context_tokens"):
        load_settings()


def test_given_wins_over_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BYLINE_HOME", "elsewhere")

    assert load_settings().home == Path("elsewhere")
    assert load_settings(home=tmp_path).home == tmp_path


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_BASE_URL", "BYLINE_LLM_MODEL"])
def test_any_of_three_turns_the_model_on(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    assert not load_settings().uses_llm
    monkeypatch.setenv(variable, "http://localhost:1/v1")
    assert load_settings().uses_llm


def test_key_is_never_shown() -> None:
    settings = load_settings(llm_api_key="sk-canary")

    assert "canary" not in repr(settings) and "canary" not in str(settings.model_dump())


def test_settings_id_follows_the_embedder_only() -> None:
    plain = load_settings()

    assert load_settings(llm_model="other").settings_id == plain.settings_id
    assert load_settings(embedder="other").settings_id != plain.settings_id


def test_every_setting_is_in_the_example() -> None:
    example = (Path(__file__).parents[1] / ".env.example").read_text()
    names = {"OPENAI_API_KEY", "OPENAI_BASE_URL"} | {
        f"BYLINE_{name.upper()}"
        for name in Settings.model_fields
        if name not in ("llm_api_key", "llm_base_url")
    }

    assert [name for name in sorted(names) if f"#{name}=" not in example] == []


def test_a_misspelt_setting_is_refused_in_small_letters_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("byline_hoem", "x")
    with pytest.raises(SettingsError, match="byline_hoem"):
        load_settings()


def test_strictness_and_verifier_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().strict, load_settings().verifier) == (False, "embedded")

    monkeypatch.setenv("BYLINE_STRICT", "true")
    monkeypatch.setenv("BYLINE_VERIFIER", "cross-encoder/nli-deberta-v3-base")

    settings = load_settings()
    assert settings.strict and settings.verifier == "cross-encoder/nli-deberta-v3-base"
