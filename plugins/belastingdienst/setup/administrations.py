"""Administraties: what declarations are made for, and whether they may be filed.

Manual 003: an administration belongs to an onderneming (which starts out blocked) and
has an aangifteprofiel laid down in it.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.declarations import PeriodKind, TaxPeriod
from core.domain.errors import AskUser
from core.plugin.capabilities import Filer
from core.plugin.database import session
from plugins.belastingdienst import checks, configuration
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.law import periods
from plugins.belastingdienst.law.returns import Contact, Header, creation_stamp
from plugins.belastingdienst.models import Administration, FilingProfile
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import certificate_store, undertakings

RENEW = timedelta(days=30)
"""So long before its end a certificate has to be renewed: a new one takes weeks."""


def of_tenant() -> list[Administration]:
    """Return the administrations of the tenant in scope, by code."""
    return list(session().scalars(select(Administration).order_by(Administration.code)))


def current_periods(administration: Administration, today: date) -> list[TaxPeriod]:
    """Return the running period and those of over a year before it, newest first.

    `today` is a local date.
    """
    kind = PeriodKind(administration.period_kind)
    return list(islice(periods.backwards(kind, today), periods.RECENT[kind]))


def holding(administration: Administration, day: date) -> TaxPeriod:
    """Return the period of figures that a local date lies in."""
    return periods.containing(PeriodKind(administration.period_kind), day)


def header(administration: Administration, reference: str, moment: datetime) -> Header:
    """Return what a message says of itself, made at a moment (aware).

    AskUser `vendor_number_missing`; `checks.header_problems` says what else is wrong.
    """
    return Header(
        tax_number=administration.tax_number,
        contact=contact(administration),
        software=configuration.software(),
        reference=reference,
        created_on=creation_stamp(moment),
    )


def contact(administration: Administration) -> Contact:
    """Return whom the tax office calls."""
    return Contact(
        surname=administration.contact_surname,
        telephone=administration.contact_phone,
        initials=administration.contact_initials,
        prefix=administration.contact_prefix,
        is_intermediary=administration.is_intermediary,
        consultant_number=administration.consultant_number,
    )


def check_ready(administration: Administration) -> None:
    """Raise AskUser with the first of `problems`."""
    for code in problems(administration):
        raise AskUser(code, administration=administration.description)


def unready(administration: Administration) -> list[Problem]:
    """Return all that a person must still do before anything can be sent.

    The codes of `problems`, what the message must say of who files, and a certificate
    that ends within `RENEW`.
    """
    values = {"administration": administration.description}
    said = [
        *checks.tax_number_problems(administration.tax_number),
        *checks.contact_problems(contact(administration)),
    ]
    return [
        *(Problem(code, values) for code in problems(administration)),
        *(problem for problem in said if problem.blocks),
        *_ends_soon(administration),
    ]


def _ends_soon(administration: Administration) -> Iterator[Problem]:
    """Yield that the own certificate that signs has to be renewed: told, no block."""
    found = certificate_store.chosen(administration)
    if found is not None and utcnow() < found.expires_at <= utcnow() + RENEW:
        day = found.expires_at.date()
        values = {"subject": found.subject, "date": day.isoformat()}
        yield Problem("certificate_ends_soon", values, blocks=False)


def problems(administration: Administration) -> list[str]:
    """Return codes of what keeps an administration from filing (manual 003).

    A blocked onderneming keeps all of its administrations from filing, whichever way;
    without one, straight to Digipoort, an own certificate will do.
    """
    profile = administration.profile
    undertaking = undertakings.by_administration().get(administration.id)
    tests = (
        ("administration_off", not administration.enabled),
        ("profile_missing", profile is None),
        ("undertaking_blocked", undertaking is not None and undertaking.is_blocked),
    )
    codes = [code for code, fails in tests if fails]
    if profile is None:
        return codes
    at_digipoort = profile.channel == DIGIPOORT
    more = _digipoort_problems if at_digipoort else _route_problems
    return [*codes, *more(administration, profile)]


def _digipoort_problems(
    administration: Administration, _profile: FilingProfile
) -> list[str]:
    found = certificate_store.chosen(administration)
    if found is None:
        return ["certificate_missing"]
    return ["certificate_over"] if found.expires_at <= utcnow() else []


def _route_problems(
    administration: Administration, profile: FilingProfile
) -> list[str]:
    """What the service itself asks for, and that somebody's certificate signs there."""
    found = routes.all_routes().get(profile.channel)
    if found is None:
        return ["channel_missing"]
    codes = list(found[1].problems(filer(administration, profile)))
    source = administration.certificate_source or profile.certificate_source
    return [*codes, *(["certificate_inactive"] if source is None else [])]


def filer(administration: Administration, profile: FilingProfile) -> Filer:
    """Return an administration as a channel is told of it."""
    return Filer(profile.account, administration.description, administration.id)
