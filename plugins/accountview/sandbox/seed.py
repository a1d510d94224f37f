"""One company with a third quarter of 2026 in its ledger; made when first asked for.

The ledger's sign: debit positive. Every taxed booking also stands on the VAT account,
with the same VAT code, as a ledger has it.
"""

from decimal import Decimal
from typing import Any

from core.kit.sandbox.app import sandbox

COMPANY = "1000"
ADMINISTRATION = "DEMO2026"
YEAR = "2026"
_SALES_VAT, _PURCHASE_VAT = "1501", "1510"

_CODES = (
    # code, name, rate, FRM_CODE, FRM_MEMO, IS_ABC, IS_REVERSE
    ("1", "Verkoop hoog", 21, "1a", "", False, False),
    ("2", "Verkoop laag", 9, "1b", "", False, False),
    ("3", "Verkoop vrijgesteld of verlegd", 0, "1e", "", False, False),
    ("4", "Leveringen binnen de EU", 0, "3b", "", False, False),
    ("5", "Diensten binnen de EU", 0, "3b", "", False, False),
    ("6", "ABC-leveringen", 0, "3b", "", True, False),
    ("7", "Uitvoer buiten de EU", 0, "3a", "", False, False),
    ("8", "Inkoop hoog", 21, "5b", "", False, False),
    ("9", "Inkoop laag", 9, "5b", "", False, False),
    ("10", "Verwerving binnen de EU", 21, "4b", "5b", False, True),
    ("11", "Inkoop verlegd", 21, "2a", "5b", False, True),
    ("12", "Invoer buiten de EU", 21, "4a", "5b", False, True),
    ("13", "Afstandsverkopen", 0, "3c", "", False, False),
    ("14", "Privégebruik", 21, "1d", "", False, False),
)
_TRANSFERRED = tuple(code for code, *_, is_reverse in _CODES if is_reverse)
_DEBTORS = (
    ("10001", "Bakkerij De Korenaar", "", "NL", ""),
    ("10002", "Müller Handels GmbH", "DE136695976", "DE", "DE"),
    ("10003", "Brasserie Victor", "BE0403019261", "BE", "BE"),
    ("10004", "Dupont Commerce SARL", "FR40303265045", "FR", "FR"),
    ("10005", "Athens Traders", "EL094259216", "GR", "EL"),
)
_BOOKINGS = (
    # date, VAT code, base, VAT, account, debtor, invoice
    ("2026-07-03", "1", "-12500.55", "-2625.12", "8000", "10001", "26001"),
    ("2026-07-14", "2", "-1000.10", "-90.01", "8010", "10001", "26002"),
    ("2026-07-20", "4", "-8200.40", "0", "8100", "10002", "26003"),
    ("2026-08-04", "5", "-3120.75", "0", "8110", "10003", "26004"),
    ("2026-08-11", "6", "-900.00", "0", "8120", "10004", "26005"),
    ("2026-08-19", "4", "-450.20", "0", "8100", "10005", "26006"),
    ("2026-08-21", "4", "200.40", "0", "8100", "10002", "26007"),
    ("2026-09-01", "7", "-4000.00", "0", "8200", "", "26008"),
    ("2026-09-08", "8", "2000.00", "420.00", "7000", "", "I26001"),
    ("2026-09-10", "9", "310.50", "27.95", "7010", "", "I26002"),
    ("2026-09-15", "10", "1500.25", "315.05", "7020", "", "I26003"),
    ("2026-09-17", "11", "600.00", "126.00", "7030", "", "I26004"),
    ("2026-10-02", "1", "-999.00", "-209.79", "8000", "10001", "26009"),
)

Row = dict[str, Any]
TABLES = {
    "ADL": ("ADM_LIST", "ADM_CODE"),
    "CMP1": ("COMP_HDR", "COMP_ID"),
    "VA1": ("VAT", "VAT_CODE"),
    "AR1": ("CONTACT", "SUB_NR"),
    "GJ1": ("TRANSACT", "REC_ID"),
}
"""Business object to table and key."""
OBJECT_NAMES = {
    "ADL": "Administraties",
    "CMP1": "Ondernemingen",
    "VA1": "BTW-codes",
    "AR1": "Debiteuren",
    "GJ1": "Grootboekmutaties",
}


def companies() -> list[Row]:
    """Return the companies, as `/Companies` gives them."""
    _seed()
    return sandbox().store.list("company")


def rows(company: str, table: str) -> list[Row]:
    """Return a company's rows of a table."""
    _seed()
    return [
        row["row"]
        for row in sandbox().store.list(f"table:{table}")
        if row["company"] == company
    ]


def add_transaction(company: str, row: Row) -> Row:
    """Add a ledger transaction; what is not given is empty."""
    _seed()
    return _transaction(company, row)


def _seed() -> None:
    store = sandbox().store
    with store.lock:
        if store.get("company", COMPANY) is not None:
            return
        store.put("company", COMPANY, {
            "Id": COMPANY, "Code": ADMINISTRATION, "Description": "Demo Handel 2026",
        })  # fmt: skip
        _put("ADM_LIST", "ADM_CODE", {
            "ADM_CODE": ADMINISTRATION, "ADM_DESC": "Demo Handel 2026",
            "ATS_YEAR": YEAR, "ADM_ARCH": False, "ADM_PREV": "",
            "MSG_DEST": "", "MSG_STGY": "",
        })  # fmt: skip
        _put("COMP_HDR", "COMP_ID", {
            "COMP_ID": "DEMO", "COMP_DESC": "Demo Handel", "VAT_NR": "001000044B37",
            "KVK_NR": "12345678", "ODP_ID": 0, "SYNC_STAT": 0, "SYNC_MSG": "",
        })  # fmt: skip
        for code in _CODES:
            _put("VAT", "VAT_CODE", _code(*code))
        for debtor in _DEBTORS:
            names = ("SUB_NR", "ACCT_NAME", "VAT_NR", "CNT_CODE", "ICNT_CODE")
            _put("CONTACT", "SUB_NR", dict(zip(names, debtor, strict=True)))
        for booking in _BOOKINGS:
            _book(*booking)


def _put(table: str, key: str, row: Row) -> None:
    body = {"company": COMPANY, "row": row}
    sandbox().store.put(f"table:{table}", f"{COMPANY}:{row[key]}", body)


def _code(
    code: str, name: str, rate: int, rubric: str, memo: str, abc: bool, reverse: bool
) -> Row:
    purchase = rubric == "5b" or reverse
    return {
        "VAT_CODE": code, "VAT_NAME": name, "VAT_PCT": Decimal(rate),
        "VAT_TYPE": 2 if purchase else 1, "CALC_TYPE": 1, "FRM_CODE": rubric,
        "FRM_MEMO": memo, "IS_ABC": abc, "IS_REVERSE": reverse, "VAT_LINK": "",
        "VAT_ACCT": _PURCHASE_VAT if purchase else _SALES_VAT,
        "ACCT_MEMO": _SALES_VAT if reverse else "",
    }  # fmt: skip


def _book(
    day: str, code: str, base: str, vat: str, account: str, debtor: str, invoice: str
) -> None:
    common = {
        "TRN_DATE": day, "VAT_CODE": code, "INV_NR": invoice, "SUB_NR": debtor,
        "BASE_AMT": Decimal(base), "VAT_AMT": Decimal(vat),
    }  # fmt: skip
    amount = Decimal(base)
    first = _transaction(COMPANY, {**common, "ACCT_NR": account, "AMOUNT": amount})
    if not Decimal(vat):
        return
    same = {**common, "PAGE_NR": first["PAGE_NR"]}
    on = _PURCHASE_VAT if account.startswith("7") else _SALES_VAT
    _transaction(COMPANY, {**same, "ACCT_NR": on, "AMOUNT": Decimal(vat)})
    if code in _TRANSFERRED:
        _transaction(COMPANY, {**same, "ACCT_NR": _SALES_VAT, "AMOUNT": -Decimal(vat)})


def _transaction(company: str, row: Row) -> Row:
    zero = Decimal(0)
    number = f"{sandbox().store.next_number('transact'):010}"
    day = str(row["TRN_DATE"])
    full = {
        "REC_ID": number, "PERIOD": int(day[5:7]), "DJ_CODE": "90", "PAGE_NR": number,
        "ACCT_NR": "", "AMOUNT": zero, "VAT_CODE": "", "BASE_AMT": zero,
        "VAT_AMT": zero, "SUB_NR": "", "INV_NR": "", "TRN_DESC": "",
        "ADM_CODE": ADMINISTRATION, **row, "TRN_DATE": f"{day[:10]}T00:00:00",
    }  # fmt: skip
    body = {"company": company, "row": full}
    sandbox().store.put("table:TRANSACT", f"{company}:{number}", body)
    return full
