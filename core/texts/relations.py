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
    "conflict": _l("Conflict"),
    "left": _l("Weggelaten"),
    "refused": _l("Geweigerd"),
}
UNDONE: Mapping[str, LazyString] = {
    "undone": _l("Ongedaan gemaakt"),
    "partly": _l("Deels ongedaan gemaakt"),
    "kept": _l("Blijft staan"),
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
    "relation_email_several": ErrorText(
        _l("Hier staat meer dan één e-mailadres; het eerste geldt."),
        "",
        _l("Vul één e-mailadres in."),
    ),
    "relation_name_unclear": ErrorText(
        _l("De naam is in het pakket gewijzigd, maar niet duidelijk is welk deel; de"
           " voornaam en achternaam van hier zijn gebleven."),
        "",
        _l("Pas de naam aan zoals die in het pakket staat."),
    ),
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
    "import_other_spreadsheet": ErrorText(
        _l("Dit is een oud of ander rekenblad (.xls, .xlsb, .ods), of er staat een"
           " wachtwoord op."), "",
        _l("Open het en sla het op als .xlsx of CSV, zonder wachtwoord.")),
    "import_quote_open": ErrorText(
        _l("Op regel %(line)s begint een aanhalingsteken dat niet wordt gesloten:"
           " %(text)s"),
        _l("Alles daarna zou in één cel terechtkomen."),
        _l("Haal het aanhalingsteken weg of sluit het, en kies het bestand opnieuw.")),
    "import_rows_above": ErrorText(
        _l("Boven de kopregel staat tekst (regel %(lines)s); die is overgeslagen.")),
    "import_header_two": ErrorText(
        _l("De kop staat op twee regels (%(lines)s); zij zijn samen gelezen.")),
    "import_rows_hidden": ErrorText(
        _l("In het bestand verborgen regels zijn wel gelezen: %(lines)s."), "",
        _l("Verwijder ze in Excel als ze er niet bij horen, en kies het bestand"
           " opnieuw.")),
    "import_columns_hidden": ErrorText(
        _l("In het bestand verborgen kolommen zijn wel gelezen: %(columns)s."), "",
        _l("Kies bij die kolommen niets als ze er niet bij horen.")),
    "import_cell_merged": ErrorText(
        _l("Cel %(cell)s hoort bij een samengevoegde cel; gelezen is: %(text)s")),
    "import_header_again": ErrorText(
        _l("De kopregel staat er nog eens (regel %(lines)s); die is overgeslagen.")),
    "import_total": ErrorText(
        _l("Regel %(line)s telt de andere op; die is geen relatie en is"
           " overgeslagen.")),
    "import_second_table": ErrorText(
        _l("Op regel %(line)s begint een andere tabel; die is niet gelezen."), "",
        _l("Kies het bestand nog eens met die regel als kopregel als u haar ook wilt"
           " importeren.")),
    "import_row_wider": ErrorText(
        _l("Deze regel heeft %(cells)s cellen, de kopregel %(expected)s: wat in welke"
           " kolom hoort, is niet zeker."), "",
        _l("Zet aanhalingstekens om een cel waar het scheidingsteken in staat.")),
    "import_row_narrower": ErrorText(
        _l("Deze regel heeft %(cells)s cellen, de kopregel %(expected)s; de andere zijn"
           " als leeg gelezen.")),
    "import_cell_exponent": ErrorText(
        _l("In cel %(cell)s heeft Excel van het nummer %(text)s gemaakt; de laatste"
           " cijfers zijn weg."), "",
        _l("Maak de kolom in Excel tekst en vul het hele nummer opnieuw in.")),
    "import_cell_damaged": ErrorText(
        _l("In cel %(cell)s staan tekens die niet te lezen zijn: %(text)s"), "",
        _l("Sla het bestand op als CSV UTF-8 of als .xlsx.")),
    "import_cell_error": ErrorText(
        _l("In cel %(cell)s staat een fout van Excel: %(text)s")),
    "import_cell_boolean": ErrorText(
        _l("In cel %(cell)s staat WAAR of ONWAAR in plaats van tekst."), "",
        _l("Maak de cel in Excel tekst en vul haar opnieuw in.")),
    "import_cell_formula": ErrorText(
        _l("In cel %(cell)s staat een formule zonder opgeslagen uitkomst."), "",
        _l("Open het bestand in Excel en sla het op, of plak de waarden.")),
    "import_cell_format": ErrorText(
        _l("Hoe cel %(cell)s eruitziet, hangt af van uw computer; opgeslagen is"
           " %(text)s."), "",
        _l("Maak de cel in Excel tekst en vul haar opnieuw in.")),
    "import_cell_separators": ErrorText(
        _l("Cel %(cell)s is in Excel een getal met een punt of komma: %(text)s"), "",
        _l("Maak de cel tekst, of kies een getalnotatie zonder punten en komma's.")),
    "import_cell_encoding": ErrorText(
        _l("Cel %(cell)s is met andere tekens geschreven dan de rest; gelezen als"
           " %(text)s.")),
    "import_conflict_debtor_number": ErrorText(
        _l("Debiteurnummer %(text)s is hier van %(name)s. Dat lijkt een ander.")),
    "import_conflict_creditor_number": ErrorText(
        _l("Crediteurnummer %(text)s is hier van %(name)s. Dat lijkt een ander.")),
    "import_conflict_email": ErrorText(
        _l("E-mailadres %(text)s is hier van %(name)s. Dat lijkt een ander.")),
    "import_conflict_zeros": ErrorText(
        _l("%(name)s heeft hier hetzelfde nummer met andere nullen ervoor dan %(text)s;"
           " Excel laat zulke nullen weg.")),
    "import_changed_meanwhile": ErrorText(
        _l("%(name)s is na het voorbeeld aangemaakt of gewijzigd; deze regel is niet"
           " geïmporteerd."), "",
        _l("Importeer de regel nog eens; dan ziet u wat er nu zou gebeuren.")),
    "import_renumbered": ErrorText(
        _l("%(text)s is van een ander; deze relatie krijgt het eerste vrije nummer, nu"
           " %(number)s.")),
    "import_undo_gone": ErrorText(_l("De relatie is er niet meer.")),
    "import_undo_changed": ErrorText(
        _l("Sinds de import gewijzigd in %(text)s; dat blijft staan.")),
    "relations_import_undone": ErrorText(
        _l("De import van %(name)s is ongedaan gemaakt.")),
    "import_too_wide": ErrorText(
        _l("Dit bestand heeft meer dan %(most)s kolommen."), "",
        _l("Laat weg wat niet nodig is.")),
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
        _l("Dit nummer of e-mailadres staat al in een eerdere regel: %(line)s.")
    ),
    "import_email_not_unique": ErrorText(
        _l("Meer relaties hebben dit e-mailadres; geef een debiteurnummer.")
    ),
    "import_numbers_disagree": ErrorText(
        _l("Het debiteurnummer en het crediteurnummer zijn van verschillende relaties.")
    ),
}  # fmt: skip
