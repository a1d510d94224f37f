"""AccountView's JSON: tables and fields of Web API v3 (contract section 2).

Rows come under their table's name; amounts become Decimal, `TRN_DATE` a local date.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

Body = dict[str, Any]
Record = TypeVar("Record")

_EMPTY = "1899-12-30"
"""FoxPro's empty date."""


class Malformed(ValueError):
    """An answer lacks what the contract promises."""


@dataclass(frozen=True)
class Company:
    """What `x-company` takes: an administration, with its id at AccountView.Net."""

    id: str
    code: str
    description: str
    year: str | None = None
    """Its book year as `Administration.year`; None: not asked yet."""


@dataclass(frozen=True)
class Administration:
    """A row of ADM_LIST (object ADL): one book year of an administration."""

    code: str
    description: str
    year: str


@dataclass(frozen=True)
class Undertaking:
    """A row of COMP_HDR (object CMP1): an onderneming with all its book years."""

    code: str
    description: str
    tax_number: str
    chamber_number: str
    visma_id: int
    """0: not registered at Visma.net."""


@dataclass(frozen=True)
class VatCode:
    """A row of VAT (object VA1)."""

    code: str
    name: str
    rate: Decimal
    """In percent."""
    rubric: str
    """FRM_CODE, as AccountView writes it."""
    linked_rubric: str
    """FRM_MEMO: the other rubric when VAT is transferred."""
    is_abc: bool
    is_reverse: bool
    accounts: frozenset[str]
    """The ledger accounts that hold this code's VAT."""
    memo_account: str = ""
    """ACCT_MEMO: the one of these that holds what is owed when VAT is transferred."""


@dataclass(frozen=True)
class Debtor:
    """A row of CONTACT (object AR1)."""

    number: str
    name: str
    vat_number: str
    country: str
    """ISO alpha-2, empty when not filled in."""


@dataclass(frozen=True)
class Transaction:
    """A row of TRANSACT (object GJ1): a ledger transaction; debit is positive."""

    id: str
    booked_on: date
    period: int
    journal: str
    page: str
    account: str
    amount: Decimal
    vat_code: str
    base_amount: Decimal
    """Euros excl VAT, signed as the ledger is."""
    vat_amount: Decimal
    relation: str
    invoice_number: str
    description: str


@dataclass(frozen=True)
class Table:
    """How a business object is read."""

    business_object: str
    name: str
    key: str
    """The field whose last value asks for the next page."""
    fields: tuple[str, ...]
    record: Callable[[Body], Any]


def text(row: Body, field: str) -> str:
    """Return a text field, padding off; Malformed when it is absent."""
    value = row.get(field)
    if value is None and field not in row:
        raise Malformed(field)
    return str(value or "").strip()


def amount(row: Body, field: str) -> Decimal:
    """Return a number field as Decimal; Malformed for anything else."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise Malformed(field)
    return Decimal(value)


def flag(row: Body, field: str) -> bool:
    """Return a logical field; Malformed for anything else."""
    value = row.get(field)
    if not isinstance(value, bool):
        raise Malformed(field)
    return value


def day(row: Body, field: str) -> date:
    """Return a date field, which may carry a time; Malformed when empty."""
    value = text(row, field)
    try:
        found = datetime.fromisoformat(value).date()
    except ValueError as error:
        raise Malformed(field) from error
    if found.isoformat() == _EMPTY:
        raise Malformed(field)
    return found


def company(row: Body) -> Company:
    """Read an entry of `/Companies`."""
    if not text(row, "Id"):
        raise Malformed("Id")
    return Company(text(row, "Id"), text(row, "Code"), text(row, "Description"))


def administration(row: Body) -> Administration:
    """Read a row of ADM_LIST."""
    return Administration(
        code=text(row, "ADM_CODE"),
        description=text(row, "ADM_DESC"),
        year=text(row, "ATS_YEAR"),
    )


def undertaking(row: Body) -> Undertaking:
    """Read a row of COMP_HDR."""
    return Undertaking(
        code=text(row, "COMP_ID"),
        description=text(row, "COMP_DESC"),
        tax_number=text(row, "VAT_NR"),
        chamber_number=text(row, "KVK_NR"),
        visma_id=int(amount(row, "ODP_ID")),
    )


def vat_code(row: Body) -> VatCode:
    """Read a row of VAT."""
    accounts = {text(row, "VAT_ACCT"), text(row, "ACCT_MEMO")} - {""}
    return VatCode(
        code=text(row, "VAT_CODE"),
        name=text(row, "VAT_NAME"),
        rate=amount(row, "VAT_PCT"),
        rubric=text(row, "FRM_CODE"),
        linked_rubric=text(row, "FRM_MEMO"),
        is_abc=flag(row, "IS_ABC"),
        is_reverse=flag(row, "IS_REVERSE"),
        accounts=frozenset(accounts),
        memo_account=text(row, "ACCT_MEMO"),
    )


def debtor(row: Body) -> Debtor:
    """Read a row of CONTACT; the EU's own country field goes before the ISO one."""
    return Debtor(
        number=text(row, "SUB_NR"),
        name=text(row, "ACCT_NAME"),
        vat_number=text(row, "VAT_NR"),
        country=text(row, "ICNT_CODE") or text(row, "CNT_CODE"),
    )


def transaction(row: Body) -> Transaction:
    """Read a row of TRANSACT."""
    return Transaction(
        id=text(row, "REC_ID"),
        booked_on=day(row, "TRN_DATE"),
        period=int(amount(row, "PERIOD")),
        journal=text(row, "DJ_CODE"),
        page=text(row, "PAGE_NR"),
        account=text(row, "ACCT_NR"),
        amount=amount(row, "AMOUNT"),
        vat_code=text(row, "VAT_CODE"),
        base_amount=amount(row, "BASE_AMT"),
        vat_amount=amount(row, "VAT_AMT"),
        relation=text(row, "SUB_NR"),
        invoice_number=text(row, "INV_NR"),
        description=text(row, "TRN_DESC"),
    )


ADMINISTRATIONS = Table(
    "ADL", "ADM_LIST", "ADM_CODE",
    ("ADM_CODE", "ADM_DESC", "ATS_YEAR"), administration,
)  # fmt: skip
UNDERTAKINGS = Table(
    "CMP1", "COMP_HDR", "COMP_ID",
    ("COMP_ID", "COMP_DESC", "VAT_NR", "KVK_NR", "ODP_ID"), undertaking,
)  # fmt: skip
VAT_CODES = Table(
    "VA1", "VAT", "VAT_CODE",
    ("VAT_CODE", "VAT_NAME", "VAT_PCT", "FRM_CODE", "FRM_MEMO", "IS_ABC", "IS_REVERSE",
     "VAT_ACCT", "ACCT_MEMO"), vat_code,
)  # fmt: skip
DEBTORS = Table(
    "AR1", "CONTACT", "SUB_NR",
    ("SUB_NR", "ACCT_NAME", "VAT_NR", "CNT_CODE", "ICNT_CODE"), debtor,
)  # fmt: skip
TRANSACTIONS = Table(
    "GJ1", "TRANSACT", "REC_ID",
    ("REC_ID", "TRN_DATE", "PERIOD", "DJ_CODE", "PAGE_NR", "ACCT_NR", "AMOUNT",
     "VAT_CODE", "BASE_AMT", "VAT_AMT", "SUB_NR", "INV_NR", "TRN_DESC"), transaction,
)  # fmt: skip


def rows(body: Any, table: str) -> list[Body]:
    """Return an answer's rows; Malformed when they are not under the table's name."""
    if not isinstance(body, dict):
        raise Malformed(table)
    found = body.get(table, [] if not body else None)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Malformed(table)
    return found
