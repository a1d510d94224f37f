"""The books in the words of REST API v1, and what it refuses (contract 8.3, 8.4)."""

from datetime import date
from decimal import Decimal
from typing import Any

from plugins.eboekhouden.sandbox import books, rules
from plugins.eboekhouden.sandbox.books import Body, Refusal

_NAMES = {
    "type": ("BP", 1, "REL_001"), "code": ("Code", 15, "REL_006"),
    "name": ("Bedrijf", 100, "REL_003"), "salutation": ("Aanhef", 50, "REL_010"),
    "contact": ("Contactpersoon", 50, "REL_009"), "gender": ("Geslacht", 1, "REL_004"),
    "address": ("Adres", 150, "REL_011"), "postalCode": ("Postcode", 50, "REL_012"),
    "city": ("Plaats", 50, "REL_013"), "country": ("Land", 50, "REL_014"),
    "address2": ("Adres2", 150, "REL_015"), "postalCode2": ("Postcode2", 50, "REL_016"),
    "city2": ("Plaats2", 50, "REL_017"), "country2": ("Land2", 50, "REL_018"),
    "phoneNumber": ("Telefoon", 50, "REL_019"),
    "mobilePhoneNumber": ("GSM", 50, "REL_020"), "faxNumber": ("FAX", 50, "REL_021"),
    "emailAddress": ("Email", 150, "REL_022"), "website": ("Site", 50, "REL_028"),
    "note": ("Notitie", 40_000, "REL_047"), "vatNumber": ("BTWNummer", 50, "REL_035"),
    "companyRegistrationNumber": ("KvkNummer", 50, "REL_050"),
    "iban": ("IBAN", 50, "REL_029"), "bic": ("BIC", 20, "REL_032"),
    **{f"freeText{n}": (f"Def{n}", 100, f"REL_{36 + n:03}") for n in range(1, 11)},
}  # fmt: skip
"""REST name to the books' name, its length and the code of one too long."""
_MUTATION = frozenset(
    ("type", "date", "ledgerId", "invoiceNumber", "entryNumber", "termOfPayment",
     "checkPaymentReference", "paymentReference", "inExVat", "description",
     "relationId", "rows")
)  # fmt: skip
_ROW = frozenset(
    ("ledgerId", "vatCode", "vatAmount", "costCenterId", "amount", "description",
     "invoiceNumber", "relationId")
)  # fmt: skip
_ENUM = frozenset(
    ("HOOG_VERK_21", "LAAG_VERK_9", "VERL_VERK", "VERL_VERK_L9", "AFW", "BU_EU_VERK",
     "BI_EU_VERK", "BI_EU_VERK_D", "AFST_VERK", "LAAG_INK_9", "HOOG_INK_21",
     "VERL_INK", "AFW_VERK", "BU_EU_INK", "BI_EU_INK", "GEEN")
)  # fmt: skip
TYPES = {
    "1": "FactuurOntvangen", "2": "FactuurVerstuurd", "3": "FactuurbetalingOntvangen",
    "4": "FactuurbetalingVerstuurd", "5": "GeldOntvangen", "6": "GeldUitgegeven",
}  # fmt: skip
"""Kinds of mutations (8.3); 7 is a journal."""
_BOOKED = ("1", "2", "3")
"""What the product books, and so what this sandbox takes."""
_INVALID = "Your request contains an invalid value."


def ledger(row: Body) -> Body:
    """Return a ledger account."""
    return {"id": row["ID"], "code": row["Code"], "description": row["Omschrijving"],
            "category": row["Categorie"], "group": row["Groep"]}  # fmt: skip


# --- relations ---------------------------------------------------------------------


def relation(row: Body) -> Body:
    """Return a relation whole."""
    body = {rest: row.get(name) for rest, (name, _, _) in _NAMES.items()}
    return {**body, "id": row["ID"], "date": str(row["AddDatum"])[:10]}


def find_relation(key: str, number: int) -> Body:
    """Return a relation by id; raise Refusal REL_055."""
    for row in books.relations(key):
        if row["ID"] == number:
            return row
    raise Refusal("REL_055", "Relation not found.")


def add_relation(key: str, body: Body) -> Body:
    """Add a relation: checked, and with a code of its own when none was given."""
    values = _relation_values(key, body, own_id=0)
    values["BP"] = values.get("BP") or "B"
    if not values.get("Code"):
        taken = {row["Code"] for row in books.relations(key)}
        values["Code"] = next(str(n) for n in range(1, 10**6) if str(n) not in taken)
    defaults = {"Gb_ID": 0, "GeenEmail": 0, "NieuwsbriefgroepenCount": 0}
    return books.save_relation(key, {**defaults, **values, "ID": 0})


def patch_relation(key: str, number: int, body: Body) -> None:
    """Change what is given; `name` is required here too."""
    row = find_relation(key, number)
    values = _relation_values(key, body, own_id=number)
    kept = {name: value for name, value in row.items() if name != "key"}
    books.save_relation(key, {**kept, **values})


def _relation_values(key: str, body: Body, *, own_id: int) -> Body:
    extra = {"doNotReceiveNewsletters", "ledgerId", "inactive", "termOfPayment"}
    if set(body) - set(_NAMES) - extra:
        raise Refusal("ERR_002", _INVALID)
    if not body.get("name"):
        raise Refusal("REL_002", "Name is mandatory.")
    for rest, (_, limit, code) in _NAMES.items():
        value = body.get(rest)
        if value is not None and not isinstance(value, str):
            raise Refusal("ERR_002", _INVALID)
        if value and len(value) > limit:
            raise Refusal(code, f"{rest} is too long.")
    if body.get("type") not in (None, "B", "P"):
        raise Refusal("REL_001", "Relation type is invalid (B,P).")
    if body.get("gender") not in (None, "", "m", "v", "a"):
        raise Refusal("REL_004", "Gender is invalid (m,v,a).")
    if body.get("emailAddress") and "@" not in body["emailAddress"]:
        raise Refusal("REL_023", "Email is invalid.")
    same = books.relation(key, body.get("code") or "")
    if same is not None and same["ID"] != own_id:
        raise Refusal("REL_049", "Code already exists.")
    return {_NAMES[rest][0]: body[rest] for rest in _NAMES if rest in body}


# --- mutations ---------------------------------------------------------------------


def mutation_item(key: str, row: Body) -> Body:
    """Return a mutation as it stands in the list."""
    account = books.account(key, row["Rekening"]) or {}
    return {
        "id": row["MutatieNr"],
        "type": _type(row["Soort"]),
        "date": row["Datum"],
        "invoiceNumber": _own_number(row),
        "ledgerId": account.get("ID"),
        "amount": books.entry_total(row),
        "entryNumber": row.get("Boekstuk"),
    }


def _own_number(row: Body) -> Any:
    """Return the number in a mutation's head: that of a payment is in its row."""
    return None if row["Soort"] in books.PAYMENTS else row.get("Factuurnummer")


def _type(kind: str) -> str:
    return next((number for number, name in TYPES.items() if name == kind), "7")


def mutation(key: str, row: Body) -> Body:
    """Return a mutation with its rows, VAT per code beside them."""
    relation_row = books.relation(key, row.get("RelatieCode") or "") or {}
    vat: dict[str, Decimal] = {}
    for line in row["MutatieRegels"]:
        code = line["BTWCode"]
        vat[code] = vat.get(code, Decimal(0)) + line["BedragBTW"]
    item = mutation_item(key, row)
    del item["amount"]
    payment = row if row["Soort"] in books.PAYMENTS else None
    return {
        **item,
        "description": row["Omschrijving"],
        "termOfPayment": int(row.get("Betalingstermijn") or 0),
        "relationId": None if payment else relation_row.get("ID"),
        "inExVat": row["InExBTW"],
        "rows": [_row(key, line, payment) for line in row["MutatieRegels"]],
        "vat": [{"vatCode": code, "amount": amount} for code, amount in vat.items()],
    }


def _row(key: str, line: Body, payment: Body | None) -> Body:
    account = books.account(key, line["TegenrekeningCode"]) or {}
    row = {
        "ledgerId": account.get("ID"),
        "vatCode": line["BTWCode"],
        "amount": line["BedragInvoer"],
        "costCenterId": 0,
    }
    if line["BTWCode"] == "AFW_VERK":
        row["vatAmount"] = line["BedragBTW"]
    if payment is not None:
        debtor = books.relation(key, payment["RelatieCode"]) or {}
        row |= {"invoiceNumber": payment["Factuurnummer"],
                "relationId": debtor.get("ID")}  # fmt: skip
    return row


def outstanding(item: Body) -> Body:
    """Return an open item."""
    entry = item["entry"]
    return {
        "date": entry["Datum"],
        "mutationId": entry["MutatieNr"],
        "invoiceNumber": entry["Factuurnummer"],
        "relationId": item["debtor"].get("ID"),
        "relationCode": entry["RelatieCode"],
        "company": item["debtor"].get("Bedrijf"),
        "totalAmount": item["amount"],
        "paidAmount": item["settled"],
        "outstandingAmount": item["amount"] - item["settled"],
    }


def add_mutation(key: str, body: Body) -> Body:
    """Book a mutation: an invoice (type 1 and 2) or a payment on one sent (type 3)."""
    _check_head(body)
    if len(body.get("rows") or []) > 500:
        raise Refusal("MUT_101", "Too many rows.")
    made = _payment(key, body) if body["type"] == "3" else _invoice(key, body)
    if body["date"] <= str(books.administration(key)["locked_to"]):
        raise Refusal("MUT_005", "Period is closed.")
    common = {
        "Soort": TYPES[body["type"]],
        "Datum": body["date"],
        "Boekstuk": body.get("entryNumber") or "",
        "Omschrijving": body.get("description") or "",
        "InExBTW": body["inExVat"],
    }
    return books.save_entry(key, {**common, **made})


_OF_INVOICE = {
    "1": ("CRED", "MUT_010", "Ledger must be of category creditor."),
    "2": ("DEB", "MUT_011", "Ledger must be of category debtor."),
}


def _invoice(key: str, body: Body) -> Body:
    """Return an invoice's entry; VAT is worked out here, unlike by SOAP."""
    account = _ledger(key, body["ledgerId"], "MUT_007")
    category, code, text = _OF_INVOICE[body["type"]]
    if account["Categorie"] != category:
        raise Refusal(code, text)
    debtor = _debtor(key, body.get("relationId"))
    number = str(body.get("invoiceNumber") or "")
    _check_number(key, TYPES[body["type"]], number, debtor)
    rows = body.get("rows") or []
    if not rows:
        raise Refusal("MUT_100", "Rows are missing.")
    if any({"invoiceNumber", "relationId"} & set(row) for row in rows):
        raise Refusal("MUT_116", "Invoice is not permitted.")
    return {
        "Rekening": account["Code"],
        "RelatieCode": debtor["Code"],
        "Factuurnummer": number,
        "Betalingstermijn": str(body.get("termOfPayment") or 0),
        "Betalingskenmerk": body.get("paymentReference") or "",
        "MutatieRegels": [_line(key, row, body["type"]) for row in rows],
    }


def _payment(key: str, body: Body) -> Body:
    """Return a payment: its invoice and relation stand in its row (8.3)."""
    account = _ledger(key, body["ledgerId"], "MUT_007")
    if account["Categorie"] != "FIN":
        raise Refusal("MUT_009", "Invalid ledger category for mutation.")
    if body.get("relationId"):
        raise Refusal("MUT_014", "Relation is prohibited.")
    if body.get("termOfPayment") is not None:
        raise Refusal("MUT_016", "Term of payment is prohibited.")
    rows = body.get("rows") or []
    if not rows:
        raise Refusal("MUT_100", "Rows are missing.")
    if len(rows) > 1 or body.get("invoiceNumber"):
        # one row and no invoice of its own: the product sends no other
        raise Refusal("MUT_101", "Too many rows.")
    [row] = rows
    number = str(row.get("invoiceNumber") or "")
    debtor = _debtor_paid(key, row, number)
    return {
        "Rekening": account["Code"],
        "RelatieCode": debtor["Code"],
        "Factuurnummer": number,
        "Betalingstermijn": "",
        "MutatieRegels": [_line(key, row, body["type"])],
    }


def _debtor_paid(key: str, row: Body, number: str) -> Body:
    """Return the debtor of a payment's row; its invoice and account must be right."""
    if not number:
        raise Refusal("MUT_120", "Invoice number is missing.")
    if not row.get("relationId"):
        raise Refusal("MUT_112", "Relation is missing.")
    debtor = _relation(key, row["relationId"], "MUT_113")
    if not any(
        entry["Soort"] == "FactuurVerstuurd"
        and entry["Factuurnummer"] == number
        and entry["RelatieCode"] == debtor["Code"]
        for entry in books.entries(key)
    ):
        raise Refusal("MUT_115", "Invoice not found.")
    if _ledger(key, row.get("ledgerId"), "MUT_104")["Categorie"] != "DEB":
        raise Refusal("MUT_108", "Ledger of row must be of category debtor.")
    if row.get("vatCode") != "GEEN":
        raise Refusal("MUT_109", "Invalid VAT code.")
    return debtor


def _check_head(body: Body) -> None:
    if set(body) - _MUTATION:
        raise Refusal("ERR_002", _INVALID)
    if body.get("type") is None:
        raise Refusal("MUTA_002", "Type is missing")
    if body["type"] not in _BOOKED:
        raise Refusal("MUTA_009", "Type is unknown.")
    _check_date(body.get("date"))
    if not body.get("ledgerId"):
        raise Refusal("MUTA_001", "Ledger id is missing.")
    if not body.get("inExVat"):
        raise Refusal("MUTA_005", "In/Ex VAT is missing.")
    if body["inExVat"] != "EX":  # the vendor takes IN as well; nobody sends it here
        raise Refusal("MUT_017", "In/Ex VAT must be 'IN' or 'EX'.")
    limits = {"description": 50, "entryNumber": 50, "paymentReference": 50}
    for name, limit in limits.items():
        if len(str(body.get(name) or "")) > limit:
            raise Refusal("ERR_002", f"{name} is too long.")
    term = body.get("termOfPayment")
    if term is not None and (isinstance(term, bool) or not isinstance(term, int)):
        raise Refusal("ERR_002", _INVALID)


def _check_date(text: Any) -> None:
    if not text:
        raise Refusal("MUT_003", "Date is missing.")
    try:
        date.fromisoformat(str(text))
    except ValueError as error:
        raise Refusal("MUT_004", "Date is invalid.") from error


def _check_number(key: str, kind: str, number: str, debtor: Body) -> None:
    if not number:
        raise Refusal("MUT_002", "Invoice number is missing.")
    if len(number) > 50:
        raise Refusal("MUT_018", "Invoice number is too long.")
    for other in books.entries(key):
        if other["Soort"] == kind and other["Factuurnummer"] == number:
            if other["RelatieCode"] == debtor["Code"]:
                raise Refusal("MUT_020", "Combination relation/invoice number exists.")
            if kind == "FactuurVerstuurd":
                raise Refusal("MUT_019", "Invoice number already exists.")


def _debtor(key: str, number: Any) -> Body:
    if not number:
        raise Refusal("MUT_012", "Relation is missing.")
    return _relation(key, number, "MUT_013")


def _relation(key: str, number: Any, code: str) -> Body:
    for row in books.relations(key):
        if row["ID"] == number:
            return row
    raise Refusal(code, "Relation not found.")


def _ledger(key: str, number: Any, code: str) -> Body:
    for row in books.accounts(key):
        if row["ID"] == number:
            return row
    raise Refusal(code, "Unknown ledger.")


def _line(key: str, row: Body, kind: str) -> Body:
    if set(row) - _ROW:
        raise Refusal("ERR_002", _INVALID)
    code = row.get("vatCode")
    if code not in _ENUM:
        raise Refusal("MUT_109", "Invalid VAT code.")
    rate, side = rules.VAT_CODES[code]
    if kind == "1" and side == rules.SALE:
        raise Refusal("MUT_110", "VAT code must be of type purchase.")
    if kind != "1" and side == rules.PURCHASE:
        raise Refusal("MUT_111", "VAT code must be of type sale.")
    account = _ledger(key, row.get("ledgerId"), "MUT_104")
    if account["Categorie"] in ("FIN", "DEB", "CRED") and kind != "3":
        raise Refusal("MUT_106", "Invalid ledger category for row.")
    amount = row.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)):
        raise Refusal("ERR_002", _INVALID)
    if row.get("vatAmount") is not None and rate is not None:
        raise Refusal("MUTA_003", "Vat amount must be used with 'AFW' or 'AFW_VERK'")
    excl = Decimal(amount)
    if excl != excl.quantize(Decimal("0.01")):
        raise Refusal("ERR_002", "amount has more than 2 decimals.")
    if len(str(row.get("description") or "")) > 50:
        raise Refusal("ERR_002", "description is too long.")
    own = Decimal(row.get("vatAmount") or 0)
    vat = own if rate is None else rules.vat_of(excl, rate)
    return {
        "BedragInvoer": excl,
        "BedragExclBTW": excl,
        "BedragBTW": vat,
        "BedragInclBTW": excl + vat,
        "BTWCode": code,
        "BTWPercentage": rate or Decimal(0),
        "TegenrekeningCode": account["Code"],
        "KostenplaatsID": 0,
    }
