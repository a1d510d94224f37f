"""*Zelf geboekt* and *Negeren*, singly and for many at once, and *Terugzetten*."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.domain.money import total
from core.models import Transfer
from core.plugin.pages import before
from core.runtime.database import session, transaction
from core.services.linking import couplings
from core.services.reporting import faults, overview
from core.services.transfer import setting_aside
from core.services.transfer.setting_aside import Aside, Said
from core.web.policy import access
from core.web.views import cards

pages = Blueprint("set_aside", __name__)
MOST = 500
"""Documents that are set aside at once; their ids go along in the form."""
BATCH = 100
KINDS = {"zelf": Aside.BY_HAND, "negeer": Aside.IGNORED}


class ByHandForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What the user booked in the package."""

    class Meta:
        csrf = False

    text = StringField(
        _l("Nummer of kenmerk in uw pakket"),
        [InputRequired(), Length(max=setting_aside.LONGEST)],
    )
    on = DateField(_l("Boekdatum (mag leeg blijven)"), [Optional()])


class IgnoreForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Why nothing has to be booked."""

    class Meta:
        csrf = False

    text = StringField(
        _l("Waarom hoeft dit niet te worden geboekt?"),
        [InputRequired(), Length(max=setting_aside.LONGEST)],
    )


@pages.get("/fouten/wegzetten")
@access("login")
def ask() -> str | Response:
    """Show what would be set aside, and ask for number or reason."""
    return _page(_form(), _chosen())


@pages.post("/fouten/wegzetten")
@access("login")
def confirm() -> str | Response:
    """Set aside exactly what the page showed."""
    form, ids = _form(), _chosen()
    if "akkoord" not in request.form or not form.validate():
        return _page(form, ids)
    on: date | None = form.on.data if "on" in form else None
    done = _each(ids, Said(_kind(), form.text.data or "", on))
    if done:
        text = ngettext("%(num)s weggezet.", "%(num)s weggezet.", done)
        flash(f"{text} {_('Wij boeken dit niet.')}", "success")
    if done < len(ids):
        left = len(ids) - done
        text = ngettext(
            "%(num)s kon niet worden weggezet: daarvan is misschien al iets verstuurd.",
            "%(num)s konden niet worden weggezet: daarvan is misschien al iets"
            " verstuurd.",
            left,
        )
        flash(f"{text} {_('Druk op Verwerk; wij zoeken het op.')}", "warning")
    return redirect(url_for("failed.index"), 303)


@pages.get("/fouten/weggezet")
@access("login")
def index() -> str:
    """Show what was set aside, with number or reason."""
    return _list("weggezet", faults.set_aside(before()))


@pages.get("/fouten/hoeft-niet")
@access("login")
def not_needed() -> str:
    """Show what ended by itself: cancelled before it was booked, nothing to book."""
    return _list("hoeft-niet", faults.not_needed(before()))


@pages.post("/fouten/terug")
@access("login")
def take_back() -> Response:
    """*Terugzetten*: back to where it stood; nothing is sent."""
    done = 0
    with transaction():
        for row in _rows(_ids()):
            done += setting_aside.take_back(row, user_id=current_user.id)
    if done:
        text = ngettext(
            "%(num)s teruggezet. Er is niets verstuurd.",
            "%(num)s teruggezet. Er is niets verstuurd.",
            done,
        )
        flash(text, "success")
    else:
        flash(_("Er is intussen iets gewijzigd. Kijk het nog eens na."), "warning")
    return redirect(url_for("set_aside.index"), 303)


def _list(tab: str, page: overview.Page) -> str:
    cards.load(page.rows)
    targets = {key: package.plugin for key, package in couplings.packages().items()}
    return render_template("failed/ended.html", tab=tab, page=page, targets=targets)


def _page(form: FlaskForm, ids: Sequence[int]) -> str | Response:
    """Ask about those of the documents of which nothing was sent."""
    sent = setting_aside.may_be_sent(ids)
    rows = overview.by_ids([key for key in ids if key not in sent])
    if not rows:
        text = (
            _("Van dit document is misschien al iets verstuurd. Druk op Verwerk: dan"
              " zoeken wij het eerst op in uw pakket.")
            if sent
            else _("Kies eerst een of meer bestellingen of facturen.")
        )  # fmt: skip
        flash(text, "warning")
        return redirect(url_for("failed.index"), 303)
    return render_template(
        "failed/set_aside.html",
        form=form,
        kind=request.values.get("soort", ""),
        is_by_hand=_kind() == Aside.BY_HAND,
        rows=rows,
        total=total(row.transfer.amount for row in rows),
        sent=len(sent),
    )


def _each(ids: Sequence[int], said: Said) -> int:
    done = 0
    for start in range(0, len(ids), BATCH):
        with transaction():
            for row in _rows(ids[start : start + BATCH]):
                done += setting_aside.set_aside(row, said, user_id=current_user.id)
    return done


def _rows(ids: Sequence[int]) -> Sequence[Transfer]:
    wanted = select(Transfer).where(Transfer.id.in_(ids)).order_by(Transfer.id)
    return session().scalars(wanted).all()


def _kind() -> Aside:
    kind = KINDS.get(request.values.get("soort", ""))
    return kind or abort(404)


def _form() -> FlaskForm:
    return ByHandForm() if _kind() == Aside.BY_HAND else IgnoreForm()


def _chosen() -> Sequence[int]:
    """Return the documents by their boxes, or the newest of a group."""
    group = request.values.get("oorzaak", "")
    return faults.faulty_ids(group, MOST) if group else _ids()


def _ids() -> list[int]:
    given = request.values.getlist("id")[:MOST]
    return [int(value) for value in given if value.isdecimal() and len(value) < 19]
