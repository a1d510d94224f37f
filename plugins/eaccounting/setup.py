"""A coupling's configuration and the package's reference data, loaded once a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.orders import SaleKind
from core.plugin.database import session
from core.plugin.tables import Coupling, StepState, Tenant
from core.plugin.work import Job
from core.rules.sale_checks import VatRule, VatRules
from plugins.eaccounting import reference
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingVatMapping,
)
from plugins.eaccounting.wire import Body


@dataclass(frozen=True)
class Coding:
    """An article coding: it decides the VAT of drafts and orders (contract 3.5)."""

    id: str
    rate: Decimal


@dataclass
class Setup:
    """What booking the orders of one coupling needs to know."""

    connection_id: int
    home_country: str
    timezone: str
    own_vat_number: str
    settings: Mapping[str, Any]
    rules: VatRules
    codings: Mapping[tuple[SaleKind, str, Decimal], str]
    """Codings the user (or a test) chose explicitly, by VAT rule."""
    fixed_debtors: Mapping[str, str]
    vat_codes: Mapping[str, Body]
    years: Sequence[Body]
    all_codings: Sequence[Body]
    company: Body
    accounts: dict[str, dict[str, Body]] = field(default_factory=dict)
    chosen_codings: dict[VatRule, Coding] = field(default_factory=dict)

    @classmethod
    def load(cls, coupling: Coupling, tenant: Tenant) -> "Setup":
        """Read a coupling's configuration and its package's reference data."""
        rows = list(
            session().scalars(
                select(EAccountingVatMapping).where(
                    EAccountingVatMapping.coupling_id == coupling.id
                )
            )
        )
        payments = session().scalars(
            select(EAccountingPaymentMapping).where(
                EAccountingPaymentMapping.coupling_id == coupling.id
            )
        )
        target = coupling.target_id
        company = reference.records(target, reference.COMPANY)
        return cls(
            connection_id=target,
            home_country=tenant.home_country,
            timezone=tenant.timezone,
            own_vat_number=tenant.vat_number,
            settings=coupling.settings,
            rules=VatRules(_rule(row) for row in rows),
            codings={
                (SaleKind(row.sale_kind), row.country, row.rate): row.article_coding
                for row in rows
                if row.article_coding
            },
            fixed_debtors={
                row.method: row.fixed_debtor for row in payments if row.fixed_debtor
            },
            vat_codes={
                row.external_id: row.data
                for row in reference.records(target, reference.VAT_CODE)
            },
            years=_data(target, reference.FISCAL_YEAR),
            all_codings=_data(target, reference.CODING),
            company=company[0].data if company else {},
        )

    @property
    def kind(self) -> TargetKind:
        """What orders become; AskUser when that was never chosen."""
        chosen = self.settings.get("target_kind")
        if not chosen:
            raise AskUser("target_kind_missing")
        return TargetKind(chosen)

    @property
    def locked_to(self) -> str:
        """The date up to which the company's books are locked, as the API gives it."""
        return str(self.company.get("AccountingLockedTo") or "")

    def accounts_of(self, year: Body) -> dict[str, Body]:
        """Return a fiscal year's accounts by number."""
        key = str(year["Id"])
        if key not in self.accounts:
            self.accounts[key] = reference.accounts_of(self.connection_id, key)
        return self.accounts[key]

    def coding(self, rule: VatRule) -> Coding:
        """Return the article coding that gives a rule's VAT.

        At 0 % of ICP and International the VAT follows from the debtor, so any coding
        does: the one of the highest rate is used. Raises AskUser `coding_missing`.
        """
        known = self.chosen_codings.get(rule)
        if known is None:
            known = self.chosen_codings[rule] = self._find_coding(rule)
        return known

    def _find_coding(self, rule: VatRule) -> Coding:
        chosen = self.codings.get((rule.sale_kind, rule.country, rule.rate))
        fits = [c for c in self.all_codings if c.get("IsActive", True)]
        if chosen:
            fits = [c for c in fits if c["Id"] == chosen]
        elif rule.sale_kind == SaleKind.COUNTRY:
            fits = [c for c in fits if Decimal(c["VatRatePercent"]) == rule.rate]
            fits = [c for c in fits if _books_on(c, rule)] or fits
        else:
            fits.sort(key=lambda c: -Decimal(c["VatRatePercent"]))
        if not fits:
            raise AskUser("coding_missing", rate=rule.rate, country=rule.country or "-")
        return Coding(str(fits[0]["Id"]), Decimal(fits[0]["VatRatePercent"]))


def target_of(job: Job, setup: Setup) -> TargetKind:
    """Return what an order becomes: as set up, unless a write was already tried.

    A document whose outcome is unknown is looked up as what it was sent as, whatever
    the user has chosen since.
    """
    for kind in TargetKind:
        step = job.steps.get(kind.value)
        if step is not None and step.state != StepState.REJECTED:
            return kind
    return setup.kind


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


def _rule(row: EAccountingVatMapping) -> VatRule:
    return VatRule(
        SaleKind(row.sale_kind), row.country, row.rate, row.vat_code,
        row.revenue_account,
    )  # fmt: skip


def _data(connection_id: int, kind: str) -> list[Body]:
    return [row.data for row in reference.records(connection_id, kind)]


def _books_on(coding: Body, rule: VatRule) -> bool:
    accounts = [value for name, value in coding.items() if "AccountNumber" in name]
    return rule.revenue_account in {str(account) for account in accounts if account}
