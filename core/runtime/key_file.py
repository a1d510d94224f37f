"""The file of secret keys of an installation that was given none: made once, closed.

It is only ever replaced as a whole, so that whoever is killed leaves one that is whole.
"""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from core.runtime.vault import new_key, parse_keys

NAME = "secret.keys"


def read(folder: Path) -> str:
    """Return the keys, newest first, made now if there are none yet."""
    path = folder / NAME
    if not path.exists():
        made = _written(folder, new_key())
        # Linked, not renamed: of two that make one at the same time, one wins.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="ascii")


def add(folder: Path, key: str) -> None:
    """Put a key in front of the others; VaultError when it is none."""
    keys = f"{key},{read(folder)}"
    parse_keys(keys)
    _written(folder, keys).replace(folder / NAME)
    _sync(folder)


def _written(folder: Path, text: str) -> Path:
    path = folder / f"{NAME}.{token_hex(4)}"
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
