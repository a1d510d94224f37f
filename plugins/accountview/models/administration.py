"""Administraties, aangifteprofielen and certificates."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.plugin.tables import Base, TenantOwned, now_column, sealed
from plugins.accountview.models.activation import Undertaking
from plugins.accountview.returns import PeriodKind


class ProfileKind(StrEnum):
    """Profieltype (manual 003): how declarations leave."""

    AUTOREPORT = "autoreport"
    """Visma.net AutoReport, with Visma's certificate or an own one."""
    DIGIPOORT = "digipoort"
    """Straight to Digipoort with an own certificate."""


class FigureSource(StrEnum):
    """Where the figures come from."""

    ACCOUNTVIEW = "accountview"
    """Ledger transactions with VAT codes."""
    INVOICES = "invoices"
    """The sales invoices kept here; purchases and input VAT are filled in by hand."""


class CertificateSource(StrEnum):
    """Whose certificate AutoReport signs with (manual 003, part 4)."""

    VISMA = "visma"
    OWN = "own"


class Certificate(Base, TenantOwned):
    """A certificate that declarations are signed with."""

    __tablename__ = "accountview_certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]
    secret: Mapped[bytes] = sealed(
        "tenant:{tenant_id}/accountview_certificate/{id}/secret"
    )
    """Certificate and key, encrypted; the file's password is not kept."""
    pins: Mapped[str] = mapped_column(String(500), default="")
    roots: Mapped[str] = mapped_column(default="")
    """Of the service it is for, where it is not the one of the settings (sandbox)."""
    created_at: Mapped[datetime] = now_column()


class FilingProfile(Base, TenantOwned):
    """An aangifteprofiel: laid down in every administration that files by it."""

    __tablename__ = "accountview_profile"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[ProfileKind] = mapped_column(String(20))
    certificate_id: Mapped[int | None] = mapped_column(
        ForeignKey("accountview_certificate.id")
    )
    """The own certificate; None: Visma's (AutoReport only)."""
    visma_tenant: Mapped[str] = mapped_column(String(60), default="")
    """AutoReport: the customer's tenant at Visma Connect."""
    certificate_source: Mapped[CertificateSource | None] = mapped_column(String(10))
    """AutoReport: what was activated there for all administrations; None: nothing."""
    certificate_activated_at: Mapped[datetime | None]
    certificate: Mapped[Certificate | None] = relationship()


class Administration(Base, TenantOwned):
    """An administration that declarations are made for."""

    __tablename__ = "accountview_administration"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL"), index=True
    )
    """AccountView, when the figures come from there."""
    company_id: Mapped[str] = mapped_column(String(60), default="")
    """What AccountView's `x-company` takes."""
    code: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(100))
    source: Mapped[FigureSource] = mapped_column(String(20))
    undertaking_id: Mapped[int | None] = mapped_column(
        ForeignKey("accountview_undertaking.id", ondelete="SET NULL")
    )
    profile_id: Mapped[int | None] = mapped_column(
        ForeignKey("accountview_profile.id", ondelete="SET NULL")
    )
    own_certificate_id: Mapped[int | None] = mapped_column(
        ForeignKey("accountview_certificate.id", ondelete="SET NULL")
    )
    """A certificate for this administration only, before the profile's."""
    certificate_source: Mapped[CertificateSource | None] = mapped_column(String(10))
    """AutoReport: what was activated for this one only; None: see the profile."""
    tax_number: Mapped[str] = mapped_column(String(14), default="")
    """Omzetbelastingnummer: nine digits, B, two digits; without NL."""
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
    """AccountView's VAT codes of services to other member states."""
    eu_vat_codes: Mapped[list[Any]] = mapped_column(default=list)
    """AccountView's VAT codes in rubric 3b that were seen, with their names: which of
    them are services is for the user to say."""
    remind_days: Mapped[int] = mapped_column(default=7)
    """How long before a deadline to remind; 0: never."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = now_column()
    undertaking: Mapped[Undertaking | None] = relationship()
    profile: Mapped[FilingProfile | None] = relationship()
    own_certificate: Mapped[Certificate | None] = relationship()
