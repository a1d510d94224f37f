"""The forms of sales invoices: a draft with its lines, sending, and the settings.

Amounts stay as they were typed until they are right, so that nothing is ever lost.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from stdnum import iban
from stdnum.exceptions import ValidationError as NumberError
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import EmailField, SelectChoice, TelField
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    StopValidation,
)

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceLineData
from core.models import SalesInvoice, TenantVatCode, VatKind
from core.rules.invoice_rules import MOST_LINES, number_of, typed
from core.rules.mail_addresses import written_form
from core.services.invoicing.invoice_sending import NUMBER, Letter
from core.services.invoicing.invoice_settings import DIGITS
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.texts import explain
from core.texts.invoices import VAT_KINDS
from core.web.views.account_forms import PlainForm
from core.web.views.display import is_english, percent

LONGEST_TERM = 365
YEARS = (2000, 2100)
"""Dates of other years are typing mistakes."""


class Between(NumberRange):  # type: ignore[misc]  # the library is untyped
    """A number in a range; what is no number says only that."""

    def __call__(self, form: Any, field: Any) -> None:
        """Judge the number, when there is one."""
        if field.data is None:
            raise StopValidation
        super().__call__(form, field)


class LineForm(Form):  # type: ignore[misc]  # the library is untyped
    """One line, as it was typed."""

    description = StringField(_l("Omschrijving"), [Length(max=255)])
    quantity = StringField(
        _l("Aantal"), [Length(max=30)], render_kw={"inputmode": "decimal"}
    )
    unit_price = StringField(
        _l("Prijs excl. BTW"), [Length(max=30)], render_kw={"inputmode": "decimal"}
    )
    vat_code = SelectField(_l("BTW-code"), validate_choice=False)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed: such a line is left out."""
        return not (
            (self.description.data or "").strip()
            or (self.unit_price.data or "").strip()
        )


class InvoiceForm(PlainForm):
    """A draft: for whom, when, and its lines."""

    relation_id = HiddenField()
    search = StringField(
        _l("Zoek een relatie"), [Length(max=100)], render_kw={"autocomplete": "off"}
    )
    issued_on = DateField(_l("Factuurdatum"))
    term = IntegerField(
        _l("Betaaltermijn in dagen"), [Between(min=0, max=LONGEST_TERM)]
    )
    delivered_on = DateField(_l("Leverdatum, als die anders is"), [Optional()])
    reference = StringField(_l("Kenmerk van de klant"), [Length(max=100)])
    language = SelectField(
        _l("Taal van de factuur"),
        choices=[
            SelectChoice("", _l("Volgens het land van de klant")),
            SelectChoice("nl", _l("Nederlands")),
            SelectChoice("en", _l("Engels")),
        ],
        default="",
    )
    note = TextAreaField(_l("Opmerking op de factuur"), [Length(max=2000)])
    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES)

    def offer(self, codes: Sequence[TenantVatCode]) -> None:
        """Put the VAT codes that may be chosen into every line."""
        self.codes = {str(row.id): row for row in codes}
        choices = [
            SelectChoice(key, f"{row.code} – {row.label}")
            for key, row in self.codes.items()
        ]
        for entry in self.lines:
            field = entry.form.vat_code
            field.choices = choices
            if field.data not in self.codes and choices:
                field.data = choices[0].value

    def add_line(self) -> None:
        """Add an empty line with the VAT code of the last one."""
        last = self.lines[-1].form.vat_code.data if self.lines.entries else ""
        if len(self.lines.entries) < MOST_LINES:
            self.lines.append_entry({"quantity": "1", "vat_code": last})

    def remove_line(self, name: str) -> None:
        """Remove the line of a name; the last one is emptied instead."""
        left = [entry for entry in self.lines if entry.name != name]
        self.lines.entries = left
        if not left:
            self.lines.append_entry({"quantity": "1"})

    def validate_issued_on(self, item: Any) -> None:
        """Refuse a year that must be a typing mistake."""
        _year(item.data)

    def validate_delivered_on(self, item: Any) -> None:
        """Refuse a year that must be a typing mistake."""
        _year(item.data)

    def line_errors(self) -> bool:
        """Note what is wrong with the lines at their fields; True when something is."""
        wrong = False
        for entry in self.lines:
            line = entry.form
            if line.is_empty:
                continue
            if not (line.description.data or "").strip():
                _note(line.description, _("Vul een omschrijving in."))
            for field in (line.quantity, line.unit_price):
                try:
                    _number(field)
                except AskUser as error:
                    _note(field, explain(error.code, error.params).what)
            wrong = wrong or bool(line.errors)
        return wrong

    def due_on(self) -> date | None:
        """Return until when it may be paid; None while a date or term is wrong."""
        issued_on, term = self.issued_on.data, self.term.data
        if not isinstance(issued_on, date) or not isinstance(term, int):
            return None
        if not (YEARS[0] <= issued_on.year <= YEARS[1] and 0 <= term <= LONGEST_TERM):
            return None
        return issued_on + timedelta(days=term)

    def amounts(self) -> list[InvoiceLineData | None]:
        """Return the lines as far as they can be read; None for one that cannot."""
        return [self._line_data(entry.form) for entry in self.lines]

    def _line_data(self, line: Any) -> InvoiceLineData | None:
        made = self._line(line)
        code = self.codes.get(line.vat_code.data or "")
        if made is None or code is None:
            return None
        return InvoiceLineData(
            made.description, made.quantity, made.unit_price, made.amount_excl_vat,
            code.code, code.rate, str(code.kind),
        )  # fmt: skip

    def _line(self, line: Any) -> DraftLine | None:
        code = self.codes.get(line.vat_code.data or "")
        if line.is_empty or code is None:
            return None
        try:
            quantity = _number(line.quantity)
            price = _number(line.unit_price)
        except AskUser:
            return None
        text = " ".join((line.description.data or "").split())
        return DraftLine(text, quantity, price, code.id)

    def draft(self, relation_id: int) -> Draft:
        """Return what was filled in; it must be right."""
        lines = [self._line(entry.form) for entry in self.lines]
        issued_on: date = self.issued_on.data
        return Draft(
            relation_id=relation_id,
            issued_on=issued_on,
            due_on=issued_on + timedelta(days=self.term.data),
            lines=[line for line in lines if line is not None],
            reference=(self.reference.data or "").strip(),
            note="\n".join((self.note.data or "").strip().splitlines()),
            delivered_on=self.delivered_on.data,
            language=self.language.data or "",
        )


def _number(field: Any) -> Decimal:
    return number_of(field.data or "", english=is_english())


def _year(value: date | None) -> None:
    if value is not None and not YEARS[0] <= value.year <= YEARS[1]:
        raise ValidationError(_("Controleer het jaartal."))


def _note(field: Any, text: str) -> None:
    field.errors = [*field.errors, text]


def filled(row: SalesInvoice) -> InvoiceForm:
    """Return the form of a stored draft."""
    lines = [
        {
            "description": line.description,
            "quantity": typed(line.quantity, english=is_english()),
            "unit_price": typed(line.unit_price, 2, english=is_english()),
            "vat_code": str(line.vat_code_id),
        }
        for line in row.lines
    ]
    return InvoiceForm(
        formdata=None,
        data={
            "relation_id": str(row.relation_id),
            "issued_on": row.issued_on,
            "term": max((row.due_on - row.issued_on).days, 0),
            "delivered_on": row.delivered_on,
            "reference": row.reference,
            "language": row.language,
            "note": row.note,
            "lines": lines or [{"quantity": "1"}],
        },
    )


class SendForm(PlainForm):
    """The mail that brings an invoice."""

    recipient = EmailField(
        _l("Aan welk adres"), [InputRequired(), Length(max=255)], filters=[written_form]
    )
    subject = StringField(_l("Onderwerp"), [InputRequired(), Length(max=200)])
    text = TextAreaField(_l("Tekst"), [InputRequired(), Length(max=5000)])
    expected = HiddenField(validators=[Length(max=30)])
    """The number that the letter was shown with: another may have gone first."""

    def validate_text(self, item: Any) -> None:
        """Take line ends as we keep them."""
        item.data = "\n".join((item.data or "").splitlines())

    def letter(self) -> Letter:
        """Return the mail, with a place for the number that a draft is yet to get."""
        expected = self.expected.data or ""
        subject, text = (
            field.data.replace(expected, NUMBER) if expected else field.data
            for field in (self.subject, self.text)
        )
        return Letter(self.recipient.data, subject, text)


class AgainForm(SendForm):
    """The mail that brings a sent invoice again."""

    once = HiddenField(
        validators=[InputRequired(), Length(max=40)],
        default=lambda: token_urlsafe(12),
    )
    """Of each time the form is opened: pressed twice, it goes once."""


class SettingsForm(PlainForm):
    """What stands on every invoice, and how invoices are numbered."""

    email = EmailField(
        _l("E-mailadres voor vragen over facturen"),
        [Length(max=255)],
        description=_l("Antwoorden op gemailde facturen gaan hierheen."),
    )
    phone = TelField(_l("Telefoonnummer"), [Length(max=50)])
    chamber_number = StringField(_l("KvK- of ondernemingsnummer"), [Length(max=20)])
    iban = StringField(_l("IBAN"), [Length(max=42)])
    bic = StringField(_l("BIC"), [Length(max=11)])
    term_days = IntegerField(
        _l("Betaaltermijn in dagen"),
        [InputRequired(), Between(min=0, max=LONGEST_TERM)],
    )

    payment_code = BooleanField(
        _l("QR-code om te betalen op facturen"),
        description=_l("Een klant scant haar met de app van zijn bank en hoeft niets"
                       " over te typen (EPC069-12). Niet elke bank-app leest haar."),
    )  # fmt: skip

    def validate_iban(self, item: Any) -> None:
        """Refuse a number whose check digits do not fit."""
        if not (item.data or "").strip():
            item.data = ""
            return
        if item.errors:  # too long is told, and takes long to check
            return
        try:
            item.data = iban.validate(item.data)
        except NumberError as error:
            text = explain("relation_iban_wrong").what
            raise ValidationError(text) from error


class NumberingForm(PlainForm):
    """How invoices are numbered, before the first one of a book year."""

    prefix = StringField(
        _l("Begin van het nummer"),
        [Length(max=8), Regexp(r"^$|^[A-Za-z0-9./-]*[A-Za-z./-]$")],
        description=_l("Letters, cijfers, streepje, punt of schuine streep; het"
                       " laatste teken is geen cijfer. Mag leeg blijven."),
    )  # fmt: skip
    separator = SelectField(
        _l("Tussen jaar en nummer"),
        choices=[SelectChoice("", _l("Niets")), SelectChoice("-", "-"),
                 SelectChoice(".", "."), SelectChoice("/", "/")],
    )  # fmt: skip
    digits = IntegerField(_l("Aantal cijfers"), [InputRequired(), Between(*DIGITS)])
    first_number = IntegerField(
        _l("Eerste nummer van dit jaar"),
        [InputRequired(), Between(min=1, max=9_999_999)],
        description=_l("Meer dan 1 als u dit jaar al facturen elders maakte."),
    )

    def validate_prefix(self, item: Any) -> None:
        """Say in plain words what a prefix may be (the pattern above judges it)."""
        item.data = (item.data or "").strip()


class VatCodeForm(PlainForm):
    """One VAT code of the tenant."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=20), Regexp(r"^[\w.,%+/-]+$")],
        description=_l("Kort en zonder spaties."),
    )
    label = StringField(_l("Naam"), [InputRequired(), Length(max=100)])
    kind = SelectField(
        _l("Soort"),
        choices=[SelectChoice(str(kind), VAT_KINDS[kind]) for kind in VatKind],
    )
    rate = StringField(
        _l("Percentage"), [Length(max=10)], render_kw={"inputmode": "decimal"}
    )


def vat_code_form(row: TenantVatCode | None) -> VatCodeForm:
    """Return the form of a code, or an empty one."""
    if row is None:
        return VatCodeForm(formdata=None)
    return VatCodeForm(
        formdata=None,
        data={
            "code": row.code, "label": row.label, "kind": str(row.kind),
            "rate": percent(row.rate),
        },
    )  # fmt: skip
