"""The vendor's names: every action, tag and error code stands here and nowhere else.

What no public sample shows is in `UNCERTAIN` (tags, with why we think so) or in
`CODES` (error codes): a correction is one edit. Source: the vendor's samples and the
contract notes, sections 1.1 to 1.3.
"""

from typing import Literal

CUSTOMERS = "klanten"
CUSTOMER_CREATE = "klant_aanmaken"
CUSTOMER_UPDATE = "klant_updaten"
INVOICES = "facturen"
INVOICE_CREATE = "factuur_aanmaken"
INVOICE_UPDATE = "factuur_updaten"
INVOICE_SEND = "factuur_versturen"
PAYMENT_REGISTER = "factuur_betaling_verwerken"
PAYMENT_UNDO = "factuur_betaling_ongedaan_maken"
PRODUCTS = "producten"
PRODUCT_CREATE = "product_aanmaken"
PRODUCT_UPDATE = "product_updaten"

CUSTOMER = "klant"
INVOICE = "factuur"
LINE = "factuurregel"
PRODUCT = "product"

CUSTOMER_TAGS = {
    "id": "id",
    "number": "relatienummer",
    "kind": "type",
    "name": "naam",
    "contact_name": "contactpersoon_naam",
    "contact_department": "contactpersoon_afdeling",
    "contact_email": "contactpersoon_email",
    "address": "adres",
    "postal_code": "postcode",
    "city": "plaats",
    "country": "land",
    "fax": "faxnummer",
    "account_number": "rekeningnummer",
    "account_holder": "tenaamstelling",
    "iban": "iban",
    "bic": "bic",
    "chamber_number": "kvk_nummer",
    "vat_number": "btw_nummer",
}
"""Field of `wire.Customer` to tag, in the order of the sample customer-update."""
INVOICE_TAGS = {
    "id": "id",
    "customer_id": "klant_id",
    "customer_name": "klant_naam",
    "customer_email": "klant_email",
    "match_field": "update_klanten_veld",
    "payment_status": "betaalstatus",
    "prefix": "factuurnummer_voorloop",
    "number": "factuurnummer",
    "direct_debit": "automatische_incasso",
    "issued_on": "factuurdatum",
    "due_on": "vervaldatum",
}
LINE_TAGS = {
    "id": "id",
    "quantity": "aantal",
    "description": "omschrijving",
    "price": "prijs",
    "vat_rate": "btw",
}
PRODUCT_TAGS = {
    "id": "id",
    "name": "naam",
    "number": "nummer",
    "description": "omschrijving",
    "price": "prijs",
    "vat_rate": "btw",
}

DEBTOR, CREDITOR = "debiteur", "crediteur"
OPEN, PAID = "openstaand", "betaald"
YES, NO = "ja", "nee"

UNCERTAIN = {
    "land": "field [5] of the screen in manual 002; no sample has it",
    "faxnummer": "field [6] of the screen in manual 002; no sample has it",
    "iban": "field [8]; the samples know only rekeningnummer, from before IBAN",
    "bic": "field [9]; no sample has it",
    "kvk_nummer": "field [10]; no sample has it",
    "btw_nummer": "field [11]; no sample has it",
    "crediteur": "the samples show type debiteur; the screen offers both words",
}
"""Tags and values that are our reading of a screen, each with the reason."""

ITEMS = {
    CUSTOMERS: (CUSTOMERS, CUSTOMER),
    INVOICES: (INVOICES, INVOICE),
    PRODUCTS: (PRODUCTS, PRODUCT),
}
"""List to the tags one record may have in its answer.

The vendor's product-list sample counts `producten` below the root; by likeness the
other lists repeat their own name. The singular is accepted as well, because no sample
of those answers exists."""

Meaning = Literal["login", "forbidden", "missing", "exists", "invalid", "busy", "fault"]
CODES: dict[str, Meaning] = {
    "400": "invalid",
    "401": "login",
    "403": "forbidden",
    "404": "missing",
    "409": "exists",
    "422": "invalid",
    "429": "busy",
    "500": "fault",
    "502": "fault",
    "503": "fault",
}
"""Three-digit code in the body to what it means.

That a body which begins with three digits is an error is the vendor's word (apidoc);
its list of codes was not found. These are the customary meanings of such numbers and
an assumption. A code that is not here is a refusal, shown to the user with the
vendor's own text."""
