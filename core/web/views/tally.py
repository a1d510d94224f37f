"""The closing count: is all that was sold here, and in the package?"""

from datetime import date, timedelta

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from core.models import Tenant
from core.plugin.pages import today
from core.rules.tally import Part
from core.runtime.database import session, transaction
from core.services.linking import couplings
from core.services.reporting import overview, tallies, tally_pdf
from core.services.transfer import tallying
from core.texts import explain
from core.texts.tally import GAPS
from core.web.policy import access
from core.web.views import rights
from core.web.views.display import title_of
from core.web.views.pages import YEARS

pages = Blueprint("tally", __name__)
pages.add_app_template_global(tallies.sold, "sold_of")


@pages.app_template_global("tallied")
def tallied() -> dict[int, tuple[object, int]]:
    """Return per coupling when it was counted and on how many days it differs."""
    return dict(tallies.differences())


@pages.get("/overzicht/telling")
@access("login")
def index() -> str:
    """Show the couplings that are counted."""
    shown = rights.shown(couplings.all_couplings())
    return render_template(
        "tally/index.html", couplings=shown, counts=overview.counts()
    )


@pages.get("/overzicht/telling/<int:coupling_id>")
@access("login")
def show(coupling_id: int) -> str:
    """Show a month of a coupling, per day, with every difference."""
    coupling = rights.seen_coupling(coupling_id)
    month = tallies.month_of(coupling, _month())
    last = min(month.last, today() - timedelta(days=1))
    return render_template(
        "tally/show.html",
        coupling=coupling,
        month=month,
        tally=tallies.tally_of(coupling),
        gaps=GAPS,
        parts=Part,
        cost=tallying.cost(coupling, month.first, max(last, month.first)),
        before=month.first - timedelta(days=1),
        after=month.last + timedelta(days=1) if month.last < today() else None,
        counts=overview.counts(),
    )


@pages.get("/overzicht/telling/<int:coupling_id>.pdf")
@access("login")
def statement(coupling_id: int) -> Redirect:
    """Return the month as a statement to file."""
    coupling = rights.seen_coupling(coupling_id)
    month = tallies.month_of(coupling, _month())
    if not month.lines:
        flash(_("Van deze maand is nog niets geteld."), "error")
        return redirect(url_for("tally.show", coupling_id=coupling.id), 303)
    seller = session().get_one(Tenant, coupling.tenant_id).name
    data = tally_pdf.write(
        month,
        tally_pdf.Parties(
            seller,
            f"{title_of(coupling.source.plugin)} {coupling.source.external_name}",
            f"{title_of(coupling.target.plugin)} {coupling.target.external_name}",
        ),
        {kind: str(words.what) for kind, words in GAPS.items()},
        lambda code: explain(code).what,
        current_user.timezone,
    )
    answer = Response(data, mimetype="application/pdf")
    name = f"telling-{coupling.id}-{month.first:%Y-%m}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@pages.post("/overzicht/telling/<int:coupling_id>/controleren")
@access("login")
def check(coupling_id: int) -> Redirect:
    """Count a month now."""
    coupling = rights.seen_coupling(coupling_id)
    month = _month()
    last = month.replace(day=28) + timedelta(days=4)
    last = min(last - timedelta(days=last.day), today() - timedelta(days=1))
    if month > last:
        flash(_("Van deze maand is nog geen dag voorbij."), "error")
    else:
        with transaction():
            tallying.ask_now(coupling, month, last)
        flash(_("De telling wordt gemaakt; ververs deze bladzijde over een minuut."))
    back = url_for("tally.show", coupling_id=coupling.id, maand=f"{month:%Y-%m}")
    return redirect(back, 303)


def _month() -> date:
    """Return the first day of the month asked for; else of yesterday."""
    try:
        found = date.fromisoformat(f"{request.values.get('maand', '')[:7]}-01")
    except ValueError:
        found = (today() - timedelta(days=1)).replace(day=1)
    return found if found.year in YEARS else today().replace(day=1)
