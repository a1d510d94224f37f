"""Asking VIES for a tenant: one call a day per valid number, every answer kept."""

from datetime import timedelta

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.domain.errors import AskUser, WaitUntil
from core.plugin.capabilities import VatCheck
from core.plugin.database import session, transaction
from plugins.vies.checks import MalformedVatNumber, normalise
from plugins.vies.client import Vies
from plugins.vies.models import ViesConsultation
from plugins.vies.settings import settings
from plugins.vies.wire import Consultation, Outcome, VatNumber

MALFORMED = "format"
"""Why a number is invalid that VIES was not asked about."""
WAIT_SECONDS = 1800
"""Until VIES is asked again for a document that waits."""
DAYS = 30
"""What counts as lately."""
VALID_FOR = timedelta(hours=24)
_EXTENSION = "vies"


def consult(
    tenant_id: int, text: str, country: str = "", requester: str = ""
) -> Consultation:
    """Return what VIES says of a VAT number; the answer is committed.

    `requester` is the tenant's own VAT number: with it the answer carries a
    consultation number. A valid answer of the last day is used again; UNKNOWN and
    INVALID are asked anew each time.
    """
    try:
        number = normalise(text, country)
    except MalformedVatNumber:
        return Consultation(text, Outcome.INVALID, utcnow(), reason=MALFORMED)
    known = _recent(tenant_id, number)
    session().rollback()
    if known is not None:
        return known
    answer = _client().check(number, _own(requester))
    with transaction() as current:
        current.add(
            ViesConsultation(
                tenant_id=tenant_id,
                number=str(number),
                outcome=answer.outcome,
                reason=answer.reason[:60],
                consultation_number=answer.consultation_number,
                name=answer.name[:300],
                address=answer.address[:500],
                asked_at=answer.requested_at,
            )
        )
    return answer


def valid_number(
    tenant_id: int,
    text: str,
    country: str,
    requester: str,
    codes: tuple[str, str] = ("vat_number_unchecked", "vat_number_invalid"),
) -> str:
    """Return a number that VIES calls valid, before a sale is booked at 0 %.

    Raises WaitUntil where VIES gave no answer, which proves nothing, and AskUser where
    it is not valid; `codes` are those of the two, in a package's own words. What has
    no form of a number is `vat_number_malformed`: VIES was not asked.
    """
    unchecked, invalid = codes
    answer = _answered(tenant_id, text, country, requester, unchecked)
    if answer.reason == MALFORMED:
        raise AskUser("vat_number_malformed", number=text)
    if answer.outcome == Outcome.INVALID:
        raise AskUser(invalid, number=text)
    return answer.number


def check_no_business(
    tenant_id: int,
    text: str,
    country: str,
    requester: str,
    unchecked: str = "vat_number_unchecked",
) -> None:
    """Ask about a sale with another state's VAT whose number VIES calls valid.

    Raises AskUser `business_charged_vat`, and WaitUntil as `valid_number`.
    """
    answer = _answered(tenant_id, text, country, requester, unchecked)
    if answer.outcome == Outcome.VALID:
        raise AskUser("business_charged_vat", number=answer.number)


def _answered(
    tenant_id: int, text: str, country: str, requester: str, unchecked: str
) -> Consultation:
    answer = consult(tenant_id, text, country, requester)
    if answer.outcome == Outcome.UNKNOWN:
        raise WaitUntil(
            unchecked, seconds=WAIT_SECONDS, number=text, reason=answer.reason
        )
    return answer


def check(tenant_id: int, text: str, country: str, requester: str) -> VatCheck:
    """Answer the core's question about a VAT number (`VatRegister`)."""
    answer = consult(tenant_id, text, country, requester)
    known = {Outcome.VALID: True, Outcome.INVALID: False}
    is_valid = known.get(answer.outcome)
    return VatCheck(
        answer.number,
        is_valid,
        answer.consultation_number,
        answer.name,
        None if is_valid is None else answer.requested_at,
        answer.address,
        is_asked=answer.reason != MALFORMED,
    )


def usage(tenant_id: int) -> str:
    """Return in words how often VIES was asked for a tenant lately."""
    since = utcnow() - timedelta(days=DAYS)
    count = session().scalar(
        select(func.count(ViesConsultation.id)).where(
            ViesConsultation.tenant_id == tenant_id, ViesConsultation.asked_at > since
        )
    )
    return str(
        ngettext(
            "%(num)s nummer nagevraagd in de laatste %(days)s dagen.",
            "%(num)s nummers nagevraagd in de laatste %(days)s dagen.",
            count or 0,
            days=DAYS,
        )
    )


def _client() -> Vies:
    """Return the process's client: its WSDL is read once."""
    client = current_app.extensions.get(_EXTENSION)
    if client is None:
        client = current_app.extensions[_EXTENSION] = Vies(settings().vies_url)
    return client


def _own(text: str) -> VatNumber | None:
    try:
        return normalise(text) if text else None
    except MalformedVatNumber:
        return None


def _recent(tenant_id: int, number: VatNumber) -> Consultation | None:
    row = session().scalar(
        select(ViesConsultation)
        .where(
            ViesConsultation.tenant_id == tenant_id,
            ViesConsultation.number == str(number),
            ViesConsultation.outcome == Outcome.VALID,
            ViesConsultation.asked_at > utcnow() - VALID_FOR,
        )
        .order_by(ViesConsultation.asked_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Consultation(
        number=row.number,
        outcome=Outcome(row.outcome),
        requested_at=row.asked_at,
        consultation_number=row.consultation_number,
        name=row.name,
        address=row.address,
    )
