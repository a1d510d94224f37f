"""How much room there is where this host keeps things."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from core.runtime.settings import Settings

_PROBE_BYTES = 4096
_MB = 1_000_000


@dataclass(frozen=True)
class Room:
    """A disk that we write to."""

    folder: Path
    free: int
    """Bytes that we may still write: what is kept for root does not count."""
    total: int


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
        found.setdefault(folder.stat().st_dev, Room(folder, usage.free, usage.total))
    return list(found.values())


def _folders(settings: Settings) -> Iterator[Path]:
    file = database_file(settings)
    places = [settings.var, file.parent if file else None, Path(tempfile.gettempdir())]
    yield from (folder for folder in places if folder is not None and folder.is_dir())


def has_room(settings: Settings) -> bool:
    """Tell whether every disk has the room it should, and takes a few kilobytes.

    What free space does not tell: quotas, and a disk that became read-only.
    """
    least = settings.disk_least_mb * _MB
    return all(room.free >= least and _takes(room.folder) for room in rooms(settings))


def _takes(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(os.urandom(_PROBE_BYTES)) == _PROBE_BYTES
    except OSError:
        return False
