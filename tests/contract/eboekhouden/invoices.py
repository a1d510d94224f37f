"""A tenant whose sent invoices are booked in the demo administration."""

from datetime import date
from typing import Any, ClassVar

from core.models import Connection, Coupling
from core.runtime.database import session, transaction
from core.services.invoicing import invoice_couplings, invoice_setup
from tests.contract.eaccounting.invoices import Books as EAccountingBooks
from tests.contract.eaccounting.invoices import vat_codes
from tests.contract.eboekhouden.conftest import Coupled

ARCHIVE = "archief.12345@archief.example"
VAT = {
    "HOOG": ("HOOG_VERK_21", "8000"),
    "LAAG": ("LAAG_VERK_9", "8000"),
    "NUL": ("GEEN", "8000"),
    "VRIJ": ("GEEN", "8000"),
    "VERLEGD": ("VERL_VERK", "8000"),
    "ICL": ("BI_EU_VERK", "8000"),
    "ICD": ("BI_EU_VERK_D", "8000"),
    "EXP": ("BU_EU_VERK", "8000"),
}
"""What each of the tenant's codes becomes: VAT code and revenue account."""


class Books(EAccountingBooks):
    """Invoices made, sent and booked in e-Boekhouden.nl."""

    coupled: Coupled  # type: ignore[assignment]  # the same questions are asked of it
    plugin: ClassVar[str] = "eboekhouden"

    def pay(self, invoice_id: int, amount: str = "") -> None:
        """Somebody settles (a part of) an open item in the package."""
        body = {"invoice": self.booking(invoice_id).number}
        given = {"amount": amount} if amount else {}
        self.coupled.package.control("pay", {**body, **given})

    def configure(self, **values: Any) -> None:
        """Change the package's settings for invoices."""
        with transaction():
            coupling = self.coupling
            invoice_setup.save_settings(coupling, {**coupling.settings, **values})


def map_all(coupling: Coupling) -> None:
    """Map every VAT code as the table says."""
    lines = [
        invoice_setup.MappingLine(line.code, *VAT[line.code.code])
        for line in invoice_setup.lines(coupling)
        if line.code.code in VAT
    ]
    invoice_setup.save_mapping(coupling, lines)


def switched_on(coupled: Coupled, starts_on: date | None = date(2026, 1, 1)) -> Books:
    """Switch invoice booking on and configure it wholly."""
    tenant_id = session().get_one(Connection, coupled.package_id).tenant_id
    with transaction():
        codes = vat_codes(tenant_id)
    with transaction():
        connection = session().get_one(Connection, coupled.package_id)
        coupling = invoice_setup.switch_on(connection, starts_on)
        invoice_setup.save_settings(coupling, {"receivables_account": "1300"})
        map_all(coupling)
        invoice_setup.save_open_items(coupling, wanted=True)
        assert invoice_couplings.problems_of(coupling) == []
    return Books(coupled, tenant_id, codes)  # type: ignore[arg-type]
