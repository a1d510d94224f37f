"""Certificates: upload, and which one signs (manual 003, part 4)."""

from flask import Blueprint, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.clock import utcnow
from core.domain.errors import KoppelwerkError
from core.plugin.database import session, transaction
from core.plugin.pages import access, get_or_404
from plugins.belastingdienst.forms.setup import CertificateForm, ChoiceForm
from plugins.belastingdienst.models import Administration, Certificate, FilingProfile
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import administrations, certificate_store, profiles
from plugins.belastingdienst.setup.certificate_store import LONGEST
from plugins.belastingdienst.setup.profiles import Choice
from plugins.belastingdienst.views.common import page, say, to, words


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    base = "/certificaat"
    rule = pages.add_url_rule
    rule(base, "certificates", index)
    rule(base, "upload_certificate", upload, methods=["POST"])
    rule(f"{base}/kiezen", "choose_certificate", choose, methods=["POST"])
    rule(f"{base}/<int:certificate_id>/weg", "remove_certificate", remove,
         methods=["POST"])  # fmt: skip


@access("login")
def index() -> str:
    """Show the certificates, what signs what, and both forms."""
    return _page(CertificateForm(formdata=None), _choice_form(posted=False))


def _page(form: CertificateForm, choice: ChoiceForm) -> str:
    return page(
        "certificates",
        rows=certificate_store.of_tenant(),
        profiles=profiles.of_tenant(),
        administrations=administrations.of_tenant(),
        form=form,
        choice=choice,
        now=utcnow(),
        signer=profiles.signer,
        only_signer=profiles.only_signer,
        routes=profiles.offered().values(),
    )


def _choice_form(*, posted: bool = True) -> ChoiceForm:
    """Return the form; at first it proposes what can work, never what always fails."""
    rows, own = profiles.of_tenant(), certificate_store.of_tenant()
    form = ChoiceForm() if posted else ChoiceForm(formdata=None, data=_first(rows, own))
    used = {row.channel for row in rows}
    form.profile.choices = [SelectChoice(row.id, row.name) for row in rows]
    form.certificate.choices = [
        *(
            SelectChoice(0, str(route.certificate))
            for name, route in profiles.offered().items()
            if name in used
        ),
        *(SelectChoice(row.id, row.subject) for row in own),
    ]
    form.administration.choices = [
        SelectChoice(0, _("alle administraties")),
        *(
            SelectChoice(row.id, _("alleen %(name)s", name=row.description))
            for row in administrations.of_tenant()
        ),
    ]
    return form


def _first(rows: list[FilingProfile], own: list[Certificate]) -> dict[str, int]:
    """Return a profile with a certificate that it can be signed by; nothing chosen yet
    goes first."""
    for row in sorted(rows, key=lambda one: bool(profiles.signer(one))):
        if row.channel != DIGIPOORT:
            return {"profile": row.id, "certificate": 0}
        if own:
            return {"profile": row.id, "certificate": own[0].id}
    return {}


@access("maker")
def upload() -> Response | tuple[str, int]:
    """Read a certificate with its password, and keep it encrypted."""
    form = CertificateForm()
    if not form.validate_on_submit():
        return _page(form, _choice_form(posted=False)), 422
    content = form.file.data.stream.read(LONGEST + 1)
    key = form.key.data.stream.read(LONGEST + 1) if form.key.data else b""
    password, tenant_id = form.password.data or "", current_user.tenant_id
    try:
        signing = certificate_store.read(content, password, key, tenant_id=tenant_id)
    except KoppelwerkError as error:
        found = words(error)
        form.file.errors = [*form.file.errors, f"{found.what} {found.action}"]
        return _page(form, _choice_form(posted=False)), 422
    with transaction():
        certificate_store.store(
            current_user.tenant_id, signing, user_id=current_user.id
        )
    flash(_("Het certificaat is versleuteld bewaard."), "success")
    return to("certificates", _anchor="kiezen")


@access("maker")
def choose() -> Response | tuple[str, int]:
    """*Klik om te activeren*, and save for all administrations or one."""
    form = _choice_form()
    if not form.validate_on_submit():
        return _page(CertificateForm(formdata=None), form), 422
    choice = Choice(
        get_or_404(FilingProfile, form.profile.data),
        session().get(Certificate, form.certificate.data),
        session().get(Administration, form.administration.data),
    )
    try:
        profiles.choose(choice, user_id=current_user.id)
    except KoppelwerkError as error:
        found = words(error)
        form.certificate.errors = [*form.certificate.errors, found.what, found.action]
        return _page(CertificateForm(formdata=None), form), 422
    flash(_("Het certificaat is geactiveerd."), "success")
    return to("certificates")


@access("maker")
def remove(certificate_id: int) -> Response:
    """Forget a certificate that nothing uses."""
    row = get_or_404(Certificate, certificate_id)
    try:
        with transaction():
            certificate_store.remove(row, user_id=current_user.id)
    except KoppelwerkError as error:
        say(error)
    return to("certificates")
