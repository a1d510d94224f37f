"""A coupling's configuration and the package's accounts, loaded once a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.errors import AskUser
from core.plugin.setups import CouplingSetup
from core.plugin.tables import Coupling, VatMapping
from plugins.eboekhouden import reference
from plugins.eboekhouden.models import (
    EBoekhoudenPaymentMapping,
    EBoekhoudenVatMapping,
)
from plugins.eboekhouden.wire import Body


@dataclass(kw_only=True)
class Setup(CouplingSetup):
    """What booking the orders of one coupling needs to know."""

    vat_mapping = EBoekhoudenVatMapping
    payment_mapping = EBoekhoudenPaymentMapping

    accounts: Mapping[str, Body]

    @classmethod
    def of_package(
        cls, coupling: Coupling, _lines: Sequence[VatMapping]
    ) -> dict[str, Any]:
        """Return the package's accounts."""
        return {"accounts": reference.accounts_of(coupling.target_id)}

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
