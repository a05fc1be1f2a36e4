"""What an editor chose in the page about how answers are written.

It lies in ``HOME/desk.db``, beside the conversations, and wins over the environment for whoever
answers from that home. The environment stays what it falls back to.
"""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from rag.database import Database
from rag.errors import IndexUnavailable, SettingsError
from rag.i18n import msgid
from rag.llm import OPENAI, split_login
from rag.schema import Mode
from rag.settings import EMBEDDED_VERIFIER, LLM_VERIFIER, Settings, known_language

_SCHEMA = """
CREATE TABLE IF NOT EXISTS preferences (
    only INTEGER PRIMARY KEY CHECK (only = 1), chosen TEXT NOT NULL, at TEXT NOT NULL
)
"""
_PORTS = {"http": 80, "https": 443}


def _address(url: str) -> str:
    """An address without a slash at its end; with a user name in it, it would be shown."""
    if not url.strip():
        return ""
    try:
        plain, login = split_login(url.strip())
        # httpx refuses more than urlsplit: what it would not send to is no endpoint.
        is_plain = url.isprintable() and not any(c.isspace() for c in url.strip())
    except SettingsError:
        raise ValueError(msgid("this is no address: it looks like https://host/v1")) from None
    if any(login):
        raise ValueError(msgid("leave the name and the password out of the address"))
    if not is_plain:
        raise ValueError(msgid("this is no address: it looks like https://host/v1"))
    return plain


def _sendable(key: SecretStr) -> SecretStr:
    """A key that can stand in a header; what is wrong is told without it."""
    text = key.get_secret_value().strip()
    if len(text) > 1_000 or not all("!" <= c <= "~" for c in text):
        raise ValueError(msgid("this is no key: it has blanks, or letters that no key has"))
    return SecretStr(text)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError(msgid("this must be one line of text"))
    return text.strip()


Address = Annotated[str, Field(max_length=500), AfterValidator(_address)]
Key = Annotated[SecretStr, AfterValidator(_sendable)]


class Preferences(BaseModel):
    """What was chosen, whole: nothing of it follows the environment but what is None."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    mode: Mode
    endpoint: Address | None = None
    """None: the environment's; empty: OpenAI's own."""
    key: Key | None = None
    """None: the environment's, for the environment's endpoint alone; empty: none."""
    model: Annotated[str, AfterValidator(_one_line), Field(max_length=200)] = ""
    verifier: Annotated[str, AfterValidator(_one_line), Field(max_length=500)] = EMBEDDED_VERIFIER
    strict: bool = False
    language: Annotated[str, AfterValidator(known_language)] = ""

    def over(self, given: Settings) -> Settings:
        """The settings with these choices in place of the environment's.

        A key goes to the endpoint that it was given for, and to no other.
        """
        chosen: dict[str, Any] = {"strict": self.strict, "answer_language": self.language}
        is_alone = self.mode == "extractive"
        judge = self.verifier or EMBEDDED_VERIFIER
        chosen["verifier"] = EMBEDDED_VERIFIER if is_alone and judge == LLM_VERIFIER else judge
        if is_alone:
            nothing = {"llm_model": "", "llm_base_url": "", "llm_api_key": SecretStr("")}
            return given.model_copy(update=chosen | nothing)
        chosen["llm_model"] = self.model or given.llm_name
        chosen["llm_base_url"] = given.llm_base_url if self.endpoint is None else self.endpoint
        chosen["llm_api_key"] = self._key(given)
        return given.model_copy(update=chosen)

    def _key(self, given: Settings) -> SecretStr:
        if self.key is not None:
            return self.key
        own = self.endpoint is None or same_host(self.endpoint, given.llm_base_url)
        return given.llm_api_key if own else SecretStr("")


def same_host(one: str, other: str) -> bool:
    """True if two endpoints are the same server; an empty one is OpenAI's."""
    try:
        return _host(one) == _host(other)
    except SettingsError:  # the environment's is none; then it is not this one
        return False


def _host(url: str) -> tuple[str, str, int]:
    parts = urlsplit(split_login(url or OPENAI)[0])
    port = parts.port or _PORTS[parts.scheme]
    return parts.scheme, (parts.hostname or "").lower(), port


class Chosen:
    """Keeps what was chosen. Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.telling():
            database.connection.execute(_SCHEMA)

    def read(self) -> Preferences | None:
        """What was chosen; None if nothing was, or by a version that this one cannot read."""
        return _read(self._database)

    def put(self, preferences: Preferences) -> None:
        """Keep a choice in place of the one before."""
        key = preferences.key.get_secret_value() if preferences.key is not None else None
        told = json.dumps(preferences.model_dump(exclude={"key"}) | {"key": key})
        sql = (
            "INSERT INTO preferences VALUES (1, ?, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'))"
            " ON CONFLICT (only) DO UPDATE SET chosen = excluded.chosen, at = excluded.at"
        )
        self._overwrite(sql, told)

    def forget(self) -> None:
        """Go back to the environment."""
        self._overwrite("DELETE FROM preferences")

    def _overwrite(self, sql: str, *values: object) -> None:
        """Run this so that a key which is replaced or removed stands nowhere in the files."""
        with self._database.telling():
            self._database.connection.execute("PRAGMA secure_delete = ON")
        with self._database.writing() as connection:
            connection.execute(sql, values)
        with self._database.telling():
            self._database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _read(database: Database) -> Preferences | None:
    rows = database.rows("SELECT chosen FROM preferences WHERE only = 1")
    try:
        return Preferences.model_validate_json(rows[0][0]) if rows else None
    except ValidationError:
        return None


def chosen_in(home: Path) -> Preferences | None:
    """What was chosen in the page of this home; None if nothing was or it cannot be read."""
    if not (home / "desk.db").is_file():
        return None
    database = Database(home / "desk.db")
    try:
        named = "SELECT 1 FROM sqlite_master WHERE name = 'preferences'"
        return _read(database) if database.rows(named) else None
    except IndexUnavailable:  # whoever opens it to write tells what is wrong
        return None
    finally:
        database.close()
