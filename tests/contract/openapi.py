"""A vendor's OpenAPI 3.1 document as a judge of requests and answers."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator, Registry

_ROOT = "urn:openapi"
# Not date-time: vendors type dates so and ask for YYYY-MM-DD in the same breath.
_UNJUDGED = ("date-time", "date", "time", "email", "hostname", "uri", "uri-reference")
_FORMATS = {name: lambda _text: True for name in _UNJUDGED}


class ContractError(AssertionError):
    """What was sent or answered is not what the contract says."""


@lru_cache
def _document(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        document: dict[str, Any] = yaml.load(file, Loader=yaml.CSafeLoader)
    return document


def _plain(value: Any) -> Any:
    """Turn Decimals into what JSON Schema knows; the digits no longer matter here."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


class OpenApi:
    """One OpenAPI document; `prefix` stands before its paths, such as `/v2`."""

    def __init__(self, path: Path, prefix: str = "") -> None:
        self._prefix = prefix
        self._document = _document(path)
        self._registry = Registry([(_ROOT, self._document)])
        self._validators: dict[str, Draft202012Validator] = {}
        # fixed paths before those with parameters, as a server would choose
        paths = sorted(self._document["paths"], key=lambda p: p.count("{"))
        self._paths = [(re.compile(_pattern(path)), path) for path in paths]

    def check_request(self, method: str, path: str, body: Any) -> None:
        """Raise ContractError unless this body may be sent there."""
        pointer = (*self._operation(method, path), "requestBody")
        if self._at(pointer) is None:
            if body is not None:
                raise ContractError(f"{method} {path} takes no body")
            return
        self._check(pointer, body, f"{method} {path}")

    def check_response(self, method: str, path: str, status: int, body: Any) -> None:
        """Raise ContractError unless this answer may come; body None is empty."""
        pointer = (*self._operation(method, path), "responses", str(status))
        answer = self._at(pointer)
        if answer is None:
            raise ContractError(f"{method} {path} does not answer {status}")
        if answer.get("content"):
            self._check(pointer, body, f"{method} {path} {status}")

    def _operation(self, method: str, path: str) -> tuple[str, ...]:
        plain = path.partition("?")[0].removeprefix(self._prefix)
        for pattern, name in self._paths:
            pointer = ("paths", name, method.lower())
            if pattern.fullmatch(plain) and self._at(pointer) is not None:
                return pointer
        raise ContractError(f"the contract has no {method} {path}")

    def _at(self, pointer: tuple[str, ...]) -> Any:
        place: Any = self._document
        for part in pointer:
            place = place.get(part) if isinstance(place, dict) else None
        return place

    def _check(self, pointer: tuple[str, ...], body: Any, what: str) -> None:
        place = (*pointer, "content", "application/json", "schema")
        errors = self._validator(place).iter_errors(_plain(body))
        faults = [f"{error.instance_path}: {error.message}" for error in errors]
        if faults:
            raise ContractError(f"{what}: " + "; ".join(faults[:10]))

    def _validator(self, place: tuple[str, ...]) -> Draft202012Validator:
        reference = f"{_ROOT}#/" + "/".join(_escaped(place))
        if reference not in self._validators:
            self._validators[reference] = Draft202012Validator(
                {"$ref": reference},
                registry=self._registry,
                validate_formats=True,
                formats=_FORMATS,
            )
        return self._validators[reference]


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))


def _escaped(place: tuple[str, ...]) -> Iterator[str]:
    for part in place:
        text = part.replace("~", "~0").replace("/", "~1")
        yield text.replace("{", "%7B").replace("}", "%7D")
