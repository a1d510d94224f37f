"""The web server: unfinished requests cost nobody else anything, and end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response, request

from core.kit.runner import Command, Supervisor
from core.main import web_server
from core.main.parts import flask_command
from core.main.stack import answers, free_port
from core.main.web_server import server_on
from core.runtime.settings import Settings

HEADS = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\n",
    b"POST /webhooks/kmoshops HTTP/1.1\r\nHost: loc",
)
BODIES = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nema",
    b"POST /webhooks/kmoshops HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
)
PATIENCE = 60
"""Seconds in which a slow machine answers; whoever waits for a request takes longer."""
LARGE = 30_000_000


def _opened(port: int, begin: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.sendall(begin)
    return made


def _is_closed(line: socket.socket) -> bool:
    """Tell whether the other side ended it; what it said before is skipped."""
    line.setblocking(False)
    try:
        while line.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _drip(lines: Sequence[socket.socket]) -> None:
    for line in lines:
        with suppress(OSError):  # closed, as it shall be
            line.sendall(b"a")


@pytest.fixture
def flask_serve(tmp_path: Path) -> Iterator[int]:
    """The port of the command for production, one process with one thread."""
    port = free_port()
    environ = {
        "VAR_DIR": str(tmp_path / "v"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        "WEB_THREADS": "1",
        "REQUEST_SECONDS": "6",
    }
    supervisor = Supervisor([], tmp_path / "logs")
    try:
        part = supervisor.start(Command("web", flask_command("serve"), environ))
        health = f"http://127.0.0.1:{port}/health"
        supervisor.wait_until(lambda: answers(health), part)
        yield port
    finally:
        supervisor.stop()


def test_unfinished_requests_keep_nobody_waiting_and_are_closed(
    flask_serve: int,
) -> None:
    with ExitStack() as all_of_them:
        lines = [
            all_of_them.enter_context(_opened(flask_serve, begin))
            for begin in (*HEADS, *BODIES) * 5
        ]
        health = requests.get(
            f"http://127.0.0.1:{flask_serve}/health", timeout=PATIENCE
        )
        assert health.text == "ok"
        assert "Server" not in health.headers
        assert not all(map(_is_closed, lines))
        for line in lines:
            line.setblocking(True)

        def ended() -> bool:
            _drip(lines[::2])
            return all(map(_is_closed, lines))

        _until(ended)


@contextmanager
def _running(settings: Settings, **changes: Any) -> Iterator[tuple[int, Any]]:
    """Serve a small application within this process."""
    app = Flask("small")
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.add_url_rule("/", "echo", _echo, methods=["GET", "POST"])
    app.add_url_rule("/large", "large", lambda: Response(b"x" * LARGE))
    stopped: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as open_:
        port = open_.getsockname()[1]
        server = server_on(open_, app, replace(settings, **changes))
        thread = threading.Thread(target=server.run_until, args=(stopped,))
        thread.start()
        try:
            yield port, server
        finally:
            stopped.append(15)
            thread.join(PATIENCE)
    assert not thread.is_alive()


def _echo() -> dict[str, str]:
    time.sleep(float(request.args.get("sleep", 0)))
    return {
        "body": request.get_data(as_text=True),
        "forwarded": request.headers.get("X-Forwarded-For", ""),
    }


def test_the_deadline_is_each_requests_own(settings: Settings) -> None:
    with (
        _running(settings, request_seconds=2) as (port, server),
        requests.Session() as kept_alive,
    ):
        seen = set()
        for _ in range(5):  # longer, all together, than one may take
            answer = kept_alive.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
            assert answer.status_code == 200
            seen |= set(server.channels)
            time.sleep(0.6)
        [channel] = seen
        assert channel.begun is None


def test_a_connection_that_says_nothing_is_closed(settings: Settings) -> None:
    with _running(settings, request_seconds=1) as (port, _), _opened(port, b"") as line:
        _until(lambda: _is_closed(line))


def test_who_does_not_read_the_answer_holds_no_thread_and_is_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web_server._LIMITS, "channel_timeout", 3)
    get = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with _running(settings, web_threads=1) as (port, server), _opened(port, get):
        _until(lambda: any(each.total_outbufs_len for each in server.channels))
        address = f"http://127.0.0.1:{port}/"
        with requests.post(address, data="a", timeout=PATIENCE) as answer:
            assert answer.json()["body"] == "a"
        _until(lambda: not server.channels)


def test_what_proxies_say_is_left_to_the_application(settings: Settings) -> None:
    with _running(settings) as (port, _):
        answer = requests.get(
            f"http://127.0.0.1:{port}/",
            headers={"X-Forwarded-For": "203.0.113.9"},
            timeout=PATIENCE,
        )
    assert answer.json()["forwarded"] == "203.0.113.9"
    assert "Server" not in answer.headers
    assert "Via" not in answer.headers


def test_far_too_large_is_refused_without_reading_it(settings: Settings) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
    with _running(settings) as (port, _), _opened(port, head) as line:
        line.settimeout(PATIENCE)
        assert line.recv(65536).startswith(b"HTTP/1.1 413")


CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "more", "status"),
    [(b"", b"0" * 2000, b"400"), (b"0\r\n", b"a: b\r\n" * 11_000, b"431")],
    ids=["line", "trailer"],
)
def test_no_line_of_a_chunked_body_is_endless(
    settings: Settings, begin: bytes, more: bytes, status: bytes
) -> None:
    """It would be held in memory, and looked through with each piece that comes."""
    with _running(settings) as (port, _), _opened(port, CHUNKED + begin) as line:
        line.sendall(more)
        line.settimeout(PATIENCE)
        assert line.recv(65536).startswith(b"HTTP/1.1 " + status)


def test_a_chunked_body_of_small_pieces_and_a_trailer_is_read(
    settings: Settings,
) -> None:
    body = b"1\r\na\r\n" * 3000 + b"0\r\nx: y\r\n\r\n"
    with _running(settings) as (port, _), _opened(port, CHUNKED) as line:
        line.sendall(body)
        line.settimeout(PATIENCE)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


def test_stopping_finishes_what_has_begun(settings: Settings) -> None:
    found: list[requests.Response] = []

    def ask(port: int) -> None:
        address = f"http://127.0.0.1:{port}/?sleep=1"
        found.append(requests.get(address, timeout=PATIENCE))

    with _running(settings) as (port, server):
        asking = threading.Thread(target=ask, args=(port,))
        asking.start()
        _until(lambda: any(each.requests for each in server.channels))
    asking.join(PATIENCE)
    assert found[0].status_code == 200
