"""*Meld probleem* with a preview of what is sent, own reports, and paid services."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Answer
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, RadioField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from core.domain.errors import AskUser, TooOften
from core.models import ProblemFile, ServiceKind, Transfer
from core.plugin.pages import get_or_404
from core.rules.invoice_rules import LARGEST_FILE
from core.runtime import throttle
from core.runtime.database import transaction
from core.runtime.extensions import settings
from core.services.operations import evidence, problem_files, support
from core.texts import in_one
from core.texts.support import FIELDS
from core.web.policy import access
from core.web.views.display import euro, moment
from core.web.views.downloads import send_file

pages = Blueprint("support", __name__)


class ReportForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What the user says about it."""

    class Meta:
        csrf = False

    message = TextAreaField(
        _l("Wat gaat er mis?"),
        [InputRequired(), Length(max=support.LONGEST_MESSAGE)],
    )
    picture = FileField(
        _l("Schermafdruk (mag leeg blijven)"),
        description=_l(
            "Een PNG of JPG van hoogstens 4,5 MB. Wij bewaren die 180 dagen."
        ),
    )

    def validate_picture(self, field: FileField) -> None:
        """Take a picture only, and keep it for the service to store."""
        self.given = _given(field.data)
        if self.given is not None:
            try:
                problem_files.checked(*self.given)
            except AskUser as error:
                raise ValidationError(in_one(error)) from None

    given: tuple[str, bytes] | None = None


def _given(file: FileStorage | None) -> tuple[str, bytes] | None:
    """Return name and content of a chosen file, no more than may be."""
    if file is None or not file.filename:
        return None
    with file.stream:
        return file.filename, file.stream.read(LARGEST_FILE + 1)


class ServiceForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Which paid work is wanted."""

    class Meta:
        csrf = False

    kind = RadioField(
        _l("Wat mogen wij voor u doen?"),
        [InputRequired()],
        choices=[
            SelectChoice(
                ServiceKind.INSTALLATION.value, _l("De koppeling installeren")
            ),
            SelectChoice(
                ServiceKind.BACKFILL.value, _l("Oude bestellingen doorzetten")
            ),
        ],
    )
    remark = TextAreaField(
        _l("Wat moeten wij weten?"), [Length(max=support.LONGEST_MESSAGE)]
    )
    agreed = BooleanField(
        _l("Ik ga akkoord met de prijs en geef de toegang die nodig is."),
        [InputRequired()],
    )


@pages.get("/bestelling/<int:transfer_id>/meld")
@access("login")
def about(transfer_id: int) -> str:
    """Show exactly what a report about a document would send."""
    return _preview(get_or_404(Transfer, transfer_id), ReportForm())


@pages.post("/bestelling/<int:transfer_id>/meld")
@access("login")
def send_about(transfer_id: int) -> str | Response:
    """*Meld probleem* for a document."""
    return _send(get_or_404(Transfer, transfer_id))


@pages.get("/meld")
@access("login")
def general() -> str:
    """Show what a report without a document would send."""
    return _preview(None, ReportForm())


@pages.post("/meld")
@access("login")
def send_general() -> str | Response:
    """*Meld probleem* without a document, such as an installation that is stuck."""
    return _send(None)


@pages.get("/meldingen")
@access("login")
def reports() -> str:
    """Show the tenant's reports and our answers."""
    found = support.reports()
    pictures = problem_files.names_of([report.id for report in found])
    return render_template("support/reports.html", reports=found, pictures=pictures)


@pages.get("/meldingen/bestand/<int:problem_file_id>")
@access("login")
def picture(problem_file_id: int) -> Answer:
    """Download a picture that the tenant sent along."""
    return send_picture(get_or_404(ProblemFile, problem_file_id))


def send_picture(file: ProblemFile) -> Answer:
    """Return a picture as a download, for its tenant or the desk."""
    return send_file(file.content, file.media_type, file.filename)


@pages.app_template_filter("text_moment")
def text_moment(value: str) -> str:
    """Write a moment that is kept as text in the user's time zone."""
    try:
        return moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


@pages.app_template_filter("text_euro")
def text_euro(value: str) -> str:
    """Write an amount that is kept as text."""
    try:
        return euro(Decimal(str(value)))
    except InvalidOperation:
        return str(value)


@pages.get("/diensten")
@access("owner")
def services() -> str:
    """Show what we can do for the owner and what it costs."""
    return _services(ServiceForm())


@pages.post("/diensten")
@access("owner")
def ask_service() -> str | Response:
    """Ask for paid work."""
    form = ServiceForm()
    if not form.validate():
        return _services(form)
    if not _may_send():
        return redirect(url_for("support.services"), 303)
    try:
        with transaction():
            made = support.request_service(
                tenant_id=current_user.tenant_id,
                user_id=current_user.id,
                kind=ServiceKind(form.kind.data),
                remark=form.remark.data or "",
            )
    except TooOften as error:
        flash(in_one(error), "warning")
        return redirect(url_for("support.services"), 303)
    flash(
        _(
            "Bedankt. Uw aanvraag heeft nummer %(number)s; wij mailen u.",
            number=made.id,
        ),
        "success",
    )
    return redirect(url_for("support.services"), 303)


def _services(form: ServiceForm) -> str:
    return render_template(
        "support/services.html",
        form=form,
        prices={kind.value: support.price_of(kind) for kind in ServiceKind},
        requests=support.requests(),
        support_email=settings().support_email,
    )


def _preview(transfer: Transfer | None, form: ReportForm, notice: str = "") -> str:
    content = support.content_for(transfer)
    return _page(transfer, form, content, notice)


def _page(
    transfer: Transfer | None, form: ReportForm, content: dict[str, Any], notice: str
) -> str:
    return render_template(
        "support/report.html",
        transfer=transfer,
        form=form,
        content=content,
        fields=FIELDS,
        digest=evidence.digest(content),
        notice=notice,
    )


def _send(transfer: Transfer | None) -> str | Response:
    """Store the report if it says what the preview said; else show it again."""
    form = ReportForm()
    if not form.validate():
        return _preview(transfer, form)
    content = support.content_for(transfer)
    if request.form.get("digest") != evidence.digest(content):
        notice = _("Er is net iets veranderd. Dit is wat wij nu zouden meesturen.")
        if form.given is not None:
            notice += " " + _("Kies ook uw schermafdruk opnieuw.")
        return _page(transfer, form, content, notice)
    if not _may_send():
        return redirect(url_for("support.reports"), 303)
    try:
        with transaction():
            made = support.report(
                tenant_id=current_user.tenant_id,
                user_id=current_user.id,
                transfer=transfer,
                message=form.message.data or "",
                content=content,
                picture=form.given,
            )
    except AskUser as error:
        flash(in_one(error), "warning")
        return redirect(url_for("support.reports"), 303)
    flash(_thanks(made), "success")
    back_to = "failed.index" if transfer else "support.reports"
    return redirect(url_for(back_to), 303)


def _thanks(made: support.Reported) -> str:
    if made.is_new:
        text = _(
            "Bedankt voor uw melding. Ze heeft nummer %(number)s;"
            " ons antwoord komt per mail en staat straks bij de melding.",
            number=made.id,
        )
    else:
        text = _(
            "Bedankt. Dit is toegevoegd aan uw melding %(number)s, die nog open staat.",
            number=made.id,
        )
    return str(text)


def _may_send() -> bool:
    """Keep a stuck button from filling our mailbox."""
    key = f"support:{current_user.tenant_id}"
    if throttle.allow(key, support.MOST_PER_DAY, timedelta(days=1)):
        return True
    flash(_("U hebt vandaag al veel gemeld. Probeer het morgen weer."), "warning")
    return False
