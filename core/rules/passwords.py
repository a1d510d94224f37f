"""Which passwords are good enough (NIST SP 800-63B, 3.1.1.2: length, not known).

Known ones are the files in `known_passwords/`, whose source and licence stand there. At
our length few of them remain as they are: people pad and repeat them, so that is looked
through (ASVS 5.0, 6.2.4 and 6.2.12 ask for at least the 3,000 most used).
"""

import re
from functools import cache
from pathlib import Path

SHORTEST = 12
SHORTEST_CORE = 4
"""Of a shorter word it is not the word that makes a password known."""
_FOLDER = Path(__file__).resolve().parent / "known_passwords"
_PADDING = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def problem(password: str, email: str) -> str:
    """Return the code of what is wrong with a new password; empty when it is good."""
    if len(password) < SHORTEST:
        return "password_short"
    plain = password.strip().lower()
    if plain in (email.lower(), email.lower().partition("@")[0]):
        return "password_is_email"
    if len(set(plain)) < 4 or not known().isdisjoint(_cores(plain)):
        return "password_common"
    return ""


@cache
def known() -> frozenset[str]:
    """Return the passwords that are tried first, in small letters."""
    files = sorted(_FOLDER.glob("*.txt"))
    return frozenset(
        word for file in files for word in file.read_text(encoding="utf-8").split()
    )


def _cores(plain: str) -> set[str]:
    """Return a password, and what it is without padding and repetition."""
    found = {plain, _once(plain), _once(_PADDING.sub("", plain))}
    return {each for each in found if each == plain or len(each) >= SHORTEST_CORE}


def _once(text: str) -> str:
    """Return what a text is a repetition of; itself when it is none."""
    return text[: (text + text).find(text, 1)] if text else ""
