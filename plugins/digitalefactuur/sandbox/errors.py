"""Refusals: three digits and words in the body, status 200.

That an error begins with a three-digit code is the vendor's; its list of codes was not
found. These numbers are the sandbox's own choice.
"""

UNREADABLE = "400"
NO_ACCESS = "401"
NO_RIGHT = "403"
NOT_FOUND = "404"
EXISTS = "409"
INVALID = "422"
FAULT = "500"


class Refusal(Exception):
    """The request is refused."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text

    @property
    def body(self) -> str:
        """The answer's body."""
        return f"{self.code} {self.text}"


def invalid(tag: str, why: str) -> Refusal:
    """Return the refusal of one field."""
    return Refusal(INVALID, f"Veld {tag}: {why}")
