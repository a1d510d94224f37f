"""The words of a relation's page: contact persons, doubles, merging, packages."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

CONTACT: Mapping[str, LazyString] = {
    "name": _l("Achternaam"),
    "first_name": _l("Voornaam"),
    "initials": _l("Voorletters"),
    "name_prefix": _l("Tussenvoegsel"),
    "function": _l("Functie"),
    "email": _l("E-mailadres"),
    "phone": _l("Telefoonnummer"),
    "mobile": _l("Mobiele telefoon"),
    "gets_invoices": _l("Ontvangt de facturen"),
    "gets_copies": _l("In kopie (cc) bij facturen"),
    "note": _l("Notitie"),
}
STANDINGS: Mapping[str, LazyString] = {
    "linked": _l("Gekoppeld"),
    "conflict": _l("In conflict"),
    "refused": _l("Geweigerd"),
    "waiting": _l("Nog nooit doorgegeven"),
    "left_out": _l("Doet niet mee: geen nummer"),
    "off": _l("Het bijwerken staat uit"),
}
REASONS: Mapping[str, LazyString] = {
    "vat_number": _l("hetzelfde BTW-nummer"),
    "chamber_number": _l("hetzelfde KvK-nummer"),
    "iban": _l("hetzelfde IBAN"),
    "email": _l("hetzelfde e-mailadres"),
    "name": _l("een naam die lijkt, op dezelfde postcode"),
}
TEXTS: Mapping[str, ErrorText] = {
    "contact_name_missing": ErrorText(_l("Vul een achternaam in.")),
    "contact_email_missing": ErrorText(
        _l("Zonder e-mailadres kan deze persoon geen facturen krijgen.")
    ),
    "contact_of_person": ErrorText(
        _l("%(name)s is een persoon."),
        _l("Alleen organisaties hebben contactpersonen."),
    ),
    "contacts_too_many": ErrorText(
        _l("Een relatie heeft hoogstens %(count)s contactpersonen.")
    ),
    "contact_change_is_first": ErrorText(
        _l("Hiermee is de contactpersoon aangemaakt; dat is niet terug te zetten."),
        "",
        _l("Verwijder de contactpersoon als die niet meer nodig is."),
    ),
    "contact_gone": ErrorText(
        _l("Deze contactpersoon is intussen verwijderd."),
        "",
        _l("Zet eerst het verwijderen terug."),
    ),
    "relation_merged": ErrorText(
        _l("Deze relatie is samengevoegd met een andere (%(id)s)."),
        "",
        _l("Wijzig die andere, of maak het samenvoegen ongedaan."),
    ),
    "relation_blocked": ErrorText(
        _l("Deze klant is gewist. Alleen wat op facturen moet staan is bewaard."),
    ),
    "relation_merge_itself": ErrorText(
        _l("Een relatie kan niet met zichzelf worden samengevoegd.")
    ),
    "relation_merge_undone": ErrorText(
        _l("Dit samenvoegen was al ongedaan gemaakt.")
    ),
    "relation_merge_changed": ErrorText(
        _l("Het samenvoegen kan niet meer ongedaan worden gemaakt."),
        _l("%(name)s is sindsdien gewijzigd; wat van wie was, is niet meer zeker."),
        _l("De gegevens van de andere staan nog in haar geschiedenis; maak haar zo"
           " nodig opnieuw aan."),
    ),
    "relation_change_of_merge": ErrorText(
        _l("Dit hoort bij het samenvoegen van twee relaties."),
        "",
        _l("Maak het samenvoegen op de bladzijde van de relatie ongedaan."),
    ),
    "relation_cannot_retire": ErrorText(
        _l("In dit pakket kan een record niet op inactief worden gezet."),
        "",
        _l("Doe het in het pakket zelf, of laat het staan."),
    ),
    "relation_retired": ErrorText(
        _l("Nummer %(number)s van een samengevoegde relatie is in het pakket op"
           " inactief gezet.")
    ),
}  # fmt: skip
