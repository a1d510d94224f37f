"""Errors that decide what happens next, each with a stable code for the user's text.

The class says what the engine does; the code says what the user reads (the texts
stand in `core/texts.py` and in each plugin's `texts.py`). Pure: nothing is imported.
"""

from typing import Any


class KoppelwerkError(Exception):
    """A failure with a stable code and the values its text needs."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = {key: str(value) for key, value in params.items()}

    def __str__(self) -> str:
        values = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code}({values})"


class RetryLater(KoppelwerkError):
    """A passing fault before anything was written: try again by itself, counted."""


class WaitUntil(KoppelwerkError):
    """Nothing is wrong but it cannot go now; no attempt is used up.

    `seconds` is how long to wait; with `whole_connection` everything for the same
    connection waits (a rate limit counts for all of it).
    """

    def __init__(
        self,
        code: str,
        *,
        seconds: float,
        whole_connection: bool = False,
        **params: Any,
    ) -> None:
        super().__init__(code, **params)
        self.seconds = seconds
        self.whole_connection = whole_connection


class AskUser(KoppelwerkError):
    """Only the user can solve it: shown under Fouten with cause and action."""


class Refused(AskUser):
    """An outside system refused with a code of its own: nothing was done there."""


class TooOften(AskUser):
    """Allowed so often in a while; `seconds` is how long until it may again."""

    def __init__(self, code: str, *, seconds: float, **params: Any) -> None:
        """`params` fill in the words, as with any other."""
        super().__init__(code, **params)
        self.seconds = seconds


class Stop(KoppelwerkError):
    """It must not go at all (a cancelled order): ended without a booking."""


class NotYet(KoppelwerkError):
    """Its source says that it may not go for now: it waits for what that says next."""


class AuthenticationLost(KoppelwerkError):
    """The outside system no longer accepts our login: the connection pauses."""


class ClientRefused(AuthenticationLost):
    """An identity server refuses our own registration, not the user's grant: the
    connection waits until that is mended, and then goes on by itself."""

    CODE = "oauth_misconfigured"

    def __init__(self, **params: Any) -> None:
        """`params` fill in the words: `service`, and `error` and `status` for us."""
        super().__init__(self.CODE, **params)


class OutcomeUnknown(KoppelwerkError):
    """A write was sent and its outcome is not known: look it up, never resend."""


class LeaseLost(Exception):
    """Another worker holds this transfer now: stop at once, write nothing."""
