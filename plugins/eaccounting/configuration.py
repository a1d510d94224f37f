"""What the package offers to the configuration screens, and what is still missing.

Hints are words the core picks defaults by: a rate and a country, `icp`,
`international`, `intra_services`, `reverse_charged`, `exempt` (see
`core.services.linking.configuration` and `core.services.invoicing.invoice_setup`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from flask_babel import LazyString

from core.domain.countries import names
from core.domain.money import plain
from core.plugin.capabilities import Choice, Choices, DebtorSearch
from core.plugin.records import Record
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling
from core.rules.vatrates import MEMBER_STATES
from plugins.eaccounting import checks, reference
from plugins.eaccounting.forms import KIND_LABELS
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingVatMapping
from plugins.eaccounting.texts import NO_PAYMENTS_NOTE, PAYMENTS_NOTE
from plugins.eaccounting.wire import Body

_OSS_VAT = 2
"""OssCodeType of codes that name the VAT itself, not a sale (3.5)."""
_TAXED = "DomesticSalesSubjectToVatAccountNumber"
_EXEMPT = "DomesticSalesVatExemptAccountNumber"
_REVERSED = "DomesticSalesSubjectToReversedConstructionVatAccountNumber"
_WITHIN_EU = "ForeignSalesVatExemptWithinEuAccountNumber"
_OUTSIDE_EU = "ForeignSalesVatExemptOutsideEuAccountNumber"
_MOST_DEBTORS = 200
_SERVICES = ("service", "dienst")
_NEEDED = {
    "target_kind": "target_kind_missing",
    "receivables_account": "receivables_account_missing",
    "payment_terms": "payment_terms_missing",
    "unit": "unit_missing",
}


@dataclass(frozen=True)
class OrderChoices(Choices):
    """The drop-downs' entries, with what the company's licence can take."""

    target_kinds: Sequence[Choice] = ()


def choices(connection: Connection) -> OrderChoices:
    """Return the drop-downs' entries from the local index."""
    company = reference.by_id(connection.id, reference.COMPANY, reference.COMPANY)
    kinds = checks.offered_kinds(company.data) if company else tuple(TargetKind)
    settles = _settles(company)
    accounts = _accounts(connection.id)
    home = str(connection.facts.get("country") or "NL")
    codes = [row.data for row in reference.records(connection.id, reference.VAT_CODE)]
    codings = [row.data for row in reference.records(connection.id, reference.CODING)]
    structure = Structure(codes, codings, accounts, home)
    hints, revenue = structure.hints()
    return OrderChoices(
        target_kinds=[Choice(kind.value, str(KIND_LABELS[kind])) for kind in kinds],
        vat_codes=[
            Choice(str(code["Id"]), _code_label(code), hints.get(str(code["Id"]), ""))
            for code in structure.sale_codes()
        ],
        revenue_accounts=_with_hints(_of(accounts, 8), revenue),
        receivables_accounts=_receivables(connection.id, accounts),
        clearing_accounts=_choices(_of(accounts, 1, 2)) if settles else (),
        liability_accounts=_choices(_of(_owing(connection.id, accounts, codes), 1, 2)),
        payment_terms=_named(connection.id, reference.TERMS, "AvailableForSales"),
        units=_units(connection.id),
        debtors=_debtors(connection.id),
        debtor_search=_search(connection.id),
    )


def _settles(company: Record | None) -> bool:
    return company is None or checks.can_settle(company.data)


def payments_notice(coupling: Coupling) -> LazyString:
    """Return what the package does with payments, and what not."""
    company = reference.by_id(coupling.target_id, reference.COMPANY, reference.COMPANY)
    return PAYMENTS_NOTE if _settles(company) else NO_PAYMENTS_NOTE


def problems(coupling: Coupling) -> list[str]:
    """Return the codes of what must be filled in before anything may go."""
    missing = [
        code for name, code in _NEEDED.items() if not coupling.settings.get(name)
    ]
    if not is_vat_configured(EAccountingVatMapping, coupling.id):
        missing.append("vat_not_configured")
    return missing


def invoice_problems(coupling: Coupling) -> list[str]:
    """Return the codes of what invoices need and is not filled in."""
    needed = ("receivables_account", "payment_terms")
    return [_NEEDED[name] for name in needed if not coupling.settings.get(name)]


def _accounts(connection_id: int) -> list[Body]:
    """Return usable accounts, each number once, as in the newest fiscal year."""
    newest: dict[str, Body] = {}
    for row in reference.records(connection_id, reference.ACCOUNT):
        newest[row.key] = row.data
    usable = (
        account
        for account in newest.values()
        if account.get("IsActive") and not account.get("IsBlockedForManualBooking")
    )
    return sorted(usable, key=lambda account: int(account["Number"]))


def _of(accounts: Iterable[Body], *classes: int) -> list[Body]:
    """Return accounts whose number begins with one of these digits.

    The Dutch decimal chart: 1 balance, 2 in transit, 8 revenue. Companies with another
    chart get all their accounts to choose from.
    """
    accounts = list(accounts)
    wanted = tuple(map(str, classes))
    chosen = [a for a in accounts if str(a["Number"]).startswith(wanted)]
    return chosen or accounts


def _owing(
    connection_id: int, accounts: Iterable[Body], codes: Iterable[Body]
) -> list[Body]:
    """Return the accounts without those of VAT and those that have a task (3.16)."""
    taken = {
        str(number)
        for code in codes
        for number in (code.get("RelatedAccounts") or {}).values()
    }
    taken |= {
        row.name for row in reference.records(connection_id, reference.STANDARD_ACCOUNT)
    }
    return [account for account in accounts if str(account["Number"]) not in taken]


def _choices(accounts: Iterable[Body]) -> list[Choice]:
    return [Choice(str(a["Number"]), f"{a['Number']} {a['Name']}") for a in accounts]


def _with_hints(accounts: Iterable[Body], hints: dict[str, str]) -> list[Choice]:
    return [
        Choice(
            str(a["Number"]), f"{a['Number']} {a['Name']}", hints.get(a["Number"], "")
        )
        for a in accounts
    ]


def _receivables(connection_id: int, accounts: list[Body]) -> list[Choice]:
    """Return balance accounts, the one the company has for debtors first (3.1)."""
    numbers = {
        row.name
        for row in reference.records(connection_id, reference.STANDARD_ACCOUNT)
        if "receivable" in row.key.lower() or "debit" in row.key.lower()
    }
    named = {str(a["Number"]) for a in accounts if "debiteur" in a["Name"].lower()}
    first = numbers or named
    offered = _choices(_of(accounts, 1))
    return sorted(offered, key=lambda choice: choice.value not in first)


def _code_label(code: Body) -> str:
    return f"{code['Code']} – {code['Description']}"


@dataclass(frozen=True)
class Structure:
    """What a company's own structure says of codes and accounts, for the proposals.

    Article codings name the revenue account of each rate and kind of sale, and an
    account names its VAT code (contract 3.5, 3.6). Words only break a tie: companies
    write what they like.
    """

    codes: Sequence[Body]
    codings: Sequence[Body]
    accounts: Sequence[Body]
    home: str

    def hints(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the hints of VAT codes by id and of accounts by number."""
        codes: defaultdict[str, list[str]] = defaultdict(list)
        accounts: defaultdict[str, list[str]] = defaultdict(list)
        for hint, account, code in (*self._own(), *self._oss()):
            if account and hint not in accounts[account]:
                accounts[account].append(hint)
            if code and hint not in codes[code]:
                codes[code].append(hint)
        return _joined(codes), _joined(accounts)

    def _own(self) -> Iterator[tuple[str, str, str]]:
        """Yield hint, account and code of sales at home, in the EU and outside it."""
        seen = set[str]()
        for coding in self._home_codings():
            rate = Decimal(coding["VatRatePercent"])
            taxed = _TAXED if rate else _EXEMPT
            within_eu = "intra_services" if _is_of_services(coding) else "icp"
            for hint, name, of_rate in (
                (f"{plain(rate)} {self.home}", taxed, rate),
                ("exempt", _EXEMPT, Decimal(0)),
                ("reverse_charged", _REVERSED, Decimal(0)),
                (within_eu, _WITHIN_EU, Decimal(0)),
                ("international", _OUTSIDE_EU, Decimal(0)),
            ):
                account = str(coding.get(name) or "")
                if account and hint not in seen:
                    seen.add(hint)
                    yield hint, account, self._code(account, of_rate, hint)
        for hint, code in self._by_words():
            if hint not in seen:
                seen.add(hint)
                account = self._account_of(code)
                yield hint, account, str(code["Id"])

    def _home_codings(self) -> list[Body]:
        """Return codings of sales at home: those of OSS book on an account of OSS."""
        usable = [c for c in self.codings if c.get("IsActive", True)]
        return [c for c in usable if not self._is_oss(str(c.get(_TAXED) or ""))]

    def _is_oss(self, account: str) -> bool:
        code = self._own_code(account)
        if code is not None:
            return bool(code.get("OssCodeType"))
        name = next((a["Name"] for a in self.accounts if a["Number"] == account), "")
        return "OSS" in str(name).upper()

    def _own_code(self, account: str) -> Body | None:
        number = {str(a["Number"]): a.get("VatCodeId") for a in self.accounts}
        wanted = number.get(account)
        return next((c for c in self.codes if c["Id"] == wanted), None)

    def _code(self, account: str, rate: Decimal, hint: str) -> str:
        """Return the code of an account, where it has one of this rate; else the only
        one of a rate above zero, or the one whose words say it."""
        own = self._own_code(account)
        if own is not None and Decimal(own["VatRate"]) == rate:
            return str(own["Id"])
        fits = [
            code
            for code in self.sale_codes()
            if not code.get("OssCodeType") and Decimal(code["VatRate"]) == rate
        ]
        fits.sort(key=lambda code: _word_hint(code, self.home) != hint)
        is_only = len(fits) == 1 and bool(rate)
        is_sure = fits and (is_only or _word_hint(fits[0], self.home) == hint)
        return str(fits[0]["Id"]) if is_sure else ""

    def sale_codes(self) -> list[Body]:
        """Return the codes that a line of a sale may have.

        The interface does not tell codes of purchases apart. They are those that no
        revenue account has and whose VAT goes to another account than that of sales
        does (or that only other accounts have), of a rate that sales have a code for.
        """
        usable = [c for c in self.codes if c.get("OssCodeType") != _OSS_VAT]
        revenue = {a.get("VatCodeId") for a in _of(self.accounts, 8)}
        others = {a.get("VatCodeId") for a in self.accounts} - revenue
        sold = [c for c in usable if c.get("OssCodeType") or c["Id"] in revenue]
        accounts = set[str]().union(*map(_related, sold))
        rates = {Decimal(c["VatRate"]) for c in sold if not c.get("OssCodeType")}

        def may_be_sold(code: Body) -> bool:
            if code in sold or Decimal(code["VatRate"]) not in rates:
                return True
            return code["Id"] not in others and _related(code) <= accounts

        return [code for code in usable if may_be_sold(code)]

    def _by_words(self) -> Iterator[tuple[str, Body]]:
        for code in self.sale_codes():
            hint = _word_hint(code, self.home)
            if hint and not code.get("OssCodeType"):
                yield hint, code

    def _account_of(self, code: Body) -> str:
        revenue = _of(self.accounts, 8)
        return next(
            (str(a["Number"]) for a in revenue if a.get("VatCodeId") == code["Id"]), ""
        )

    def _oss(self) -> Iterator[tuple[str, str, str]]:
        """Yield hint, account and code of each rate of OSS.

        The account is the country's own: the one whose code or name is of the country;
        one for all countries only where a country has none.
        """
        revenue = _of(self.accounts, 8)
        own: dict[str, str] = {}
        for account in revenue:
            code = self._own_code(str(account["Number"]))
            if code is None or not code.get("OssCodeType"):
                is_oss = "OSS" in str(account["Name"]).upper()
                country = _country_in(str(account["Name"])) if is_oss else ""
            else:
                country = _country_of(code)
            if country:
                own.setdefault(country, str(account["Number"]))
        general = next(
            (
                str(a["Number"])
                for a in revenue
                if "OSS" in str(a["Name"]).upper() and not _country_in(str(a["Name"]))
            ),
            "",
        )
        for code in self.codes:
            country = _country_of(code) if code.get("OssCodeType") else ""
            if country and code.get("OssCodeType") != _OSS_VAT:
                hint = f"{plain(code['VatRate'])} {country}"
                yield hint, own.get(country, general), str(code["Id"])


def _joined(hints: dict[str, list[str]]) -> dict[str, str]:
    return {key: " ".join(words) for key, words in hints.items()}


def _related(code: Body) -> set[str]:
    accounts = code.get("RelatedAccounts") or {}
    return {str(number) for number in accounts.values() if number}


def _words(text: str) -> set[str]:
    return {word.strip("-–(),").upper() for word in text.replace("-", " ").split()}


def _country_of(code: Body) -> str:
    """Return the member state that a code of OSS names, by its code or its name."""
    text = f"{code['Code']} {code['Description']}"
    states = _words(text) & set(MEMBER_STATES)
    return states.pop() if len(states) == 1 else _country_in(text)


def _country_in(text: str) -> str:
    """Return the member state whose Dutch or English name stands in a text."""
    lower = text.casefold()
    return next((code for name, code in _state_names() if name in lower), "")


@cache
def _state_names() -> list[tuple[str, str]]:
    return [
        (name.casefold(), code)
        for language in ("nl", "en")
        for code, name in names(language)
        if code in MEMBER_STATES
    ]


def _is_of_services(coding: Body) -> bool:
    """Tell whether an article coding is for services: `Type` says so (contract 3.5;
    `Goods` is seen, the other words are not published)."""
    kind = str(coding.get("Type") or "").casefold()
    return any(word in kind for word in _SERVICES)


def _word_hint(code: Body, home: str) -> str:
    """Guess what a code is for by its words; the user sees it before it is saved."""
    words = _words(f"{code['Code']} {code['Description']}")
    if "ICP" in words or "INTRACOMMUNAUTAIRE" in words:
        told = " ".join(words).casefold()
        return "intra_services" if any(w in told for w in _SERVICES) else "icp"
    if "VERLEGD" in words:
        return "reverse_charged"
    if "EXPORT" in words:
        return "international"
    return f"{plain(code['VatRate'])} {home}" if "VERKOOP" in words else ""


def _named(connection_id: int, kind: str, needs: str = "") -> list[Choice]:
    return [
        Choice(row.external_id, row.name)
        for row in reference.records(connection_id, kind)
        if not needs or row.data.get(needs, True)
    ]


def _units(connection_id: int) -> list[Choice]:
    """Return units, pieces first: the advised default (manual 004)."""
    units = [
        Choice(row.external_id, f"{row.name} ({row.key})", row.key)
        for row in reference.records(connection_id, reference.UNIT)
    ]
    return sorted(units, key=lambda unit: unit.hint != "PCE")


def _debtors(connection_id: int) -> list[Choice]:
    """Return debtors for the fixed-debtor drop-down, by name."""
    rows = sorted(
        reference.records(connection_id, reference.CUSTOMER), key=lambda row: row.name
    )
    return [_debtor(row) for row in rows[:_MOST_DEBTORS]]


def _debtor(row: Record) -> Choice:
    """Name a debtor so that two of one name are told apart."""
    parts = (str(row.data.get("CustomerNumber") or ""), row.name, row.key)
    return Choice(row.external_id, " · ".join(filter(None, parts)))


def _search(connection_id: int) -> DebtorSearch:
    def get(value: str) -> Choice | None:
        row = reference.by_id(connection_id, reference.CUSTOMER, value)
        return _debtor(row) if row else None

    return DebtorSearch(
        find=lambda text: list(
            map(_debtor, reference.find_customers(connection_id, text))
        ),
        get=get,
    )
