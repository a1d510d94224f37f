"""The questions to a taxpayer, asked once per tax number."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from core.domain.declarations import PeriodKind
from core.plugin.form_fields import PlainForm
from core.plugin.texts import explain
from plugins.belastingdienst.law import small_business
from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.law.periods import containing
from plugins.belastingdienst.models import Taxpayer
from plugins.belastingdienst.models.taxpayer import FilingPlace, Occurrence
from plugins.belastingdienst.setup import taxpayer_setup
from plugins.belastingdienst.texts.scheme_texts import (
    CASE_NAMES,
    ENTITLEMENTS,
    OCCURRENCES,
    PLACES,
)


def _choices(words: Any) -> list[SelectChoice]:
    return [SelectChoice(str(value), text) for value, text in words.items()]


def _day(label: Any, description: Any = "") -> DateField:
    return DateField(label, [Optional()], description=description)


class TaxpayerForm(PlainForm):
    """Where he files, and under which schemes; the cases are added per question."""

    filed_at = RadioField(
        _l("Ik doe aangifte"),
        [InputRequired(_l("Kies waar u aangifte doet."))],
        choices=_choices(PLACES),
    )
    cash_scheme = RadioField(
        _l("Ik gebruik het kasstelsel"),
        choices=_choices(ENTITLEMENTS),
        default=Entitlement.NONE,
    )
    cash_scheme_since = _day(
        _l("Kasstelsel sinds"), _l("De eerste dag van een aangiftetijdvak.")
    )
    union_scheme_since = _day(_l("EU-KOR sinds"), _l("Leeg: u doet niet mee."))
    union_scheme_until = _day(_l("EU-KOR tot en met"), _l("Leeg: u doet nog mee."))

    period_kind = PeriodKind.MONTH
    """How often is declared; set before `validate`."""

    def validate_cash_scheme(self, field: Any) -> None:
        """Ask for the day with a reason, and for a reason with the day."""
        if field.data and not self.cash_scheme_since.data:
            raise ValidationError(_("Vul hieronder in sinds wanneer."))
        if self.cash_scheme_since.data and not field.data:
            raise ValidationError(_("Kies waarom u het mag gebruiken."))

    def validate_cash_scheme_since(self, field: Any) -> None:
        """Refuse a day within a period: whole periods follow the scheme."""
        day = field.data
        if day and containing(self.period_kind, day).start != day:
            raise ValidationError(_("Kies de eerste dag van een aangiftetijdvak."))

    def validate_union_scheme_since(self, field: Any) -> None:
        """Refuse a day on which the scheme was not there yet."""
        if field.data and field.data < small_business.UNION_FROM:
            raise ValidationError(_("De EU-KOR bestaat sinds 1 januari 2025."))

    def validate_union_scheme_until(self, field: Any) -> None:
        """Refuse an end without a begin, or before it."""
        _in_order(self.union_scheme_since.data, field.data)

    def values(self) -> dict[str, Any]:
        """Return what is stored; call after `validate`."""
        return {name: self[name].data or None for name in taxpayer_setup.FIELDS} | {
            "filed_at": FilingPlace(self.filed_at.data),
            "cash_scheme": Entitlement(self.cash_scheme.data),
            **{code: self[code].data for code in taxpayer_setup.ASKED},
        }


def _in_order(since: date | None, until: date | None) -> None:
    if until and not since:
        raise ValidationError(_("Vul ook in sinds wanneer."))
    if since and until and until < since:
        raise ValidationError(_("Deze dag ligt voor de eerste dag."))


class _AskedForm(TaxpayerForm):
    """With a field per case: their codes are those of the law."""


for _code in taxpayer_setup.ASKED:
    setattr(
        _AskedForm,
        _code,
        SelectField(
            CASE_NAMES[_code],
            choices=_choices(OCCURRENCES),
            default=Occurrence.UNSAID.value,
        ),
    )


def taxpayer_form(row: Taxpayer | None, *, posted: bool) -> TaxpayerForm:
    """Return the form with what was said before, or what was posted."""
    if posted:
        form = _AskedForm()
    else:
        known = {name: getattr(row, name, None) for name in taxpayer_setup.FIELDS}
        known["cash_scheme"] = known["cash_scheme"] or Entitlement.NONE
        said = dict(row.cases) if row else {}
        form = _AskedForm(formdata=None, data={**known, **said})
    for code in taxpayer_setup.ASKED:
        words = explain(code)
        form[code].description = f"{words.what} {words.why}"
    return form
