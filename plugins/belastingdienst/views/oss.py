"""The one stop shop: registration, quarters, what to type over, and that it was filed.

Looking is for everybody who may see the plugin; the registration is changed by who may
make things, and as with every return an owner says, with his password, what was filed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.errors import AskUser
from core.plugin.database import transaction
from core.plugin.pages import access, proved, today
from plugins.belastingdienst.forms.oss import OssFiledForm, OssForm
from plugins.belastingdienst.forms.own_sales import chosen, offer, picked
from plugins.belastingdienst.law.dates import Filing, last_to_file, oss_kept_until
from plugins.belastingdienst.law.doubts import blocking
from plugins.belastingdienst.law.oss_threshold import THRESHOLD
from plugins.belastingdienst.law.spans import Span, quarter_of
from plugins.belastingdienst.models import Administration, OssRegister, Taxpayer
from plugins.belastingdienst.oss import reading, registers, returns, stored
from plugins.belastingdienst.oss.returns import Books, Quarter
from plugins.belastingdienst.paper import oss_csv, oss_pdf
from plugins.belastingdienst.sales import own_sales, shops
from plugins.belastingdienst.texts import oss_texts
from plugins.belastingdienst.views.common import page, to


@dataclass(frozen=True)
class Who:
    """Whose pages these are."""

    administration: Administration
    register: OssRegister | None
    taxpayer: Taxpayer | None

    @property
    def number(self) -> str:
        """The tax number, as in the addresses."""
        return self.administration.tax_number


def _who(number: str) -> Who:
    """Return the taxpayer of a number that an administration here has; else 404."""
    for administration in registers.numbers():
        if administration.tax_number == number:
            tenant_id = administration.tenant_id
            return Who(
                administration,
                registers.find(tenant_id, number),
                registers.taxpayer(tenant_id, number),
            )
    return abort(404)


def _books(who: Who) -> Books:
    if who.register is None:
        abort(404)
    return Books(who.register, who.taxpayer, today())


@access("login")
def index() -> str | Answer:
    """Show the taxpayers; with one of them, its page."""
    found = registers.numbers()
    if len(found) == 1:
        return to("oss_of", number=found[0].tax_number)
    return page("oss_index", found=found)


@access("login")
def show(number: str) -> str | Answer:
    """Show the quarters of a taxpayer and how it stands to the threshold."""
    who = _who(number)
    if who.register is None:
        return to("oss_register", number=number)
    books = _books(who)
    years = (today().year, today().year + 1) if today().month > 9 else (today().year,)
    return page(
        "oss",
        who=who,
        quarters=books.quarters(),
        next_open=books.next_open(),
        changes=books.changes(),
        standings=[returns.standing(who.register, year) for year in years],
        known_late=books.known_late(),
        threshold=THRESHOLD,
        today=today(),
        **_words(),
    )


def _words() -> dict[str, object]:
    return {
        "quarter_words": oss_texts.quarter,
        "country_words": oss_texts.country,
        "kinds": oss_texts.KINDS,
        "rate_kinds": oss_texts.RATE_KINDS,
        "asked": oss_texts.asked,
    }


@access("login")
def register(number: str) -> str:
    """Show the registration; what is known elsewhere stands in it before."""
    who = _who(number)
    form = OssForm(formdata=None, obj=who.taxpayer, data=_known(who))
    return _register_page(form, who)


def _known(who: Who) -> dict[str, Any]:
    if who.register is not None:
        return {
            "since": who.register.since.isoformat(),
            "invoice_kind": who.register.invoice_kind,
            "sales": picked(own_sales.of(who.register.sales)),
        }
    return {
        "oss_from": registers.said_elsewhere(who.administration.tenant_id),
        "since": quarter_of(today()).start.isoformat(),
        "sales": picked(own_sales.of(who.administration.own_sales)),
    }


def _register_page(form: OssForm, who: Who) -> str:
    _offer(form, who)
    return page("oss_register", form=form, who=who)


def _offer(form: OssForm, who: Who) -> None:
    offer(form.sales, shops.of_tenant(who.administration.tenant_id))
    form.offer_quarters(today(), who.register.since if who.register else None)


@access("maker")
def save_register(number: str) -> Answer | tuple[str, int]:
    """Keep the registration and have the sales read."""
    who = _who(number)
    form = OssForm()
    _offer(form, who)
    if not form.validate_on_submit():
        return _register_page(form, who), 422
    try:
        with transaction():
            registers.save(
                who.administration,
                days=(form.oss_from.data, form.oss_until.data),
                since=date.fromisoformat(form.since.data),
                sales=chosen(form.sales.data),
                invoice_kind=form.invoice_kind.data,
                user_id=current_user.id,
            )
    except AskUser as error:
        words = oss_texts.words(error.code, error.params)
        form.since.errors = [*form.since.errors, f"{words.what} {words.action}"]
        return _register_page(form, _who(number)), 422
    flash(_("Opgeslagen. De verkopen worden gelezen."), "success")
    return to("oss_of", number=number)


@access("maker")
def read(number: str) -> Answer:
    """Have the sales read (again)."""
    who = _who(number)
    if who.register is None:
        abort(404)
    with transaction():
        reading.ask(who.register)
    flash(_("De verkopen worden gelezen."), "success")
    return to("oss_of", number=number)


def _quarter(who: Who, code: str) -> tuple[Books, Quarter]:
    books = _books(who)
    for span in books.spans():
        if span.code == code:
            return books, books.quarter(span)
    return abort(404)


@access("login")
def quarter(number: str, code: str) -> str:
    """Show the return of a quarter, as it was declared or would be."""
    who = _who(number)
    books, found = _quarter(who, code)
    return _quarter_page(OssFiledForm(formdata=None), who, books, found)


def _quarter_page(form: OssFiledForm, who: Who, books: Books, found: Quarter) -> str:
    if not blocking(found.made.doubts):
        del form.in_spite
    return page(
        "oss_quarter",
        form=form,
        who=who,
        quarter=found,
        seen=stored.digest(found.made),
        may_file=_may_file(books, found),
        kept_until=oss_kept_until(found.span),
        is_last=found.is_filed and found.span == _last_filed(books),
        today=today(),
        **_words(),
    )


def _may_file(books: Books, found: Quarter) -> bool:
    is_over = today() > found.span.end
    return is_over and not found.is_filed and found.span == books.next_open()


def _last_filed(books: Books) -> Span | None:
    filed = [span for span, row in books.rows.items() if row.filed_at is not None]
    return max(filed, default=None)


@access("owner")
@proved
def file(number: str, code: str) -> Answer | tuple[str, int]:
    """*Ik heb dit ingediend*."""
    who = _who(number)
    books, found = _quarter(who, code)
    form = OssFiledForm()
    if form.validate_on_submit():
        try:
            with transaction():
                returns.file(
                    books,
                    found.span,
                    seen=request.form.get("seen", ""),
                    reference=form.reference.data,
                    in_spite=form.in_spite.data,
                    user_id=current_user.id,
                )
        except AskUser as error:
            words = oss_texts.words(error.code, error.params)
            told = " ".join(filter(None, (words.what, words.why, words.action)))
            flash(told, "error")
            return to("oss_quarter", number=number, code=code)
        flash(_("Bewaard als ingediend."), "success")
        return to("oss_of", number=number)
    return _quarter_page(form, who, books, found), 422


@access("owner")
@proved
def take_back(number: str, code: str) -> Answer:
    """*Toch niet ingediend*."""
    books, found = _quarter(_who(number), code)
    try:
        with transaction():
            returns.take_back(books, found.span, user_id=current_user.id)
    except LookupError:
        abort(404)
    except AskUser as error:
        words = oss_texts.words(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
    else:
        flash(_("Deze aangifte staat weer als niet ingediend."), "success")
    return to("oss_quarter", number=number, code=code)


@access("login")
def paper(number: str, code: str) -> Answer:
    """Send the return as a PDF."""
    who = _who(number)
    _books_of, found = _quarter(who, code)
    reference = found.row.portal_reference if found.row else ""
    facts = [(_("Kenmerk van het portaal"), reference)] if reference else []
    content = oss_pdf.write(found, who.administration.description, number, facts)
    return _download(content, "application/pdf", oss_texts.file_name(found.span, "pdf"))


@access("login")
def sheet(number: str, code: str) -> Answer:
    """Send the return as a file in the order of the portal."""
    _books_of, found = _quarter(_who(number), code)
    name = oss_texts.file_name(found.span, "csv")
    return _download(oss_csv.write(found.made), "text/csv; charset=utf-8", name)


def _download(content: bytes, media_type: str, name: str) -> Answer:
    answer = Response(content, mimetype=media_type.partition(";")[0])
    answer.headers["Content-Type"] = media_type
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@dataclass(frozen=True)
class Due:
    """A quarter that is over and was not filed, for a banner."""

    number: str
    code: str
    period: str
    last_day: date
    is_late: bool


def _oss_due() -> list[Due]:
    found = []
    for administration in registers.numbers():
        who = _who(administration.tax_number)
        span = _books(who).next_open() if who.register is not None else None
        if span is not None and today() > span.end:
            last_day = last_to_file(Filing.OSS, span)
            period = oss_texts.quarter(span)
            is_late = today() > last_day
            found.append(Due(who.number, span.code, period, last_day, is_late))
    return found


def _globals() -> dict[str, object]:
    """Return what the plugin's other pages need to lead here."""
    return {"oss_due": _oss_due}


_OF = "/oss/<number>"
_IN = f"{_OF}/<code>"
ROUTES = (
    ("/oss", "oss", index, "GET"),
    (_OF, "oss_of", show, "GET"),
    (f"{_OF}/aanmelding", "oss_register", register, "GET"),
    (f"{_OF}/aanmelding", "save_oss_register", save_register, "POST"),
    (f"{_OF}/lezen", "read_oss", read, "POST"),
    (_IN, "oss_quarter", quarter, "GET"),
    (f"{_IN}/aangifte.pdf", "oss_paper", paper, "GET"),
    (f"{_IN}/aangifte.csv", "oss_sheet", sheet, "GET"),
    (f"{_IN}/ingediend", "file_oss", file, "POST"),
    (f"{_IN}/terug", "take_back_oss", take_back, "POST"),
)


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    pages.context_processor(_globals)
    for rule, endpoint, view, method in ROUTES:
        pages.add_url_rule(rule, endpoint, view, methods=[method])
