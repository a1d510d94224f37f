"""Fields of requests and answers: strict on the way in, one way of writing out.

An amount is a text with a point (`"12.50"`): no reader in between can round it.
What is wrong with a field is a code of `core.texts.api`.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from core.domain.clock import utcnow
from core.domain.countries import codes
from core.domain.money import plain
from core.domain.strings import is_sendable
from core.rules import relation_rules
from core.rules.moments import is_future

_REQUIRED = {"required": "field_required", "null": "field_null"}
_CONTROL = re.compile(r"[\r\x7f]")
_BREAKS = re.compile(r"[\t\n]")
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Dates of other years are mistakes."""
LARGEST_ID = 2**31 - 1
_When = TypeVar("_When", date, datetime)


class Strict(Schema):
    """A part of a request: what it does not know it refuses."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012  read by the library, once
        "unknown": "field_unknown",
        "type": "field_type",
    }


class Part(fields.Nested):
    """A schema within a request."""

    default_error_messages = {**_REQUIRED}  # noqa: RUF012


class Form(validate.Regexp):
    """A pattern that the whole text has; Python's `$` allows a newline behind it."""

    def __call__(self, value: Any) -> Any:
        """Return the text; ValidationError when it has another form."""
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class Line(fields.String):
    """One line of text, of at most `most` characters."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": "field_type",
        "invalid_utf8": "field_characters",
    }
    allows_breaks = False

    def __init__(self, most: int, *, least: int = 0, **options: Any) -> None:
        length = validate.Length(min=least or None, max=most, error="field_length")
        given = options.pop("validate", [])
        super().__init__(validate=[length, *given], **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if not is_sendable(text) or _CONTROL.search(text):
            raise ValidationError("field_characters")
        if not self.allows_breaks and _BREAKS.search(text):
            raise ValidationError("field_characters")
        return text


class Email(Line):
    """One e-mail address, or nothing; nobody is asked whether it exists."""

    def __init__(self, **options: Any) -> None:
        super().__init__(255, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if text and relation_rules.email_address(text) is None:
            raise ValidationError("field_email")
        return text.lower()


class Note(Line):
    """Text of more lines."""

    allows_breaks = True


class Choice(fields.String):
    """One of a few words."""

    default_error_messages = {**_REQUIRED, "invalid": "field_type"}  # noqa: RUF012

    def __init__(self, words: Collection[str], **options: Any) -> None:
        allowed = validate.OneOf(list(words), error="field_choice")
        super().__init__(validate=allowed, **options)


_INTEGER: dict[str, str | list[Any] | dict[Any, Any]] = {
    **_REQUIRED,
    "invalid": "field_type",
    "too_large": "field_range",
}


class Id(fields.Integer):
    """The id of a row."""

    default_error_messages = _INTEGER

    def __init__(self, **options: Any) -> None:
        allowed = validate.Range(1, LARGEST_ID, error="field_range")
        super().__init__(strict=True, validate=allowed, **options)


class Asked(fields.Integer):
    """A whole number in a query: digits alone."""

    default_error_messages = _INTEGER

    def __init__(self, least: int, most: int, **options: Any) -> None:
        allowed = validate.Range(least, most, error="field_range")
        super().__init__(validate=allowed, **options)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,10}", value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Amount(fields.String):
    """A decimal number as text: so many digits before the point, so many behind it."""

    default_error_messages = {**_REQUIRED, "invalid": "field_type"}  # noqa: RUF012

    def __init__(
        self, whole: int = 9, places: int = 2, *, signed: bool = True, **options: Any
    ) -> None:
        sign = "-?" if signed else ""
        form = f"^{sign}[0-9]{{1,{whole}}}([.][0-9]{{1,{places}}})?$"
        self._places = places
        super().__init__(validate=Form(form, error="field_amount"), **options)

    def deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        """Return the number, once its text was judged."""
        text = super().deserialize(value, *args, **options)
        return Decimal(text) if isinstance(text, str) else text

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> str | None:
        if value is None:
            return None
        return f"{value:.2f}" if self._places == 2 else plain(value)


class Flag(fields.Boolean):
    """True or false, and no other word for them."""

    default_error_messages = {**_REQUIRED, "invalid": "field_type"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Day(fields.Date):
    """A local date: 2026-03-31."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": "field_date",
        "format": "field_date",
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value
        ):
            raise self.make_error("invalid", input=value, obj_type="date")
        found: date = super()._deserialize(value, attr, data, **options)
        return _of_our_time(found)


class Moment(fields.AwareDateTime):
    """A moment with its offset: 2026-03-31T12:00:00Z."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": "field_moment",
        "invalid_awareness": "field_moment",
        "format": "field_moment",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **options: Any
    ) -> datetime:
        if not isinstance(value, str) or "T" not in value.upper():
            raise self.make_error("invalid", input=value, obj_type="datetime")
        upper = value.upper()
        found: datetime = super()._deserialize(upper, attr, data, **options)
        return _of_our_time(found).astimezone(UTC)


class PastMoment(Moment):
    """A moment that has been, as far as clocks agree (`rules.moments`)."""

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **options: Any
    ) -> datetime:
        found = super()._deserialize(value, attr, data, **options)
        if is_future(found, utcnow()):
            raise ValidationError("field_future")
        return found


def _of_our_time(found: _When) -> _When:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValidationError("field_range")
    return found


class Country(fields.String):
    """An ISO 3166-1 alpha-2 code, or empty."""

    default_error_messages = {**_REQUIRED, "invalid": "field_type"}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        form = Form("^([A-Z]{2})?$", error="field_country")
        super().__init__(validate=form, **options)


class IsoCountry(Country):
    """A code that ISO 3166-1 has (XI for Northern Ireland too), or empty."""

    _OTHERS: ClassVar = {"UK": "field_country_gb", "EL": "field_country_gr"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        code: str = super()._deserialize(value, attr, data, **options)
        if re.fullmatch("[A-Z]{2}", code) and code not in (*codes(), "XI"):
            raise ValidationError(self._OTHERS.get(code, "field_country"))
        return code
