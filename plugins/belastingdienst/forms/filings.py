"""Forms of preparing, approving and deciding about declarations."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Regexp

from core.domain.declarations import DeclarationKind
from plugins.belastingdienst.filing import other_books
from plugins.belastingdienst.models import Filing

_TICK = InputRequired(_l("Vink dit eerst aan."))


class PrepareForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Which declaration to make; chosen by a button, so never shown."""

    class Meta:
        csrf = False  # `CSRFProtect` holds every request

    administratie = IntegerField(validators=[InputRequired()])
    tijdvak = StringField(validators=[InputRequired(), Length(max=10)])
    soort = StringField(
        validators=[InputRequired(), AnyOf([kind.value for kind in DeclarationKind])]
    )
    nummers = StringField(filters=[lambda text: (text or "").split()])
    """VAT numbers that VIES did not call valid, as they were shown."""
    nagekeken = BooleanField(
        _l("Ik heb deze nummers nagekeken: ze waren geldig toen ik leverde.")
    )

    @property
    def confirmed(self) -> list[str]:
        """The numbers that whoever prepares it stands for."""
        return list(self.nummers.data or ()) if self.nagekeken.data else []


class ApproveForm(FlaskForm):  # type: ignore[misc]
    """The tick, and the hash of exactly what was looked at."""

    class Meta:
        csrf = False

    content_hash = HiddenField(validators=[InputRequired()])
    seen = BooleanField(
        _l("Ik heb deze cijfers bekeken en keur goed dat ze zo worden ingediend."),
        [_TICK],
    )
    others = StringField(filters=[lambda text: (text or "").split()])
    """The administrations (their ids) that the second tick was about, as shown."""
    alone = BooleanField()
    asked: Sequence[int] = ()
    """Those that it is about now."""

    @classmethod
    def of(cls, filing: Filing) -> "ApproveForm":
        """Return the form of a declaration, the second tick where it is needed."""
        made = cls()
        found = other_books.beside(filing)
        made.asked = [one.id for one in found]
        if not found:
            del made.alone
            return made
        made.alone.validators = [_TICK]
        made.alone.label.text = _(
            "De cijfers van %(names)s horen niet in deze aangifte, of ik heb ze bij dit"
            " tijdvak zelf ingevuld.",
            names=other_books.named(found),
        )
        return made

    @property
    def without(self) -> set[int]:
        """The administrations of which a person said that they stay out."""
        if self.alone is None or not self.alone.data:
            return set()
        return {int(one) for one in self.others.data if one.isdecimal()}


class ResendForm(FlaskForm):  # type: ignore[misc]
    """A person's word that nothing arrived."""

    class Meta:
        csrf = False

    certain = BooleanField(
        _l("Ik heb bij de Belastingdienst nagekeken dat zij niet is aangekomen."),
        [_TICK],
    )


class ArrivedForm(FlaskForm):  # type: ignore[misc]
    """A person's word that it arrived, and as what."""

    class Meta:
        csrf = False

    reference = StringField(
        _l("Kenmerk van de aanlevering"),
        [
            InputRequired(_l("Vul het kenmerk in.")),
            Length(max=100, message=_l("Een kenmerk heeft ten hoogste 100 tekens.")),
            Regexp(
                r"[\w.:-]+\Z", message=_l("Een kenmerk heeft letters, cijfers en -.")
            ),
        ],
        filters=[lambda text: (text or "").strip()],
        description=_l("Zoals het op het portaal of bij de dienst staat."),
    )
