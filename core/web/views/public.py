"""What anybody may see: the couplings there are, signing up, the terms."""

from datetime import timedelta

from flask import Blueprint, abort, render_template
from flask_login import current_user

from core.runtime.extensions import settings
from core.runtime.languages import choose_language
from core.services.linking import catalogue
from core.services.linking.catalogue import Offer
from core.services.people import signup
from core.services.people.signup import Applicant
from core.web.policy import access, is_tenant_user, may_change
from core.web.views.display import country
from core.web.views.signup_forms import SignUpForm, sign_up_form
from core.web.visitors import allowed_from_here

pages = Blueprint("public", __name__)
WINDOW = timedelta(hours=1)
MOST_PER_ADDRESS = 10
"""Sign-ups per window from one visitor's address."""


@pages.get("/welkom")
@access("public")
def index() -> str:
    """Show the couplings there are and what they cost."""
    return render_template(
        "public/index.html",
        offers=catalogue.offers(),
        price=settings().price_year,
        installation=settings().price_installation,
        trial_days=settings().trial_days,
    )


@pages.get("/voorwaarden")
@access("public")
def terms() -> str:
    """Show the terms, the privacy rules and the processor agreement."""
    return render_template("public/terms.html", settings=settings())


@pages.get("/aanmelden/<source>/<target>")
@access("public")
def sign_up(source: str, target: str) -> str:
    """Show the form; an owner who is logged in can begin at once."""
    return _page(_offer(source, target), sign_up_form(country))


@pages.post("/aanmelden/<source>/<target>")
@access("public")
def apply(source: str, target: str) -> str | tuple[str, int]:
    """Sign up; the answer is the same for an address that is known already."""
    offer = _offer(source, target)
    form = sign_up_form(country)
    if not form.validate():
        return _page(offer, form), 422
    if not allowed_from_here("sign-up", MOST_PER_ADDRESS, WINDOW):
        return _page(offer, form, is_too_often=True), 429
    applicant = Applicant(
        name=form.name.data.strip(),
        email=form.email.data,
        company=form.company.data.strip(),
        country=form.country.data,
        language=choose_language(),
    )
    signup.sign_up(applicant, offer)
    return render_template(
        "public/sent.html", email=applicant.email, days=signup.LINK_LIFETIME.days
    )


def _offer(source: str, target: str) -> Offer:
    return catalogue.find(source, target) or abort(404)


def _page(offer: Offer, form: SignUpForm, *, is_too_often: bool = False) -> str:
    return render_template(
        "public/sign_up.html",
        offer=offer,
        form=form,
        is_too_often=is_too_often,
        is_known=is_tenant_user(),
        may_begin=may_change(),
        tenant_name=getattr(current_user, "tenant_name", ""),
        trial_days=settings().trial_days,
        price=settings().price_year,
    )
