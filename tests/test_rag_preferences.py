"""What is chosen in the page wins over the environment, and a key goes nowhere else."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from rag.database import Database
from rag.preferences import Chosen, Preferences, chosen_in, same_host
from rag.settings import Settings

CANARY = "sk-canary-4f1c9e"
HERE = "http://127.0.0.1:11434/v1"
AWAY = "https://api.example.com/v1"


def given(**known: object) -> Settings:
    return Settings(_env_file=None, **known)  # type: ignore[call-arg,arg-type]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "BYLINE_LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "desk.db")


def test_articles_only_wins_over_an_environment_with_a_key() -> None:
    settings = Preferences(mode="extractive", verifier="llm").over(
        given(llm_api_key=CANARY, llm_model="gpt", llm_base_url=AWAY)
    )

    assert not settings.uses_llm and CANARY not in settings.llm_api_key.get_secret_value()
    assert settings.verifier == "embedded", "no model is left to judge"


def test_a_model_wins_over_an_empty_environment() -> None:
    chosen = Preferences(mode="llm", endpoint=HERE + "/", model="qwen3", strict=True, language="de")
    settings = chosen.over(given())

    assert settings.uses_llm and settings.llm_name == "qwen3"
    assert (settings.llm_base_url, settings.strict) == (HERE, True)
    assert settings.answer_language == "de"


def test_a_model_without_any_detail_is_still_a_model() -> None:
    assert Preferences(mode="llm").over(given()).uses_llm


def test_the_key_of_the_environment_goes_to_its_endpoint_alone() -> None:
    known = given(llm_api_key=CANARY, llm_base_url=AWAY)

    def key_for(endpoint: str | None, key: SecretStr | None = None) -> str:
        chosen = Preferences(mode="llm", endpoint=endpoint, key=key)
        return chosen.over(known).llm_api_key.get_secret_value()

    assert key_for(None) == key_for(AWAY) == key_for("https://API.example.com:443/v2") == CANARY
    assert key_for(HERE) == key_for("") == key_for("https://api.example.com.evil.example") == ""
    assert key_for("http://api.example.com/v1") == "", "not in clear text either"
    assert key_for(None, SecretStr("")) == "", "none means none"


@pytest.mark.parametrize("other", ["not an address", "http://[", "ftp://a.example"])
def test_what_is_no_address_is_no_host(other: str) -> None:
    assert not same_host(AWAY, other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "localhost:11434"),
        ("endpoint", "file:///etc/passwd"),
        ("endpoint", "http://ana:word@host/v1"),
        ("endpoint", "http://host/a b"),
        ("endpoint", "http://" + "a" * 600),
        ("key", "two words"),
        ("key", "line\nX-Other: 1"),
        ("key", "schlüssel"),
        ("model", "a\nb"),
        ("language", "tlh"),
        ("mode", "magic"),
    ],
)
def test_what_cannot_work_is_refused_without_being_repeated(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Preferences.model_validate({"mode": "llm", field: value})

    assert caught.value.errors()[0]["loc"][0] == field
    if field == "key":
        assert value not in str(caught.value)


def test_a_choice_is_kept_and_forgotten(database: Database, tmp_path: Path) -> None:
    kept = Chosen(database)
    chosen = Preferences(
        mode="llm", endpoint=HERE, key=SecretStr(CANARY), model="m", verifier="llm", language="fr"
    )
    assert kept.read() is None and chosen_in(tmp_path) is None
    kept.put(chosen)

    assert kept.read() == chosen == chosen_in(tmp_path)
    kept.put(Preferences(mode="extractive"))
    assert kept.read() == Preferences(mode="extractive")
    kept.forget()
    assert kept.read() is None and chosen_in(tmp_path) is None


def test_a_key_that_was_removed_stands_in_no_file(database: Database, tmp_path: Path) -> None:
    with database.telling():
        database.connection.execute("PRAGMA journal_mode = WAL")  # as conversations set it
    kept = Chosen(database)

    def stands() -> bool:
        return any(CANARY.encode() in path.read_bytes() for path in tmp_path.iterdir())

    kept.put(Preferences(mode="llm", key=SecretStr(CANARY)))
    assert stands()
    kept.put(Preferences(mode="llm", key=SecretStr("")))
    assert not stands()
    kept.put(Preferences(mode="llm", key=SecretStr(CANARY)))
    kept.forget()
    assert not stands()


def test_a_choice_that_cannot_be_read_is_none(database: Database, tmp_path: Path) -> None:
    kept = Chosen(database)
    with database.writing() as connection:
        connection.execute("INSERT INTO preferences VALUES (1, '{\"mode\": \"telepathy\"}', '')")

    assert kept.read() is None and chosen_in(tmp_path) is None


def test_a_home_without_choices_is_left_as_it_is(tmp_path: Path) -> None:
    assert chosen_in(tmp_path) is None and chosen_in(tmp_path / "absent") is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "desk.db").write_bytes(b"no database at all")
    assert chosen_in(tmp_path) is None


def test_a_key_is_in_no_text_of_a_choice() -> None:
    chosen = Preferences(mode="llm", key=SecretStr(CANARY))

    assert CANARY not in repr(chosen) + str(chosen.model_dump()) + chosen.model_dump_json()
    assert CANARY not in repr(chosen.over(given()))


def test_the_desk_keeps_the_file_for_its_owner(tmp_path: Path) -> None:
    from web.desk import Desk

    path = tmp_path / "desk.db"
    path.touch(0o644)
    with Desk.open(given(home=tmp_path), create=True) as desk:
        desk.chats.listing("")
        desk.apply(Preferences(mode="llm", endpoint=HERE, key=SecretStr(CANARY)))
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("desk.db*")}
        assert set(modes.values()) == {0o600} and len(modes) > 1
        assert desk.mode() == ("llm", "gpt-4.1-mini")
    with Desk.open(given(home=tmp_path)) as again:
        assert again.settings.llm_base_url == HERE
        assert again.given.llm_base_url == ""
        again.apply(None)
        assert again.mode() == ("extractive", "")
