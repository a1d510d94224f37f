"""ICP: how often, what is still to be corrected, goods in call-off stock."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import TaxPeriod
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session, transaction
from core.plugin.pages import access, get_or_404, today
from core.plugin.texts import explain
from plugins.belastingdienst.figures import icp_limits
from plugins.belastingdienst.forms.icp import IcpForm, StockForm
from plugins.belastingdienst.icp import call_off, owed
from plugins.belastingdienst.law.icp import Rhythm
from plugins.belastingdienst.models import Administration, CallOffStock
from plugins.belastingdienst.paper import icp_paper
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.views import icp_pages
from plugins.belastingdienst.views.common import page, say, to


def _administration(administration_id: int) -> Administration:
    return get_or_404(Administration, administration_id)


def _period(code: str) -> TaxPeriod:
    try:
        return TaxPeriod.from_code(code)
    except ValueError:
        abort(404)


@access("login")
def icp(administration_id: int) -> str:
    """Show the settings, what is owed, and the stock."""
    return _page(_administration(administration_id))


def _page(
    one: Administration, form: IcpForm | None = None, stock: StockForm | None = None
) -> str:
    if form is None:
        form = IcpForm(formdata=None, rhythm=_rhythm(one).value, division=one.division)
    if not one.tax_number:
        del form.rhythm
    return page(
        "icp",
        administration=one,
        form=form,
        stock_form=stock or StockForm(formdata=None),
        stock=call_off.of(one),
        papers=icp_pages.stock_papers(one, today()),
        stock_doubts=[
            explain(doubt.code, doubt.params) for doubt in call_off.doubts(one, today())
        ],
        quarters=icp_pages.quarters(one, _this_quarter(), today()),
        owed=icp_pages.owed(owed.of(one)),
        is_too_much=_is_too_much(one),
        **icp_pages.words(),
    )


def _this_quarter() -> TaxPeriod:
    day = today()
    return TaxPeriod.quarter(day.year, (day.month + 2) // 3)


def _rhythm(one: Administration) -> Rhythm:
    if not one.tax_number:
        return Rhythm.LAW
    found = taxpayers.known(one)
    return Rhythm(found.icp_rhythm) if found else Rhythm.LAW


def _is_too_much(one: Administration) -> bool:
    """Tell whether he declares once a year, and does not seem to be allowed to."""
    is_yearly = _rhythm(one) is Rhythm.YEAR
    return is_yearly and not icp_limits.may_be_yearly(one, today().year)


@access("maker")
def save_icp(administration_id: int) -> Answer | tuple[str, int]:
    """Keep how a taxpayer declares."""
    one, form = _administration(administration_id), IcpForm()
    if not form.validate_on_submit():
        return _page(one, form), 422
    with transaction():
        one = _administration(administration_id)
        one.division = form.division.data
        if one.tax_number:
            taxpayers.of(one).icp_rhythm = Rhythm(form.rhythm.data)
        log.write(
            one.tenant_id,
            "icp_settings_changed",
            user_id=current_user.id,
            administration=one.description,
        )
    flash(_("De instellingen zijn opgeslagen."), "success")
    return to("icp", administration_id=administration_id)


@access("owner")
def icp_corrected(administration_id: int) -> Answer:
    """Note that a declaration was corrected at the portal."""
    one = _administration(administration_id)
    period = _period(request.form.get("tijdvak", ""))
    try:
        with transaction():
            seen = request.form.get("gezien", "")
            owed.done(one, period, seen, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(_("Vastgelegd: de ICP-opgaaf is op het portaal verbeterd."), "success")
    return to("filings")


@access("login")
def icp_paper_of(administration_id: int, period: str) -> Answer:
    """Send what is to be corrected as a PDF."""
    one, when = _administration(administration_id), _period(period)
    rows = [row for row in owed.of(one) if owed.period_of(row) == when]
    if not rows:
        abort(404)
    return _pdf(icp_paper.corrections(one, when, rows), "verbetering", one, when)


@access("login")
def stock_paper(administration_id: int, period: str) -> Answer:
    """Send what happened to the stock over a stretch as a PDF."""
    one, when = _administration(administration_id), _period(period)
    rows = call_off.rows(one, when)
    return _pdf(icp_paper.stock(one, when, rows), "voorraad", one, when)


def _pdf(content: bytes, what: str, one: Administration, when: TaxPeriod) -> Answer:
    answer = Response(content, mimetype="application/pdf")
    name = icp_paper.file_name(what, one, when.end)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@access("maker")
def add_stock(administration_id: int) -> Answer | tuple[str, int]:
    """Keep goods that went to a customer's stock."""
    one, form = _administration(administration_id), StockForm()
    if not form.validate_on_submit():
        return _page(one, stock=form), 422
    with transaction():
        call_off.add(one, form.values())
    flash(_("Toegevoegd."), "success")
    return _to_stock(administration_id)


@access("maker")
def change_stock(stock_id: int) -> str | Answer | tuple[str, int]:
    """Change goods in stock: taken by the customer, or fetched back."""
    one = get_or_404(CallOffStock, stock_id)
    administration_id = one.administration_id
    form = StockForm(obj=one)
    if form.validate_on_submit():
        with transaction():
            one = get_or_404(CallOffStock, stock_id)
            for name, value in form.values().items():
                setattr(one, name, value)
        flash(_("Gewijzigd."), "success")
        return _to_stock(administration_id)
    shown = page("icp_stock", form=form, stock=one)
    return (shown, 422) if form.is_submitted() else shown


@access("maker")
def remove_stock(stock_id: int) -> Answer:
    """Forget goods that were no stock."""
    one = get_or_404(CallOffStock, stock_id)
    administration_id = one.administration_id
    with transaction():
        session().delete(get_or_404(CallOffStock, stock_id))
    flash(_("Verwijderd."), "success")
    return _to_stock(administration_id)


def _to_stock(administration_id: int) -> Answer:
    there = url_for(
        "belastingdienst.icp", administration_id=administration_id, _anchor="voorraad"
    )
    return redirect(there, 303)


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    one, stock = "/icp/<int:administration_id>", "/icp/voorraad/<int:stock_id>"
    rule = pages.add_url_rule
    rule(one, "icp", icp)
    rule(one, "save_icp", save_icp, methods=["POST"])
    rule(f"{one}/verbeterd", "icp_corrected", icp_corrected, methods=["POST"])
    rule(f"{one}/<period>/verbetering.pdf", "icp_paper", icp_paper_of)
    rule(f"{one}/<period>/voorraad.pdf", "stock_paper", stock_paper)
    rule(f"{one}/voorraad", "add_stock", add_stock, methods=["POST"])
    rule(stock, "change_stock", change_stock, methods=["GET", "POST"])
    rule(f"{stock}/verwijderen", "remove_stock", remove_stock, methods=["POST"])
