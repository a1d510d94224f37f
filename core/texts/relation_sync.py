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
}
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
    "relations_run_failed": ErrorText(
        _l("Het bijwerken van relaties met %(plugin)s is gestopt."),
        "",
        _l("Bij de koppeling staat waarom. De volgende run gaat verder."),
    ),
}
