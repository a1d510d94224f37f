"""What a tenant's invoices say of itself, and how they are numbered.

Numbers are one series per book year (the year of the issue date). How they are
written is fixed with the first one of a year: `numbers.draw` keeps it with the series.
"""

import re
from dataclasses import dataclass

from core.domain.errors import AskUser
from core.models import InvoiceSettings, Tenant
from core.runtime import log
from core.runtime.database import session
from core.services.invoicing import numbers

SERIES = "sales_invoice"
DIGITS = (3, 7)
"""Fewest and most digits of a number within its year."""


@dataclass(frozen=True)
class Seller:
    """The tenant as its invoices name it (Wet OB 1968, article 35a)."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    """ISO code."""
    vat_number: str
    chamber_number: str
    iban: str
    bic: str
    email: str
    phone: str

    @property
    def lacking(self) -> tuple[str, ...]:
        """Which fields the law asks for and are empty."""
        wanted = ("name", "street", "postal_code", "city", "vat_number")
        return tuple(field for field in wanted if not getattr(self, field))


def of(tenant_id: int) -> InvoiceSettings:
    """Return a tenant's settings; the defaults, not stored yet, when it has none."""
    return session().get(InvoiceSettings, tenant_id) or InvoiceSettings(
        tenant_id=tenant_id, chamber_number="", iban="", bic="", email="", phone="",
        term_days=14, prefix="", separator="", digits=5, first_number=1, first_year=0,
        payment_code=True,
    )  # fmt: skip


def seller(tenant: Tenant) -> Seller:
    """Return the tenant as its invoices name it now."""
    known = of(tenant.id)
    return Seller(
        name=tenant.name,
        street=tenant.address.get("street", ""),
        postal_code=tenant.address.get("postal_code", ""),
        city=tenant.address.get("city", ""),
        country=tenant.home_country,
        vat_number=tenant.vat_number,
        chamber_number=known.chamber_number,
        iban=known.iban,
        bic=known.bic,
        email=known.email,
        phone=known.phone,
    )


def pattern(settings: InvoiceSettings) -> str:
    """Return how numbers are written: F{year}-{number:05d}."""
    digits = min(max(settings.digits, DIGITS[0]), DIGITS[1])
    return f"{settings.prefix}{{year}}{settings.separator}{{number:0{digits}d}}"


def draw(tenant_id: int, year: int) -> str:
    """Return the next invoice number of a book year in the caller's transaction."""
    known = of(tenant_id)
    first = known.first_number if known.first_year == year else 1
    drawn = numbers.draw(tenant_id, SERIES, year, first=first, pattern=pattern(known))
    return (drawn.pattern or pattern(known)).format(year=year, number=drawn.value)


def go_on_at(tenant_id: int, year: int, number: int) -> None:
    """Let a book year's invoices go on at a number, in the caller's transaction."""
    numbers.raise_to(tenant_id, SERIES, year, number - 1, pattern(of(tenant_id)))


def is_own(tenant_id: int, number: str) -> bool:
    """Tell whether a number looks like one of our own series, so that it may be drawn.

    As numbers are written now and were in the series that were begun.
    """
    known = {pattern(of(tenant_id)), *numbers.patterns(tenant_id, SERIES)}
    return any(_expression(each).fullmatch(number) for each in known)


def _expression(written: str) -> re.Pattern[str]:
    prefix, _, rest = written.partition("{year}")
    separator, _, digits = rest.partition("{number:0")
    fewest = digits.rstrip("d}")
    text = f"{re.escape(prefix)}\\d{{4}}{re.escape(separator)}\\d{{{fewest},}}"
    return re.compile(text, re.ASCII)


def example(settings: InvoiceSettings, year: int) -> str:
    """Return what the first number of a book year would look like."""
    first = settings.first_number if settings.first_year == year else 1
    return pattern(settings).format(year=year, number=first)


def upcoming(tenant_id: int, year: int) -> str:
    """Return what the next number of a book year will be, unless it is drawn first."""
    known = of(tenant_id)
    last = numbers.peek(tenant_id, SERIES, year)
    if not last:
        return example(known, year)
    written = numbers.pattern_of(tenant_id, SERIES, year) or pattern(known)
    return written.format(year=year, number=last + 1)


def has_begun(tenant_id: int, year: int) -> bool:
    """Tell whether a book year has a number already, so that its pattern is fixed."""
    return numbers.peek(tenant_id, SERIES, year) > 0


def save(settings: InvoiceSettings, numbering: dict[str, object], year: int) -> None:
    """Store settings in the caller's transaction, the numbering where it may change.

    Raises AskUser `numbering_begun` when a number of this book year was given out.
    """
    changed = {
        name: value
        for name, value in numbering.items()
        if value != getattr(settings, name)
    }
    if changed and has_begun(settings.tenant_id, year):
        raise AskUser("numbering_begun", year=year)
    for name, value in changed.items():
        setattr(settings, name, value)
    news = log.changed(settings)
    session().add(settings)
    session().flush()
    if news:
        log.write(settings.tenant_id, "invoice_settings_saved", changes=news)
