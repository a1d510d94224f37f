"""Migratie: passing on past orders, rehearsed first, with its progress and list."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from core.domain.errors import AskUser
from core.models import Backfill, BackfillState, Coupling
from core.plugin.pages import before, get_or_404
from core.runtime.database import transaction
from core.runtime.extensions import htmx, settings
from core.services.backfill import backfills
from core.services.linking import couplings
from core.services.reporting import overview
from core.texts import explain
from core.web.policy import access
from core.web.views.display import title_of
from core.web.views.pages import YEARS

pages = Blueprint("backfill", __name__)
VERDICTS = (backfills.BOOK, backfills.STANDS, backfills.KNOWN, backfills.REFUSED)


class PeriodForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Which coupling's past orders, from when to when (local dates)."""

    class Meta:
        csrf = False  # `CSRFProtect` holds every request

    coupling_id = SelectField(_l("Koppeling"), coerce=int)
    first_on = DateField(
        _l("Bestellingen van"), [InputRequired(_l("Kies een eerste datum."))]
    )
    last_on = DateField(
        _l("Tot en met"), [InputRequired(_l("Kies een laatste datum."))]
    )


def _form() -> PeriodForm:
    form = PeriodForm()
    form.coupling_id.choices = [
        (coupling.id, _name(coupling))
        for coupling in backfills.couplings_with_history()
    ]
    return form


def _name(coupling: Coupling) -> str:
    source, target = coupling.source, coupling.target
    name = f"{title_of(source.plugin)} {source.external_name} → "
    return f"{name}{title_of(target.plugin)} {target.external_name}"


@pages.get("/migratie")
@access("login")
def index() -> str:
    """Show the runs, and how to begin one."""
    return _index(_form())


def _index(form: PeriodForm) -> str:
    return render_template(
        "backfill/index.html",
        form=form,
        runs=backfills.all_runs(),
        couplings={each.id: each for each in couplings.all_couplings()},
        price=settings().price_backfill,
        counts=overview.counts(),
    )


@pages.post("/migratie")
@access("owner")
def ask() -> str | Response:
    """Begin a rehearsal."""
    form = _form()
    if form.validate() and not (
        form.first_on.data.year in YEARS and form.last_on.data.year in YEARS
    ):
        form.first_on.errors = [_("Dat is geen datum.")]
    if form.errors or form.first_on.errors:
        flash(_("Nog niet begonnen: zie de velden hieronder."), "error")
        return _index(form)
    try:
        with transaction():
            run = backfills.ask(
                get_or_404(Coupling, form.coupling_id.data),
                form.first_on.data,
                form.last_on.data,
                user_id=current_user.id,
            )
    except AskUser as error:
        _say(error)
        return _index(form)
    return _to(run.id)


@pages.get("/migratie/<int:backfill_id>")
@access("login")
def show(backfill_id: int) -> str:
    """Show how one run is doing; the part keeps itself up to date."""
    run = get_or_404(Backfill, backfill_id)
    template = "backfill/status.html" if htmx else "backfill/show.html"
    return render_template(
        template,
        run=run,
        coupling=couplings.find(run.coupling_id),
        verdicts=VERDICTS,
        is_working=run.state in backfills.WORKING,
        counts={} if htmx else overview.counts(),
    )


@pages.get("/migratie/<int:backfill_id>/bestellingen/<verdict>")
@access("login")
def lines(backfill_id: int, verdict: str) -> str:
    """Show the orders of a run with one verdict."""
    run = get_or_404(Backfill, backfill_id)
    if verdict not in VERDICTS:
        abort(404)
    return render_template(
        "backfill/lines.html",
        run=run,
        verdict=verdict,
        page=backfills.lines(run, verdict, before()),
        is_first=before() is None,
        counts=overview.counts(),
    )


@pages.post("/migratie/<int:backfill_id>/start")
@access("owner")
def start(backfill_id: int) -> Response:
    """Begin booking, after the rehearsal was looked at."""
    if not request.form.get("akkoord"):
        get_or_404(Backfill, backfill_id)
        flash(_("Vink eerst aan dat u akkoord gaat."), "warning")
        return _to(backfill_id)
    return _change(backfill_id, "start")


@pages.post("/migratie/<int:backfill_id>/pauze")
@access("owner")
def pause(backfill_id: int) -> Response:
    """Hold the run; it can be resumed."""
    return _change(backfill_id, "pause")


@pages.post("/migratie/<int:backfill_id>/hervat")
@access("owner")
def resume(backfill_id: int) -> Response:
    """Go on with a paused run."""
    return _change(backfill_id, "resume")


@pages.post("/migratie/<int:backfill_id>/stop")
@access("owner")
def stop(backfill_id: int) -> Response:
    """End the run for good; what was booked stays."""
    return _change(backfill_id, "stop")


def _change(backfill_id: int, action: str) -> Response:
    try:
        with transaction():
            run = get_or_404(Backfill, backfill_id)
            backfills.change(run, action, user_id=current_user.id)
    except AskUser as error:
        _say(error)
    return _to(backfill_id)


def _say(error: AskUser) -> None:
    words = explain(error.code, error.params)
    flash(" ".join(part for part in (words.what, words.why, words.action) if part),
          "error")  # fmt: skip


def _to(backfill_id: int) -> Response:
    return redirect(url_for("backfill.show", backfill_id=backfill_id), 303)


STATES = {
    BackfillState.REHEARSING: (_l("Proef bezig"), "blue"),
    BackfillState.REHEARSED: (_l("Proef klaar"), "amber"),
    BackfillState.RUNNING: (_l("Wordt doorgezet"), "blue"),
    BackfillState.PAUSED: (_l("Gepauzeerd"), "amber"),
    BackfillState.DONE: (_l("Klaar"), "green"),
    BackfillState.STOPPED: (_l("Gestopt"), "grey"),
}
VERDICT_WORDS = {
    backfills.BOOK: _l("Wordt geboekt"),
    backfills.STANDS: _l("Staat al in het pakket"),
    backfills.KNOWN: _l("Al bij ons bekend"),
    backfills.REFUSED: _l("Kan niet"),
}


@pages.app_template_filter("backfill_state")
def _state(run: Backfill) -> tuple[str, str]:
    """Return a run's state in words, and the colour that goes with it."""
    text, colour = STATES[BackfillState(run.state)]
    return str(text), colour


@pages.app_template_filter("verdict_word")
def _verdict(verdict: str) -> str:
    return str(VERDICT_WORDS.get(verdict, verdict))


@pages.app_template_filter("minutes")
def _minutes(seconds: int) -> str:
    """Write a duration as people say it."""
    minutes = -(-int(seconds) // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return str(_("%(minutes)s min", minutes=max(minutes, 1)))
    return str(_("%(hours)s uur %(minutes)s min", hours=hours, minutes=rest))
