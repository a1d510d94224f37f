"""A coupling's configuration, loaded once a batch."""

from dataclasses import dataclass

from core.plugin.setups import CouplingSetup
from moneybird.models import MoneybirdPaymentMapping, MoneybirdVatMapping


@dataclass(kw_only=True)
class Setup(CouplingSetup):
    """What booking the orders of one coupling needs to know."""

    vat_mapping = MoneybirdVatMapping
    payment_mapping = MoneybirdPaymentMapping

    @property
    def prefix(self) -> str:
        """What stands before an order's number in Moneybird."""
        return str(self.settings.get("reference_prefix", "KW"))

    @property
    def payment_days(self) -> int:
        """Days from the order's date to the invoice's due date."""
        return int(self.settings.get("payment_days", 14))
