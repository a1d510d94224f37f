"""Ondernemingen: one company with all its book years, known at Visma.net.

Manual 003: no year in code or description; a new one is blocked; it is registered at
Visma.net by itself, and a report compares what is registered there with what is here.
"""

import re
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, KoppelwerkError
from core.plugin import capabilities, log
from core.plugin.database import session, transaction
from plugins.accountview import configuration
from plugins.accountview.models import (
    Activation,
    Undertaking,
    UndertakingAdministration,
)
from plugins.accountview.services import Registered

logger = structlog.get_logger(__name__)
LONGEST_CODE, LONGEST_DESCRIPTION = 10, 40
"""COMP_ID and COMP_DESC (contract section 2)."""
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Line:
    """A line of the report: here, there, or both."""

    code: str
    here: Undertaking | None
    there: Registered | None

    @property
    def verdict(self) -> str:
        """`same`, `differs`, `only_here` or `only_there`."""
        if self.here is None:
            return "only_there"
        if self.there is None:
            return "only_here"
        same = self.here.description == self.there.description
        same = same and self.here.visma_id == self.there.visma_id
        return "same" if same else "differs"


def of_tenant() -> list[Undertaking]:
    """Return the ondernemingen of the tenant in scope, by code."""
    return list(session().scalars(select(Undertaking).order_by(Undertaking.code)))


def holds_year(text: str) -> bool:
    """Tell whether a text holds a year: an onderneming has all of them."""
    return _YEAR.search(text) is not None


def suggested(text: str) -> str:
    """Return a text without the years in it, for a first proposal."""
    return " ".join(_YEAR.sub("", text).replace("()", "").split())


def create(tenant_id: int, code: str, description: str, *, user_id: int) -> Undertaking:
    """*Aanmaken*: make a blocked onderneming; commits, then registers it.

    Raises AskUser `undertaking_year` and `undertaking_exists`. A registration that
    fails is tried again with *Registreren*.
    """
    if holds_year(code) or holds_year(description):
        raise AskUser("undertaking_year")
    with transaction():
        if session().scalar(select(Undertaking.id).where(Undertaking.code == code)):
            raise AskUser("undertaking_exists", undertaking=code)
        made = Undertaking(tenant_id=tenant_id, code=code, description=description)
        session().add(made)
        _note(made, "accountview_undertaking_made", user_id)
    register_all()
    return made


def set_blocked(row: Undertaking, is_blocked: bool, *, user_id: int) -> None:
    """Block or release an onderneming, in the caller's transaction."""
    row.is_blocked = is_blocked
    word = "blocked" if is_blocked else "released"
    _note(row, f"accountview_undertaking_{word}", user_id)


def remove(row: Undertaking, *, user_id: int) -> None:
    """Forget an onderneming here; AskUser while an administration belongs to it."""
    used = select(UndertakingAdministration.id).where(
        UndertakingAdministration.undertaking_id == row.id
    )
    if session().scalar(used.limit(1)):
        raise AskUser("undertaking_in_use", undertaking=row.code)
    _note(row, "accountview_undertaking_removed", user_id)
    session().delete(row)


def of_administration(administration_id: int) -> Undertaking | None:
    """Return the onderneming that an administration belongs to."""
    return session().scalar(
        select(Undertaking)
        .join(
            UndertakingAdministration,
            UndertakingAdministration.undertaking_id == Undertaking.id,
        )
        .where(UndertakingAdministration.administration_id == administration_id)
    )


def assign(administration_id: int, undertaking_id: int | None) -> None:
    """Lay down whose an administration is, in the caller's transaction.

    An onderneming that is not the tenant's is nobody's.
    """
    session().execute(
        delete(UndertakingAdministration).where(
            UndertakingAdministration.administration_id == administration_id
        )
    )
    found = session().get(Undertaking, undertaking_id) if undertaking_id else None
    if found is not None:
        session().add(
            UndertakingAdministration(
                tenant_id=found.tenant_id,
                administration_id=administration_id,
                undertaking_id=found.id,
            )
        )
    session().flush()


def _all() -> list[capabilities.Undertaking]:
    return [_told(row) for row in of_tenant()]


def _by_administration() -> dict[int, capabilities.Undertaking]:
    found = session().execute(
        select(UndertakingAdministration.administration_id, Undertaking).join(
            Undertaking, Undertaking.id == UndertakingAdministration.undertaking_id
        )
    )
    return {key: _told(row) for key, row in found}


def _told(row: Undertaking) -> capabilities.Undertaking:
    return capabilities.Undertaking(row.id, row.code, row.description, row.is_blocked)


KEPT = capabilities.Undertakings(
    all=_all, by_administration=_by_administration, assign=assign
)
"""What the plugin that files is told of them."""


def _note(row: Undertaking, code: str, user_id: int) -> None:
    log.write(row.tenant_id, code, user_id=user_id, undertaking=row.code)


def register_all() -> list[str]:
    """Register what is not registered yet; return codes of what went wrong.

    Only once the Visma services are activated; commits by itself. Registering the
    same code twice is one, so that a lost answer does no harm.
    """
    authorised = select(Activation.id).where(Activation.authorised_at.is_not(None))
    if session().scalar(authorised) is None:
        return ["activation_unfinished"]
    todo = [
        (row.id, row.code, row.description) for row in of_tenant() if not row.visma_id
    ]
    session().rollback()
    problems = [_register(*each) for each in todo]
    return sorted({code for code in problems if code})


def _register(undertaking_id: int, code: str, description: str) -> str:
    try:
        services = configuration.visma_services()
        with services.http:
            found = services.register_company(code, description)
    except KoppelwerkError as error:
        logger.warning("undertaking not registered", code=code, error=str(error))
        return error.code
    with transaction():
        session().execute(
            update(Undertaking)
            .where(Undertaking.id == undertaking_id)
            .values(visma_id=found.visma_id, registered_at=utcnow())
        )
    return ""


def report() -> list[Line]:
    """Compare what is registered at Visma.net, asked now, with what is here."""
    here = {row.code: row for row in of_tenant()}
    session().rollback()
    services = configuration.visma_services()
    with services.http:
        there = {found.code: found for found in services.registered_companies()}
    codes = sorted(here.keys() | there.keys())
    return [Line(code, here.get(code), there.get(code)) for code in codes]
