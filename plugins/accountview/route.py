"""AutoReport as a way that declarations leave by: what it needs, and its set-up."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.domain.errors import AskUser
from core.plugin.capabilities import Filer, FilingRoute, SetUpLine
from core.plugin.database import session
from plugins.accountview import (
    activation,
    configuration,
    status_words,
    undertakings,
    users,
)
from plugins.accountview.autoreport import ALL_COMPANIES, AutoReport
from plugins.accountview.models import Undertaking

NAME = "autoreport"
VISMA, OWN = "visma", "own"
"""Whose certificate AutoReport signs with, as it calls them."""


def _undertaking(filer: Filer) -> Undertaking | None:
    if filer.administration_id is None:
        return None
    return undertakings.of_administration(filer.administration_id)


def _company(filer: Filer) -> str:
    """Return what Visma.net calls whom is filed for; AskUser while it has no name."""
    found = _undertaking(filer)
    if found is None or not found.visma_id:
        raise AskUser("undertaking_unregistered", administration=filer.name)
    return str(found.visma_id)


def open_channel(filer: Filer) -> AutoReport:
    """Open AutoReport for an administration's onderneming."""
    return configuration.autoreport(filer.account, _company(filer))


def problems(filer: Filer) -> list[str]:
    """Return codes of what keeps an administration from filing this way (manual 003).

    Visma.net knows an administration only through its registered onderneming.
    """
    undertaking = _undertaking(filer)
    tests = (
        ("activation_unfinished", not activation.is_authorised()),
        ("undertaking_missing", undertaking is None),
        ("undertaking_unregistered",
         undertaking is not None and not undertaking.visma_id),
        ("visma_user_missing",
         undertaking is not None and not users.any_for(undertaking.id)),
        ("visma_tenant_missing", not filer.account),
    )  # fmt: skip
    return [code for code, fails in tests if fails]


def activate(filer: Filer, is_own: bool) -> None:
    """Have AutoReport sign with Visma's certificate or one's own.

    Raises AskUser `visma_tenant_missing` and `undertaking_unregistered`, and what
    AutoReport raises.
    """
    if not filer.account:
        raise AskUser("visma_tenant_missing", administration=filer.name)
    everything = filer.administration_id is None
    company = ALL_COMPANIES if everything else _company(filer)
    session().rollback()  # no transaction is held open while we wait
    channel = configuration.autoreport(filer.account, company)
    with channel.http:
        channel.activate_certificate(OWN if is_own else VISMA, company)


def _made(number: int) -> str:
    return str(_("%(number)s aangemaakt", number=number) if number else _("Nog geen"))


def set_up() -> list[SetUpLine]:
    """Return what is to be set up before anything can go this way."""
    row, found, known = (
        activation.of_tenant(),
        undertakings.of_tenant(),
        users.of_tenant(),
    )
    blocked = sum(one.is_blocked for one in found)
    only = _("alleen nodig voor Visma.net AutoReport")
    is_active = row.authorised_at is not None
    step = _("Klaar") if is_active else _("Stap %(step)s van 6", step=row.step)
    return [
        SetUpLine(
            _("Visma-diensten activeren"),
            url_for("accountview.wizard"),
            step,
            is_active,
            only,
        ),
        SetUpLine(
            _("Ondernemingen"),
            url_for("accountview.undertakings"),
            _made(len(found)),
            bool(found),
            _("geblokkeerd: %(number)s", number=blocked) if blocked else "",
        ),
        SetUpLine(
            _("Visma.net-gebruikers"),
            url_for("accountview.users"),
            _made(len(known)),
            bool(known),
            only,
        ),
    ]


ROUTE = FilingRoute(
    name=NAME,
    title=_l("Visma.net AutoReport"),
    open=open_channel,
    problems=problems,
    activate=activate,
    statuses=status_words.STATUSES,
    account_title=_l("Klantnummer bij Visma (tenant)"),
    account_hint=_l("Alleen voor Visma.net AutoReport; u vindt het in Visma.net."),
    certificate=_l("Visma-certificaat"),
    certificate_hint=_l(
        "Bij een profiel voor Visma.net AutoReport activeren wij de keuze daar meteen."
        " Een eigen certificaat uploadt u in AutoReport zelf, bij Instellingen."
    ),
    set_up=set_up,
    takes_back=True,
)
