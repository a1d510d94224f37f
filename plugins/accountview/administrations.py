"""Administraties: what declarations are made for, and whether they may be filed.

Manual 003: an administration belongs to an onderneming (which starts out blocked) and
has an aangifteprofiel laid down in it.
"""

from datetime import date, datetime
from itertools import islice

from sqlalchemy import select

from core.domain.errors import AskUser
from core.plugin.database import session
from plugins.accountview import (
    activation,
    certificate_store,
    checks,
    configuration,
    periods,
    users,
)
from plugins.accountview.checks import Problem
from plugins.accountview.models import Administration, FilingProfile
from plugins.accountview.models.administration import ProfileKind
from plugins.accountview.returns import (
    Contact,
    Header,
    PeriodKind,
    TaxPeriod,
    creation_stamp,
)


def get(administration_id: int) -> Administration:
    """Return an administration of the tenant in scope; NoResultFound otherwise."""
    return session().get_one(Administration, administration_id)


def of_tenant() -> list[Administration]:
    """Return the administrations of the tenant in scope, by code."""
    return list(session().scalars(select(Administration).order_by(Administration.code)))


def current_periods(administration: Administration, today: date) -> list[TaxPeriod]:
    """Return the running period and those of over a year before it, newest first.

    `today` is a local date.
    """
    kind = PeriodKind(administration.period_kind)
    return list(islice(periods.backwards(kind, today), periods.RECENT[kind]))


def header(administration: Administration, reference: str, moment: datetime) -> Header:
    """Return what a message says of itself, made at a moment (aware).

    Nothing is filed without one, so this holds the guard too. Raises the AskUser of
    `check_ready`, `vendor_number_missing`, and the codes of `checks.header_problems`
    that block: contact, tax number, consultant.
    """
    check_ready(administration)
    made = Header(
        tax_number=administration.tax_number,
        contact=contact(administration),
        software=configuration.software(),
        reference=reference,
        created_on=creation_stamp(moment),
    )
    for problem in checks.header_problems(made):
        if problem.blocks:
            raise AskUser(problem.code, **problem.params)
    return made


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

    The codes of `problems`, and what the message must say of who files.
    """
    values = {"administration": administration.description}
    said = [
        *checks.tax_number_problems(administration.tax_number),
        *checks.contact_problems(contact(administration)),
    ]
    return [
        *(Problem(code, values) for code in problems(administration)),
        *(problem for problem in said if problem.blocks),
    ]


def problems(administration: Administration) -> list[str]:
    """Return codes of what keeps an administration from filing (manual 003).

    A blocked onderneming keeps all of its administrations from filing; without one,
    straight to Digipoort, an own certificate will do.
    """
    profile, undertaking = administration.profile, administration.undertaking
    tests = (
        ("administration_off", not administration.enabled),
        ("profile_missing", profile is None),
        ("undertaking_blocked", undertaking is not None and undertaking.is_blocked),
    )
    codes = [code for code, fails in tests if fails]
    if profile is None:
        return codes
    through_visma = profile.kind == ProfileKind.AUTOREPORT
    more = _visma_problems if through_visma else _digipoort_problems
    return [*codes, *more(administration, profile)]


def _digipoort_problems(
    administration: Administration, _profile: FilingProfile
) -> list[str]:
    found = certificate_store.chosen(administration)
    return ["certificate_missing"] if found is None else []


def _visma_problems(
    administration: Administration, profile: FilingProfile
) -> list[str]:
    """Visma.net knows an administration only through its registered onderneming."""
    undertaking = administration.undertaking
    registered = undertaking is not None and undertaking.visma_id
    source = administration.certificate_source or profile.certificate_source
    tests = (
        ("activation_unfinished", not activation.is_authorised()),
        ("undertaking_missing", undertaking is None),
        ("undertaking_unregistered", undertaking is not None and not registered),
        ("visma_user_missing",
         undertaking is not None and not users.any_for(undertaking.id)),
        ("visma_tenant_missing", not profile.visma_tenant),
        ("certificate_inactive", source is None),
    )  # fmt: skip
    return [code for code, fails in tests if fails]
