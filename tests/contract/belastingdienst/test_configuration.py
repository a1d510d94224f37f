"""The settings decide where the outside systems are; half of them is refused."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.domain.errors import AskUser
from core.domain.filings import FilingState
from core.main.app import create_app
from core.plugin.settings import SettingsError
from core.runtime.settings import Settings
from plugins.belastingdienst import configuration
from plugins.belastingdienst.demo import SANDBOX
from tests.contract.belastingdienst.conftest import World, message


def application(settings: Settings, world: World, **values: Any) -> Flask:
    """The product as `make run` points it at the sandbox."""
    given = SANDBOX.environ(world.url)
    return create_app(settings.with_environ({**given, **values}))


def test_the_demo_reaches_digipoort(settings: Settings, world: World) -> None:
    with application(settings, world).app_context():
        pins = world.authority["fingerprint"]
        channel = configuration.digipoort(world.certificate, pins=pins)
        receipt = channel.deliver(message())
        assert channel.status(receipt.delivery_reference).state is FilingState.ACCEPTED
        channel.close()
        assert configuration.software().vendor_number == "SWO00000"


def test_nothing_outside_starts_by_default(settings: Settings, world: World) -> None:
    with create_app(settings).app_context():
        for start, code in (
            (lambda: configuration.digipoort(world.certificate), "digipoort_not"),
            (configuration.software, "vendor_number_missing"),
        ):
            with pytest.raises(AskUser, match=code):
                start()


@pytest.mark.parametrize(
    "values",
    [
        {"DIGIPOORT_HASH": "md5"},
        {"DIGIPOORT_ANSWER_HASH": "md5"},
        {"DIGIPOORT_ROOTS": "/nergens/x.pem"},
    ],
)
def test_a_wrong_setting_is_named(
    settings: Settings, world: World, values: dict[str, str]
) -> None:
    app = application(settings, world, DIGIPOORT_PINS="00", **values)
    with app.app_context(), pytest.raises(SettingsError, match="setting_invalid"):
        configuration.digipoort(world.certificate)


def test_roots_come_from_a_file(
    settings: Settings, world: World, tmp_path: Path
) -> None:
    path = tmp_path / "roots.pem"
    path.write_text(world.authority["root"])
    base = world.control("tls")["url"]
    app = application(
        settings,
        world,
        DIGIPOORT_PINS=world.authority["fingerprint"].upper(),
        DIGIPOORT_ROOTS=str(path),
        DIGIPOORT_ANSWER_HASH="sha1",
        DIGIPOORT_DELIVERY_URL=f"{base}/wus/2.0/aanleverservice/1.2",
        DIGIPOORT_STATUS_URL=f"{base}/wus/2.0/statusinformatieservice/1.2",
    )
    with app.app_context():
        channel = configuration.digipoort(world.certificate)
        assert channel.deliver(message()).delivery_reference
        channel.close()
