"""A disk without room, for as long as a test wants it so."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process take another byte, wherever it is (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def low_water_mark(app: Flask, megabytes: int) -> None:
    """Set it, as a disk that fills or is emptied does by itself."""
    parts = app.extensions["koppelwerk"]
    values = replace(parts.settings, disk_least_mb=megabytes)
    app.extensions["koppelwerk"] = replace(parts, settings=values)
    app.extensions.pop("koppelwerk_room", None)


@contextmanager
def small_disk(folder: Path, size: str = "24m") -> Iterator[bool]:
    """Mount a disk of its own on a folder; False where we may not mount."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    try:
        mounted = not subprocess.run(mount, check=False, capture_output=True).returncode
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill a disk to its last byte (ENOSPC)."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def free_bytes(folder: Path) -> int:
    """Return what is left on a disk."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
