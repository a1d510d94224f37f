"""A running VIES sandbox on a free port."""

import threading
from collections.abc import Iterator

import pytest

from core.sandbox.server import server_for
from plugins.vies.sandbox import create_app


@pytest.fixture
def vies_url() -> Iterator[str]:
    """Return the base address of a fresh sandbox."""
    server = server_for(create_app(":memory:"), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
