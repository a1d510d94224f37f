"""The settings decide where the outside systems are; what has none is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.errors import AskUser
from core.main.app import create_app
from core.runtime.settings import Settings
from plugins.accountview import configuration
from plugins.accountview.demo import SANDBOX
from tests.contract.accountview.conftest import World
from tests.contract.belastingdienst.conftest import message


def test_the_demo_reaches_every_outside_system(
    settings: Settings, world: World
) -> None:
    given = SANDBOX.environ(world.url)
    with create_app(settings.with_environ(given)).app_context():
        report = configuration.autoreport("demo-tenant", "70001")
        assert report.deliver(message()).delivery_reference
        assert configuration.visma_services().is_communication_active("localhost")
        assert configuration.oauth_provider().token_url == f"{world.url}/api/v3/token"
        assert SANDBOX.grant is not None
        tokens = SANDBOX.grant(world.url)

        class Source:
            def access_token(self) -> str:
                return tokens.access_token

            def renew(self, rejected: str) -> str:
                raise AssertionError(rejected)

        assert configuration.accountview(Source()).companies()


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (lambda: configuration.autoreport("t", "c"), "autoreport_not"),
        (configuration.visma_services, "visma_services_not"),
    ],
)
def test_nothing_outside_starts_by_default(
    settings: Settings, start: Callable[[], Any], code: str
) -> None:
    with create_app(settings).app_context(), pytest.raises(AskUser, match=code):
        start()
