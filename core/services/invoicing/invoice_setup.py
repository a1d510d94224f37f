"""Setting up invoice bookings of a connection (manual 000, C and D).

Switching on makes the coupling. Whatever is saved, what waits is looked at again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, select

from core.domain.clock import local_date, utcnow
from core.models import (
    Connection,
    Coupling,
    InvoiceState,
    InvoiceVatMapping,
    SalesInvoice,
    SalesInvoiceLine,
    Tenant,
    TenantVatCode,
    Transfer,
    TransferState,
    VatKind,
)
from core.plugin.capabilities import Choice, Choices
from core.runtime import log
from core.runtime.database import session
from core.services.invoicing import (
    invoice_bookings,
    invoice_couplings,
    open_items,
    vat_codes,
)
from core.services.invoicing.invoice_bookings import SUBJECT
from core.services.linking import configuration
from core.services.linking.configuration import VatGroup

MOST_OFFERED = 100
"""So many invoices that were sent before are offered at once, newest first."""
_HINTS = {
    VatKind.EXEMPT: "exempt",
    VatKind.REVERSE_CHARGED: "reverse_charged",
    VatKind.INTRA_COMMUNITY: "icp",
    VatKind.INTRA_COMMUNITY_SERVICES: "intra_services",
    VatKind.EXPORT: "international",
}
"""Kinds whose package code is hinted at by a word instead of country and rate. Goods
and services to another member state are declared apart (2006/112/EC art. 264)."""


@dataclass(frozen=True)
class MappingLine:
    """A VAT code of the tenant and what it becomes; empty: not set."""

    code: TenantVatCode
    package_vat_code: str = ""
    revenue_account: str = ""
    is_saved: bool = False


_CONFIGURED = ("configuration_saved", "vat_saved")
"""Codes of what is saved of how invoices are booked."""


def switch_on(
    connection: Connection, starts_on: date | None, *, user_id: int | None = None
) -> Coupling:
    """Let invoices issued from a local date on be booked (None: from today on).

    What was sent before this moment is only offered, whatever its date.
    """
    coupling = invoice_couplings.of_connection(connection.id)
    if coupling is None:
        coupling = Coupling(
            tenant_id=connection.tenant_id,
            target=connection,
            target_id=connection.id,
            settings={},
        )
        session().add(coupling)
    tenant = session().get_one(Tenant, connection.tenant_id)
    coupling.enabled = True
    coupling.starts_on = starts_on or local_date(utcnow(), tenant.timezone)
    _saved(coupling, "invoice_booking_on", user_id=user_id)
    return coupling


def switch_off(coupling: Coupling, *, user_id: int | None = None) -> None:
    """Book no more invoices; what was queued waits, settings are kept."""
    coupling.enabled = False
    _saved(coupling, "invoice_booking_off", user_id=user_id)


def save_settings(
    coupling: Coupling, values: Mapping[str, Any], *, user_id: int | None = None
) -> None:
    """Store the package's own form."""
    coupling.settings = dict(values)
    _saved(coupling, "configuration_saved", user_id=user_id)


def save_mapping(
    coupling: Coupling, lines: Iterable[MappingLine], *, user_id: int | None = None
) -> None:
    """Replace the mapping of VAT codes; lines with nothing chosen are left out."""
    session().execute(
        delete(InvoiceVatMapping)
        .where(InvoiceVatMapping.coupling_id == coupling.id)
        .execution_options(synchronize_session=False)
    )
    for line in lines:
        if line.package_vat_code or line.revenue_account:
            session().add(
                InvoiceVatMapping(
                    tenant_id=coupling.tenant_id,
                    coupling_id=coupling.id,
                    vat_code_id=line.code.id,
                    package_vat_code=line.package_vat_code,
                    revenue_account=line.revenue_account,
                )
            )
    _saved(coupling, "vat_saved", user_id=user_id)


def save_open_items(
    coupling: Coupling, wanted: bool, *, user_id: int | None = None
) -> None:
    """Look for paid invoices once a day, or no longer (manual 000, D).

    The first time soon after it is switched on.
    """
    if wanted and not coupling.reads_open_items:
        open_items.ask_now(coupling)
    coupling.reads_open_items = wanted
    code = "open_items_on" if wanted else "open_items_off"
    _saved(coupling, code, user_id=user_id)


def save_decider(coupling: Coupling, *, user_id: int | None = None) -> None:
    """Let this package say whether an invoice is paid that stands in several."""
    for other in invoice_couplings.reading(coupling.tenant_id):
        other.decides_paid = other.id == coupling.id
    _saved(coupling, "open_items_decider", user_id=user_id)
    open_items.decide_by(coupling.target_id)


def _saved(coupling: Coupling, code: str, *, user_id: int | None) -> None:
    coupling.version = (coupling.version or 0) + 1
    if code in _CONFIGURED:
        coupling.needs_look = False
    session().flush()
    log.write(
        coupling.tenant_id,
        code,
        connection_id=coupling.target_id,
        user_id=user_id,
        plugin=coupling.target.plugin,
    )
    if coupling.configured_at is None and not invoice_couplings.problems_of(coupling):
        coupling.configured_at = utcnow()
    if coupling.enabled:
        invoice_bookings.reconsider_waiting(coupling)


def lines(coupling: Coupling) -> list[MappingLine]:
    """Return the VAT codes to map with what was saved of each.

    Those of the country of the own visiting address (manual 000, C); with them what
    was mapped before and what a waiting invoice asks for.
    """
    saved = {
        row.vat_code_id: row
        for row in session().scalars(
            select(InvoiceVatMapping).where(
                InvoiceVatMapping.coupling_id == coupling.id
            )
        )
    }
    return [_line(code, saved.get(code.id)) for code in _codes(coupling, saved)]


def _line(code: TenantVatCode, row: InvoiceVatMapping | None) -> MappingLine:
    if row is None:
        return MappingLine(code)
    return MappingLine(code, row.package_vat_code, row.revenue_account, is_saved=True)


def _codes(coupling: Coupling, saved: Iterable[int]) -> Sequence[TenantVatCode]:
    tenant = session().get_one(Tenant, coupling.tenant_id)
    asked_for = (
        select(SalesInvoiceLine.vat_code_id)
        .join(Transfer, Transfer.subject_id == SalesInvoiceLine.invoice_id)
        .where(
            Transfer.coupling_id == coupling.id,
            Transfer.subject == SUBJECT,
            Transfer.state.in_((TransferState.WAITING, TransferState.FAILED)),
        )
    )
    needed = {row.id for row in vat_codes.offered(tenant)}
    needed |= {*saved, *session().scalars(asked_for)}
    return [row for row in vat_codes.all_of(tenant.id) if row.id in needed]


def proposed(coupling: Coupling, choices: Choices) -> list[MappingLine]:
    """Return the VAT codes to map; those never saved with what the package's hints
    point to: code and account, or neither, so that it can be saved as it is.

    Nothing is proposed for a code of another country than the administration's: its
    codes for that country are those of distance sales (OSS).
    """
    tenant = session().get_one(Tenant, coupling.tenant_id)
    home = coupling.target.facts.get("country") or tenant.home_country
    return [
        line
        if line.is_saved or line.code.country != home
        else _suggested(line, choices)
        for line in lines(coupling)
    ]


def _suggested(line: MappingLine, choices: Choices) -> MappingLine:
    vat_code = _best(choices.vat_codes, line.code)
    account = _best(choices.revenue_accounts, line.code)
    if not (vat_code and account):
        return line
    return replace(line, package_vat_code=vat_code, revenue_account=account)


def _best(offered: Sequence[Choice], code: TenantVatCode) -> str:
    """Return the first choice whose hint names what a VAT code is for."""
    return next((one.value for one in offered if _fits(one.hint, code)), "")


def _fits(hint: str, code: TenantVatCode) -> bool:
    word = _HINTS.get(VatKind(code.kind))
    if word is not None:
        return word in hint.split()
    return configuration.hint_fits(hint, VatGroup(code.country, ()), code.rate)


def unbooked(coupling: Coupling) -> list[SalesInvoice]:
    """Return sent invoices that have no booking here: to be booked on request."""
    booked = exists().where(
        Transfer.target_id == coupling.target_id,
        Transfer.subject == SUBJECT,
        Transfer.subject_id == SalesInvoice.id,
    )
    return list(
        session().scalars(
            select(SalesInvoice)
            .where(
                SalesInvoice.tenant_id == coupling.tenant_id,
                SalesInvoice.state != InvoiceState.DRAFT,
                ~booked,
            )
            .order_by(SalesInvoice.issued_on.desc(), SalesInvoice.id.desc())
            .limit(MOST_OFFERED)
        )
    )


def book_on_request(
    coupling: Coupling, ids: Iterable[int], *, user_id: int | None = None
) -> int:
    """Book invoices that were sent before; return how many were asked for."""
    wanted = set(ids)
    rows = [row for row in unbooked(coupling) if row.id in wanted]
    for row in rows:
        invoice_bookings.book(row, coupling)
        log.write(
            row.tenant_id,
            "invoice_booking_asked",
            connection_id=coupling.target_id,
            user_id=user_id,
            number=row.number or "",
        )
    return len(rows)
