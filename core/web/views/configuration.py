"""Tab Configuratie: what a coupling has, and a page for each subject.

While it is being set up the pages are its steps; each can be left and gone on with.
"""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.domain.money import ZERO
from core.models import Coupling
from core.plugin.capabilities import Choices, Shop
from core.plugin.pages import today
from core.plugin.settings_form import settings_form
from core.rules.sample_order import sample_order
from core.rules.vatrates import RATED, rates_between
from core.runtime.database import transaction
from core.runtime.extensions import koppelwerk
from core.services.linking import configuration, couplings, healing, impact
from core.services.linking.configuration import VatGroup
from core.services.reporting import overview
from core.services.transfer import foreseeing
from core.texts import explain
from core.texts import foreseen as foreseen_words
from core.web.forms import method_mark, to_post_again
from core.web.policy import access, may_change
from core.web.views import rights
from core.web.views.rereading import read_again
from core.web.views.standings import sides
from core.web.views.subjects import ADDRESS_OF, SUBJECTS, Subject

pages = Blueprint("configuration", __name__)
pages.add_app_template_filter(method_mark)
TRIAL = "proefbestelling"
MOST_LISTED = 50
SEARCHED = ("vat_codes", "revenue_accounts", "receivables_accounts",
            "clearing_accounts", "liability_accounts", "payment_terms",
            "units")  # fmt: skip
"""Lists of the package that can be searched, beside its debtors."""


@pages.get("/configuratie")
@access("login")
def index() -> str | Response:
    """Show the first coupling, or what to do to get one."""
    first = next(iter(rights.shown(couplings.all_couplings())), None)
    if first is None:
        return render_template("configuration/none.html", counts=overview.counts())
    return redirect(url_for("configuration.show", coupling_id=first.id), 303)


@pages.get("/configuratie/<int:coupling_id>")
@access("login")
def show(coupling_id: int) -> str:
    """Show what a coupling has of each subject."""
    coupling = rights.seen_coupling(coupling_id)
    return render_template(
        "configuration/index.html",
        **_common(coupling),
        couplings=rights.shown(couplings.all_couplings()),
        sides=sides(coupling),
        connection_form=_connection_form(coupling),
        problems=_problems(coupling),
    )


def _problems(coupling: Coupling) -> list[Any]:
    return [explain(code) for code in couplings.problems_of(coupling)]


def _common(coupling: Coupling) -> dict[str, Any]:
    step = couplings.next_step(coupling)
    return {
        "coupling": coupling,
        "subjects": SUBJECTS,
        "is_set_up": coupling.configured_at is not None,
        "next_part": ADDRESS_OF.get(step, TRIAL),
        "healed": _healed(coupling) if may_change() else [],
        "counts": overview.counts(),
    }


def _healed(coupling: Coupling) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "count": len(each.ids), "coupling": coupling}
        for each in healing.healed(coupling)
    ]


def _connection_form(coupling: Coupling) -> Any:
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    if shop is None or shop.form is None:
        return None
    return settings_form(shop.form, coupling.source.settings)


@pages.get("/configuratie/<int:coupling_id>/<subject>")
@access("login")
def edit(coupling_id: int, subject: str) -> str:
    """Show one subject's page, with what is proposed."""
    coupling = rights.seen_coupling(coupling_id)
    kind = SUBJECTS.get(subject) or abort(404)
    return _page(kind(coupling), subject)


def _page(page: Subject, part: str) -> str:
    """Render a subject; what was posted and refused is shown with its errors."""
    return render_template(
        "configuration/subject.html",
        **_common(page.coupling),
        **page.values(),
        page=page,
        part=part,
        choices=page.choices,
        errors={error.field: error.text for error in reversed(page.errors)},
    )


@pages.post("/configuratie/<int:coupling_id>/<subject>")
@access("owner")
def save(coupling_id: int, subject: str) -> str | Response:
    """Store one subject; a change of what is in use is shown first."""
    coupling = rights.seen_coupling(coupling_id)
    kind = SUBJECTS.get(subject) or abort(404)
    page = kind(coupling, is_posted=True)
    if page.errors or "terug" in request.form:
        return _page(page, subject)
    changes = page.changes()
    if changes and request.form.get("gezien") != str(coupling.version):
        return _ask_first(page, changes)
    with transaction():
        page.store()
        couplings.confirm(coupling, page.step)
    if coupling.configured_at is None:
        to = ADDRESS_OF.get(couplings.next_step(coupling), TRIAL)
        return redirect(_address(coupling, to), 303)
    flash(_("De instellingen zijn opgeslagen."), "success")
    return redirect(url_for("configuration.show", coupling_id=coupling.id), 303)


def _address(coupling: Coupling, part: str) -> str:
    if part == TRIAL:
        return url_for("configuration.trial", coupling_id=coupling.id)
    return url_for("configuration.edit", coupling_id=coupling.id, subject=part)


def _ask_first(page: Subject, changes: Sequence[impact.Change]) -> str:
    """Show what a change touches; what was posted goes along, to be saved then."""
    return render_template(
        "configuration/impact.html",
        coupling=page.coupling,
        words=[page.words(change) for change in changes],
        touched=impact.touched(page.coupling, changes),
        posted=to_post_again(),
        part=ADDRESS_OF[page.step],
        counts=overview.counts(),
    )


@pages.post("/configuratie/<int:coupling_id>/voorstel")
@access("owner")
def take_over(coupling_id: int) -> Response:
    """*Alles zoals voorgesteld*: every proposal at once, then the test order."""
    coupling = rights.seen_coupling(coupling_id)
    with transaction():
        couplings.take_over(coupling, user_id=current_user.id)
    return redirect(_address(coupling, TRIAL), 303)


@pages.get("/configuratie/<int:coupling_id>/proefbestelling")
@access("login")
def trial(coupling_id: int) -> str:
    """Show an order as what it would become; made up where the shop has none yet."""
    coupling = rights.seen_coupling(coupling_id)
    order = foreseeing.newest_order(coupling)
    is_made_up = order is None
    if order is None:
        words = (_("VOORBEELD"), _("Voorbeeldartikel"), _("Verzendkosten"),
                 _("Voorbeeldklant"))  # fmt: skip
        home = current_user.home_country
        rates = rates_between(home, today(), today()) if home in RATED else ()
        order = sample_order(words, home, max(rates, default=ZERO), utcnow())
    return render_template(
        "configuration/trial.html",
        **_common(coupling),
        transfer=order,
        is_made_up=is_made_up,
        seen=foreseeing.of_order(coupling, order),
        plugin=coupling.target.plugin,
        words=foreseen_words,
        problems=_problems(coupling),
    )


@pages.post("/configuratie/<int:coupling_id>/begin")
@access("owner")
def begin(coupling_id: int) -> Response:
    """*Begin met doorzetten*: from now on orders go."""
    coupling = rights.seen_coupling(coupling_id)
    with transaction():
        has_begun = couplings.begin(coupling, user_id=current_user.id)
    if has_begun:
        flash(_("Klaar. Bestellingen gaan vanaf nu vanzelf door."), "success")
    else:
        flash(_("Er ontbreekt nog iets; zie hieronder."), "error")
    return redirect(url_for("configuration.show", coupling_id=coupling.id), 303)


@pages.post("/configuratie/<int:coupling_id>/verwerk/<code>")
@access("login")
def process(coupling_id: int, code: str) -> Response:
    """*Verwerk* of what the configuration has solved, of one cause."""
    coupling = rights.seen_coupling(coupling_id)
    with transaction():
        ids = healing.process(coupling, code, user_id=current_user.id)
    if not ids:
        flash(_("Er is niets meer dat door deze wijziging kan."), "info")
    return redirect(url_for("failed.index", volg=ids[:MOST_LISTED]), 303)


@pages.get("/configuratie/<int:coupling_id>/genezen")
@access("login")
def healed_part(coupling_id: int) -> str:
    """Return what may go now since the configuration was saved, as a part."""
    coupling = rights.seen_coupling(coupling_id)
    return render_template("parts/healed_of.html", healed=_healed(coupling))


@pages.get("/configuratie/<int:coupling_id>/zoek/<kind>")
@access("owner")
def find(coupling_id: int, kind: str) -> str:
    """Return the options of a drop-down: those of a list that a text finds.

    The one that was chosen stays so; without a text the first ones are offered again.
    """
    choices = couplings.choices_of(rights.seen_coupling(coupling_id))
    text = request.args.get("zoek", "").strip()
    name = request.args.get("veld", "")
    chosen = request.args.get(name, "")
    return render_template(
        "configuration/found.html",
        found=_found(choices, kind, text),
        chosen=_chosen(choices, kind, chosen),
        text=text,
    )


def _found(choices: Choices, kind: str, text: str) -> Sequence[Any]:
    if kind == "debtors":
        search = choices.debtor_search
        return search.find(text) if search and text else choices.debtors
    if kind not in SEARCHED:
        abort(404)
    offered = getattr(choices, kind)
    return [each for each in offered if text.casefold() in each.label.casefold()]


def _chosen(choices: Choices, kind: str, value: str) -> Any:
    if kind == "debtors":
        return choices.debtor(value)
    return next((one for one in getattr(choices, kind) if one.value == value), None)


@pages.get("/configuratie/<int:coupling_id>/btw/<key>")
@access("owner")
def vat_group(coupling_id: int, key: str) -> str:
    """The editor of one country's rates, with suggestions filled in."""
    coupling = rights.seen_coupling(coupling_id)
    choices = couplings.choices_of(coupling)
    target, home = couplings.target_of(coupling), current_user.home_country
    groups = configuration.vat_groups(coupling, target, home, today())
    found = {group.key: group for group in groups}.get(_known(key)) or abort(404)
    return render_template(
        "configuration/vat_group.html",
        group=configuration.with_suggestions(found, choices),
        choices=choices,
        coupling=coupling,
        errors={},
    )


@pages.get("/configuratie/<int:coupling_id>/btw/<key>/regel")
@access("owner")
def vat_line(coupling_id: int, key: str) -> str:
    """One more empty rate of a country."""
    coupling = rights.seen_coupling(coupling_id)
    return render_template(
        "configuration/vat_line.html",
        group=VatGroup(_known(key), ()),
        line=None,
        choices=couplings.choices_of(coupling),
        mark=token_hex(4),
        errors={},
    )


def _known(key: str) -> str:
    if not configuration.is_group(key):
        abort(404)
    return key


@pages.route("/configuratie/<int:coupling_id>/btw-verwijderen", methods=["GET", "POST"])
@access("owner")
def delete_vat(coupling_id: int) -> str | Response:
    """*BTW instellingen verwijderen*, after a confirmation."""
    coupling = rights.seen_coupling(coupling_id)
    if request.method == "GET":
        touched = impact.touched(coupling, impact.of_vat(coupling, ()))
        return render_template(
            "configuration/delete_vat.html", coupling=coupling, touched=touched
        )
    with transaction():
        couplings.delete_vat(coupling, user_id=current_user.id)
    flash(_("De BTW-instellingen zijn verwijderd. U kunt opnieuw beginnen."), "info")
    return redirect(_address(coupling, "btw"), 303)


@pages.post("/configuratie/<int:coupling_id>/vernieuwen")
@access("owner")
def refresh(coupling_id: int) -> Response:
    """Read the package's codes and accounts again."""
    coupling = rights.seen_coupling(coupling_id)
    read_again(coupling.target)
    return redirect(_address(coupling, "btw"), 303)
