"""One thing that is wrong, or worth knowing."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.domain.redact import redact
from core.runtime.extensions import settings

_HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Finding:
    """What is found; `action` ends it."""

    what: str
    action: str
    is_wrong: bool = True
    """False: it may be meant so."""

    def __post_init__(self) -> None:
        """No secret gets on the screen, whatever an error says."""
        object.__setattr__(self, "what", redact(self.what))


def note(what: str, action: str) -> Finding:
    """Return something that may be meant so."""
    return Finding(what, action, is_wrong=False)


def is_here(url: str) -> bool:
    """Tell whether an address is this machine's own."""
    return urlsplit(url).hostname in _HERE


def is_trial() -> bool:
    """Tell whether the product is only tried out, on this machine."""
    return is_here(settings().public_url)
