"""Questions that users ask, with their answers, by subject."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Question:
    """A question; its answer may name %(days)s, %(installation)s and %(backfill)s."""

    asked: LazyString
    answer: LazyString


Subject = tuple[str, LazyString, tuple[Question, ...]]
"""Anchor, title and questions."""

_INSTALLING = (
    Question(
        _l("Hoe begin ik?"),
        _l(
            "Kies op de pagina Koppelingen wat u wilt verbinden en meld u aan. U"
            " krijgt een e-mail met een installatie-url en een eerste wachtwoord. De"
            " eerste %(days)s dagen zijn gratis en gaan niet vanzelf over in een"
            " betaalde licentie."
        ),
    ),
    Question(
        _l("Wanneer is de installatie klaar?"),
        _l(
            "Als beide bolletjes groen zijn en de configuratie compleet is. Overzicht"
            " zegt het als er nog iets ontbreekt."
        ),
    ),
    Question(
        _l("Hoe zie ik of het werkt?"),
        _l(
            "Plaats een bestelling in uw winkel, of wacht op de eerste. Zij staat na"
            " enkele ogenblikken onder Rapportage, met het nummer in uw pakket. Staat"
            " zij onder Open of Fouten, dan leest u daar waarom."
        ),
    ),
    Question(
        _l("Waarom moet ik eerst uitloggen bij Visma?"),
        _l(
            "Bent u daar nog met een ander bedrijf ingelogd, dan wordt de verkeerde"
            " administratie verbonden. Na het verbinden ziet u hier haar naam."
        ),
    ),
    Question(
        _l("Kan ik nog een koppeling installeren?"),
        _l(
            "Ja. Voor hetzelfde bedrijf doet u dat ingelogd: zij komt in dezelfde"
            " omgeving. Voor een ander bedrijf logt u eerst uit, of u gebruikt een"
            " incognitovenster."
        ),
    ),
    Question(
        _l("Kunnen jullie het voor mij doen?"),
        _l(
            "Ja, voor eenmalig %(installation)s exclusief BTW. U vraagt het aan bij"
            " Diensten."
        ),
    ),
)
_ORDERS = (
    Question(
        _l("Hoe snel staat een bestelling in mijn boekhouding?"),
        _l(
            "Meestal binnen een minuut nadat zij de juiste status heeft. Daarnaast"
            " kijken wij minstens ieder uur of wij iets gemist hebben."
        ),
    ),
    Question(
        _l("Wat controleert u voordat er wordt geboekt?"),
        _l(
            "Of het totaal gelijk is aan de regels plus de verzendkosten, of er voor"
            " de BTW van iedere regel een BTW-code is, of het BTW-nummer van een"
            " zakelijke klant in een ander EU-land klopt, en of de bestelling niet"
            " eerder is doorgezet."
        ),
    ),
    Question(
        _l("Waarom staat een bestelling onder Open?"),
        _l(
            "Zij is opgehaald, maar heeft in de winkel nog niet de status waarbij u"
            " laat boeken: meestal is zij nog niet betaald. Iedere nacht kijken wij"
            " opnieuw."
        ),
    ),
    Question(
        _l("Waarom staat een bestelling onder Fouten?"),
        _l(
            "Er is iets dat wij niet voor u kunnen beslissen, zoals een BTW-tarief"
            " zonder BTW-code of een ongeldig BTW-nummer. U leest wat er is en wat u"
            " kunt doen; daarna kijken wij met Verwerk met voorrang opnieuw."
        ),
    ),
    Question(
        _l("Kan een bestelling dubbel worden geboekt?"),
        _l(
            "Nee. Iedere bestelling wordt één keer doorgezet, ook na een storing."
            " Wijzigt u haar daarna in de winkel, dan vertellen wij dat en boeken wij"
            " niets opnieuw."
        ),
    ),
    Question(
        _l("Worden terugbetalingen ook geboekt?"),
        _l(
            "Als u dat bij Configuratie kiest. U ziet eerst wat er wordt"
            " gecrediteerd, of laat het vanzelf gaan."
        ),
    ),
    Question(
        _l("Ik mis een bestelling. Wat nu?"),
        _l(
            "Kijk onder Open en onder Fouten. Staat zij daar ook niet, stuur ons dan"
            " het bestelnummer en de datum, dan zoeken wij gericht."
        ),
    ),
    Question(
        _l("Hoe vind ik een boeking terug in mijn pakket?"),
        _l(
            "In Rapportage staat achter elke bestelling haar nummer in het pakket."
            " Kies dat nummer: dan ziet u in welk scherm van uw pakket u zoekt."
        ),
    ),
    Question(
        _l("Kunnen oude bestellingen alsnog worden doorgezet?"),
        _l(
            "Ja, bij Rapportage met Oude bestellingen doorzetten. Laat u het ons"
            " doen, dan kost het %(backfill)s exclusief BTW per 1.000 bestellingen."
        ),
    ),
)
_BOOKKEEPING = (
    Question(
        _l("Welke landen moet ik bij BTW invullen?"),
        _l(
            "Alleen die waaraan u verkoopt, en zo nodig ICP en Internationaal. Links"
            " staat het percentage waarmee u in de winkel verkoopt; klopt dat niet,"
            " dan past u het aan."
        ),
    ),
    Question(
        _l("Hoe begin ik opnieuw met de BTW-instellingen?"),
        _l(
            "Bij Configuratie met BTW instellingen verwijderen. Wat al geboekt is,"
            " verandert niet."
        ),
    ),
    Question(
        _l("Hoe herkent u een klant in mijn pakket?"),
        _l(
            "Aan het e-mailadres. Kent uw pakket het niet, dan maken wij een"
            " debiteur. Bestaande debiteuren wijzigen wij niet."
        ),
    ),
    Question(
        _l("Hoe herkent u een artikel in mijn pakket?"),
        _l(
            "Aan het artikelnummer. Ontbreekt het artikel, dan maken wij het bij"
            " facturen en bestellingen aan; bij verkoopboekingen zijn geen artikelen"
            " nodig."
        ),
    ),
    Question(
        _l("Waarom heeft een ICP-bestelling een eigen debiteur?"),
        _l(
            "Bij zo’n verkoop hoort het geldige BTW-nummer van de klant zelf. Daarom"
            " geldt een vaste debiteur dan niet."
        ),
    ),
    Question(
        _l("Waarom staat een factuur als concept in Visma?"),
        _l(
            "Daar kunt u haar nog nakijken. U maakt haar in Visma definitief; kiest u"
            " verkoopboeking, dan staat de verkoop meteen in het grootboek."
        ),
    ),
    Question(
        _l("Vervangt de koppeling mijn boekhouder?"),
        _l(
            "Nee. Zij neemt het overtypen over; advies en controle blijven het werk"
            " van uw boekhouder. Voorraad en pakbonnen houdt zij niet bij."
        ),
    ),
)
_LEAVING = (
    Question(
        _l("Hoe stop ik?"),
        _l(
            "Verwijder de app uit uw webwinkel, of beëindig de koppeling bij Profiel."
            " Wat in uw pakket geboekt is, blijft daar staan."
        ),
    ),
    Question(
        _l("Ik stap over naar een ander pakket of een andere winkel."),
        _l(
            "Beëindig de oude koppeling en installeer de nieuwe vanaf de pagina"
            " Koppelingen. Wat al doorgezet is, gaat niet nog een keer."
        ),
    ),
    Question(
        _l("Ik zie een oude licentiesleutel staan."),
        _l("Stuur ons een bericht met die sleutel; dan halen wij haar weg."),
    ),
)
SUBJECTS: tuple[Subject, ...] = (
    ("installeren", _l("Aanmelden en installeren"), _INSTALLING),
    ("bestellingen", _l("Bestellingen"), _ORDERS),
    ("boekhouding", _l("BTW, klanten en artikelen"), _BOOKKEEPING),
    ("stoppen", _l("Stoppen of overstappen"), _LEAVING),
)
