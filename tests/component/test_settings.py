"""Settings: typed reading, secrets, and who owns which prefix."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask

from core.domain.redact import redact
from core.main.app import create_app
from core.plugin.settings import (
    Declared,
    SettingsError,
    declared,
    read,
    secrets_of,
    setting,
    settings_of,
)
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings


@dataclass(frozen=True)
class Acme:
    """Settings of a made-up plugin."""

    acme_url: str = setting("https://acme.example/", "its API")
    acme_calls: int = setting(600, "calls a minute; 0: no limit")
    acme_price: Decimal = setting(Decimal("1.50"), "what a call costs")
    acme_is_trial: bool = setting(False, "whether it is only tried out")
    acme_client_secret: str = setting("", "ours")


def test_values_have_the_type_of_their_default() -> None:
    found = read(
        Acme,
        {
            "ACME_CALLS": "0",
            "ACME_PRICE": "0.10",
            "ACME_IS_TRIAL": "true",
            "acme_url": "not a variable of ours",
            "OTHER": "1",
        },
    )
    assert found == {
        "acme_calls": 0,
        "acme_price": Decimal("0.10"),
        "acme_is_trial": True,
    }
    assert Acme(**found).acme_url == "https://acme.example/"


@pytest.mark.parametrize(
    ("name", "text"),
    [("ACME_CALLS", "many"), ("ACME_PRICE", "1,5"), ("ACME_IS_TRIAL", "perhaps")],
)
def test_a_value_that_is_wrong_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}, value={text}"):
        read(Acme, {name: text})


def test_what_is_declared_is_listed() -> None:
    assert declared(Acme)[1] == Declared(
        "ACME_CALLS", "600", "calls a minute; 0: no limit"
    )
    assert "ENVIRON" not in {each.name for each in declared(Settings)}


def test_each_secret_of_a_list_is_one() -> None:
    assert secrets_of(Acme()) == set()
    found = secrets_of(Acme(acme_client_secret="the-next, the-present"))
    assert found == {"the-next, the-present", "the-next", "the-present"}


def test_the_core_keeps_what_is_not_its_own_for_the_plugins() -> None:
    settings = Settings.from_environ({"DRAIN_BATCH": "7", "ACME_URL": "http://a"})
    assert (settings.drain_batch, settings.environ) == (7, {"ACME_URL": "http://a"})
    other = settings.with_environ({"ACME_CALLS": "1"})
    assert other.as_environ() == {
        "ACME_URL": "http://a",
        "ACME_CALLS": "1",
        "DRAIN_BATCH": "7",
    }
    assert Settings.from_environ(other.as_environ()) == other
    assert "http://a" not in repr(settings)


def test_a_plugin_reads_its_own_and_its_secrets_stay_out_of_logs(app: Flask) -> None:
    secrets = {
        secret
        for values in koppelwerk().registry.settings.values()
        for secret in secrets_of(values)
    }
    assert secrets == {"sandbox-secret"}
    assert "sandbox-secret" not in redact("it is sandbox-secret, really")
    for values in koppelwerk().registry.settings.values():
        assert settings_of(type(values)) is values


def test_a_plugin_whose_setting_is_wrong_fails_and_the_rest_starts(
    settings: Settings,
) -> None:
    app = create_app(settings.with_environ({"EACCOUNTING_CALLS_PER_MINUTE": "x"}))
    with app.app_context():
        registry = koppelwerk().registry
    assert list(registry.failed) == ["eaccounting"]
    assert "EACCOUNTING_CALLS_PER_MINUTE" in registry.failed["eaccounting"]
    assert "kmoshops" in registry.plugins
