"""A sandbox in a thread of the test, and its control address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask

from core.domain import jsontext
from core.kit.sandbox.server import server_for


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve a sandbox on a free port; gives its address."""
    server = server_for(app, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Outside:
    """A sandbox seen from outside."""

    url: str

    def control(self, name: str, body: Any = None, verb: str = "POST") -> Any:
        """Call a control address."""
        answer = requests.request(
            verb,
            f"{self.url}/_control/{name}",
            data=jsontext.dumps({} if body is None else body).encode(),
            timeout=30,
        )
        assert answer.ok, answer.text
        return jsontext.loads(answer.content)
