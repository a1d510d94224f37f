"""Settings: dataclasses whose fields are environment variables of the same name.

The core has one (`core.runtime.settings`); a plugin has its own in its `settings.py`,
a frozen dataclass whose fields begin with a prefix that its manifest names. Nothing
but these modules reads the environment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from math import inf
from typing import Any, Protocol, TypeVar

from flask import Flask, current_app

from core.domain.errors import KoppelwerkError
from core.domain.redact import secrets_in

_EXTENSION = "koppelwerk_settings"
_SECRET_ENDS = ("_secret", "_token", "_password", "_key", "_keys")
_Settings = TypeVar("_Settings")


class SettingsError(KoppelwerkError):
    """A setting is missing or cannot be read."""


class CoreSettings(Protocol):
    """The settings of the core that plugins may use."""

    @property
    def redis(self) -> str:
        """The address of Redis, for limits that all processes share."""

    @property
    def send_seconds(self) -> int:
        """The deadline of one outgoing call, all told."""

    @property
    def support_email(self) -> str:
        """Where whoever runs Koppelwerk reads his mail."""


@dataclass(frozen=True)
class Declared:
    """One setting, as it is listed."""

    name: str
    """The environment variable."""
    default: str
    meaning: str


def setting(default: Any, meaning: str) -> Any:
    """Declare a setting with its default, whose type it has, and its meaning.

    Its value may be a secret or an address with one in it: none is ever shown.
    """
    return field(default=default, repr=False, metadata={"help": meaning})


def declared(kind: type) -> list[Declared]:
    """Return the settings of a dataclass in the order they are declared."""
    return [
        Declared(item.name.upper(), str(item.default), item.metadata["help"])
        for item in (fields(kind) if is_dataclass(kind) else ())
        if "help" in item.metadata
    ]


def read(kind: type, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what the environment says of a dataclass's settings, by field.

    Raises SettingsError naming a value that is not of its default's type, or a number
    below nought, or none that has an end.
    """
    defaults = {item.name.upper(): item.default for item in fields(kind)}
    return {
        item.name.lower(): _parse(item.name, defaults[item.name], environ[item.name])
        for item in declared(kind)
        if item.name in environ
    }


def _parse(name: str, default: Any, text: str) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("0", "1", "false", "true", ""):
            raise SettingsError("setting_invalid", name=name, value=text)
        return text.lower() in ("1", "true")
    try:
        value = type(default)(text)
        if isinstance(value, int | float | Decimal) and not 0 <= value < inf:
            raise ValueError(text)
    except (ValueError, ArithmeticError) as error:
        raise SettingsError("setting_invalid", name=name, value=text) from error
    return value


def secrets_of(values: Any) -> set[str]:
    """Return the values that must never stand in a log.

    A setting may hold several, such as the next secret and the present one, each with
    its id in front (`SECRET_KEYS`); an address may hold a password.
    """
    texts = [
        str(getattr(values, item.name))
        for item in fields(values)
        if item.name.endswith(_SECRET_ENDS)
    ]
    parts = [part.strip() for text in texts for part in text.split(",")]
    keys = [part.partition(":")[2] for part in parts]
    inside = [
        secret
        for item in fields(values)
        if isinstance(value := getattr(values, item.name), str)
        for secret in secrets_in(value)
    ]
    return {text for text in (*texts, *parts, *keys, *inside) if text}


@dataclass(frozen=True)
class _Held:
    """The settings of an application."""

    core: CoreSettings
    plugins: Mapping[type, Any]


def init(app: Flask, core: CoreSettings, plugins: Iterable[Any]) -> None:
    """Give an application its settings: those of the core and of each plugin."""
    app.extensions[_EXTENSION] = _Held(core, {type(each): each for each in plugins})


def settings_of(kind: type[_Settings]) -> _Settings:
    """Return a plugin's settings in the running application."""
    found: _Settings = current_app.extensions[_EXTENSION].plugins[kind]
    return found


def core_settings() -> CoreSettings:
    """Return the core's settings in the running application."""
    held: _Held = current_app.extensions[_EXTENSION]
    return held.core
