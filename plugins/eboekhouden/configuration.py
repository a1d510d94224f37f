"""What the package offers to the configuration screens, and what is still missing.

Hints are words the core picks defaults by: a rate and a country, `icp`,
`international`, `intra_services`, `reverse_charged`, `exempt` (see
`core.services.linking.configuration` and `core.services.invoicing.invoice_setup`). The
vendor lists no VAT codes: they follow from the country where the company is registered
(manual 001, C). For a zero rate at home the Dutch list has none, and for exempt sales
neither list: whether that is GEEN is not told (contract 5), so nothing is proposed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_babel import lazy_gettext as _l

from core.domain.clock import local_date, utcnow
from core.domain.money import plain
from core.plugin.capabilities import Choice, Choices, DebtorSearch, Proposal
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling, Tenant
from core.rules.vatrates import FIRST_DAY, RATED, rates_between
from plugins.eboekhouden import reference, wire
from plugins.eboekhouden.models import EBoekhoudenVatMapping
from plugins.eboekhouden.wire import Body, VatCode

_WORDS = {
    "21": ("21", "hoog"),
    "9": ("9%", "9 %", "laag"),
    "icp": ("binnen eu", "icp", "intracomm"),
    "international": ("buiten eu", "export"),
    "oss": ("oss", "afstandsverkopen", "eu-landen"),
}
"""What the name of a revenue account says about its use; else it is for everything."""
_MOST_DEBTORS = 200
_PROPOSALS = {
    "vat": Proposal(
        _l(
            "e-Boekhouden.nl heeft vaste BTW-codes: deze is van dit tarief. De rekening"
            " is de omzetrekening waarvan de naam dit gebruik noemt, anders de eerste."
        )
    ),
    "vat_abroad": Proposal(
        _l(
            "e-Boekhouden.nl heeft één BTW-code met een eigen percentage voor andere"
            " landen, en eigen codes voor ICP en voor verkopen buiten de EU."
        )
    ),
}


def choices(connection: Connection) -> Choices:
    """Return the drop-downs' entries from the local index."""
    tenant = session().get_one(Tenant, connection.tenant_id)
    home = tenant.home_country
    today = local_date(utcnow(), tenant.timezone)
    abroad = _abroad(home, today)
    accounts = sorted(
        reference.accounts_of(connection.id).values(), key=lambda a: str(a["Code"])
    )
    return Choices(
        vat_codes=[_code_choice(c, home, abroad) for c in wire.sale_codes(home)],
        revenue_accounts=_revenue(_of(accounts, wire.PROFIT_AND_LOSS), home, abroad),
        receivables_accounts=_account_choices(_of(accounts, wire.DEBTORS)),
        clearing_accounts=_account_choices(_of(accounts, wire.MONEY)),
        liability_accounts=_account_choices(_of(accounts, wire.BALANCE)),
        debtors=_debtors(connection.id),
        debtor_search=_search(connection.id),
        proposals=_PROPOSALS | _receivables(accounts),
    )


def purchase_choices(connection: Connection) -> Choices:
    """Return the drop-downs' entries for invoices of suppliers."""
    home = session().get_one(Tenant, connection.tenant_id).home_country
    accounts = sorted(
        reference.accounts_of(connection.id).values(), key=lambda a: str(a["Code"])
    )
    results = _of(accounts, wire.PROFIT_AND_LOSS)
    costs = [a for a in results if not str(a["Code"]).startswith("8")]  # of revenue
    return Choices(
        vat_codes=[
            Choice(code.code, f"{code.code} ({plain(code.rate or 0)} %)")
            for code in wire.purchase_codes(home)
        ],
        cost_accounts=_account_choices(
            [*(costs or results), *_of(accounts, wire.BALANCE)]
        ),
        payables_accounts=_account_choices(_of(accounts, wire.CREDITORS)),
    )


def _receivables(accounts: Iterable[Body]) -> dict[str, Proposal]:
    """Propose the account for debtors where one has that category."""
    reason = _l("De rekening van de categorie debiteuren in uw administratie.")
    found = [str(a["Code"]) for a in _of(accounts, wire.DEBTORS)]
    return {"receivables_account": Proposal(reason, found[0])} if found else {}


def problems(coupling: Coupling) -> list[str]:
    """Return the codes of what must be filled in before anything may go."""
    missing = []
    if not coupling.settings.get("receivables_account"):
        missing.append("eboekhouden_receivables_missing")
    if not is_vat_configured(EBoekhoudenVatMapping, coupling.id):
        missing.append("eboekhouden_vat_not_configured")
    return missing


def invoice_problems(coupling: Coupling) -> list[str]:
    """Return the codes of what invoices need and is not filled in."""
    if coupling.settings.get("receivables_account"):
        return []
    return ["eboekhouden_receivables_missing"]


def _abroad(home: str, today: date) -> str:
    """Return a hint that fits every rate there was in another member state (OSS)."""
    states = [state for state in RATED if state != home]
    found = {
        plain(rate)
        for state in states
        for rate in rates_between(state, FIRST_DAY, today)
    }
    return " ".join((*states, *sorted(found)))


def _code_choice(code: VatCode, home: str, abroad: str) -> Choice:
    rate = "eigen percentage" if code.rate is None else f"{plain(code.rate)} %"
    hints = {
        "domestic": f"{plain(code.rate or 0)} {home}",
        "reverse": "reverse_charged",
        "eu_goods": "icp",
        "eu_services": "intra_services",
        "export": "international",
        "other": abroad,
    }
    return Choice(code.code, f"{code.code} ({rate})", hints.get(code.use, ""))


def _of(accounts: Iterable[Body], *categories: str) -> list[Body]:
    return [account for account in accounts if account["Categorie"] in categories]


def _label(account: Mapping[str, object]) -> str:
    return f"{account['Code']} {account['Omschrijving'] or ''}".strip()


def _account_choices(accounts: Iterable[Body]) -> list[Choice]:
    return [Choice(str(account["Code"]), _label(account)) for account in accounts]


def _revenue(accounts: Sequence[Body], home: str, abroad: str) -> list[Choice]:
    """Return revenue accounts (class 8 of the Dutch chart first) with their hints.

    An account whose name tells its use is proposed for that; the first other one for
    whatever no name tells.
    """
    revenue = [a for a in accounts if str(a["Code"]).startswith("8")]
    others = [a for a in accounts if a not in revenue]
    uses = {"21": f"21 {home}", "9": f"9 {home}", "icp": "icp intra_services",
            "international": "international", "oss": abroad}  # fmt: skip
    told = {str(a["Code"]): _use(str(a["Omschrijving"] or "")) for a in revenue}
    untold = [use for use in uses if use not in told.values()]
    whatever = (home, "0", "6", "12", "19", "21", "reverse_charged", "exempt")
    rest = " ".join([*(uses[use] for use in untold), *whatever])
    general = next((code for code, use in told.items() if not use), None)
    hints = {code: uses.get(use, "") for code, use in told.items()}
    if general is not None:
        hints[general] = rest
    return [
        Choice(str(a["Code"]), _label(a), hints.get(str(a["Code"]), ""))
        for a in (*revenue, *others)
    ]


def _use(name: str) -> str:
    text = f"{name.lower()} "
    for use, words in _WORDS.items():
        if any(word in text for word in words):
            return use
    return ""


def _debtors(connection_id: int) -> list[Choice]:
    """Return the first relations as fixed debtors, by name."""
    rows = sorted(
        reference.records(connection_id, reference.RELATION),
        key=lambda row: (row.name.casefold(), row.external_id),
    )
    return [_debtor(row) for row in rows[:_MOST_DEBTORS]]


def _debtor(row: Record) -> Choice:
    """Name a relation so that two of one name are told apart."""
    told = ", ".join(filter(None, (row.external_id, row.key)))
    return Choice(row.external_id, f"{row.name} ({told})")


def _search(connection_id: int) -> DebtorSearch:
    def find(text: str) -> list[Choice]:
        found = reference.find_relations(connection_id, text.strip())
        return [_debtor(row) for row in found]

    def get(code: str) -> Choice | None:
        row = reference.by_code(connection_id, code)
        return _debtor(row) if row else None

    return DebtorSearch(find=find, get=get)
