"""A coupling's configuration and the package's accounts, loaded once a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.orders import SaleKind
from core.plugin.database import session
from core.plugin.tables import Coupling, Tenant, Transfer
from core.plugin.work import Job
from core.rules.sale_checks import VatRule, VatRules
from plugins.eboekhouden import reference
from plugins.eboekhouden.models import (
    EBoekhoudenPaymentMapping,
    EBoekhoudenVatMapping,
)
from plugins.eboekhouden.wire import Body


@dataclass(frozen=True)
class Setup:
    """What booking the orders of one coupling needs to know."""

    home_country: str
    timezone: str
    own_vat_number: str
    settings: Mapping[str, Any]
    rules: VatRules
    fixed_debtors: Mapping[str, str]
    """Code of the debtor by payment method."""
    accounts: Mapping[str, Body]

    @classmethod
    def load(cls, coupling: Coupling, tenant: Tenant) -> "Setup":
        """Read a coupling's configuration and its package's accounts."""
        vat = session().scalars(
            select(EBoekhoudenVatMapping).where(
                EBoekhoudenVatMapping.coupling_id == coupling.id
            )
        )
        payments = session().scalars(
            select(EBoekhoudenPaymentMapping).where(
                EBoekhoudenPaymentMapping.coupling_id == coupling.id
            )
        )
        return cls(
            home_country=tenant.home_country,
            timezone=tenant.timezone,
            own_vat_number=tenant.vat_number,
            settings=dict(coupling.settings),
            rules=VatRules(_rule(row) for row in vat),
            fixed_debtors={
                row.method: row.fixed_debtor for row in payments if row.fixed_debtor
            },
            accounts=reference.accounts_of(coupling.target_id),
        )

    @property
    def receivables_account(self) -> str:
        """The debtors account; AskUser `eboekhouden_receivables_missing` without."""
        chosen = str(self.settings.get("receivables_account") or "")
        if not chosen:
            raise AskUser("eboekhouden_receivables_missing")
        return chosen

    @property
    def payment_days(self) -> int:
        """The payment term in days."""
        return self.number("payment_days", 30)

    def number(self, name: str, default: int) -> int:
        """Return a setting that is a number."""
        value = self.settings.get(name)
        return default if value is None else int(value)


class Setups:
    """Each coupling's setup, loaded when the first of its orders comes by."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._made: dict[int, Setup] = {}

    def forget(self) -> None:
        """Load setups again when they are next asked for: the index changed."""
        self._made.clear()

    def of(self, coupling_id: int) -> Setup:
        """Return a coupling's setup."""
        if coupling_id not in self._made:
            coupling = session().get_one(Coupling, coupling_id)
            self._made[coupling_id] = Setup.load(coupling, self._tenant)
        return self._made[coupling_id]


def is_of_another(job: Job, entry_number: str) -> bool:
    """Tell whether an entry was booked for another document over this connection.

    Two shops may sell the same order number to the same customer for the same total:
    adopting the one's entry for the other would lose a document.
    """
    other = select(Transfer.id).where(
        Transfer.target_id == job.connection_id,
        Transfer.external_id == entry_number,
        Transfer.id != job.transfer_id,
    )
    found = session().execute(other).first() is not None
    session().rollback()
    return found


def _rule(row: EBoekhoudenVatMapping) -> VatRule:
    return VatRule(
        SaleKind(row.sale_kind), row.country, row.rate, row.vat_code,
        row.revenue_account,
    )  # fmt: skip
