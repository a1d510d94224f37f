"""Administraties, aangifteprofielen and certificates."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.domain.declarations import PeriodKind
from core.plugin.tables import Base, TenantOwned, now_column, sealed

DIGIPOORT = "digipoort"
"""The channel of our own: straight to Digipoort with the taxpayer's certificate. The
others are the names of the `FilingRoute` that plugins bring."""
INVOICES = "invoices"
"""The source of our own: the sales invoices and shop orders kept here; purchases and
input VAT are filled in by hand. The others are the names of plugins that bring a
`Ledger`."""


class CertificateSource(StrEnum):
    """Whose certificate a channel signs with (manual 003, part 4)."""

    CHANNEL = "channel"
    """The channel's own."""
    OWN = "own"
    """The taxpayer's."""


class Certificate(Base, TenantOwned):
    """A certificate that declarations are signed with."""

    __tablename__ = "belastingdienst_certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]
    # The place bears the table's name of when the first were sealed.
    secret: Mapped[bytes] = sealed(
        "tenant:{tenant_id}/accountview_certificate/{id}/secret"
    )
    """Certificate and key, encrypted; the file's password is not kept."""
    pins: Mapped[str] = mapped_column(String(500), default="")
    roots: Mapped[str] = mapped_column(default="")
    """Of the service it is for, where it is not the one of the settings (sandbox)."""
    created_at: Mapped[datetime] = now_column()
    reminded_days: Mapped[int | None]
    """Of how many days before its end was told last; None: not yet."""


class FilingProfile(Base, TenantOwned):
    """An aangifteprofiel: laid down in every administration that files by it."""

    __tablename__ = "belastingdienst_profile"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(20))
    """`DIGIPOORT`, or the name of a `FilingRoute` (the manual's profieltype)."""
    certificate_id: Mapped[int | None] = mapped_column(
        ForeignKey("belastingdienst_certificate.id")
    )
    """The own certificate; None: the channel's, if it has one."""
    account: Mapped[str] = mapped_column(String(60), default="")
    """The customer's account at the channel, if it has accounts."""
    certificate_source: Mapped[CertificateSource | None] = mapped_column(String(10))
    """What was activated at the channel for all administrations; None: nothing."""
    certificate_activated_at: Mapped[datetime | None]
    certificate: Mapped[Certificate | None] = relationship()


class Administration(Base, TenantOwned):
    """An administration that declarations are made for."""

    __tablename__ = "belastingdienst_administration"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL"), index=True
    )
    """Where the ledger is, when the figures come from one."""
    company_id: Mapped[str] = mapped_column(String(60), default="")
    """Which of the connection's companies: see `LedgerCompany`."""
    code: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(String(50))
    """`INVOICES`, or the name of the plugin whose `Ledger` it is."""
    profile_id: Mapped[int | None] = mapped_column(
        ForeignKey("belastingdienst_profile.id", ondelete="SET NULL")
    )
    own_certificate_id: Mapped[int | None] = mapped_column(
        ForeignKey("belastingdienst_certificate.id", ondelete="SET NULL")
    )
    """A certificate for this administration only, before the profile's."""
    certificate_source: Mapped[CertificateSource | None] = mapped_column(String(10))
    """What was activated at the channel for this one only; None: see the profile."""
    tax_number: Mapped[str] = mapped_column(String(14), default="")
    """Omzetbelastingnummer: nine digits, B, two digits; without NL."""
    division: Mapped[str] = mapped_column(String(14), default="")
    """Own btw-id of a part of a fiscal unity, without NL: it declares ICP apart, under
    the unity's number. Empty for anybody else."""
    period_kind: Mapped[PeriodKind] = mapped_column(
        String(10), default=PeriodKind.QUARTER
    )
    contact_initials: Mapped[str] = mapped_column(String(10), default="")
    contact_prefix: Mapped[str] = mapped_column(String(10), default="")
    contact_surname: Mapped[str] = mapped_column(String(200), default="")
    contact_phone: Mapped[str] = mapped_column(String(25), default="")
    is_intermediary: Mapped[bool] = mapped_column(default=False)
    consultant_number: Mapped[str] = mapped_column(String(6), default="")
    service_vat_codes: Mapped[list[Any]] = mapped_column(default=list)
    """The ledger's VAT codes of services to other member states."""
    eu_vat_codes: Mapped[list[Any]] = mapped_column(default=list)
    """The ledger's VAT codes in rubric 3b that were seen, with their names: which of
    them are services is for the user to say."""
    own_sales: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Which sales kept here are its own, as `figures.own_sales` keeps the choice."""
    remind_days: Mapped[int] = mapped_column(default=7)
    """How long before a deadline to remind; 0: never."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = now_column()
    profile: Mapped[FilingProfile | None] = relationship()
    own_certificate: Mapped[Certificate | None] = relationship()
