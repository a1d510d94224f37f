"""The user's words for what the law asks: doubts, refusals and questions."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

ROUTE_UNSURE = _l(
    "Over het tijdvak en over het jaar telt dit verschillend op, en welke van de twee"
    " telt konden wij niet nalezen. Een suppletie is in beide gevallen goed."
)


_OUT_OF_RETURN = _l("Zo hoort deze verkoop niet in de OSS-aangifte.")
_CHECK_ORDER = _l(
    "Kijk de verkoop na. Klopt zij zo, vink dan bij het indienen aan dat er nog vragen"
    " open staan."
)
_CHECK_BOOKING = _l("Verbeter de boeking, of bevestig dat het zo klopt.")
_ASK_ADVISER = _l("Vraag het uw adviseur of de Belastingdienst.")
_BY_HAND = _l("Dit staat niet in uw boekhouding zoals wij die lezen.")
_FILL_IN = _l("Vul het bedrag zelf in, of antwoord dat het niet geldt.")
_EVERY_MOVEMENT = _l("Alles op een btw-rekening hoort in een rubriek te staan.")
_DECIDE_MOVEMENT = _l("Kies de rubriek, of zeg dat de boeking in geen rubriek hoort.")

_OSS = {
    "oss_no_quarter": ErrorText(
        _l("%(period)s is geen kwartaal."),
        _l("De OSS-aangifte gaat altijd over een kwartaal."),
    ),
    "oss_already_filed": ErrorText(
        _l("Over %(period)s is al een OSS-aangifte gedaan."),
        _l("Wat daarin anders moet, gaat als correctie in een latere aangifte mee."),
        _l("Maak de aangifte van het volgende kwartaal."),
    ),
    "oss_quarter_not_filed": ErrorText(
        _l("Over het %(period)s is nog geen OSS-aangifte gedaan."),
        _l("Ook een kwartaal zonder verkopen moet worden aangegeven."),
        _l("Doe eerst aangifte over dat kwartaal."),
    ),
    "oss_not_euro": ErrorText(
        _l("Een verkoop is in %(currency)s en niet in euro."),
        _l("De OSS-aangifte is in euro, naar de koers van de laatste dag van het"
           " kwartaal."),
        _l("Reken het bedrag om en vul het in euro in."),
    ),
    "oss_country": ErrorText(
        _l("%(country)s doet voor deze verkoop niet mee aan de Unieregeling."),
        _l("Dat zijn de EU-landen, en Noord-Ierland alleen voor goederen."),
        _CHECK_ORDER,
    ),
    "oss_dispatched_from": ErrorText(
        _l("Goederen die uit %(country)s vertrekken horen niet in de Unieregeling."),
        _l("Het vervoer moet in de EU of Noord-Ierland beginnen."),
        _CHECK_ORDER,
    ),
    "oss_establishment": ErrorText(
        _l("Een dienst is verleend vanuit %(country)s."),
        _l("Diensten van een vestiging in een ander land staan apart in de aangifte."),
        _ASK_ADVISER,
    ),
    "oss_domestic_sale": ErrorText(
        _l("Een verkoop bleef binnen %(country)s."), _OUT_OF_RETURN, _CHECK_ORDER
    ),
    "oss_rate_not_of_day": ErrorText(
        _l("%(rate)s%% was op %(date)s geen btw-tarief in %(country)s."),
        _l("De aangifte noemt per land de tarieven die het die dag had."),
        _CHECK_ORDER,
    ),
    "oss_vat_not_at_rate": ErrorText(
        _l("De btw van een verkoop (%(amount)s) past niet bij haar tarief."),
        _l("Het verschil is %(difference)s, meer dan afronding verklaart."),
        _CHECK_ORDER,
    ),
    "oss_negative_line": ErrorText(
        _l("Een regel van de OSS-aangifte is negatief (%(amount)s)."),
        _l("Er is meer terugbetaald dan verkocht in dit kwartaal."),
        _l("Controleer of de terugbetaling bij een eerder kwartaal hoort."),
    ),
    "oss_too_old": ErrorText(
        _l("%(period)s is ouder dan drie jaar: %(amount)s kan niet meer via OSS."),
        _l("Correcties kunnen tot drie jaar nadat de aangifte er moest zijn."),
        _l("Regel het met de belastingdienst van dat land."),
    ),
    "oss_stock_abroad": ErrorText(
        _l("U verstuurt ook goederen vanuit een ander EU-land."),
        _l("Niet elk land vindt dat de drempel van 10.000 euro dan voor u geldt."),
        _ASK_ADVISER,
    ),
    "oss_threshold_two_readings": ErrorText(
        _l("Of u in 2026 boven de 10.000 euro kwam, hangt af van welke regel telt."),
        _l("Vanaf 2027 telt alleen wat uit uw eigen land vertrekt; of dat ook voor het"
           " jaar ervoor geldt, staat nergens dat wij vonden."),
        _ASK_ADVISER,
    ),
}  # fmt: skip

_KOR = {
    "kor_closed": ErrorText(
        _l("U kunt tot en met %(date)s niet opnieuw meedoen aan de KOR."),
        _l("Na afmelden geldt dat voor de rest van het jaar en het jaar erna."),
    ),
    "kor_above_limit": ErrorText(
        _l("Uw omzet (%(amount)s) is hoger dan de grens van de KOR (%(limit)s)."),
        _l("De grens geldt voor dit kalenderjaar en het jaar ervoor."),
    ),
    "national_limit_unknown": ErrorText(
        _l("De omzetgrens van %(country)s kennen wij niet."),
        _l("Elk land kiest zelf, tot hoogstens %(most)s."),
        _l("Zoek de grens op bij de Europese Commissie en vul haar in."),
    ),
    "national_limit_old": ErrorText(
        _l("De omzetgrens die wij kennen (%(amount)s) is die van 2025."),
        _l("Een land kan zijn grens elk jaar wijzigen."),
        _l("Controleer de grens en vul haar in."),
    ),
    "national_limit_mixed": ErrorText(
        _l("Dit land heeft voor goederen en diensten een andere omzetgrens."),
        _l("U verkocht er beide; wij rekenen met de grens voor goederen."),
        _ASK_ADVISER,
    ),
    "statement_no_quarter": ErrorText(
        _l("%(period)s is geen kwartaal."),
        _l("De opgaaf kwartaalomzet gaat altijd over een kwartaal."),
    ),
}  # fmt: skip

_CORRECTIONS = {
    "period_already_filed": ErrorText(
        _l("Over (een deel van) %(period)s is al aangifte gedaan."),
        _l("Per belastingplichtige gaat elke dag in één aangifte."),
        _l("Maak een correctie of een suppletie."),
    ),
    "correction_nothing": ErrorText(
        _l("In %(period)s is niets te corrigeren."),
        _l("De Belastingdienst weet al wat in uw boekhouding staat, of het staat"
           " klaar."),
    ),
    "correction_period": ErrorText(
        _l("De correctie kan niet in de aangifte van %(period)s."),
        _l("Zij moet in een latere aangifte die nog niet is verstuurd."),
        _l("Kies het eerste tijdvak waarover nog geen aangifte is gedaan."),
    ),
    "suppletie_not_filed": ErrorText(
        _l("Over %(period)s is geen aangifte geaccepteerd."),
        _l("Een suppletie verbetert een aangifte die er al is."),
        _l("Doe eerst aangifte."),
    ),
    "suppletie_waits_for_answer": ErrorText(
        _l("Over %(period)s is een aangifte onderweg zonder antwoord."),
        _l("Zonder dat antwoord weten wij niet wat de Belastingdienst al heeft."),
        _l("Wacht op het antwoord; daarna kunt u verder."),
    ),
    "suppletie_too_old": ErrorText(
        _l("%(period)s is te lang geleden voor een suppletie."),
        _l("Corrigeren kan tot vijf jaar na het jaar van het tijdvak."),
        _ASK_ADVISER,
    ),
    "suppletie_changes_nothing": ErrorText(
        _l("De suppletie over %(period)s verandert geen enkele rubriek."),
        _l("De Belastingdienst heeft deze bedragen al."),
    ),
    "suppletie_year_not_filed": ErrorText(
        _l("Niet over heel %(period)s is aangifte geaccepteerd."),
        _l("Een suppletie over een jaar kan pas als elk tijdvak er is."),
        _l("Maak suppleties per tijdvak, of doe eerst de ontbrekende aangiften."),
    ),
    "icp_not_filed": ErrorText(
        _l("Over %(period)s is geen ICP-opgaaf gedaan."),
        _l("Wat nooit is opgegeven, wordt niet gecorrigeerd maar opgegeven."),
        _l("Doe eerst de ICP-opgaaf."),
    ),
    "taxonomy_missing": ErrorText(
        _l("Vanaf %(starts)s is er geen berichtversie voor %(kind)s."),
        _l("Zonder versie kan over die tijdvakken niets worden verstuurd."),
        _l("Voeg de versie toe uit de kalender van SBR."),
    ),
    "taxonomy_unread": ErrorText(
        _l("Berichtversie %(name)s is met niets vergeleken."),
        _l("Haar adres en namen zijn afgeleid van de versies ervoor."),
        _l("Vergelijk haar met de bestanden van de Belastingdienst."),
    ),
    "taxonomy_name_unknown": ErrorText(
        _l("Berichtversie %(version)s heeft hiervoor geen naam die wij kennen."),
        _l("Zonder de juiste naam weigert de Belastingdienst het bericht."),
        _l("Doe dit deel in het portaal van de Belastingdienst."),
    ),
}  # fmt: skip

_BOOKS = {
    "vat_movement_in_no_box": ErrorText(
        _l("%(amount)s op btw-rekening %(account)s staat in geen rubriek."),
        _EVERY_MOVEMENT,
        _DECIDE_MOVEMENT,
    ),
    "vat_movement_differs": ErrorText(
        _l("Op btw-rekening %(account)s staat %(amount)s, in de aangifte"
           " %(expected)s."),
        _EVERY_MOVEMENT,
        _CHECK_BOOKING,
    ),
    "vat_account_unknown": ErrorText(
        _l("Wij weten niet waar btw-rekening %(account)s voor is (%(amount)s)."),
        _l("Zij kan van te betalen btw zijn, van voorbelasting of van de afdracht."),
        _l("Kies bij de administratie waar de rekening voor is."),
    ),
    "vat_settlement_in_box": ErrorText(
        _l("Een betaling aan de Belastingdienst (%(amount)s) staat in een rubriek."),
        _l("Wat u betaalt of terugkrijgt is zelf geen btw."),
        _CHECK_BOOKING,
    ),
    "vat_without_movement": ErrorText(
        _l("Rubriek %(box)s heeft %(amount)s btw die op geen btw-rekening staat."),
        _l("Dat klopt als u het zelf invulde, of als het hier niet wordt geboekt."),
    ),
    "transferred_without_vat": ErrorText(
        _l("In rubriek %(box)s staat %(amount)s zonder btw."),
        _l("Bij een verlegde inkoop geeft u zelf btw aan; alleen bij 0%% of een"
           " vrijstelling niet."),
        _CHECK_BOOKING,
    ),
    "transferred_without_turnover": ErrorText(
        _l("In rubriek %(box)s staat %(amount)s btw zonder inkoop."),
        _l("Btw hoort bij een bedrag."),
        _CHECK_BOOKING,
    ),
    "transferred_too_high": ErrorText(
        _l("De btw in rubriek %(box)s (%(vat)s) past niet bij %(amount)s."),
        _l("Het hoogste tarief is %(rate)s%%."),
        _CHECK_BOOKING,
    ),
    "transferred_too_low": ErrorText(
        _l("De btw in rubriek %(box)s (%(vat)s) is laag bij %(amount)s."),
        _l("Het laagste tarief is %(rate)s%%; een deel is misschien zonder btw"
           " geboekt."),
        _CHECK_BOOKING,
    ),
    "transferred_not_in_input": ErrorText(
        _l("Rubriek 5b (%(expected)s) is lager dan de btw in 2a, 4a en 4b"
           " (%(amount)s)."),
        _l("Meestal trekt u die btw af in 5b, behalve als u dat niet mag."),
        _CHECK_BOOKING,
    ),
    "bad_debt_lapsed": ErrorText(
        _l("Een factuur is een jaar na de vervaldag niet betaald: %(amount)s btw komt"
           " terug."),
        _l("Die btw gaat af van de aangifte van dit tijdvak (%(date)s)."),
        _l("Neem het over, of zeg waarom het niet geldt."),
    ),
    "bad_debt_paid": ErrorText(
        _l("Een oninbare factuur is toch betaald of gecrediteerd: %(amount)s btw is"
           " weer verschuldigd."),
        _l("Hebt u die btw teruggevraagd, dan hoort zij in het tijdvak van de betaling"
           " of creditnota (%(date)s)."),
        _l("Neem het over, of zeg waarom het niet geldt."),
    ),
    "bad_debt_edge": ErrorText(
        _l("Het jaar is om op %(date)s, de laatste dag van het tijdvak."),
        _l("Of dat die dag is of de dag erna, konden wij niet nalezen."),
        _ASK_ADVISER,
    ),
    "own_debt_lapsed": ErrorText(
        _l("Een inkoopfactuur is een jaar na de vervaldag niet betaald: %(amount)s"
           " voorbelasting gaat terug."),
        _l("Dat hoort in de aangifte van dit tijdvak (%(date)s)."),
        _l("Neem het over, of zeg waarom het niet geldt."),
    ),
    "own_debt_paid": ErrorText(
        _l("Een oude inkoopfactuur is toch betaald: %(amount)s is weer aftrekbaar."),
        _l("Dat hoort in het tijdvak van de betaling (%(date)s)."),
        _l("Neem het over, of zeg waarom het niet geldt."),
    ),
}  # fmt: skip

_QUESTIONS = {
    "year_end_private_use": ErrorText(
        _l("Hebt u goederen of diensten van de zaak privé gebruikt?"),
        _BY_HAND,
        _FILL_IN,
    ),
    "year_end_car": ErrorText(
        _l("Is met een auto van de zaak privé gereden, woon-werk inbegrepen?"),
        _l("U geeft de btw daarover één keer per jaar aan, in de laatste aangifte."),
        _FILL_IN,
    ),
    "year_end_gifts_and_staff": ErrorText(
        _l("Gaf u personeel of relaties iets, voor meer dan 227 euro per persoon?"),
        _l("De btw die u daarop aftrok gaat dan terug, per persoon helemaal."),
        _FILL_IN,
    ),
    "year_end_revision": ErrorText(
        _l("Gebruikt u een investering anders dan toen u de btw aftrok?"),
        _l("Een deel van die btw wordt dan herzien."),
        _FILL_IN,
    ),
    "case_margin": ErrorText(
        _l("Verkocht u gebruikte goederen, kunst of antiek met de margeregeling?"),
        _l("De btw zit dan in uw winst en niet in de prijs."),
        _FILL_IN,
    ),
    "case_other_rates": ErrorText(
        _l("Verkocht u iets tegen een ander tarief dan 21, 9 of 0%%?"),
        _BY_HAND,
        _FILL_IN,
    ),
    "case_distance_sales": ErrorText(
        _l("Verkocht u aan particulieren in een ander EU-land buiten OSS om, of"
           " installeerde u daar?"),
        _l("Dat geldt als u in dat land zelf btw-aangifte doet."),
        _FILL_IN,
    ),
    "case_call_off_stock": ErrorText(
        _l("Ligt voorraad op afroep bij een klant in een ander EU-land?"),
        _l("Zij staat in 3b als de klant haar afneemt, en in de ICP-opgaaf al eerder;"
           " dat laatste doet u in het portaal."),
        _FILL_IN,
    ),
    "call_off_too_long": ErrorText(
        _l("Voorraad op afroep ligt langer dan twaalf maanden bij de klant (tot"
           " %(date)s)."),
        _l("Dan is het een overbrenging van eigen goederen, met aangifte in dat land."),
        _ASK_ADVISER,
    ),
}  # fmt: skip

TEXTS: Mapping[str, ErrorText] = MappingProxyType(
    {**_OSS, **_KOR, **_CORRECTIONS, **_BOOKS, **_QUESTIONS}
)
