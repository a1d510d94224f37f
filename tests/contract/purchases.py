"""Suppliers' invoices that came in, for the tests of the packages that take them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.domain.clock import utcnow
from core.domain.purchases import VatUse
from core.domain.structured_invoices import VatCategory
from core.models import Connection, Coupling, Transfer
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import purchase_couplings, purchases
from core.services.invoicing.purchase_couplings import PurchaseLine
from core.services.transfer import transfers
from plugins.peppol.models import PeppolReceived, ReceivedState
from plugins.peppol.receiving import purchases as received
from tests.contract.coupled import CoupledPackage
from tests.invoices import customer

S = VatCategory.CHARGED
HIGH, LOW = (S, Decimal(21)), (S, Decimal(9))
SUPPLIER = "Papierhandel De Rol"
Share = tuple[VatCategory, str, str, str]
"""Category, rate, amount excl VAT and VAT, as a document has them."""
PLAIN: tuple[Share, ...] = ((S, "21", "100.00", "21.00"), (S, "9", "10.00", "0.90"))


@dataclass
class Desk:
    """What came in, and the package that it can be entered in."""

    coupled: CoupledPackage[Any]
    tenant_id: int
    relation_id: int

    @property
    def coupling(self) -> Coupling:
        session().expire_all()
        found = purchase_couplings.of_connection(self.coupled.package_id)
        assert found is not None
        return found

    def arrived(
        self,
        *shares: Share,
        number: str = "F-2026-7",
        kind: str = "Invoice",
        **values: Any,
    ) -> int:
        """A document as it stands after it was read."""
        given = shares or PLAIN
        including = sum(
            (Decimal(net) + Decimal(vat) for _, _, net, vat in given), Decimal(0)
        )
        details = {
            "shares": [
                {"category": category, "rate": rate, "taxable": net, "vat": vat}
                for category, rate, net, vat in given
            ],
            "including": f"{including:f}", "differences": [],
            "payment_reference": "RF18539007547034",
        }  # fmt: skip
        row = PeppolReceived(
            **{
                "tenant_id": self.tenant_id, "remote_id": f"id {utcnow().isoformat()}",
                "receiver": "0106:12345678", "content": b"<x/>", "sha256": "",
                "chain_hash": "", "received_at": utcnow(),
                "keep_until": date(2034, 1, 1), "state": ReceivedState.READ,
                "kind": kind, "sender": "0106:87654321", "seller": SUPPLIER,
                "number": number, "issued_on": date(2026, 11, 3),
                "due_on": date(2026, 12, 3), "currency": "EUR",
                "amount_due": including, "details": details,
                "relation_id": self.relation_id, **values,
            }
        )  # fmt: skip
        with transaction() as current:
            current.add(row)
            current.flush()
            return row.id

    def enter(self, key: int, account: str = "") -> None:
        """A person presses the button."""
        with transaction(), tenant_scope(self.tenant_id):
            row = session().get_one(PeppolReceived, key)
            received.enter(row, self.coupled.package_id, account, user_id=1)
        self.coupled.drain()

    def again(self, key: int) -> None:
        """Press *Verwerk*."""
        with transaction(), tenant_scope(self.tenant_id):
            transfers.retry(self.transfer(key))
        self.coupled.drain()

    def transfer(self, key: int) -> Transfer:
        session().rollback()
        session().expire_all()
        found = session().query(Transfer).filter_by(subject="purchase", subject_id=key)
        return found.one()

    def where(self, key: int) -> tuple[str, str]:
        found = self.transfer(key)
        return str(found.state), found.code


def desk(
    coupled: CoupledPackage[Any],
    settings: dict[str, str],
    rules: dict[VatUse, tuple[str, str]],
    **relation: str,
) -> Desk:
    """Switch purchases on for a package and configure it wholly."""
    tenant_id = session().get_one(Connection, coupled.package_id).tenant_id
    given = {"debtor_number": "", "creditor_number": "20001", "vat_number": ""}
    with transaction(), tenant_scope(tenant_id):
        connections.switch_plugin(tenant_id, "peppol", enabled=True)
        relation_id = customer(name=SUPPLIER, **{**given, **relation}).id
        connection = session().get_one(Connection, coupled.package_id)
        purchase_couplings.switch(connection, is_on=True, user_id=1)
        coupling = purchase_couplings.of_connection(connection.id)
        assert coupling is not None
        purchase_couplings.save_settings(coupling, settings, 1)
        lines = [PurchaseLine(*use, *chosen) for use, chosen in rules.items()]
        purchase_couplings.save_mapping(coupling, lines, 1)
        assert purchase_couplings.problems_of(coupling) == []
    return Desk(coupled, tenant_id, relation_id)


def mapped(coupling: Coupling) -> list[PurchaseLine]:
    """What the settings page lists."""
    return purchase_couplings.lines(coupling, purchases.asked_for(coupling))
