"""The web server: waitress in a few processes on one socket, with deadlines.

A thread is taken only when a request has come in whole, and given back when its answer
is ready, however slowly that is read: a slow or silent client costs a connection and
nothing else, and that until its deadline.
"""

import logging
import signal
import socket
import time
from functools import partial
from typing import Any, cast

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.server import TcpWSGIServer
from waitress.utilities import BadRequest, RequestHeaderFieldsTooLarge

from core.domain.clock import utcnow
from core.kit.runner import Fork, Supervisor
from core.main.forking import detached, prepare_to_fork
from core.runtime.counters import counters
from core.runtime.settings import Settings

IDLE_SECONDS = 75
"""How long a connection may stay open between requests, or leave an answer unread."""
FINISH_SECONDS = 10
"""How long requests at hand may still take when the server is stopped."""
LONGEST_LINE, LONGEST_TRAILER = 1024, 65_536
"""Of a chunked body, in bytes: a chunk's size, and the headers behind the last one."""
BACKLOG = 1024
_LIMITS: dict[str, Any] = {
    "connection_limit": 500,
    "max_request_header_size": 65_536,
    "inbuf_overflow": 65_536,  # what is larger goes to a temporary file
    "outbuf_high_watermark": 2**40,  # above it a thread waits for who reads the answer
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": 1,
    "asyncore_use_poll": True,  # select() knows no file above 1024
    "clear_untrusted_proxy_headers": False,  # ProxyFix and /metrics judge them
    "ident": "",
    "log_socket_errors": False,
}


class Parser(HTTPRequestParser):
    """A request whose chunked body holds no endless line.

    What stands between chunks, and behind the last one, is kept in memory and looked
    through anew with each piece that comes in.
    """

    def received(self, data: bytes) -> int:
        """See waitress."""
        used: int = super().received(data)
        body = self.body_rcv
        if isinstance(body, ChunkedReceiver) and not self.completed:
            if len(body.control_line) > LONGEST_LINE:
                self.error = BadRequest("a line between chunks is too long")
            elif len(body.trailer) > LONGEST_TRAILER:
                self.error = RequestHeaderFieldsTooLarge("a trailer is too long")
            self.completed = self.error is not None
        return used


class Channel(HTTPChannel):
    """A connection that knows since when a request is coming in."""

    parser_class = Parser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begun: float | None = self.creation_time
        """None: no request is on its way."""

    def received(self, data: bytes) -> bool:
        """See waitress."""
        before = self.request
        done = super().received(data)
        if self.request is None:
            self.begun = None
        elif self.request is not before:
            self.begun = utcnow().timestamp()
        return done


class Server(TcpWSGIServer):
    """A server that ends connections whose request does not come in whole in time."""

    channel_class = Channel
    request_seconds: float = 60
    _map: dict[int, Any]

    @property
    def channels(self) -> list[Channel]:
        """The open connections."""
        return list(cast("dict[int, Channel]", self.active_channels).values())

    def maintenance(self, now: float) -> None:
        """Close what is late; called about every second."""
        for channel in self.channels:
            if channel.requests:
                continue  # we are at work for it
            late = channel.begun is not None and (
                channel.begun < now - self.request_seconds
            )
            if late or channel.last_activity < now - self.adj.channel_timeout:
                # at once: a socket that nobody reads from never becomes writable
                channel.handle_close()

    def run_until(self, stopped: "list[int]") -> None:
        """Serve until something stands in the list; then finish what has begun."""
        while not stopped:
            self._turn(1)
        self.accepting = False
        until = time.monotonic() + FINISH_SECONDS
        while self._is_busy() and time.monotonic() < until:
            self._turn(0.1)
        self.task_dispatcher.shutdown()
        self.asyncore.close_all(self._map)

    def _turn(self, seconds: float) -> None:
        self.asyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _is_busy(self) -> bool:
        return any(each.requests or each.total_outbufs_len for each in self.channels)


def serve(app: Flask, settings: Settings, host: str, port: int) -> None:
    """Serve the product's pages until SIGTERM; a process that dies is replaced."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    supervisor = Supervisor([], settings.var / "logs", stop_seconds=FINISH_SECONDS + 5)
    with app.app_context():
        prepare_to_fork(app)
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as open_:
        try:
            for number in range(1, settings.web_workers + 1):
                work = partial(_work, app, settings, open_, number)
                supervisor.start(Fork(f"web-{number}", partial(detached, app, work)))
            supervisor.watch(gives_up=False)
        finally:
            supervisor.stop()


def _work(app: Flask, settings: Settings, open_: socket.socket, number: int) -> None:
    with app.app_context():
        counters().use_row(number)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = server_on(open_, app, settings)
    server.run_until(stopped)


def server_on(open_: socket.socket, app: Flask, settings: Settings) -> Server:
    """Return a server of this process on a listening socket, which others may share."""
    server = Server(
        app,
        _sock=open_,
        bind_socket=False,
        sockinfo=(open_.family, open_.type, open_.proto, open_.getsockname()),
        threads=settings.web_threads,
        # our own page says what is too large, up to the double
        max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
        **_LIMITS,
    )
    server.request_seconds = settings.request_seconds
    return server
