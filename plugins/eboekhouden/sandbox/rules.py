"""What the vendor refuses in entries and relations (manual 5.5; contract 4 to 6).

Codes 023 to 028 are told apart as the contract lists their meanings; which number has
which is the sandbox's own reading. Codes of AddRelatie but CREL001 are not known: those
that end on 9xx are the sandbox's own.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from plugins.eboekhouden.sandbox import books
from plugins.eboekhouden.sandbox.books import Body, Refusal

SALE, PURCHASE, BOTH = "sale", "purchase", "both"


def _vat_codes() -> dict[str, tuple[Decimal | None, str]]:
    table = """
    HOOG_VERK_21 21 sale
    LAAG_VERK_9 9 sale
    HOOG_VERK 19 sale
    LAAG_VERK 6 sale
    VERL_VERK 0 sale
    VERL_VERK_L9 0 sale
    AFW_VERK - sale
    AFW - purchase
    BU_EU_VERK 0 sale
    BI_EU_VERK 0 sale
    BI_EU_VERK_D 0 sale
    AFST_VERK 0 sale
    HOOG_INK_21 21 purchase
    LAAG_INK_9 9 purchase
    VERL_INK 21 purchase
    VERL_INK_L9 9 purchase
    BU_EU_INK 0 purchase
    BI_EU_INK 0 purchase
    GEEN 0 both
    """
    rows = (line.split() for line in table.strip().splitlines())
    return {
        code: (None if rate == "-" else Decimal(rate), side)
        for code, rate, side in rows
    }


VAT_CODES = _vat_codes()
"""Dutch codes (contract 5). A reverse-charged sale carries no VAT, so 0 is taken."""
_INVOICES = {"FactuurVerstuurd": "DEB", "FactuurOntvangen": "CRED"}
_PAYMENTS = {"FactuurbetalingOntvangen": "DEB", "FactuurbetalingVerstuurd": "CRED"}
_CENT = Decimal("0.01")


def check_entry(key: str, entry: Body) -> None:
    """Raise Refusal for the first thing that is wrong with an entry."""
    kind = entry["Soort"]
    _head(entry)
    _ledger(key, kind, str(entry.get("Rekening") or ""))
    if entry.get("InExBTW", "") == "":
        raise Refusal("CMUT003", "In/Ex BTW is niet ingevuld.")
    if entry["InExBTW"] not in ("IN", "EX"):
        raise Refusal("CMUT003.1", "In/Ex BTW moet IN of EX zijn.")
    if kind in _INVOICES:
        _invoice(key, entry)
    elif kind in _PAYMENTS:
        _payment(key, entry)
    if entry["Datum"].isoformat() <= str(books.administration(key)["locked_to"]):
        raise Refusal("CMUT020", "De periode is afgesloten.")
    for line in entry["MutatieRegels"]:
        _line(key, entry, line)


def _head(entry: Body) -> None:
    if entry["Soort"] == "OpeningsSaldo":
        raise Refusal("CMUT008", "Soort mutatie is onjuist.")
    if not date(1980, 1, 1) <= entry["Datum"] <= date(2049, 12, 31):
        raise Refusal("CMUT004", "Datum is onjuist.")
    text = str(entry.get("Omschrijving") or "")
    if not text or len(text) > 200:
        raise Refusal("CMUT005", "Omschrijving ontbreekt of is te lang.")
    lines = entry.get("MutatieRegels") or []
    if not 1 <= len(lines) <= 100:
        raise Refusal("CMUT006", "Het aantal regels moet 1 tot 100 zijn.")
    if entry["Soort"] in _PAYMENTS and len(lines) > 1:
        raise Refusal("CMUT021", "Bij deze soort is maar 1 regel toegestaan.")
    for name, limit in (("Boekstuk", 50), ("Betalingskenmerk", 50)):
        if len(str(entry.get(name) or "")) > limit:
            raise Refusal("CMUT005", f"{name} is te lang.")


def _ledger(key: str, kind: str, code: str) -> None:
    account = books.account(key, code)
    if account is None:
        raise Refusal("CMUT001", f"Rekening {code} bestaat niet.")
    category = account["Categorie"]
    if kind == "FactuurVerstuurd" and category != "DEB":
        raise Refusal("CMUT016", "Rekening moet van categorie debiteuren zijn.")
    if kind == "FactuurOntvangen" and category != "CRED":
        raise Refusal("CMUT015", "Rekening moet van categorie crediteuren zijn.")
    money = (*_PAYMENTS, "GeldOntvangen", "GeldUitgegeven")
    if kind in money and category != "FIN":
        raise Refusal("CMUT001.1", "Rekening is van de verkeerde categorie.")


def _invoice(key: str, entry: Body) -> None:
    number, code = str(entry.get("Factuurnummer") or ""), entry.get("RelatieCode")
    if not number or len(number) > 50:
        raise Refusal("CMUT013", "Factuurnummer is niet ingevuld of te lang.")
    if not code:
        raise Refusal("CMUT014", "Relatiecode is niet ingevuld.")
    term = str(entry.get("Betalingstermijn") or "")
    if not term.isdecimal() or len(term) > 4:
        raise Refusal("CMUT014", "Betalingstermijn is niet ingevuld.")
    if books.relation(key, str(code)) is None:
        raise Refusal("CMUT017", f"Relatie {code} bestaat niet.")
    for other in books.entries(key):
        if other["Soort"] != entry["Soort"] or other["Factuurnummer"] != number:
            continue
        if other["RelatieCode"] == code:
            raise Refusal("CMUT018", "De combinatie relatie/factuurnummer bestaat al.")
        if entry["Soort"] == "FactuurVerstuurd":
            raise Refusal("CMUT019", "Het factuurnummer bestaat al.")


def _payment(key: str, entry: Body) -> None:
    number, code = str(entry.get("Factuurnummer") or ""), entry.get("RelatieCode")
    if not number:
        raise Refusal("CMUT023", "Factuurnummer ontbreekt.")
    if not code:
        raise Refusal("CMUT025", "Relatiecode ontbreekt.")
    if len(str(number)) > 50:
        raise Refusal("CMUT023", "Factuurnummer is te lang.")
    wanted = _PAYMENTS[entry["Soort"]]
    kind = {"DEB": "FactuurVerstuurd", "CRED": "FactuurOntvangen"}[wanted]
    known = [row for row in books.entries(key) if row["Factuurnummer"] == number]
    if not known:
        raise Refusal("CMUT024", "Factuur bestaat niet.")
    if not any(r["RelatieCode"] == code and r["Soort"] == kind for r in known):
        raise Refusal("CMUT026", "Factuur kan niet gekoppeld worden.")
    for line in entry["MutatieRegels"]:
        _payment_line(key, line, wanted)


def _payment_line(key: str, line: Body, wanted: str) -> None:
    if line.get("BTWCode") != "GEEN":
        raise Refusal("CMUT011", "Een betaling heeft BTW-code GEEN.")
    if not line["BedragInvoer"]:
        raise Refusal("CMUT010", "Een betaling heeft een bedrag.")
    account = books.account(key, str(line.get("TegenrekeningCode") or ""))
    if account is None or account["Categorie"] != wanted:
        code = "CMUT027" if wanted == "DEB" else "CMUT028"
        raise Refusal(code, "Tegenrekening is van de verkeerde categorie.")


def _line(key: str, entry: Body, line: Body) -> None:
    excl, vat, incl = (line[f"Bedrag{n}"] for n in ("ExclBTW", "BTW", "InclBTW"))
    amounts = (line["BedragInvoer"], excl, vat, incl)
    if any(amount != amount.quantize(_CENT) for amount in amounts):
        raise Refusal("CMUT010", "Een bedrag heeft meer dan 2 decimalen.")
    if excl + vat != incl:
        raise Refusal("CMUT010", "Bedrag excl. + BTW is niet gelijk aan bedrag incl.")
    if line["BedragInvoer"] != (excl if entry["InExBTW"] == "EX" else incl):
        raise Refusal("CMUT010", "Het ingevoerde bedrag klopt niet.")
    _vat(entry["Soort"], line, excl, vat)
    account = books.account(key, str(line.get("TegenrekeningCode") or ""))
    if account is None:
        raise Refusal("CMUT012", "Tegenrekening is onjuist.")
    if entry["Soort"] in _INVOICES and account["Categorie"] in ("FIN", "DEB", "CRED"):
        raise Refusal("CMUT012", "Tegenrekening is van de verkeerde categorie.")
    if line["KostenplaatsID"]:
        raise Refusal("CMUT912", "Kostenplaats bestaat niet.")


def _vat(kind: str, line: Body, excl: Decimal, vat: Decimal) -> None:
    code = str(line.get("BTWCode") or "")
    if code not in VAT_CODES:
        raise Refusal("CMUT033", f"BTW-code {code} is ongeldig.")
    rate, side = VAT_CODES[code]
    wrong = {"FactuurVerstuurd": PURCHASE, "FactuurOntvangen": SALE}.get(kind)
    if side == wrong:
        raise Refusal("CMUT011", "BTW-code is ongeldig bij deze soort mutatie.")
    percentage = line["BTWPercentage"]
    if rate is not None and percentage != rate:
        raise Refusal("CMUT011", "BTW-percentage hoort niet bij de BTW-code.")
    if vat_of(excl, percentage) != vat:
        raise Refusal("CMUT010.1", "BTW-bedrag klopt niet met het percentage.")


def vat_of(excl: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on an amount, in cents."""
    return (excl * rate / 100).quantize(_CENT, ROUND_HALF_UP)


# --- relations ---------------------------------------------------------------------

_LIMITS = {
    "Code": 15, "Bedrijf": 100, "Contactpersoon": 150, "Adres": 150, "Adres2": 150,
    "Email": 150, "Geslacht": 1, "BP": 1, "LA": 1,
    **dict.fromkeys(("Postcode", "Plaats", "Land", "Postcode2", "Plaats2", "Land2",
                     "Telefoon", "GSM", "FAX", "Site", "Bankrekening", "Girorekening",
                     "IBAN", "BIC", "BTWNummer", "KvkNummer", "Aanhef"), 50),
    **{f"Def{number}": 100 for number in range(1, 11)},
}  # fmt: skip


def check_relation(key: str, body: Body, *, is_new: bool) -> None:
    """Raise Refusal for the first thing that is wrong with a relation."""
    text = {name: str(body.get(name) or "") for name in _LIMITS}
    for name in ("Code", "Bedrijf"):
        if not text[name]:
            raise Refusal("CREL901", f"{name} is verplicht.")
    if text["BP"] not in ("B", "P"):
        raise Refusal("CREL902", "BP moet B of P zijn.")
    if text["Geslacht"] not in ("", "m", "v"):
        raise Refusal("CREL903", "Geslacht moet m of v zijn.")
    limits = _LIMITS if is_new else {**_LIMITS, "Contactpersoon": 50}
    for name, limit in limits.items():
        if len(text[name]) > limit:
            raise Refusal("CREL904", f"{name} is te lang (maximaal {limit}).")
    ids = {row["ID"] for row in books.relations(key)}
    if not is_new and body["ID"] not in ids:
        raise Refusal("CREL906", "Relatie bestaat niet.")
    same = books.relation(key, text["Code"])
    if same is not None and same["ID"] != body["ID"]:
        raise Refusal("CREL001", "Relatiecode is al in gebruik.")
    if is_new and body["ID"]:
        raise Refusal("CREL905", "ID moet 0 zijn bij toevoegen.")
