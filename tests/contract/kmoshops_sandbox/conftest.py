"""A running webshop sandbox and a small receiver for its webhooks."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, request

from core.domain import jsontext
from plugins.kmoshops.sandbox import create_app
from tests.sandboxes import serving


class Shop:
    """The sandbox as tests use it: control calls, and API calls with a token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.token = ""

    def control(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.session.request(
            method,
            f"{self.url}/_control/{path}",
            data=None if body is None else jsontext.dumps(body).encode(),
            timeout=20,
            **options,
        )
        assert answer.ok, answer.text
        return jsontext.loads(answer.content)

    def grant(self, **wanted: Any) -> str:
        self.token = self.control("POST", "grant", wanted)["access_token"]
        return self.token

    def get(self, path: str, store_id: int = 1003, **params: Any) -> requests.Response:
        return self.session.get(
            f"{self.url}/api/v3/{store_id}/{path}",
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )

    def read(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return jsontext.loads(answer.content)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(create_app(":memory:")) as url:
        found = Shop(url)
        yield found
        found.session.close()


class Receiver:
    """Remembers the webhooks it gets; answers with `status`."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.event_types: list[str] = []
        self.status = 200
        self.url = ""

    def app(self) -> Flask:
        app = Flask("receiver")

        @app.post("/hook")
        def hook() -> tuple[str, int]:
            self.events.append(request.get_json())
            self.headers.append(dict(request.headers))
            self.event_types.append(request.args["eventtype"])
            return "", self.status

        return app


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    with serving(found.app()) as url:
        found.url = f"{url}/hook"
        yield found
