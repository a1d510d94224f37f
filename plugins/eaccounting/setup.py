"""A coupling's configuration and the package's reference data, loaded once a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.domain.errors import AskUser
from core.domain.orders import SaleKind
from core.plugin.setups import CouplingSetup, Setups
from core.plugin.tables import Coupling, StepState, VatMapping
from core.plugin.work import Job
from core.rules.sale_checks import VatRule
from plugins.eaccounting import reference
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingVatMapping,
)
from plugins.eaccounting.reference import Index
from plugins.eaccounting.wire import Body


@dataclass(frozen=True)
class Coding:
    """An article coding: it decides the VAT of drafts and orders (contract 3.5)."""

    id: str
    rate: Decimal


STALE = frozenset(
    (
        "account_blocked", "account_missing", "coding_missing", "fiscal_year_missing",
        "licence_without_target", "period_locked", "vat_code_gone",
        "vat_code_rate_differs", "vat_code_without_account",
    )
)  # fmt: skip
"""Refusals that the user solves in the package, which we may not have read since."""


@dataclass(kw_only=True)
class Setup(CouplingSetup):
    """What booking the orders of one coupling needs to know."""

    vat_mapping = EAccountingVatMapping
    payment_mapping = EAccountingPaymentMapping

    codings: Mapping[tuple[SaleKind, str, Decimal], str]
    """Codings the user (or a test) chose explicitly, by VAT rule."""
    vat_codes: Mapping[str, Body]
    years: Sequence[Body]
    all_codings: Sequence[Body]
    company: Body
    countries: Mapping[str, str]
    """The vendor's list of countries, by code; empty where it was never read."""
    accounts: dict[str, dict[str, Body]] = field(default_factory=dict)
    chosen_codings: dict[VatRule, Coding] = field(default_factory=dict)

    @classmethod
    def of_package(
        cls, coupling: Coupling, lines: Sequence[VatMapping]
    ) -> dict[str, Any]:
        """Return codings, VAT codes, fiscal years and the company."""
        target = coupling.target_id
        company = _data(target, reference.COMPANY)
        return {
            "codings": {
                (SaleKind(row.sale_kind), row.country, row.rate): row.article_coding
                for row in lines
                if isinstance(row, EAccountingVatMapping) and row.article_coding
            },
            "vat_codes": {
                row.external_id: row.data
                for row in reference.records(target, reference.VAT_CODE)
            },
            "years": _data(target, reference.FISCAL_YEAR),
            "all_codings": _data(target, reference.CODING),
            "company": company[0] if company else {},
            "countries": {
                row.key: row.name
                for row in reference.records(target, reference.COUNTRY)
            },
        }

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

    @property
    def company_country(self) -> str:
        """The country that Visma counts as domestic."""
        return str(self.company.get("CountryCode") or self.home_country)

    @property
    def rounding_coding(self) -> Coding | None:
        """The article coding of a rounding row: at 0 %; None where there is none."""
        for coding in self.all_codings:
            if coding.get("IsActive", True) and not Decimal(coding["VatRatePercent"]):
                return Coding(str(coding["Id"]), Decimal(0))
        return None

    def listed_country(self, code: str) -> str:
        """Return a country as the vendor's list has it: a territory that is not there
        stands under its state."""
        if not self.countries or code in self.countries:
            return code
        return reference.STATES.get(code, code)

    def accounts_of(self, year: Body) -> dict[str, Body]:
        """Return a fiscal year's accounts by number."""
        key = str(year["Id"])
        if key not in self.accounts:
            self.accounts[key] = reference.accounts_of(self.connection_id, key)
        return self.accounts[key]

    def coding(self, rule: VatRule) -> Coding:
        """Return the article coding that gives a rule's VAT.

        At 0 % of ICP and International the VAT follows from the debtor, so any coding
        does: the one of the highest rate is used. Of another country's rate only one
        that books on the rule's account does: the same rate at home is other VAT.
        Raises AskUser `coding_missing`.
        """
        known = self.chosen_codings.get(rule)
        if known is None:
            known = self.chosen_codings[rule] = self._find_coding(rule)
        return known

    def books_on(self, rule: VatRule) -> bool:
        """Tell whether a draft or order would book a rule on the account it names."""
        key = self.coding(rule).id
        return any(_books_on(c, rule) for c in self.all_codings if c["Id"] == key)

    def _find_coding(self, rule: VatRule) -> Coding:
        chosen = self.codings.get((rule.sale_kind, rule.country, rule.rate))
        fits = [c for c in self.all_codings if c.get("IsActive", True)]
        if chosen:
            fits = [c for c in fits if c["Id"] == chosen]
        elif rule.sale_kind == SaleKind.COUNTRY:
            fits = [c for c in fits if Decimal(c["VatRatePercent"]) == rule.rate]
            exact = [c for c in fits if _books_on(c, rule)]
            is_home = rule.country == self.company_country
            fits = (exact or fits) if is_home or not rule.rate else exact
        else:
            fits.sort(key=lambda c: -Decimal(c["VatRatePercent"]))
        if not fits:
            raise AskUser("coding_missing", rate=rule.rate, country=rule.country or "-")
        return Coding(str(fits[0]["Id"]), Decimal(fits[0]["VatRatePercent"]))


def target_of(job: Job, setup: Setup) -> TargetKind:
    """Return what an order becomes: as set up, unless a write was already tried.

    A document whose outcome is unknown is looked up as what it was sent as, whatever
    the user has chosen since. A credit document becomes what its sale became.
    """
    if job.credited is not None and job.credited.document in list(TargetKind):
        return TargetKind(job.credited.document)
    for kind in TargetKind:
        step = job.steps.get(kind.value)
        if step is not None and step.state != StepState.REJECTED:
            return kind
    return setup.kind


def refreshed(index: Index, setups: Setups[Setup]) -> bool:
    """Read what a check goes by again, unless that was done a moment ago."""
    if not index.read_reference_if_stale():
        return False
    setups.forget()
    return True


def _data(connection_id: int, kind: str) -> list[Body]:
    return [row.data for row in reference.records(connection_id, kind)]


_TAXED = (
    "DomesticSalesSubjectToVatAccountNumber",
    "ForeignSalesSubjectToVatWithinEuAccountNumber",
)
"""Where a coding books sales with its own VAT (contract 3.5)."""
_EXEMPT = (
    "DomesticSalesVatExemptAccountNumber",
    "DomesticSalesVatCodeExemptAccountNumber",
)


def _books_on(coding: Body, rule: VatRule) -> bool:
    names = _TAXED if rule.rate else _TAXED + _EXEMPT
    return rule.revenue_account in {str(coding.get(name)) for name in names}
