"""What a stranger gave us is read in a process of its own, which may take little.

The child is a fresh interpreter: without our environment, keys, connections and the
parent's memory. The operating system bounds its processor time, memory and output, the
parent the time altogether. Input and output are files in memory: nothing of either
stands on disk, and the parent reads the output line by line.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import structlog

from core.domain.errors import AskUser, RetryLater
from core.kit.processes import die_with

_ROOT = Path(__file__).resolve().parents[2]
_REFUSED, _TOO_MUCH, _BROKE = 3, 4, 5
_CAUGHT = (-24, -9)
"""Ended by SIGXCPU, or by SIGKILL one second of processor time later."""
_POLITE = 5
"""Others go first where processors are short."""
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """What a child may take."""

    cpu_seconds: int = 20
    memory_bytes: int = 512_000_000
    """Of addresses, libraries included; an empty Python has 30 MB."""
    data_bytes: int = 512_000_000
    """Of memory of its own that it writes to: what bounds a library that maps far more
    addresses than it ever uses."""
    output_bytes: int = 64_000_000
    seconds: float = 40.0
    """Until it is killed, whatever it waits for."""


@contextmanager
def results(function: str, content: bytes, limits: Limits) -> Iterator[Iterator[Any]]:
    """Give what `module:function` yields for this content, as plain JSON values.

    Hold no transaction: it may take as long as the limits say. Raises the AskUser
    that the function raises, AskUser `file_takes_too_much` over a limit that would
    be hit again, and RetryLater `file_reader_ended` for all else that ended it.
    """
    with _memory(content) as given, _memory() as made, _memory() as said:
        status = _run(function, limits, given, made, said)
        if status:
            said.seek(0)
            raise _error(function, status, said.read(10_000))
        made.seek(0)
        yield map(json.loads, made)


@contextmanager
def _memory(content: bytes = b"") -> Iterator[IO[bytes]]:
    with _file() as file:
        file.write(content)
        file.seek(0)
        yield file


def _file() -> IO[bytes]:
    if sys.platform != "linux":
        return TemporaryFile()
    return os.fdopen(os.memfd_create("confined"), "w+b")


def _run(
    function: str,
    limits: Limits,
    given: IO[bytes],
    made: IO[bytes],
    said: IO[bytes],
) -> int:
    """Run the child to its end; return its exit status."""
    bounds = [str(int(bound)) for bound in astuple(limits)[:4]]
    command = [sys.executable, "-m", __name__, function, str(os.getpid()), *bounds]
    try:
        return subprocess.run(  # noqa: S603  our own interpreter and module
            command,
            stdin=given,
            stdout=made,
            stderr=said,
            cwd=_ROOT,
            env={},
            timeout=limits.seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return _BROKE


def _error(function: str, status: int, said: bytes) -> AskUser | RetryLater:
    if status == _REFUSED:
        told = json.loads(said)
        return AskUser(told["code"], **told["params"])
    if status == _TOO_MUCH or status in _CAUGHT:
        return AskUser("file_takes_too_much")
    text = said.decode(errors="replace")
    logger.warning("a confined reader ended", reader=function, status=status, said=text)
    return RetryLater("file_reader_ended")


def _limit(
    cpu_seconds: int, memory_bytes: int, data_bytes: int, output_bytes: int
) -> None:
    import resource  # not everywhere: only the child needs it

    for what, soft, hard in (
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_DATA, data_bytes, data_bytes),
        (resource.RLIMIT_FSIZE, output_bytes, output_bytes),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 64, 64),
    ):
        resource.setrlimit(what, (soft, hard))


def _main(function: str, parent: str, *bounds: str) -> int:
    """Read standard input with a function; each value it yields is a line."""
    die_with(int(parent))
    os.nice(_POLITE)
    content = sys.stdin.buffer.read()
    _limit(*map(int, bounds))
    module, _, name = function.partition(":")
    try:
        read = getattr(import_module(module), name)
        for value in read(content):
            sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()
    except AskUser as error:
        said = json.dumps({"code": error.code, "params": error.params})
        sys.stderr.write(f"{said}\n")
        return _REFUSED
    except (MemoryError, RecursionError):
        return _TOO_MUCH
    except OSError:  # no room for more output
        return _TOO_MUCH
    except Exception as error:  # its text may hold what the file says
        sys.stderr.write(f"{type(error).__name__}\n")
        return _BROKE
    return 0


if __name__ == "__main__":
    os._exit(_main(*sys.argv[1:]))  # what is left to write has no room
