"""The visitor's address: what a proxy says counts only when it is trusted."""

from dataclasses import replace

import pytest
from flask import request

from core.main.app import create_app
from core.runtime.settings import Settings
from core.web.policy import access


@access("public")
def who() -> str:
    """Say whom the request came from."""
    return f"{request.scheme} {request.remote_addr}"


@pytest.mark.parametrize(
    ("trusted", "seen"), [(0, "http 127.0.0.1"), (1, "https 203.0.113.9")]
)
def test_forwarded_addresses_are_believed_of_trusted_proxies_only(
    settings: Settings, trusted: int, seen: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=trusted))
    app.add_url_rule("/who", "who", who)
    headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    headers["X-Forwarded-Proto"] = "https"
    answer = app.test_client().get("/who", headers=headers)
    assert answer.text == seen
