"""What the package offers to the configuration screens, and what is still missing.

Hints are words the core picks defaults by: a rate and a country, `icp`,
`international`, `intra_services`, `reverse_charged`, `exempt` (see
`core.services.linking.configuration` and `core.services.invoicing.invoice_setup`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import Choice, Choices, DebtorSearch, Proposal
from core.plugin.records import Record
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling
from plugins.eaccounting import checks, reference
from plugins.eaccounting.forms import KIND_LABELS, KIND_REASONS
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingVatMapping
from plugins.eaccounting.proposals import Structure, of_classes, vat_accounts
from plugins.eaccounting.texts import NO_PAYMENTS_NOTE, PAYMENTS_NOTE
from plugins.eaccounting.wire import Body

_MOST_DEBTORS = 200
_RGS_DEBTORS = "BVorDeb"
"""How the Dutch reference code (RGS) of an account for debtors begins."""
_STANDARD_REASON = _l("De debiteurenrekening van uw administratie in Visma.")
_RGS_REASON = _l("De referentiecode (RGS) van deze rekening is die van debiteuren.")
_NAME_REASON = _l("De naam van deze rekening zegt dat ze voor debiteuren is.")
_TERMS_REASON = _l("De betaalconditie die in uw administratie de standaard is.")
_UNIT_REASON = _l("Ons advies: een webwinkel verkoopt per stuk.")
_VAT_REASON = _l(
    "De artikelcoderingen van uw administratie noemen per tarief deze omzetrekening;"
    " de BTW-code is die van de rekening."
)
_ABROAD_REASON = _l(
    "De BTW-code noemt het land en het tarief. De rekening is die van het land zelf;"
    " heeft het er geen, dan die voor alle landen."
)
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
    taken = vat_accounts(codes)
    balance = [a for a in accounts if str(a["Number"]) not in taken]
    structure = Structure(codes, codings, accounts, home)
    hints, revenue = structure.hints()
    return OrderChoices(
        target_kinds=[Choice(kind.value, str(KIND_LABELS[kind])) for kind in kinds],
        vat_codes=[
            Choice(str(code["Id"]), _code_label(code), hints.get(str(code["Id"]), ""))
            for code in structure.sale_codes()
        ],
        revenue_accounts=_with_hints(of_classes(accounts, 8), revenue),
        receivables_accounts=_choices(of_classes(balance, 1)),
        clearing_accounts=_choices(of_classes(balance, 1, 2)) if settles else (),
        liability_accounts=_choices(
            of_classes(_owing(connection.id, accounts, codes), 1, 2)
        ),
        payment_terms=_named(connection.id, reference.TERMS, "AvailableForSales"),
        units=_units(connection.id),
        debtors=_debtors(connection.id),
        debtor_search=_search(connection.id),
        proposals=_proposals(connection.id, company, kinds, accounts),
    )


def purchase_choices(connection: Connection) -> Choices:
    """Return the drop-downs' entries for invoices of suppliers.

    The interface does not tell VAT codes of purchases from those of sales, so all are
    offered that are not of OSS. Costs are of class 4 and 7 of the Dutch decimal chart;
    what is bought to be kept, of 0 and 3.
    """
    accounts = _accounts(connection.id)
    codes = [row.data for row in reference.records(connection.id, reference.VAT_CODE)]
    taken = vat_accounts(codes)
    free = [a for a in accounts if str(a["Number"]) not in taken]
    return Choices(
        vat_codes=[
            Choice(str(code["Id"]), _code_label(code))
            for code in codes
            if not code.get("OssCodeType")
        ],
        cost_accounts=_choices(of_classes(free, 0, 3, 4, 7)),
        payables_accounts=_choices(of_classes(free, 1, 2)),
    )


def _proposals(
    connection_id: int,
    company: Record | None,
    kinds: Sequence[TargetKind],
    accounts: Iterable[Body],
) -> dict[str, Proposal]:
    """Say what is proposed for each field, and why."""
    found = {
        "vat": Proposal(_VAT_REASON),
        "vat_abroad": Proposal(_ABROAD_REASON),
        "unit": Proposal(_UNIT_REASON, _pieces(connection_id)),
    }
    if kinds:
        found["target_kind"] = Proposal(KIND_REASONS[kinds[0]], kinds[0].value)
    terms = str(company.data.get("TermsOfPaymentId") or "") if company else ""
    if terms:
        found["payment_terms"] = Proposal(_TERMS_REASON, terms)
    receivables = _receivables(connection_id, accounts)
    if receivables is not None:
        found["receivables_account"] = receivables
    return found


def _receivables(connection_id: int, accounts: Iterable[Body]) -> Proposal | None:
    """Return the company's account for debtors: the one it has for that task (3.1),
    else the one whose reference code, or at last whose name, says so."""
    for row in reference.records(connection_id, reference.STANDARD_ACCOUNT):
        if "receivable" in row.key.lower() or "debit" in row.key.lower():
            return Proposal(_STANDARD_REASON, row.name)
    for account in accounts:
        if str(account.get("ReferenceCode") or "").startswith(_RGS_DEBTORS):
            return Proposal(_RGS_REASON, str(account["Number"]))
    for account in accounts:
        if "debiteur" in account["Name"].lower():
            return Proposal(_NAME_REASON, str(account["Number"]))
    return None


def _pieces(connection_id: int) -> str:
    """Return the unit of pieces (PCE), the advised default (manual 004)."""
    units = reference.records(connection_id, reference.UNIT)
    return next((row.external_id for row in units if row.key == "PCE"), "")


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


def _code_label(code: Body) -> str:
    return f"{code['Code']} – {code['Description']}"


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
