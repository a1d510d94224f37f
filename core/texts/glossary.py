"""Words of the trade explained: beside the word, and all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Term:
    """A word and what it means."""

    word: LazyString | str
    meaning: LazyString


TERMS: Mapping[str, Term] = {
    "accounting-unit": Term(
        _l("Default eenheid"),
        _l(
            "De eenheid waarin een artikel wordt verkocht, zoals per stuk of per uur."
            " Uw pakket vraagt er een als wij een artikel voor u maken; voor een"
            " webwinkel is dat bijna altijd per stuk (PCE)."
        ),
    ),
    "administration": Term(
        _l("Administratie"),
        _l("De boekhouding van één bedrijf in uw boekhoudpakket."),
    ),
    "clearing-account": Term(
        _l("Tussenrekening"),
        _l(
            "Een rekening waarop betalingen van klanten staan tot de bank of de"
            " betaaldienst ze uitbetaalt. Na de uitbetaling hoort zij op nul te"
            " staan."
        ),
    ),
    "debtor": Term(
        _l("Debiteur"),
        _l("Een klant zoals uw boekhoudpakket hem kent: wie u nog moet betalen."),
    ),
    "fixed-debtor": Term(
        _l("Vaste debiteur"),
        _l(
            "Eén debiteur op wiens naam alle bestellingen van een betaalmethode"
            " worden geboekt, in plaats van een debiteur per klant."
        ),
    ),
    "icp": Term(
        _l("ICP"),
        _l(
            "Intracommunautaire prestatie: een verkoop aan een bedrijf in een ander"
            " EU-land. U rekent 0% BTW, het BTW-nummer van de klant moet geldig zijn"
            " en u geeft de verkoop op in de ICP-opgaaf."
        ),
    ),
    "kor": Term(
        _l("KOR"),
        _l(
            "De kleineondernemersregeling: wie eraan meedoet, rekent geen BTW en"
            " trekt er geen af."
        ),
    ),
    "licence-key": Term(
        _l("Licentiesleutel"),
        _l(
            "Het nummer van uw koppeling bij ons. Vermeld het als u ons iets vraagt;"
            " het staat bij Profiel."
        ),
    ),
    "oauth": Term(
        _l("Toestemming geven"),
        _l(
            "U logt in bij uw winkel of pakket en staat daar toe dat wij lezen of"
            " boeken. Uw wachtwoord krijgen wij niet te zien en u kunt het weer"
            " intrekken."
        ),
    ),
    "oss": Term(
        _l("Eenloketsysteem (OSS)"),
        _l(
            "Verkoopt u aan consumenten in andere EU-landen, dan is de BTW van hun"
            " land verschuldigd. Die geeft u in één keer aan bij de Belastingdienst"
            " van uw eigen land."
        ),
    ),
    "pce": Term(
        _l("PCE"),
        _l("De afkorting van piece in Visma: een eenheid die per stuk gaat."),
    ),
    "processor-agreement": Term(
        _l("Verwerkersovereenkomst"),
        _l(
            "De afspraak die de privacywet (AVG) vraagt als een ander voor u met de"
            " gegevens van uw klanten werkt: wat wij ermee doen en hoe wij ze"
            " beschermen."
        ),
    ),
    "reverse-charge": Term(
        _l("BTW verlegd"),
        _l("Niet u, maar uw klant geeft de BTW aan. Op de factuur staat dan 0% BTW."),
    ),
    "sales-entry": Term(
        _l("Verkoopboeking"),
        _l(
            "Een verkoop die meteen in uw grootboek staat, met omzet en BTW, zonder"
            " dat er in het pakket een factuur van wordt gemaakt."
        ),
    ),
    "vat_register": Term(
        _l("VIES"),
        _l(
            "Het register van de Europese Commissie waarin iedereen kan nakijken of"
            " een BTW-nummer geldig is."
        ),
    ),
    "webhook": Term(
        _l("Webhook"),
        _l(
            "Een seintje van het ene systeem aan het andere op het moment dat er iets"
            " gebeurt, zodat niemand steeds hoeft te kijken."
        ),
    ),
}
"""By a short name that is also its anchor on the page with all of them."""
