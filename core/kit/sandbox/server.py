"""Serving a sandbox: threads, quiet.

Werkzeug's own server does here because a sandbox must be able to close a connection
under a client's hands, which it allows through `werkzeug.socket`. It closes every
connection after its answer, so the bare loop of a benchmark pays for that too.
Sandboxes are never exposed; the product itself runs on a production server.
"""

import importlib
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        return


def server_for(app: Flask, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """Return a server that can be run in a thread (`serve_forever`, `shutdown`)."""
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def serve(app: Flask, port: int, host: str = "127.0.0.1") -> None:
    """Serve until interrupted."""
    server_for(app, port, host).serve_forever()


def run(package: str, database: Path, port: int) -> None:
    """Run the sandbox that a package is, on its own database, until interrupted."""
    serve(importlib.import_module(package).create_app(database), port)
