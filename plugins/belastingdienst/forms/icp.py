"""Forms of ICP: how often, which part of a fiscal unity, goods in call-off stock."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from core.domain.declarations import customer_from
from core.plugin.form_fields import REQUIRED, PlainForm, longest, stripped
from plugins.belastingdienst.forms.figures import AmountField, countries
from plugins.belastingdienst.texts.icp_texts import RHYTHMS

_NUMBER = re.compile(r"[0-9A-Z]{1,12}")


def _division(value: str | None) -> str:
    """Write a btw-id as a declaration has it: capitals, no dots, no NL."""
    return re.sub(r"[\s.]", "", value or "").upper().removeprefix("NL")


class IcpForm(PlainForm):
    """How a taxpayer declares ICP."""

    rhythm = SelectField(
        _l("Hoe vaak doet u opgaaf?"),
        choices=[SelectChoice(one.value, words) for one, words in RHYTHMS.items()],
        description=_l(
            "Boven € 50.000 aan goederen in een kwartaal is opgaaf per maand verplicht;"
            " vaker dan verplicht mag altijd."
        ),
    )
    division = StringField(
        _l("Btw-id van dit onderdeel"),
        [longest(14)],
        filters=[_division],
        description=_l(
            "Alleen voor een onderdeel van een fiscale eenheid. Elk onderdeel doet zijn"
            " eigen opgaaf, onder het nummer van de eenheid. Anders leeg laten."
        ),
    )

    def validate_division(self, field: Any) -> None:
        """Refuse what is no btw-id; empty is nobody's part."""
        if field.data and not re.fullmatch(r"\d{9}B\d{2}", field.data):
            raise ValidationError(
                _("Een btw-id heeft negen cijfers, de letter B en twee cijfers.")
            )


class StockForm(PlainForm):
    """Goods in call-off stock at a customer."""

    description = StringField(
        _l("Omschrijving"), [REQUIRED, longest(100)], filters=[stripped]
    )
    customer_country = SelectField(_l("Land van de klant"), [REQUIRED])
    customer_number = StringField(
        _l("BTW-nummer van de klant"), [REQUIRED, longest(20)], filters=[stripped]
    )
    amount = AmountField(_l("Bedrag excl. btw"))
    arrived_on = DateField(
        _l("Bij de klant aangekomen op"), [InputRequired(_l("Kies een datum."))]
    )
    called_off_on = DateField(_l("Door de klant afgenomen op"), [Optional()])
    returned_on = DateField(_l("Teruggehaald op"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer_country.choices = countries()

    def validate_amount(self, field: Any) -> None:
        """Refuse nothing, and less."""
        if field.data is not None and field.data <= 0:
            raise ValidationError(_("Vul een bedrag in."))

    def validate_customer_number(self, field: Any) -> None:
        """Refuse what no declaration can carry."""
        who = customer_from(self.customer_country.data or "", field.data or "")
        if who is None or not _NUMBER.fullmatch(who.vat_number):
            raise ValidationError(_("Dit is geen BTW-nummer."))

    def validate_arrived_on(self, field: Any) -> None:
        """Refuse an end before the beginning, and two ends."""
        said = (self.called_off_on.data, self.returned_on.data)
        ends = [day for day in said if day]
        if len(ends) > 1 or any(day < field.data for day in ends):
            raise ValidationError(
                _("Afgenomen of teruggehaald: een van beide, en niet voor de aankomst.")
            )

    def values(self) -> dict[str, Any]:
        """Return what is stored."""
        who = customer_from(self.customer_country.data, self.customer_number.data)
        found = {**self.data}
        if who is not None:
            found |= {
                "customer_country": who.country,
                "customer_number": who.vat_number,
            }
        return found
