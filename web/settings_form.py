"""What an editor fills in under Settings: checked field by field, and turned into a choice."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictStr, ValidationError

from rag.errors import BylineError, SettingsError
from rag.i18n import tr
from rag.llm import OPENAI, split_login
from rag.preferences import Preferences, same_host
from rag.schema import Mode
from rag.settings import EMBEDDED_VERIFIER, LLM_VERIFIER, Settings

if TYPE_CHECKING:
    from web.desk import Desk

Judging = Literal["embedded", "llm", "encoder"]
_NAMES = {"verifier": "encoder"}  # of the choice, and of the field that it comes from


class FieldErrors(BylineError):
    """Fields that cannot be used, each with a sentence that says why."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("some fields cannot be used", "correct them and try again")
        self.errors = errors


class Form(BaseModel):
    """The fields as they come from the page."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    mode: Mode
    endpoint: Annotated[StrictStr, Field(max_length=500)] = ""
    key: Annotated[SecretStr, Field(max_length=1_000)] = SecretStr("")
    no_key: StrictBool = False
    model: Annotated[StrictStr, Field(max_length=200)] = ""
    judge: Judging = "embedded"
    encoder: Annotated[StrictStr, Field(max_length=500)] = ""
    strict: StrictBool = False
    language: Annotated[StrictStr, Field(max_length=10)] = ""


def form_of(body: object) -> Form:
    """The fields of a request.

    Raises:
        FieldErrors: some of them do not fit.
    """
    try:
        return Form.model_validate(body)
    except ValidationError as error:
        raise FieldErrors(_told(error)) from None


def _told(error: ValidationError) -> dict[str, str]:
    """The first sentence about each field; never what was typed, which may be a key."""
    told: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else "form"
        message = tr(str(problem["msg"]).removeprefix("Value error, "))  # pydantic's own: English
        told.setdefault(_NAMES.get(name, name), f"{message[:1].upper()}{message[1:]}.")
    return told


def current(desk: "Desk") -> Preferences:
    """What was chosen; where nothing was, what the environment says, in the same words."""
    given = desk.given
    return desk.chosen.read() or Preferences.model_construct(
        mode="llm" if given.uses_llm else "extractive",
        endpoint=None,
        key=None,
        model=given.llm_model,
        verifier=given.verifier,
        strict=given.strict,
        language=given.answer_language,
    )


def endpoint_of(preferences: Preferences, given: Settings) -> str:
    """The endpoint's address as it is shown: without a login, empty for OpenAI's own."""
    if preferences.endpoint is not None:
        return preferences.endpoint
    try:
        return split_login(given.llm_base_url)[0] if given.llm_base_url else ""
    except SettingsError:
        return ""


def has_key(preferences: Preferences, given: Settings) -> bool:
    """True if the endpoint would be sent a key; the key itself is never shown."""
    asked = preferences.model_copy(update={"mode": "llm"}).over(given)
    return bool(asked.llm_api_key.get_secret_value())


def chosen_by(form: Form, desk: "Desk") -> Preferences:
    """The choice that the fields make, with the key that is kept if none was typed.

    Raises:
        FieldErrors: some fields do not fit together, or cannot work.
    """
    given, before = desk.given, current(desk)
    _agree(form)
    typed = form.key.get_secret_value().strip()
    fields: dict[str, Any] = form.model_dump(include={"mode", "strict", "language"})
    fields["verifier"] = form.encoder if form.judge == "encoder" else form.judge
    if form.mode == "extractive":  # what is not shown is neither looked at nor changed
        fields |= {"endpoint": before.endpoint, "key": before.key, "model": before.model}
    else:
        key = "" if form.no_key else typed or None
        fields |= {"endpoint": form.endpoint, "key": key, "model": form.model}
    try:
        chosen = Preferences.model_validate(fields)
    except ValidationError as error:
        raise FieldErrors(_told(error)) from None
    if chosen.mode == "extractive":
        return chosen
    if not typed and chosen.endpoint == endpoint_of(_untouched(), given):
        # As in the environment, with the login that its address may hold.
        chosen = chosen.model_copy(update={"endpoint": None})
    if chosen.key is None:
        chosen = chosen.model_copy(update={"key": _kept(chosen, before, given)})
    return chosen


def _untouched() -> Preferences:
    return Preferences(mode="llm")


def _agree(form: Form) -> None:
    if form.judge == "encoder" and form.encoder.strip() in ("", EMBEDDED_VERIFIER, LLM_VERIFIER):
        raise FieldErrors({"encoder": tr("Name a cross-encoder, or the folder that it is in.")})
    if form.judge == "llm" and form.mode == "extractive":
        raise FieldErrors({"judge": tr("There is no language model to ask: choose one above.")})
    if form.mode == "llm" and form.no_key and form.key.get_secret_value().strip():
        raise FieldErrors({"key": tr("Type a key or remove it, not both.")})


def _kept(chosen: Preferences, before: Preferences, given: Settings) -> SecretStr | None:
    """The key of before, for the same server; one typed for another server never goes there."""
    if not has_key(before, given):
        return before.key
    was, now = endpoint_of(before, given), endpoint_of(chosen, given)
    if not same_host(was, now):
        host = (was or OPENAI).partition("//")[2].partition("/")[0]
        told = tr(
            "The key that is set is for {host}. Type one for this endpoint, or remove it.",
            host=host,
        )
        raise FieldErrors({"key": told})
    return before.key
