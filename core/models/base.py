"""What all tables share: exact types, naming of constraints, the tenant guard."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from core.domain import jsontext
from core.domain.clock import utcnow

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never goes into the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class Money(TypeDecorator[Decimal]):
    """Euros, kept as whole cents so that both databases add them up exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        hundredths = value * 100
        if hundredths != hundredths.to_integral_value():
            raise ValueError(f"{value} is not a whole number of cents")
        return int(hundredths)

    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class _Scaled(TypeDecorator[Decimal]):
    """A decimal number kept as a whole number of its smallest parts, exactly."""

    impl = BigInteger
    digits = 0

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(value.scaleb(self.digits).to_integral_exact())

    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-self.digits).normalize() + 0


class Rate(_Scaled):
    """A percentage of at most three decimals."""

    cache_ok = True
    digits = 3


class Quantity(_Scaled):
    """A quantity or a price per piece, of at most four decimals."""

    cache_ok = True
    digits = 4


class Json(TypeDecorator[Any]):
    """JSON text; numbers with a fraction come back as Decimal."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else jsontext.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else jsontext.loads(value)


def by_bytes(length: int) -> String:
    """Return the type of a text that is compared by bytes on both databases, so that
    how it begins is a range of an index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The base of every table, core's and plugins'."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it once, at class creation
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class TenantOwned:
    """A row of one tenant; the guard in `core.runtime.tenancy` filters on it."""

    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), index=True
    )


class Leased:
    """A row that one worker at a time holds; `core.plugin.engine` writes these."""

    lease_until: Mapped[datetime | None]
    """By the shared clock; empty or over: it is free."""
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    """Of the worker that holds it: any other writes nothing."""
    attempt: Mapped[int] = mapped_column(default=0)
    """Grows with each lease: the fence against an older worker."""


class EvidenceRow:
    """A piece of evidence of what was sent; `core.plugin.evidence` writes these."""

    sequence: Mapped[int]
    """From 1, without gaps."""
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[str] = mapped_column(String(64))
    """Of the piece before; empty of the first."""
    chain_hash: Mapped[str] = mapped_column(String(64))
    """As `core.rules.evidence_chain` makes it."""
    keep_until: Mapped[date]


class OfAdministration:
    """A row that says something of the administration of its `connection_id`.

    Deleted once another administration is coupled: an id, code or number of the one
    may be another's in the other.
    """


SEALED = "sealed"
"""Under which a column's `info` has the place that its values are bound to."""


def sealed(place: str) -> Any:
    """Declare a secret that the vault seals for its place in the tables.

    The place names columns of the row in braces; an empty one counts as 0. From it
    `flask keys` knows what to seal anew.
    """
    return mapped_column(LargeBinary, info={SEALED: place})


def place_of(column: Any, **values: Any) -> str:
    """Return the place of a row's secret, given the columns that it names."""
    place: str = column.info[SEALED]
    return place.format(
        **{name: 0 if of is None else of for name, of in values.items()}
    )


NAMES_NOBODY = {"names_nobody": True}
"""`info` of a column with codes and numbers: erasing a customer leaves it alone."""


def now_column() -> Mapped[datetime]:
    """Declare the moment a row was made."""
    return mapped_column(default=utcnow)
