"""Passing on past orders: why it cannot begin, what its verdicts mean, its log."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "backfill_dates": ErrorText(
        _l("De eerste datum ligt na de laatste."),
        "",
        _l("Kies een eerste datum die niet na de laatste ligt."),
    ),
    "backfill_not_past": ErrorText(
        _l("Deze periode is niet helemaal verleden tijd voor de koppeling."),
        _l("Bestellingen vanaf %(starts_on)s zet de koppeling al vanzelf door."),
        _l("Kies een laatste datum vóór %(starts_on)s."),
    ),
    "backfill_without_history": ErrorText(
        _l("%(plugin)s kan geen oude bestellingen geven."),
        "",
        _l("Neem contact met ons op; wij kijken wat er mogelijk is."),
    ),
    "backfill_not_configured": ErrorText(
        _l("De configuratie is nog niet compleet."),
        _l("Zonder BTW-codes en rekeningen valt er niets te beoordelen."),
        _l("Vul eerst tab Configuratie in."),
    ),
    "backfill_busy": ErrorText(
        _l("Er loopt al een migratie voor deze koppeling."),
        "",
        _l("Wacht tot die klaar is, of stop hem."),
    ),
    "backfill_moved_on": ErrorText(
        _l("Dat kan in deze stand van de migratie niet (meer)."),
        "",
        _l("Kijk hieronder hoe het er nu voor staat."),
    ),
    "backfill_package_waits": ErrorText(
        _l("Het pakket kan nu niet worden gelezen."),
        _l("De verbinding wacht of is verbroken."),
        _l("Kijk bij Koppelingen; de migratie gaat daarna vanzelf verder."),
    ),
    "backfill_known_open": ErrorText(
        _l("Staat al onder Fouten of Open."),
        "",
        _l("Los het daar op; deze migratie laat de bestelling met rust."),
    ),
    "backfill_stands_differs": ErrorText(
        _l("Staat al in het pakket, met een ander bedrag."),
        "",
        _l("Kijk de boeking in uw pakket na; deze migratie boekt haar niet nog eens."),
    ),
    "backfill_order_changed": ErrorText(
        _l("Mag volgens de status in de winkel niet (meer) door."),
        "",
        _l("Pas zo nodig de status in uw winkel aan en begin een nieuwe migratie."),
    ),
    "backfill_asked": ErrorText(
        _l("Proef gestart voor bestellingen van %(first)s tot en met %(last)s.")
    ),
    "backfill_rehearsed": ErrorText(
        _l("Proef klaar: %(count)s bestellingen van %(first)s tot en met %(last)s"
           " kunnen worden geboekt.")
    ),
    "backfill_started": ErrorText(
        _l("Migratie gestart van %(first)s tot en met %(last)s.")
    ),
    "backfill_paused": ErrorText(
        _l("Migratie gepauzeerd van %(first)s tot en met %(last)s.")
    ),
    "backfill_resumed": ErrorText(
        _l("Migratie hervat van %(first)s tot en met %(last)s.")
    ),
    "backfill_stopped": ErrorText(
        _l("Migratie gestopt van %(first)s tot en met %(last)s.")
    ),
    "backfill_done": ErrorText(
        _l("Migratie klaar van %(first)s tot en met %(last)s: %(count)s geboekt.")
    ),
}  # fmt: skip
