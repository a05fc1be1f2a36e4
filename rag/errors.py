"""Everything that can go wrong in a way the user can mend.

BylineError
├── SettingsError     a setting is unknown or has a bad value
├── HomeBusy          another process serves or fills this home
├── IndexMissing      no index here yet
├── IndexMismatch     the index was made with other settings
├── IndexUnavailable  the index is there but cannot be read or written now
├── ArticleMissing    no article answers to this id, path or URL
├── ConversationMissing  no conversation, answer or link of that name is yours
├── UserMissing       nobody of this name may log in
├── InputRefused      a file, page or question that cannot be used
├── ModelMissing      a model could not be loaded
└── LLMError          the language model did not give a usable reply
    ├── LLMUnreachable  refused, timed out before the first word, or 5xx after retries
    ├── LLMRejected     4xx: key, model name, or content refused
    │   └── ContextTooLong  the prompt does not fit; ask again with fewer passages
    └── LLMIncomplete   the reply stopped before its end; what came is in ``partial``

Each message says what happened, with the values; ``hint`` says what to do. Caught at
the edges, the command line and the web; before them only where there is something better to do,
as when the articles are quoted because the model failed.
"""


class BylineError(Exception):
    """A failure that the user can understand, with a hint that says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class SettingsError(BylineError):
    """A setting is unknown or has a bad value."""


class HomeBusy(BylineError):
    """Another process holds this home."""


class IndexMissing(BylineError):
    """There is no index in this home yet."""


class IndexMismatch(BylineError):
    """The index was made with other settings than the present ones."""


class IndexUnavailable(BylineError):
    """The index exists but cannot be read or written at the moment."""


class ArticleMissing(BylineError):
    """No article answers to this id, path or URL."""


class ConversationMissing(BylineError):
    """No conversation or answer of this id, or link of this token, is the asker's."""


class UserMissing(BylineError):
    """Nobody of this name may log in."""


class InputRefused(BylineError):
    """A file, page or question cannot be used as it is."""


class ModelMissing(BylineError):
    """A model could not be found or loaded."""


class LLMError(BylineError):
    """The language model did not give a usable reply."""


class LLMUnreachable(LLMError):
    """The endpoint refused, hung before its first token, or kept failing."""


class LLMRejected(LLMError):
    """The endpoint refused the request: key, model name or content."""


class ContextTooLong(LLMRejected):
    """The prompt is longer than the model's context."""


class LLMIncomplete(LLMError):
    """The reply stopped before its end."""

    def __init__(self, message: str, hint: str = "", partial: str = "") -> None:
        super().__init__(message, hint)
        self.partial = partial
