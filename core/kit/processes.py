"""Processes as the operating system knows them: what they use, how they end.

Read from `/proc`; elsewhere than on Linux nothing is known and nothing dies along.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_STATE, _PARENT, _GROUP, _USED = 0, 1, 2, slice(11, 15)
"""Fields of `/proc/PID/stat` behind the name; `_USED`: own and ended children's CPU."""


def die_with(parent: int, number: int = signal.SIGKILL) -> None:
    """Have this process get a signal when `parent`, its parent's id, ends.

    Linux ties this to the thread that forked: start what lasts from the main thread.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before the line above
        os.kill(os.getpid(), number)


def ends_along() -> Callable[[], None]:
    """Return a `preexec_fn` for subprocess: the program ends when this process does."""
    return partial(die_with, os.getpid())


def tree(*roots: int) -> set[int]:
    """Return the ids of processes and of all that descend from them."""
    parents = {pid: int(fields[_PARENT]) for pid, fields in _stats()}
    found, size = {pid for pid in roots if pid in parents}, -1
    while size != len(found):
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time of processes and of their children that ended."""
    wanted = set(pids)
    ticks = sum(
        sum(map(int, fields[_USED])) for pid, fields in _stats() if pid in wanted
    )
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_mb(pids: Iterable[int]) -> float:
    """Return the memory of processes in MB, what they share counted once among them."""
    return sum(map(_pss_kb, pids)) / 1024


def group_of(pid: int) -> int:
    """Return a process's group; 0 when it is gone."""
    fields = _stat(Path(f"/proc/{pid}"))
    return int(fields[_GROUP]) if fields else 0


def _stats() -> Iterable[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(folder):
            yield int(folder.name), fields


def _stat(folder: Path) -> list[str]:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # gone meanwhile
        return []
    return fields if fields[_STATE] != "Z" else []


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
