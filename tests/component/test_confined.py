"""The child that reads strangers' files: bounded in all it may take, and told apart."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain.errors import AskUser, KoppelwerkError, RetryLater
from core.kit.confined import Limits, results
from core.kit.processes import tree

HERE = "tests.component.test_confined"
LIMITS = Limits(cpu_seconds=5, seconds=30)


# --- what runs in the child -----------------------------------------------------------


def doubled(content: bytes) -> Iterator[Any]:
    yield from json.loads(content) * 2


def surroundings(_: bytes) -> Iterator[Any]:
    yield dict(os.environ)
    yield sorted(os.listdir("/proc/self/fd"))


def refuses(_: bytes) -> Iterator[Any]:
    yield "x"
    raise AskUser("import_no_rows", why="empty")


def spins(_: bytes) -> Iterator[Any]:
    while True:
        pass
    yield None


def sleeps(content: bytes) -> Iterator[Any]:
    Path(content.decode()).write_text(str(os.getpid()))
    time.sleep(60)
    yield None


def grows(_: bytes) -> Iterator[Any]:
    held = []
    while True:
        held.append(bytes(10_000_000))
    yield held


def talks(_: bytes) -> Iterator[Any]:
    while True:
        yield "x" * 1000


def breaks(_: bytes) -> Iterator[Any]:
    yield 1 / 0


def dies(_: bytes) -> Iterator[Any]:
    yield os.abort()


# --- what comes of it -----------------------------------------------------------------


def _read(name: str, content: bytes = b"", limits: Limits = LIMITS) -> list[Any]:
    with results(f"{HERE}:{name}", content, limits) as told:
        return list(told)


def test_what_it_yields_comes_back() -> None:
    assert _read("doubled", b'[1, ["\\u00e9", null]]') == [1, ["é", None]] * 2


def test_it_has_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "1:abc")
    environ, files = _read("surroundings")
    assert "SECRET_KEYS" not in environ
    assert set(files) <= {"0", "1", "2", "3"}  # the last: the listing itself


def test_a_refusal_comes_back_with_its_values() -> None:
    with pytest.raises(AskUser) as refused:
        _read("refuses")
    assert (refused.value.code, refused.value.params) == (
        "import_no_rows", {"why": "empty"}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("spins", replace(LIMITS, cpu_seconds=1)),
        ("grows", replace(LIMITS, memory_bytes=150_000_000)),
        ("grows", replace(LIMITS, memory_bytes=8**12, data_bytes=150_000_000)),
        ("talks", replace(LIMITS, output_bytes=100_000)),
    ],
)
def test_what_takes_too_much_is_the_files_fault(name: str, limits: Limits) -> None:
    with pytest.raises(AskUser) as refused:
        _read(name, limits=limits)
    assert refused.value.code == "file_takes_too_much"


@pytest.mark.parametrize("name", ["breaks", "dies"])
def test_what_ends_it_otherwise_may_pass(name: str) -> None:
    with pytest.raises(RetryLater):
        _read(name)


def test_it_is_gone_after_the_deadline(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(KoppelwerkError) as ended:
        _read("sleeps", str(note).encode(), replace(LIMITS, seconds=4))
    assert ended.value.code == "file_reader_ended"
    assert tree(int(note.read_text())) == set()
