"""What booking the orders of a coupling needs to know, loaded once a batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import select

from core.domain.orders import SaleKind
from core.models import Coupling, PaymentMapping, Tenant, VatMapping
from core.plugin.database import session
from core.rules.sale_checks import VatRule, VatRules


@dataclass(kw_only=True)
class CouplingSetup:
    """A coupling's configuration; a plugin adds what its package needs besides."""

    vat_mapping: ClassVar[type[VatMapping]]
    payment_mapping: ClassVar[type[PaymentMapping]]

    connection_id: int
    """Of the package."""
    home_country: str
    timezone: str
    own_vat_number: str
    settings: Mapping[str, Any]
    rules: VatRules
    fixed_debtors: Mapping[str, str]
    """The package's id of the debtor, by payment method."""
    clearing_accounts: Mapping[str, str]
    """The package's account that payments come in on, by payment method; a method
    without one is not settled."""

    @classmethod
    def load(cls: "type[S]", coupling: Coupling, tenant: Tenant) -> "S":
        """Read a coupling's configuration and its package's reference data."""
        lines = vat_lines(cls.vat_mapping, coupling.id)
        model = cls.payment_mapping
        payments = (
            session()
            .scalars(select(model).where(model.coupling_id == coupling.id))
            .all()
        )
        return cls(
            connection_id=coupling.target_id,
            home_country=tenant.home_country,
            timezone=tenant.timezone,
            own_vat_number=tenant.vat_number,
            settings=dict(coupling.settings),
            rules=vat_rules(lines),
            fixed_debtors={
                row.method: row.fixed_debtor for row in payments if row.fixed_debtor
            },
            clearing_accounts={
                row.method: row.clearing_account
                for row in payments
                if row.clearing_account
            },
            **cls.of_package(coupling, lines),
        )

    @classmethod
    def of_package(
        cls, _coupling: Coupling, _lines: Sequence[VatMapping]
    ) -> dict[str, Any]:
        """Return the fields that a plugin added, by name."""
        return {}


S = TypeVar("S", bound=CouplingSetup)


class Setups(Generic[S]):
    """Each coupling's setup, loaded when the first of its documents comes by."""

    def __init__(self, kind: type[S], tenant: Tenant) -> None:
        self._kind = kind
        self._tenant = tenant
        self._loaded: dict[int, S] = {}

    def forget(self) -> None:
        """Load setups again when they are next asked for: the index changed."""
        self._loaded.clear()

    def of(self, coupling_id: int) -> S:
        """Return a coupling's setup."""
        if coupling_id not in self._loaded:
            coupling = session().get_one(Coupling, coupling_id)
            self._loaded[coupling_id] = self._kind.load(coupling, self._tenant)
        return self._loaded[coupling_id]


def vat_lines(model: type[VatMapping], coupling_id: int) -> Sequence[VatMapping]:
    """Return the lines of a coupling's VAT configuration."""
    chosen = select(model).where(model.coupling_id == coupling_id)
    return session().scalars(chosen).all()


def vat_rules(lines: Iterable[VatMapping]) -> VatRules:
    """Return what a VAT configuration says, for the checks of a sale."""
    return VatRules(
        VatRule(
            SaleKind(line.sale_kind),
            line.country,
            line.rate,
            line.vat_code,
            line.revenue_account,
        )
        for line in lines
    )


def is_vat_configured(model: type[VatMapping], coupling_id: int) -> bool:
    """Tell whether a coupling has any line of VAT configuration."""
    chosen = select(model.id).where(model.coupling_id == coupling_id).limit(1)
    return session().execute(chosen).first() is not None
