"""What the package offers to the configuration screens, and what is still missing.

Hints are words the core picks defaults by: a rate and a country, `icp`,
`international` (see `core.services.linking.configuration`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.money import plain
from core.plugin.capabilities import Choice, Choices
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling
from core.rules.vatrates import MEMBER_STATES
from plugins.eaccounting import checks, reference
from plugins.eaccounting.forms import KIND_LABELS
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingVatMapping
from plugins.eaccounting.wire import Body

_OSS_VAT = 2
"""OssCodeType of codes that name the VAT itself, not a sale (3.5)."""
_MOST_DEBTORS = 200
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
    accounts = _accounts(connection.id)
    home = str(connection.facts.get("country") or "NL")
    codes = [row.data for row in reference.records(connection.id, reference.VAT_CODE)]
    codings = [row.data for row in reference.records(connection.id, reference.CODING)]
    revenue = _revenue_hints(codes, codings, accounts, home)
    return OrderChoices(
        target_kinds=[Choice(kind.value, str(KIND_LABELS[kind])) for kind in kinds],
        vat_codes=[
            Choice(str(code["Id"]), _code_label(code), _code_hint(code, home))
            for code in codes
            if code.get("OssCodeType") != _OSS_VAT
        ],
        revenue_accounts=_with_hints(_of(accounts, 8), revenue),
        receivables_accounts=_receivables(connection.id, accounts),
        clearing_accounts=_choices(_of(accounts, 1, 2)),
        payment_terms=_named(connection.id, reference.TERMS, "AvailableForSales"),
        units=_units(connection.id),
        debtors=_debtors(connection.id),
    )


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


def _code_hint(code: Body, home: str) -> str:
    """Guess what a code is for; the user sees the guess before it is saved."""
    text = f"{code['Code']} {code['Description']}"
    words = {word.strip("-–(),").upper() for word in text.replace("-", " ").split()}
    rate = plain(code["VatRate"])
    if "ICP" in words or "INTRACOMMUNAUTAIRE" in words:
        return "icp"
    if "EXPORT" in words:
        return "international"
    if code.get("OssCodeType"):
        states = words & set(MEMBER_STATES)
        return f"{rate} {states.pop()}" if states else ""
    is_sale = "VERKOOP" in words
    return f"{rate} {home}" if is_sale else ""


def _revenue_hints(
    codes: list[Body], codings: list[Body], accounts: list[Body], home: str
) -> dict[str, str]:
    """Tell which revenue account serves which rate: by the article codings (3.5)."""
    hints: dict[str, list[str]] = {}

    def note(account: object, words: str) -> None:
        if account:
            hints.setdefault(str(account), []).append(words)

    for coding in codings:
        rate = plain(coding["VatRatePercent"])
        name = str(coding["Name"])
        account = coding.get("DomesticSalesSubjectToVatAccountNumber")
        if not name.startswith("OSS"):
            note(account, f"{rate} {home}")
        note(coding.get("ForeignSalesVatExemptWithinEuAccountNumber"), "icp")
        note(coding.get("ForeignSalesVatExemptOutsideEuAccountNumber"), "international")
        note(coding.get("ForeignSalesSubjectToMossAccountNumber"), "")
    oss = {
        word
        for code in codes
        if code.get("OssCodeType")
        for word in _code_hint(code, home).split()
    }
    for account in accounts:
        if "OSS" in account["Name"].upper():
            note(account["Number"], " ".join(sorted(oss)))
    return {number: " ".join(words) for number, words in hints.items()}


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
    return [Choice(row.external_id, row.name) for row in rows[:_MOST_DEBTORS]]
