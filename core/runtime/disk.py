"""How much room there is where this host keeps things.

Below the low-water mark (`DISK_LEAST_MB`) nothing more is taken in and no more work is
picked up, so that what is under way finds room to end.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import structlog
from flask import current_app
from sqlalchemy import make_url

from core.runtime.extensions import settings as current_settings
from core.runtime.settings import Settings

LOOK_SECONDS = 2.0
"""So long a look at the disks holds: rows are taken and messages come in faster."""
_PROBE_BYTES = 4096
_MB = 1_000_000
_EXTENSION = "koppelwerk_room"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Room:
    """A disk that we write to."""

    folder: Path
    free: int
    """Bytes that we may still write: what is kept for root does not count."""
    total: int
    least: int = 0
    """The low-water mark."""

    @property
    def is_short(self) -> bool:
        """Tell whether it is below its mark."""
        return self.free < self.least


def database_file(settings: Settings) -> Path | None:
    """Return the file of an SQLite database; None: it is a server's, or in memory."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def rooms(settings: Settings) -> list[Room]:
    """Return each disk that we write to, once."""
    found: dict[int, Room] = {}
    for folder in _folders(settings):
        usage = shutil.disk_usage(folder)
        room = Room(folder, usage.free, usage.total, settings.disk_least_mb * _MB)
        found.setdefault(folder.stat().st_dev, room)
    return list(found.values())


def _folders(settings: Settings) -> Iterator[Path]:
    file = database_file(settings)
    places = [settings.var, file.parent if file else None, Path(tempfile.gettempdir())]
    yield from (folder for folder in places if folder is not None and folder.is_dir())


def has_room(settings: Settings) -> bool:
    """Tell whether every disk has the room it should, and takes a few kilobytes.

    What free space does not tell: quotas, and a disk that became read-only.
    """
    return all(not room.is_short and _takes(room.folder) for room in rooms(settings))


def is_short() -> bool:
    """Tell whether a disk of this host is below the low-water mark; looks seldom."""
    looked_at, before = current_app.extensions.get(_EXTENSION, (float("-inf"), False))
    if monotonic() - looked_at < LOOK_SECONDS:
        return bool(before)
    short = any(room.is_short for room in rooms(current_settings()))
    current_app.extensions[_EXTENSION] = monotonic(), short
    if short != before:
        logger.warning("the disk passed its low-water mark", short=short)
    return short


def make_sure() -> None:
    """Raise what a full disk says (ENOSPC) when there is too little room."""
    if is_short():
        raise OSError(errno.ENOSPC, "below the low-water mark of the disk")


def _takes(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(os.urandom(_PROBE_BYTES)) == _PROBE_BYTES
    except OSError:
        return False
