"""What was asked of support and answered, and what is sent with it."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "mails_of_today": ErrorText(
        _l("Deze e-mail is niet verstuurd: meer dan %(limit)s per dag gaat niet."),
        _l(
            "Zo kan niemand onze naam misbruiken; in de proefperiode is de grens lager."
        ),
        _l("Vanaf %(again)s kan het weer. Hebt u er meer nodig? Mail ons."),
    ),
    "mails_to_strangers": ErrorText(
        _l(
            "Deze e-mail is niet verstuurd: meer dan %(limit)s per dag naar een ander"
            " adres dan dat van de relatie gaat niet."
        ),
        _l(
            "Zo kan niemand onze naam misbruiken; in de proefperiode is de grens lager."
        ),
        _l(
            "Vanaf %(again)s kan het weer."
            " Naar het e-mailadres van de relatie kan het nu."
        ),
    ),
    "picture_type": ErrorText(
        _l("Dit bestand kan niet mee."),
        _l("Alleen een schermafdruk of foto als PNG of JPG gaat mee."),
        _l("Kies een PNG of JPG."),
    ),
    "problem_reported": ErrorText(_l("Probleem gemeld; melding %(report)s.")),
    "problem_answered": ErrorText(_l("Melding %(report)s is beantwoord.")),
    "problem_closed": ErrorText(_l("Melding %(report)s is gesloten.")),
    "asked_installation": ErrorText(
        _l("Installatie door ons aangevraagd; aanvraag %(request)s.")
    ),
    "asked_backfill": ErrorText(
        _l("Doorzetten van oude bestellingen aangevraagd; aanvraag %(request)s.")
    ),
    "request_closed": ErrorText(_l("Aanvraag %(request)s is afgehandeld.")),
}

FIELDS: Mapping[str, LazyString] = {
    "action": _l("Actie"),
    "amount": _l("Bedrag incl. BTW"),
    "amount_excl_vat": _l("Bedrag excl. BTW"),
    "amount_incl_vat": _l("Bedrag incl. BTW"),
    "attempt": _l("Poging"),
    "billing": _l("Factuuradres"),
    "booked_at": _l("Geboekt op"),
    "changed_at": _l("Gewijzigd op"),
    "city": _l("Plaats"),
    "clearing_account": _l("Tussenrekening"),
    "code": _l("Oorzaak (code)"),
    "company": _l("Bedrijf"),
    "configured_at": _l("Ingesteld op"),
    "country": _l("Land"),
    "coupling_id": _l("Koppeling"),
    "created_at": _l("Gemaakt op"),
    "creditor_number": _l("Crediteurnummer"),
    "credits_number": _l("Credit op factuur"),
    "currency": _l("Valuta"),
    "customer_id": _l("Klantnummer in de winkel"),
    "debtor_number": _l("Debiteurnummer"),
    "delivery": _l("Afleveradres"),
    "description": _l("Omschrijving"),
    "document": _l("Soort document"),
    "due_at": _l("Aan de beurt op"),
    "due_on": _l("Vervaldatum"),
    "email": _l("E-mailadres"),
    "enabled": _l("Aan"),
    "ends_on": _l("Tot en met"),
    "external_id": _l("Kenmerk in het pakket of de winkel"),
    "external_name": _l("Naam in het pakket of de winkel"),
    "external_number": _l("Nummer in het pakket"),
    "external_url": _l("Adres in het pakket"),
    "facts": _l("Gelezen bij het verbinden"),
    "failures": _l("Mislukte pogingen"),
    "fixed_debtor": _l("Vaste debiteur"),
    "fulfilment_status": _l("Verzendstatus"),
    "id": _l("Nummer bij ons"),
    "interval_minutes": _l("Minuten tussen twee keer ophalen"),
    "invoice_number": _l("Factuurnummer in de winkel"),
    "is_person": _l("Persoon"),
    "issued_on": _l("Factuurdatum"),
    "key": _l("Licentiesleutel"),
    "kind": _l("Soort"),
    "last_run_at": _l("Laatst opgehaald"),
    "last_run_error": _l("Fout bij het laatste ophalen"),
    "licensed": _l("Licentie geldig"),
    "lines": _l("Regels"),
    "method": _l("Betaalmethode"),
    "name": _l("Naam"),
    "next_run_at": _l("Volgende keer ophalen"),
    "not_before": _l("Niet eerder dan"),
    "number": _l("Nummer"),
    "open_items_at": _l("Openstaande saldi gelezen op"),
    "ordered_at": _l("Besteld op"),
    "package_vat_code": _l("BTW-code in het pakket"),
    "params": _l("Bijzonderheden"),
    "payment_method": _l("Betaalmethode"),
    "payment_status": _l("Betaalstatus"),
    "payments": _l("Betaalmethoden"),
    "phone": _l("Telefoon"),
    "plugin": _l("Systeem"),
    "postal_code": _l("Postcode"),
    "priority": _l("Voorrang"),
    "quantity": _l("Aantal"),
    "rate": _l("BTW-tarief"),
    "reads_open_items": _l("Betalingen verwerken"),
    "reason": _l("Reden"),
    "reference": _l("Kenmerk"),
    "relation": _l("Relatie"),
    "relation_type": _l("Relatietype"),
    "refunded_amount": _l("Terugbetaald"),
    "revenue_account": _l("Omzetrekening"),
    "reverse_charged": _l("BTW verlegd"),
    "sale_kind": _l("Soort verkoop"),
    "seen_at": _l("Gelezen op"),
    "sent_at": _l("Verstuurd op"),
    "settings": _l("Instellingen"),
    "source": _l("Van"),
    "source_id": _l("Kenmerk in de winkel"),
    "starts_on": _l("Vanaf"),
    "state": _l("Status"),
    "street": _l("Straat"),
    "subject": _l("Onderwerp"),
    "target": _l("Naar"),
    "totals": _l("Totalen per BTW-code"),
    "total_incl_vat": _l("Totaal incl. BTW"),
    "unit_price": _l("Prijs per stuk excl. BTW"),
    "updated_at": _l("Gewijzigd in de winkel op"),
    "vat": _l("BTW-instellingen"),
    "vat_amount": _l("BTW-bedrag"),
    "vat_code": _l("BTW-code"),
    "vat_kind": _l("Soort BTW"),
    "vat_number": _l("BTW-nummer"),
    "vat_rate": _l("BTW-tarief"),
    "version": _l("Versie"),
}
"""What the fields of a report are called; others go by their own name."""
