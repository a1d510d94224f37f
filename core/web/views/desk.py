"""The support desk: our own people's pages, across tenants."""

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import Response as Answer
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from core.models import MailState, RequestState
from core.plugin.pages import before
from core.runtime.database import transaction
from core.services.mailing import mail
from core.services.operations import desk, metrics, problem_files, restores, support
from core.texts.support import FIELDS
from core.web.policy import access
from core.web.views.standings import side, sides
from core.web.views.support import send_picture
from core.web.visitors import behind_unknown_proxy

pages = Blueprint("desk", __name__, url_prefix="/beheer")
_State = TypeVar("_State", bound=StrEnum)


class AnswerForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Our answer to a report."""

    class Meta:
        csrf = False

    answer = TextAreaField(
        _l("Antwoord"), [InputRequired(), Length(max=support.LONGEST_MESSAGE)]
    )


def _chosen(kind: type[_State], usual: _State) -> _State:
    """Return the state that a list is narrowed to."""
    try:
        return kind(request.args.get("stand", usual))
    except ValueError:
        return usual


@pages.get("/")
@access("operator")
def index() -> str:
    """Show how the product is doing."""
    return render_template(
        "desk/index.html",
        overview=desk.overview(),
        is_alive=metrics.is_alive,
        unknown_proxy=behind_unknown_proxy(),
    )


@pages.post("/herstel/klaar")
@access("operator")
def end_restore() -> Response:
    """End the looking after a restore; what was held goes out, or stays."""
    drops = request.form.get("held") == "drop"
    with transaction():
        if not restores.end(current_user.email, drop_held=drops):
            abort(404)
    flash(_("Het herstel is afgesloten."), "success")
    return redirect(url_for("desk.index"), 303)


@pages.get("/klanten")
@access("operator")
def tenants() -> str:
    """Show and find tenants."""
    search = request.args.get("zoek", "").strip()[:100]
    page = desk.tenants(search, before())
    return render_template("desk/tenants.html", page=page, search=search)


@pages.get("/klanten/<int:tenant_id>")
@access("operator")
def tenant(tenant_id: int) -> str:
    """Show one tenant."""
    facts = desk.tenant(tenant_id)
    if facts is None:
        abort(404)
    return render_template(
        "desk/tenant.html",
        facts=facts,
        dots=[side(connection) for connection in facts.connections],
        couplings=[(coupling, sides(coupling)) for coupling in facts.couplings],
    )


@pages.get("/meldingen")
@access("operator")
def reports() -> str:
    """Show problem reports."""
    state = _chosen(RequestState, RequestState.OPEN)
    page = desk.reports(state, before())
    return render_template("desk/reports.html", page=page, state=state)


@pages.get("/meldingen/<int:report_id>")
@access("operator")
def report(report_id: int) -> str:
    """Show one report with all that was sent."""
    return _report(report_id, AnswerForm())


@pages.get("/meldingen/bestand/<int:problem_file_id>")
@access("operator")
def picture(problem_file_id: int) -> Answer:
    """Download a picture that came with a report."""
    return send_picture(problem_files.for_operator(problem_file_id) or abort(404))


@pages.post("/meldingen/<int:report_id>/antwoord")
@access("operator")
def answer(report_id: int) -> str | Response:
    """Answer a report by mail."""
    form = AnswerForm()
    if not form.validate():
        return _report(report_id, form)
    with transaction():
        text = form.answer.data or ""
        if not desk.answer(report_id, text, operator_id=current_user.id):
            abort(404)
    flash(_("Het antwoord is verstuurd."), "success")
    return redirect(url_for("desk.reports"), 303)


@pages.post("/meldingen/<int:report_id>/sluit")
@access("operator")
def close_report(report_id: int) -> Response:
    """Close a report."""
    with transaction():
        if not desk.close_report(report_id, operator_id=current_user.id):
            abort(404)
    return redirect(url_for("desk.reports"), 303)


@pages.get("/aanvragen")
@access("operator")
def requests() -> str:
    """Show requests for paid work."""
    state = _chosen(RequestState, RequestState.OPEN)
    page = desk.requests(state, before())
    return render_template("desk/requests.html", page=page, state=state)


@pages.post("/aanvragen/<int:request_id>/sluit")
@access("operator")
def close_request(request_id: int) -> Response:
    """Note that paid work was done."""
    with transaction():
        if not desk.close_request(request_id, operator_id=current_user.id):
            abort(404)
    return redirect(url_for("desk.requests"), 303)


@pages.get("/mails")
@access("operator")
def mails() -> str:
    """Show mails, those that failed first."""
    state = _chosen(MailState, MailState.FAILED)
    page = desk.mails(state, before())
    return render_template("desk/mails.html", page=page, state=state)


@pages.post("/mails/<int:mail_id>/opnieuw")
@access("operator")
def retry_mail(mail_id: int) -> Response:
    """Send a failed mail again."""
    with transaction():
        sent = mail.retry(mail_id)
    if sent:
        flash(_("De mail wordt opnieuw verstuurd."), "success")
    else:
        flash(_("Deze mail kan niet opnieuw worden verstuurd."), "warning")
    return redirect(url_for("desk.mails"), 303)


def _report(report_id: int, form: AnswerForm) -> str:
    asked = desk.report(report_id)
    if asked is None:
        abort(404)
    return render_template(
        "desk/report.html",
        asked=asked,
        pictures=desk.pictures(report_id),
        fields=FIELDS,
        form=form,
    )
