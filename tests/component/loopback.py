"""A server on loopback that misbehaves by script: one behaviour per request."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Loopback:
    """The script (the last behaviour repeats) and what was received."""

    script: list[Behaviour]
    url: str = ""
    received: list[Received] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self) -> Behaviour:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def _handler(state: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        over = state.over

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            state.connections.add(self.client_address)
            state.received.append(
                Received(self.command, self.path, dict(self.headers), body)
            )
            try:
                state.take()(self)
            except OSError:
                self.close_connection = True  # the client had enough of it

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, *args: Any) -> None:
            return

    return Handler


@contextmanager
def loopback(*script: Behaviour) -> Iterator[Loopback]:
    """Serve the script on a free port until the block ends."""
    state = Loopback(list(script))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def text(
    status: int, body: str | bytes, kind: str = "application/json", **headers: str
) -> Behaviour:
    """Answer with these bytes."""
    data = body.encode() if isinstance(body, str) else body

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return behave


def answer(status: int, body: Any, **headers: str) -> Behaviour:
    """Answer with JSON."""
    return text(status, json.dumps(body), **headers)


def html(status: int = 200, **headers: str) -> Behaviour:
    """Answer with a page."""
    return text(status, "<html><body>Onderhoud</body></html>", "text/html", **headers)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and say nothing."""
    handler.over.wait(5)  # type: ignore[attr-defined]
    handler.close_connection = True


def dropped(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and close the line."""
    handler.close_connection = True
    handler.connection.close()


def _drip(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    over: threading.Event = handler.over  # type: ignore[attr-defined]
    while not over.wait(0.03):
        handler.wfile.write(piece)
        handler.wfile.flush()


def dripping_body(handler: BaseHTTPRequestHandler) -> None:
    """Answer one byte now and then, each well inside a read timeout."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    _drip(handler, b" ")


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    """Never come to the body: the headers take for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler, b"X-Slow: 1\r\n")


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Stream a body without an end, as fast as it goes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while not handler.over.is_set():  # type: ignore[attr-defined]
        handler.wfile.write(piece)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"Id": ')
    handler.close_connection = True
