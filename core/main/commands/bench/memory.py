"""The memory that worker processes take."""

import threading
from pathlib import Path

from core.main.stack import Stack


class PeakMemory:
    """The largest resident size of the worker processes and their children, in MB."""

    def __init__(self, stack: Stack) -> None:
        self._groups = {
            part.pid
            for part in stack.supervisor.parts
            if part.name.startswith("worker-")
        }
        self._peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Stop watching and return the peak."""
        self._done.set()
        self._thread.join()
        return round(self._peak, 1)

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            for path in Path("/proc").glob("[0-9]*"):
                self._peak = max(self._peak, self._resident(path))

    def _resident(self, path: Path) -> float:
        try:
            fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) not in self._groups:
                return 0.0
            lines = (path / "status").read_text().splitlines()
        except (OSError, IndexError, ValueError):
            return 0.0
        sizes = [line.split()[1] for line in lines if line.startswith("VmRSS")]
        return int(sizes[0]) / 1024 if sizes else 0.0
