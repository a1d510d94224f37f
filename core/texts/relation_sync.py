"""The words of relations kept in step: what a run does, and what it could not do."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TITLE = _l("Relaties bijwerken")
PHASES: Mapping[str, LazyString] = {
    "": _l("De run begint"),
    "reading": _l("Het pakket wordt gelezen"),
    "writing": _l("Uw relaties worden bijgewerkt in het pakket"),
    "closing": _l("Wat is geschreven, wordt teruggelezen"),
    "reviewing": _l("Wat niet lukte, wordt opnieuw bekeken"),
    "undoing": _l("Wat is geschreven, wordt stuk voor stuk bekeken"),
}
FORESEEING = _l("Er wordt gelezen wat er zou wijzigen; er wordt niets geschreven")
KINDS: Mapping[str, LazyString] = {
    "sync": _l("Bijwerken"),
    "preview": _l("Voorbeeld"),
    "undo": _l("Ongedaan maken"),
    "undo_preview": _l("Overzicht van ongedaan maken"),
}
STATES: Mapping[str, LazyString] = {
    "running": _l("Bezig"),
    "done": _l("Klaar"),
    "failed": _l("Gestopt"),
}
COUNTS: Mapping[str, LazyString] = {
    "made_here": _l("hier aangemaakt"),
    "changed_here": _l("hier gewijzigd"),
    "made_there": _l("in het pakket aangemaakt"),
    "changed_there": _l("in het pakket gewijzigd"),
    "overwritten": _l("in het pakket overschreven"),
    "conflicts": _l("met een botsend nummer"),
    "refused": _l("geweigerd"),
    "conflict": _l("met een botsend nummer"),
    "left_out": _l("overgeslagen"),
    "restored_here": _l("hier teruggezet"),
    "restored_there": _l("in het pakket teruggezet"),
    "removed_here": _l("hier verwijderd"),
    "removed_there": _l("uit het pakket verwijderd"),
}
LINES: Mapping[str, LazyString] = {
    "made_here": _l("Nieuw hier"),
    "changed_here": _l("Gewijzigd hier"),
    "made_there": _l("Nieuw in het pakket"),
    "changed_there": _l("Gewijzigd in het pakket"),
    "overwritten": _l("Overschreven in het pakket"),
    "conflict": _l("In conflict"),
    "left_out": _l("Overgeslagen"),
    "restored_here": _l("Teruggezet hier"),
    "restored_there": _l("Teruggezet in het pakket"),
    "removed_here": _l("Verwijderd hier"),
    "removed_there": _l("Verwijderd uit het pakket"),
}
"""What happens to one relation or record, in the order of the page."""
ROLES: Mapping[str, LazyString] = {
    "debtor": _l("Debiteur"),
    "creditor": _l("Crediteur"),
}
TEXTS: Mapping[str, ErrorText] = {
    "relation_number_twice": ErrorText(
        _l("Nummer %(number)s komt meer dan eens voor."),
        _l("Hier: %(names)s. In het pakket: %(records)s. Er is niets gewijzigd."),
        _l("Geef een van beide een ander nummer, of haal het dubbele record weg."),
    ),
    "relation_number_taken": ErrorText(
        _l("Nummer %(number)s is in het pakket al van een ander."),
        _l("Hier heeft %(names)s dat nummer; in het pakket: %(records)s."),
        _l("Geef de relatie hier een ander nummer, of het record in het pakket."),
    ),
    "relation_role_changed": ErrorText(
        _l("%(records)s is in het pakket van soort veranderd."),
        _l("Wat hier debiteur is, is daar crediteur geworden, of andersom."),
        _l("Zet het in het pakket terug, of haal hier het nummer weg."),
    ),
    "relation_unreadable": ErrorText(
        _l("%(records)s (nummer %(number)s) is in het pakket niet te lezen."),
        _l("Er staat een teken in dat niet mag, of er ontbreekt iets."),
        _l("Typ in het pakket de velden over waarin het staat, en sla ze op."),
    ),
    "relation_unanswered": ErrorText(
        _l("Er kwam geen antwoord op het bijwerken van nummer %(number)s."),
        _l("Het kan gelukt zijn. Wij zoeken het op voordat er iets opnieuw gaat."),
        _l("U hoeft niets te doen."),
    ),
    "record_gone": ErrorText(
        _l("Het record in het pakket is weg."),
        _l("Het is daar verwijderd terwijl wij het wilden bijwerken."),
        _l("U hoeft niets te doen: de volgende run maakt het opnieuw aan."),
    ),
    "relations_changing": ErrorText(
        _l("Relaties veranderden terwijl ze werden bijgewerkt."),
        "",
        _l("Wij proberen het vanzelf opnieuw."),
    ),
    "relations_not_live": ErrorText(
        _l("Het bijwerken van relaties staat uit, of %(plugin)s is niet verbonden."),
        "",
        _l("Verbind het pakket en zet bij Relaties bijwerken een richting aan."),
    ),
    "relations_list_implausible": ErrorText(
        _l("Het pakket gaf veel minder records dan er gekoppeld zijn."),
        _l("Dat is eerder een fout antwoord dan een opruiming; er is niets gedaan."),
        _l("Klopt het wel? Druk op Toch uitvoeren; wat weg is, komt dan terug."),
    ),
    "relations_synced": ErrorText(
        _l(
            "Relaties en %(plugin)s zijn bijgewerkt: hier %(made_here)s nieuw en"
            " %(changed_here)s gewijzigd, daar %(made_there)s nieuw en"
            " %(changed_there)s gewijzigd."
        )
    ),
    "relations_undone": ErrorText(
        _l(
            "Een run van relaties met %(plugin)s is ongedaan gemaakt: hier"
            " %(restored_here)s teruggezet en %(removed_here)s verwijderd, daar"
            " %(restored_there)s teruggezet en %(removed_there)s verwijderd;"
            " %(left_out)s bleven zoals ze zijn."
        )
    ),
    "relations_preview_needed": ErrorText(
        _l("Relaties wachten op uw akkoord."),
        _l("Er wordt niets geschreven voordat u hebt gezien wat er zou wijzigen."),
        _l("Bekijk het voorbeeld en druk op Uitvoeren."),
    ),
    "relations_preview_outdated": ErrorText(
        _l("Dit voorbeeld geldt niet meer."),
        _l("De instellingen zijn gewijzigd, of er is een nieuwer voorbeeld."),
        _l("Bekijk het nieuwste voorbeeld."),
    ),
    "relations_more_than_seen": ErrorText(
        _l("Deze run zou meer wijzigen dan u hebt gezien, en is gestopt."),
        _l("Sinds het voorbeeld, of sinds de vorige run, is er veel gewijzigd."),
        _l("Bekijk het nieuwe voorbeeld en druk op Uitvoeren."),
    ),
    "relations_set_anew": ErrorText(
        _l("De instellingen zijn gewijzigd; deze run is gestopt."),
        "",
        _l("Bekijk het nieuwe voorbeeld en druk op Uitvoeren."),
    ),
    "relations_run_busy": ErrorText(
        _l("Er is al een run bezig."),
        "",
        _l("Wacht tot die klaar is en probeer het dan opnieuw."),
    ),
    "relations_undo_too_late": ErrorText(
        _l("Deze run kan niet meer ongedaan worden gemaakt."),
        _l("Hij is al ongedaan gemaakt, hij schreef niets, of hij is te lang geleden."),
        _l("Zet losse wijzigingen terug via de geschiedenis van de relatie."),
    ),
    "relations_undo_elsewhere": ErrorText(
        _l("Deze run schreef in een administratie die nu niet is gekoppeld."),
        _l("Dezelfde nummers kunnen in de andere administratie van anderen zijn."),
        _l("Zet losse wijzigingen terug via de geschiedenis van de relatie."),
    ),
    "relation_undo_changed": ErrorText(
        _l("Dit is intussen gewijzigd, en blijft zoals het is."),
        "",
        _l("Pas het zelf aan als dat nodig is."),
    ),
    "relation_undo_stays": ErrorText(
        _l("Het pakket verwijdert geen records; dit blijft staan."),
        "",
        _l("Zet het in het pakket op inactief als u het niet meer gebruikt."),
    ),
    "relation_undo_inexact": ErrorText(
        _l("Dit record kan van hieruit niet precies zo teruggezet worden."),
        _l("Wat er stond, past niet in de velden van de relatie."),
        _l("Zet het in het pakket zelf terug; de oude waarden staan bij de run."),
    ),
    "relations_run_failed": ErrorText(
        _l("Het bijwerken van relaties met %(plugin)s is gestopt."),
        "",
        _l("Bij de koppeling staat waarom. De volgende run gaat verder."),
    ),
}
