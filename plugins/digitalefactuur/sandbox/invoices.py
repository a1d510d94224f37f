"""Invoices and their payments: facturen, factuur_aanmaken and the rest."""

from decimal import Decimal
from typing import Any

from core.domain.money import cents, total
from core.kit.sandbox.app import sandbox
from plugins.digitalefactuur.sandbox import customers
from plugins.digitalefactuur.sandbox.documents import (
    Record,
    choice,
    day,
    decimal,
    flat,
    posted,
    required,
    shown_day,
)
from plugins.digitalefactuur.sandbox.errors import (
    EXISTS,
    INVALID,
    NOT_FOUND,
    Refusal,
    invalid,
)

PAGE = 50
"""The sandbox's own choice: the size of a page is not documented."""
TAGS = (
    "id", "klant_id", "klant_naam", "klant_email", "update_klanten_veld",
    "betaalstatus", "factuurnummer_voorloop", "factuurnummer", "automatische_incasso",
    "factuurdatum", "vervaldatum",
)  # fmt: skip
LINE_TAGS = ("id", "aantal", "omschrijving", "prijs", "btw")
SEND_TAGS = {
    "email": ("id", "sjablonen_id", "methode", "emailtekst", "email", "ubl"),
    "post": ("id", "sjablonen_id", "methode", "post_type", "klant_naam",
             "klant_adres", "klant_postcode", "klant_plaats"),
}  # fmt: skip
HIGHEST_VAT = Decimal("0.3")
FIRST_ID, FIRST_LINE, FIRST_NUMBER = 55924, 319, 2026001


def listed(arguments: dict[str, str], page_size: int) -> list[Record]:
    """Return one page, or what the other arguments ask for, as the vendor shows it."""
    found = [one for one in _every() if _matches(one, arguments)]
    column = arguments.get("order_column", "factuurnummer")
    if column not in TAGS:
        raise invalid("order_column", "onbekend")
    down = arguments.get("order_type", "asc") == "desc"
    found.sort(key=lambda one: _sortable(one[column]), reverse=down)
    number = arguments.get("page", "1")
    if not number.isdecimal() or number == "0":
        raise invalid("page", "geen bladzijde")
    start = (int(number) - 1) * page_size
    return [_shown(one) for one in found[start : start + page_size]]


def _matches(one: Record, arguments: dict[str, str]) -> bool:
    wanted = {"id": arguments.get("facturen_id"),
              "factuurnummer": arguments.get("factuurnummer"),
              "betaalstatus": arguments.get("betaalstatus")}  # fmt: skip
    return all(value in (None, one[tag]) for tag, value in wanted.items())


def _sortable(text: str) -> tuple[int, str]:
    return (len(text), text) if text.isdecimal() else (0, text)


def _shown(one: Record) -> Record:
    odd = int(one["id"]) % 2 == 1
    shown = {tag: one[tag] for tag in TAGS if tag != "update_klanten_veld"}
    for tag in ("factuurdatum", "vervaldatum"):
        shown[tag] = shown_day(one[tag], odd)
    return {**shown, "factuurregel": one["factuurregel"]}


def create(xml: str | None) -> Record:
    """Make an invoice with its lines; it is not sent."""
    fields, lines = _checked(posted(xml, "factuur"))
    fields["klant_id"] = _customer(fields)["id"]
    if not fields.get("factuurnummer"):
        number = sandbox().store.next_number("factuurnummer", FIRST_NUMBER)
        fields["factuurnummer"] = str(number)
    _refuse_taken(fields, "")
    key = str(sandbox().store.next_number("factuur", FIRST_ID))
    status = fields.get("betaalstatus") or "openstaand"
    fields |= {"id": key, "betaalstatus": status}
    return _keep({**dict.fromkeys(TAGS, ""), **fields, "factuurregel": lines,
                  "voldaan": "0.00", "verzonden": ""})  # fmt: skip


def update(xml: str | None) -> Record:
    """Replace an invoice and all its lines; one that was sent stays as it is."""
    fields, lines = _checked(posted(xml, "factuur"))
    required(fields, "id")
    known = find(fields["id"])
    if known["verzonden"]:
        raise Refusal(INVALID, "Een verzonden factuur kan niet worden gewijzigd")
    fields["klant_id"] = _customer(fields)["id"]
    for tag in ("factuurnummer", "betaalstatus"):
        fields[tag] = fields.get(tag) or known[tag]
    _refuse_taken(fields, fields["id"])
    return _keep({**known, **dict.fromkeys(TAGS, ""), **fields, "factuurregel": lines})


def send(xml: str | None) -> Record:
    """Send an invoice by e-mail or on paper."""
    root = posted(xml, "factuur")
    method = root.findtext("methode", "")
    if method not in SEND_TAGS:
        raise invalid("methode", "kies uit email, post")
    fields = flat(root, SEND_TAGS[method])
    choice(fields, "ubl", "ja", "nee")
    needed = ("email",) if method == "email" else SEND_TAGS["post"][4:]
    required(fields, "id", "sjablonen_id", *needed)
    known = find(fields["id"])
    sandbox().store.record("verzending", known["id"], dict(fields))
    return _keep({**known, "verzonden": method})


def pay(xml: str | None) -> Record:
    """Register a payment, whole or a part."""
    fields = flat(posted(xml, "factuur"), ("id", "deelbetaling", "voldaan", "datum"))
    required(fields, "id", "datum")
    known, paid_on = find(fields["id"]), day(fields, "datum")
    due = _total(known) - Decimal(known["voldaan"])
    if known["betaalstatus"] == "betaald":
        raise Refusal(INVALID, "De factuur is al betaald")
    amount = decimal(fields, "voldaan", 2) if fields.get("deelbetaling") == "1" else due
    if not 0 < amount <= due and due:
        raise invalid("voldaan", "meer dan er openstaat")
    status = "betaald" if amount == due else "openstaand"
    paid = str(Decimal(known["voldaan"]) + amount)
    entry = {"id": known["id"], "bedrag": str(amount), "datum": paid_on}
    sandbox().store.record("betaling", known["id"], entry)
    return _keep({**known, "voldaan": paid, "betaalstatus": status})


def undo_payment(xml: str | None) -> Record:
    """Take back all payments."""
    fields = flat(posted(xml, "factuur"), ("id",))
    required(fields, "id")
    known = find(fields["id"])
    return _keep({**known, "voldaan": "0.00", "betaalstatus": "openstaand"})


def delete(key: str) -> None:
    """Remove an invoice."""
    find(key)
    sandbox().store.delete("factuur", key)
    sandbox().store.record("factuur_verwijderd", key, {"id": key})


def find(key: str) -> Record:
    """Return an invoice by id; refuse an unknown one."""
    found = sandbox().store.get("factuur", key)
    if found is None:
        raise Refusal(NOT_FOUND, f"Factuur {key} bestaat niet")
    return found


def _every() -> list[Record]:
    return sandbox().store.list("factuur")


def _customer(fields: dict[str, str]) -> Record:
    if fields.get("klant_id"):
        return customers.find(fields["klant_id"])
    required(fields, "klant_naam", "klant_email")
    choice(fields, "update_klanten_veld", "email")
    by_email = fields.get("update_klanten_veld") == "email"
    return customers.of_invoice(fields["klant_naam"], fields["klant_email"], by_email)


def _checked(element: Any) -> tuple[dict[str, str], list[Record]]:
    fields = flat(element, TAGS, nested="factuurregel")
    required(fields, "factuurdatum")
    choice(fields, "betaalstatus", "openstaand", "betaald")
    choice(fields, "automatische_incasso", "ja", "nee")
    for tag in ("factuurdatum", "vervaldatum"):
        fields[tag] = day(fields, tag)
    if fields.get("factuurnummer") and not fields["factuurnummer"].isdecimal():
        raise invalid("factuurnummer", "geen getal")
    lines = [_line(line) for line in element.findall("factuurregel")]
    if not lines:
        raise invalid("factuurregel", "verplicht")
    return fields, lines


def _line(element: Any) -> Record:
    fields = flat(element, LINE_TAGS)
    required(fields, "aantal", "omschrijving", "prijs", "btw")
    rate = decimal(fields, "btw", 3)
    if not 0 <= rate <= HIGHEST_VAT:
        raise invalid("btw", "geef een fractie, bijvoorbeeld 0.210")
    key = fields.get("id") or str(sandbox().store.next_number("regel", FIRST_LINE))
    return {
        "id": key,
        "aantal": f"{decimal(fields, 'aantal', 2):.2f}",
        "omschrijving": fields["omschrijving"],
        "prijs": f"{decimal(fields, 'prijs', 3):.3f}",
        "btw": f"{rate:.3f}",
    }


def _total(one: Record) -> Decimal:
    """Return the total incl VAT; the VAT is rounded per line (own choice)."""
    return total(
        cents(Decimal(line["aantal"]) * Decimal(line["prijs"]) * (1 + _rate(line)))
        for line in one["factuurregel"]
    )


def _rate(line: Record) -> Decimal:
    return Decimal(line["btw"])


def _refuse_taken(fields: dict[str, str], own_id: str) -> None:
    number = _full(fields)
    for known in _every():
        if _full(known) == number and known["id"] != own_id:
            raise Refusal(EXISTS, f"Factuurnummer {number} is al in gebruik")


def _full(fields: dict[str, Any]) -> str:
    return f"{fields.get('factuurnummer_voorloop', '')}{fields['factuurnummer']}"


def _keep(record: Record) -> Record:
    sandbox().store.put("factuur", record["id"], record)
    sandbox().store.record("factuur", record["id"], record)
    return record
