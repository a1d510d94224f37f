"""What stands on licences, invoices and installations, and in the log about them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "licence_ended": ErrorText(
        _l("De licentie van deze koppeling is niet (meer) geldig."),
        _l("De bestelling is bewaard en wacht; er wordt niets geboekt."),
        _l("Betaal de licentie; daarna gaat alles wat wacht vanzelf door."),
    ),
    "licence_is_trial": ErrorText(_l("Proefperiode")),
    "licence_is_paid": ErrorText(_l("Betaald")),
    "licence_is_expired": ErrorText(_l("Verlopen")),
    "licence_is_cancelled": ErrorText(_l("Beëindigd")),
    "trial_used": ErrorText(
        _l("Er is geen proefperiode (meer) voor deze winkel of administratie."),
        _l("Iedere winkel en iedere administratie krijgt één keer een proefperiode."),
        _l("Bestel de licentie hieronder; na betaling worden bestellingen geboekt."),
    ),
    "trial_over": ErrorText(
        _l("De proefperiode is voorbij."),
        _l("Bestellingen zijn bewaard en wachten; er wordt niets geboekt."),
        _l("Bestel de licentie; na betaling gaat alles wat wacht vanzelf door."),
    ),
    "year_over": ErrorText(
        _l("Het betaalde jaar is voorbij."),
        _l("Bestellingen zijn bewaard en wachten; er wordt niets geboekt."),
        _l("Betaal een nieuw jaar; daarna gaat alles wat wacht vanzelf door."),
    ),
    "cancelled_by_user": ErrorText(
        _l("U hebt de licentie beëindigd."),
        "",
        _l("Wilt u verder? Bestel de licentie dan opnieuw."),
    ),
    "pair_licensed": ErrorText(
        _l("Deze winkel en deze administratie zijn al gekoppeld, met een licentie."),
        _l("Een koppeling heeft één licentie nodig."),
        _l("Kies een andere winkel of administratie, of gebruik die koppeling."),
    ),
    "not_coupled": ErrorText(
        _l("Beide kanten zijn verbonden, maar de koppeling is nog niet gemaakt."),
        "",
        _l("Druk op Koppelen."),
    ),
    "sides_missing": ErrorText(
        _l("Verbind eerst de webwinkel en het boekhoudpakket."),
    ),
    "configuration_unsaved": ErrorText(
        _l("De configuratie is nog niet opgeslagen."),
        "",
        _l("Kijk de voorstellen na en druk op Opslaan."),
    ),
    "vat_unconfirmed": ErrorText(
        _l("Het Europese register (VIES) bevestigde uw BTW-nummer niet."),
        _l("Zonder bevestiging mogen wij de BTW niet verleggen."),
        _l("Kijk het nummer na of probeer het later. Bestellen kan nu ook, met BTW."),
    ),
    "vat_number_refused": ErrorText(
        _l("Uw BTW-nummer is volgens het Europese register (VIES) niet geldig."),
        _l("Zonder geldig nummer brengen wij BTW in rekening."),
        _l("Kijk het nummer na."),
    ),
    "licence_begun": ErrorText(_l("Licentie %(licence)s is begonnen.")),
    "licence_attached": ErrorText(_l("Licentie %(licence)s hoort bij een koppeling.")),
    "licence_paid": ErrorText(
        _l("Licentie %(licence)s is betaald tot en met %(ends_on)s.")
    ),
    "licence_expired": ErrorText(
        _l("Licentie %(licence)s is niet meer geldig; bestellingen wachten.")
    ),
    "licence_resumed": ErrorText(
        _l("Licentie %(licence)s loopt weer door, tot en met %(ends_on)s.")
    ),
    "licence_cancelled": ErrorText(_l("Licentie %(licence)s is beëindigd.")),
    "invoice_made": ErrorText(_l("Factuur %(invoice)s is gemaakt.")),
    "invoice_paid": ErrorText(_l("Factuur %(invoice)s is betaald.")),
    "terms_accepted": ErrorText(_l("%(name)s ging akkoord met de voorwaarden.")),
    "signed_up": ErrorText(_l("%(name)s heeft zich aangemeld.")),
}
