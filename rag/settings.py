"""The knobs, read once at the edge from the environment and from ``.env``."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError
from rag.i18n import msgid

PREFIX = "BYLINE_"
# Raised when cleaning, splitting, or what the embedder is shown changes, so that an index made
# before is refused rather than mixed.
INDEX_FORMAT = 2
EMBEDDED_MODEL = "all-MiniLM-L6-v2"
EMBEDDED_VERIFIER = "embedded"
LLM_VERIFIER = "llm"
# Used when a key or an address is set but no model is named.
DEFAULT_LLM = "gpt-4.1-mini"
# What a model can be asked to write in, by code; most models know these.
LANGUAGES: Mapping[str, str] = {
    "ar": msgid("Arabic"),
    "zh": msgid("Chinese"),
    "cs": msgid("Czech"),
    "da": msgid("Danish"),
    "nl": msgid("Dutch"),
    "en": msgid("English"),
    "fi": msgid("Finnish"),
    "fr": msgid("French"),
    "de": msgid("German"),
    "el": msgid("Greek"),
    "he": msgid("Hebrew"),
    "hi": msgid("Hindi"),
    "hu": msgid("Hungarian"),
    "id": msgid("Indonesian"),
    "it": msgid("Italian"),
    "ja": msgid("Japanese"),
    "ko": msgid("Korean"),
    "nb": msgid("Norwegian"),
    "fa": msgid("Persian"),
    "pl": msgid("Polish"),
    "pt": msgid("Portuguese"),
    "ro": msgid("Romanian"),
    "ru": msgid("Russian"),
    "es": msgid("Spanish"),
    "sv": msgid("Swedish"),
    "tr": msgid("Turkish"),
    "uk": msgid("Ukrainian"),
    "vi": msgid("Vietnamese"),
}


def default_cache() -> Path:
    """The user's cache folder for Byline, as the XDG base directory specification has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "byline"


def known_language(code: str) -> str:
    """The code of a language that can be asked for, or "" for that of the question.

    Raises:
        ValueError: there is no such code here.
    """
    plain = code.strip().lower()
    if plain and plain not in LANGUAGES:
        raise ValueError(f"not a language known here; these are: {', '.join(LANGUAGES)}")
    return plain


class Settings(BaseSettings):
    """Every setting of Byline. Names are ``BYLINE_`` and the field in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
    )

    home: Path = Path(".byline")
    """Where the archive lives."""
    embedder: str = EMBEDDED_MODEL
    """The embedded model, or any sentence-transformers id or path."""
    cache: Path = Field(default_factory=default_cache)
    """Where exported model graphs are kept; safe to delete."""
    llm_model: str = ""
    """The chat model to ask."""
    llm_api_key: Annotated[
        SecretStr, Field(validation_alias=AliasChoices("OPENAI_API_KEY", "BYLINE_LLM_API_KEY"))
    ] = SecretStr("")
    llm_base_url: Annotated[
        str, Field(validation_alias=AliasChoices("OPENAI_BASE_URL", "BYLINE_LLM_BASE_URL"))
    ] = ""
    verifier: str = EMBEDDED_VERIFIER
    """Who checks the sentences beside the built-in checks: nobody, llm, or a cross-encoder."""
    strict: bool = False
    """Leave out what the articles do not carry, instead of marking it."""
    answer_language: Annotated[str, AfterValidator(known_language)] = ""
    """The language that a model writes answers in, by code; empty: that of the question."""
    locale: str = ""
    """The language of the page: a code with a translation, or the path of a ``.po`` file."""
    llm_context_tokens: Annotated[int, Field(ge=1_024)] = 16_384
    """How many tokens the model can take, prompt and reply together."""
    llm_first_token_s: Annotated[float, Field(gt=0)] = 30.0
    llm_between_tokens_s: Annotated[float, Field(gt=0)] = 20.0
    llm_total_s: Annotated[float, Field(gt=0)] = 180.0
    max_upload_mb: Annotated[int, Field(ge=1)] = 20
    """Largest file that ingestion takes, in MiB."""
    max_memory_mb: Annotated[int, Field(ge=0)] = 0
    """Ingestion pauses above so many MiB; 0: four fifths of the machine's memory."""
    allow_private: bool = False
    """Let ingestion read web addresses of this machine and of the local network."""

    @property
    def uses_llm(self) -> bool:
        """True if any of key, address or model is set; else answers are extractive."""
        return bool(self.llm_model or self.llm_base_url or self.llm_api_key.get_secret_value())

    @property
    def llm_name(self) -> str:
        """The model to ask."""
        return self.llm_model or DEFAULT_LLM

    @property
    def settings_id(self) -> str:
        """Twelve hex digits that change whenever an index would come out differently."""
        shape = f"{INDEX_FORMAT}\n{self.embedder}"
        return hashlib.sha256(shape.encode()).hexdigest()[:12]


def load_settings(**given: object) -> Settings:
    """Read the settings; values given here win over the environment, which wins over ``.env``.

    Raises:
        SettingsError: a value does not fit, or a ``BYLINE_`` variable is not a setting.
    """
    _refuse_unknown()
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"setting {name} is not usable: {first['msg']}", "correct it in the environment or .env"
        ) from None


def _refuse_unknown() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    names = {n for n in os.environ if n.upper().startswith(PREFIX)} | set(_dotenv_names())
    for name in sorted(n for n in names if n.upper() not in known):
        raise SettingsError(
            f"{name} is not a setting of Byline", f"the settings are: {', '.join(sorted(known))}"
        )


def _dotenv_names() -> list[str]:
    path = Path(".env")
    if not path.is_file():
        return []
    lines = (line.strip() for line in path.read_text("utf-8", "replace").splitlines())
    names = (line.split("=")[0].removeprefix("export ").strip() for line in lines if "=" in line)
    return [n for n in names if n.upper().startswith(PREFIX)]
