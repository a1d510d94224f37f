"""The user's words for filing: what keeps one from going, the log, the evidence."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_WHICH = _l("%(administration)s, %(period)s.")
_LOOK_AGAIN = _l("Bekijk de aangifte opnieuw.")
_TELL_US = _l("Meld het probleem; verstuur deze aangifte niet.")

TEXTS = {
    "other_books": ErrorText(
        _l(
            "Van dit omzetbelastingnummer heeft ook %(names)s cijfers over deze dagen,"
            " of zijn die nog niet gelezen."
        ),
        _l(
            "Een tijdvak wordt van één administratie aangegeven; die cijfers staan er"
            " niet in."
        ),
        _l(
            "Horen zij erbij, zoals bij een fiscale eenheid, vul ze dan bij dit tijdvak"
            " zelf in. Wat daar later verandert, zien wij voor deze aangifte niet."
        ),
    ),
    "filing_other_books": ErrorText(
        _l("U hebt nog niet gezegd dat %(names)s niet in deze aangifte hoort."),
        "",
        _l("Vink dat aan, of vul die cijfers eerst bij dit tijdvak zelf in."),
    ),
    # preparing
    "figures_being_read": ErrorText(
        _l("De cijfers van dit tijdvak worden nog gelezen."),
        "",
        _l("Wacht tot ze er zijn en maak de aangifte dan klaar."),
    ),
    "figures_reading_failed": ErrorText(
        _l("De cijfers van dit tijdvak konden niet worden gelezen."),
        _l("Wat er staat kan onvolledig zijn."),
        _l("Los op wat bij de cijfers staat en lees ze opnieuw."),
    ),
    "figures_not_read": ErrorText(
        _l("De cijfers van dit tijdvak zijn nog niet gelezen."),
        "",
        _l("Lees eerst de cijfers van het tijdvak."),
    ),
    "figures_before_end": ErrorText(
        _l("De cijfers zijn gelezen voordat het tijdvak voorbij was (%(date)s)."),
        _l("Wat daarna nog is geboekt, zou in de aangifte ontbreken."),
        _l("Lees de cijfers opnieuw als het tijdvak voorbij is."),
    ),
    "icp_empty": ErrorText(
        _l("Er is geen enkele ICP-regel in dit tijdvak."),
        _l("Een opgaaf zonder regels wordt niet aangenomen."),
        _l("U hoeft over dit tijdvak geen ICP-opgaaf te doen."),
    ),
    "filing_under_way": ErrorText(
        _l("Er is al een aangifte over dit tijdvak onderweg (%(reference)s)."),
        _l("Per tijdvak en soort gaat er een tegelijk."),
        _l("Wacht haar eindstand af, of trek haar in zolang zij niet is verstuurd."),
    ),
    "filing_accepted": ErrorText(
        _l("De aangifte over dit tijdvak is al aangenomen (%(reference)s)."),
        _l("Een tweede aangifte over hetzelfde tijdvak is niet de bedoeling."),
        _l(
            "Verbeter de btw in een volgende aangifte (tot 1.000 euro) of met een"
            " suppletie; verbeter een ICP-opgaaf in de volgende opgaaf."
        ),
    ),
    "filing_of_other_administration": ErrorText(
        _l(
            "Uit administratie %(administration)s staat al een aangifte over dit"
            " tijdvak klaar (%(reference)s)."
        ),
        _l("Per omzetbelastingnummer, tijdvak en soort gaat er één aangifte uit."),
        _l("Kies één administratie; trek de aangifte van de andere in."),
    ),
    "filing_overlaps": ErrorText(
        _l(
            "Tijdvak %(period)s overlapt met %(other)s, waarvoor al een aangifte is"
            " gemaakt (%(reference)s)."
        ),
        _l("Dezelfde dagen zouden dan twee keer worden aangegeven."),
        _l(
            "Doe aangifte over een tijdvak dat daarna begint, of verbeter de eerdere"
            " aangifte."
        ),
    ),
    # approving and after
    "filing_moved_on": ErrorText(
        _l("Dit kan met aangifte %(reference)s niet (meer)."),
        _l("Iemand anders was u voor, of zij wordt op dit moment verstuurd."),
        _LOOK_AGAIN,
    ),
    "filing_content_changed": ErrorText(
        _l("Het bericht van aangifte %(reference)s is niet wat u hebt bekeken."),
        _l("Alleen precies het bekeken bericht mag worden verstuurd."),
        _LOOK_AGAIN,
    ),
    "filing_figures_changed": ErrorText(
        _l("De cijfers zijn veranderd sinds aangifte %(reference)s is klaargemaakt."),
        _l("U zou iets anders goedkeuren dan wat er nu in de boeken staat."),
        _l("Maak de aangifte opnieuw klaar en bekijk haar."),
    ),
    "filing_books_changed": ErrorText(
        _l("De boeken zijn veranderd sinds aangifte %(reference)s is klaargemaakt."),
        _l("Wij lazen ze vlak voor het versturen opnieuw; er is niets verstuurd."),
        _l("Bekijk de nieuwe cijfers en keur de aangifte opnieuw goed."),
    ),
    "filing_reference_taken": ErrorText(
        _l("Kenmerk %(kenmerk)s hoort al bij een andere aangifte."),
        "",
        _l("Neem het kenmerk van deze aangifte over van het portaal."),
    ),
    "filing_waits_for_other": ErrorText(
        _l("Deze aangifte wacht op een andere van dezelfde soort (%(reference)s)."),
        _l(
            "Van die andere is nog niet zeker of zij is aangekomen. Gingen er twee"
            " tegelijk, dan waren zij niet uit elkaar te houden."
        ),
        _l("U hoeft niets te doen, tenzij die andere op u wacht."),
    ),
    "filing_no_end_state": ErrorText(
        _l("Er kwam binnen 72 uur geen eindstand."),
        _l("De aangifte is wel aangeleverd. Zij wordt niet nog eens verstuurd."),
        _l("Vraag de status opnieuw op, of bel de Belastingdienst met het kenmerk."),
    ),
    "filing_rejected": ErrorText(
        _l("De aangifte is afgekeurd (%(error)s)."),
        _l("De melding was: %(message)s"),
        _l("Los op wat er staat en dien de aangifte opnieuw in."),
    ),
    "filing_cancelled": ErrorText(
        _l("De aangifte is geannuleerd voordat zij bij de Belastingdienst was."),
        "",
        _l("U kunt haar opnieuw indienen."),
    ),
    "filing_withdrawn": ErrorText(
        _l("Aangifte %(reference)s is ingetrokken; zij is niet verstuurd."), "", ""
    ),
    "filing_superseded": ErrorText(
        _l("Er is een nieuwere versie met andere cijfers; deze is niet verstuurd."),
        "",
        "",
    ),
    # the log
    "filing_prepared": ErrorText(
        _l("Aangifte %(reference)s is klaargemaakt."), _WHICH, ""
    ),
    "filing_approved": ErrorText(
        _l("Aangifte %(reference)s is goedgekeurd en wordt verstuurd."), _WHICH, ""
    ),
    "filing_retried": ErrorText(
        _l("Aangifte %(reference)s gaat weer verder."), _WHICH, ""
    ),
    "filing_sent_again": ErrorText(
        _l(
            "Aangifte %(reference)s wordt nog eens verstuurd: iemand stelde vast dat"
            " zij niet was aangekomen."
        ),
        _WHICH,
        "",
    ),
    "filing_entered": ErrorText(
        _l("Van aangifte %(reference)s is ingevuld dat zij aankwam: %(kenmerk)s."),
        _WHICH,
        "",
    ),
    "filing_cancel_asked": ErrorText(
        _l("Gevraagd om aangifte %(reference)s te annuleren."), _WHICH, ""
    ),
    "filing_delivered": ErrorText(
        _l("Aangifte %(reference)s is aangekomen, onder kenmerk %(kenmerk)s."),
        _WHICH,
        "",
    ),
    "filing_accepted_log": ErrorText(
        _l("Aangifte %(reference)s is aangenomen."),
        _l("De vorm is goedgekeurd; de inhoud kan later nog worden bekeken."),
        "",
    ),
    "filing_stopped": ErrorText(
        _l("Aangifte %(reference)s wacht op u."),
        _WHICH,
        _l("Open de aangifte; daar staat wat er nodig is."),
    ),
    "filing_deadline_near": ErrorText(
        _l("De aangifte van %(administration)s over %(period)s moet er nog uit."),
        _l("De laatste dag is %(date)s."),
        _l("Maak de aangifte klaar en keur haar goed, liefst drie dagen eerder."),
    ),
    "filing_deadline_passed": ErrorText(
        _l("De aangifte van %(administration)s over %(period)s is te laat."),
        _l("De laatste dag was %(date)s. De Belastingdienst kan een boete geven."),
        _l("Doe de aangifte alsnog zo snel mogelijk."),
    ),
    # the evidence
    "evidence_missing": ErrorText(
        _l("Er ontbreekt een stuk van het bewijs."), "", _TELL_US
    ),
    "evidence_broken": ErrorText(
        _l("Dit stuk sluit niet aan op het vorige."), "", _TELL_US
    ),
    "evidence_changed": ErrorText(
        _l("Dit stuk is veranderd nadat het is bewaard."), "", _TELL_US
    ),
    "evidence_not_approved": ErrorText(
        _l("Het bewaarde bericht is niet het bericht dat is goedgekeurd."),
        "",
        _TELL_US,
    ),
}
