"""The words of relations: their fields, what may be wrong with them, what happened."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.texts import relation_cards
from core.texts.text import ErrorText

FIELDS: Mapping[str, LazyString] = {
    "kind": _l("Soort"),
    "relation_type": _l("Relatietype"),
    "name": _l("Naam"),
    "first_name": _l("Voornaam"),
    "initials": _l("Voorletters"),
    "name_prefix": _l("Tussenvoegsel"),
    "gender": _l("Geslacht"),
    "debtor_number": _l("Debiteurnummer"),
    "creditor_number": _l("Crediteurnummer"),
    "phone": _l("Telefoonnummer"),
    "mobile": _l("Mobiele telefoon"),
    "fax": _l("Fax"),
    "email": _l("E-mailadres"),
    "website": _l("Website"),
    "chamber_number": _l("KvK-nummer"),
    "vat_number": _l("BTW-nummer"),
    "iban": _l("IBAN"),
    "bic": _l("BIC"),
    "manager_id": _l("Relatiebeheerder"),
    "merged_relation": _l("De andere relatie"),
}
ADDRESSES: Mapping[str, LazyString] = {
    "visiting_address": _l("Bezoekadres"),
    "postal_address": _l("Postadres"),
    "invoice_address": _l("Factuuradres"),
    "delivery_address": _l("Afleveradres"),
    "home_address": _l("Privéadres"),
    "alternative_address": _l("Afwijkend adres"),
}
PARTS: Mapping[str, LazyString] = {
    "line": _l("Adresregel"),
    "street": _l("Straat"),
    "house_number": _l("Huisnummer"),
    "house_number_suffix": _l("Toevoeging"),
    "postal_code": _l("Postcode"),
    "city": _l("Plaats"),
    "country": _l("Land"),
}
KINDS: Mapping[str, LazyString] = {
    "organisation": _l("Organisatie"),
    "person": _l("Persoon"),
}
TYPES: Mapping[str, LazyString] = {
    "suspect": _l("Suspect"),
    "prospect": _l("Prospect"),
    "client": _l("Klant"),
    "private_client": _l("Particuliere klant"),
    "vendor": _l("Leverancier"),
    "to_review": _l("Te beoordelen"),
}
GENDERS: Mapping[str, LazyString] = {
    "m": _l("Man"),
    "f": _l("Vrouw"),
    "x": _l("Anders"),
}
ACTIONS: Mapping[str, LazyString] = {
    "made": _l("Aangemaakt"),
    "edited": _l("Gewijzigd"),
    "imported": _l("Uit een bestand"),
    "api": _l("Door uw eigen systeem (API)"),
    "synced": _l("Bijgewerkt door de koppeling"),
    "put_back": _l("Teruggezet"),
    "overwritten": _l("Overschreven in het pakket"),
    "merged": _l("Samengevoegd"),
    "merged_away": _l("Opgegaan in een andere relatie"),
    "unmerged": _l("Samenvoegen ongedaan gemaakt"),
}
VERDICTS: Mapping[str, LazyString] = {
    "made": _l("Nieuw"),
    "changed": _l("Wijzigt"),
    "same": _l("Ongewijzigd"),
    "refused": _l("Geweigerd"),
}


def label(field: str) -> str:
    """Return the words for a flat field: Bezoekadres: postcode."""
    role, _sep, part = field.partition(".")
    if role == "contacts":
        words = str(relation_cards.CONTACT[part.partition(".")[2]]).lower()
        return f"{_('Contactpersoon')}: {words}"
    if part:
        return f"{ADDRESSES[role]}: {str(PARTS[part]).lower()}"
    return str(FIELDS.get(field, field))


TEXTS: Mapping[str, ErrorText] = {
    "relation_kind_unknown": ErrorText(_l("Kies organisatie of persoon.")),
    "relation_type_unknown": ErrorText(
        _l("Dit relatietype is er niet."),
        "",
        _l("Kies suspect, prospect, klant, particuliere klant, leverancier of te"
           " beoordelen."),
    ),
    "relation_gender_unknown": ErrorText(_l("Kies man, vrouw, anders of niets.")),
    "relation_name_missing": ErrorText(_l("Vul een naam in.")),
    "relation_text_too_long": ErrorText(_l("Deze tekst is te lang.")),
    "relation_email_wrong": ErrorText(_l("Dit is geen e-mailadres.")),
    "relation_website_wrong": ErrorText(
        _l("Dit is geen adres van een website."),
        "",
        _l("Schrijf het als www.voorbeeld.nl of https://voorbeeld.nl."),
    ),
    "relation_phone_wrong": ErrorText(_l("Dit is geen telefoonnummer.")),
    "relation_mobile_wrong": ErrorText(_l("Dit is geen telefoonnummer.")),
    "relation_fax_wrong": ErrorText(_l("Dit is geen faxnummer.")),
    "relation_debtor_number_wrong": ErrorText(
        _l("Een debiteurnummer bestaat uit cijfers of letters zonder spaties.")
    ),
    "relation_creditor_number_wrong": ErrorText(
        _l("Een crediteurnummer bestaat uit cijfers of letters zonder spaties.")
    ),
    "relation_iban_wrong": ErrorText(
        _l("Dit IBAN klopt niet: het controlegetal past niet bij het nummer.")
    ),
    "relation_bic_wrong": ErrorText(_l("Een BIC heeft acht of elf tekens.")),
    "relation_vat_number_wrong": ErrorText(
        _l("Dit BTW-nummer klopt niet voor het land."),
        "",
        _l("Zet de landcode ervoor, bijvoorbeeld NL of BE."),
    ),
    "relation_chamber_number_wrong": ErrorText(
        _l("Een KvK-nummer heeft acht cijfers, een Belgisch ondernemingsnummer tien.")
    ),
    "relation_postal_code_wrong": ErrorText(
        _l("Deze postcode past niet bij het land."),
        "",
        _l("Een Nederlandse is 1234 AB, een Belgische vier cijfers."),
    ),
    "relation_country_unknown": ErrorText(_l("Dit land is niet bekend.")),
    "relation_debtor_number_taken": ErrorText(
        _l("Debiteurnummer %(number)s is al van %(name)s.")
    ),
    "relation_creditor_number_taken": ErrorText(
        _l("Crediteurnummer %(number)s is al van %(name)s.")
    ),
    "relation_changed_meanwhile": ErrorText(
        _l("%(name)s is zojuist door iemand anders gewijzigd.")
    ),
    "relation_has_invoices": ErrorText(
        _l("%(name)s kan niet worden verwijderd."),
        _l("Er zijn verkoopfacturen voor deze relatie (%(count)s); de administratie"
           " moet zeven jaar bewaard blijven."),
        _l("Zet de relatie desgewenst op een ander relatietype."),
    ),
    "relation_change_is_first": ErrorText(
        _l("Hiermee is de relatie aangemaakt; dat is niet terug te zetten.")
    ),
    "relation_deleted": ErrorText(
        _l("Relatie %(name)s (%(number)s) is verwijderd.")
    ),
    "relations_imported": ErrorText(
        _l("%(name)s is geïmporteerd: %(made)s nieuw, %(changed)s gewijzigd,"
           " %(refused)s geweigerd.")
    ),
    "import_unreadable": ErrorText(
        _l("Dit bestand kan niet worden gelezen als CSV of Excel.")
    ),
    "import_no_rows": ErrorText(
        _l("In dit bestand staan onder de kopregel geen regels.")
    ),
    "import_too_many_rows": ErrorText(_l("Dit bestand heeft te veel regels."), "",
        _l("Verdeel het over meer bestanden.")),
    "import_too_wide": ErrorText(_l("Dit bestand heeft te veel kolommen.")),
    "import_too_large": ErrorText(_l("Dit bestand is uitgepakt te groot.")),
    "import_too_many_cells": ErrorText(
        _l("Dit bestand heeft meer dan 500.000 cellen."), "",
        _l("Laat weg wat niet nodig is, of verdeel het over meer bestanden.")),
    "import_gave_up": ErrorText(
        _l("Het lukte ons na enkele pogingen niet om dit bestand te verwerken."), "",
        _l("Sla het op als CSV of verdeel het over meer bestanden, en probeer het"
           " opnieuw.")),
    "file_takes_too_much": ErrorText(
        _l("Het lezen van dit bestand kost te veel tijd of geheugen."), "",
        _l("Maak het kleiner of eenvoudiger, en probeer het opnieuw.")),
    "file_reader_ended": ErrorText(
        _l("Dit bestand kon nu niet worden gelezen."), "",
        _l("Probeer het over een paar minuten opnieuw.")),
    "files_at_once": ErrorText(
        _l("Er worden al %(count)s bestanden van u verwerkt."), "",
        _l("Wacht tot dat klaar is en probeer het dan opnieuw.")),
    "files_per_day": ErrorText(
        _l("U gaf ons in een dag al zo veel bestanden als kan: %(largest)s MB."), "",
        _l("Probeer het morgen opnieuw.")),
    "import_kind_unknown": ErrorText(_l("Geen organisatie of persoon.")),
    "import_manager_unknown": ErrorText(
        _l("Deze relatiebeheerder is geen gebruiker van uw omgeving.")
    ),
    "import_row_twice": ErrorText(
        _l("Dit nummer of e-mailadres staat al in een eerdere regel.")
    ),
    "import_email_not_unique": ErrorText(
        _l("Meer relaties hebben dit e-mailadres; geef een debiteurnummer.")
    ),
    "import_numbers_disagree": ErrorText(
        _l("Het debiteurnummer en het crediteurnummer zijn van verschillende relaties.")
    ),
}  # fmt: skip
