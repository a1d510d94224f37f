"""What we write is ours alone: customers' names stand in all of it."""

import os
import stat
from pathlib import Path

import structlog

OTHERS = stat.S_IRWXG | stat.S_IRWXO

logger = structlog.get_logger(__name__)


def close(folder: Path) -> None:
    """Make the folder and close it; from now on this process makes closed files.

    So do the processes that it starts. A folder of before that is another's stays as it
    is, and a line says so.
    """
    os.umask(OTHERS)
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.stat().st_mode & OTHERS:
        return
    try:
        folder.chmod(0o700)
    except PermissionError:
        logger.warning("others may read our files", folder=str(folder))
