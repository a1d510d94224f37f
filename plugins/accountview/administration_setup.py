"""Administraties: picked from AccountView or made here, and their settings."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session, transaction
from core.plugin.tables import Connection
from plugins.accountview import connector, wire
from plugins.accountview.models import Administration
from plugins.accountview.models.administration import FigureSource

FIELDS = (
    "description", "undertaking_id", "profile_id", "tax_number", "period_kind",
    "contact_initials", "contact_prefix", "contact_surname", "contact_phone",
    "is_intermediary", "consultant_number", "remind_days", "enabled",
)  # fmt: skip
_CODE, _DESCRIPTION = 20, 100


def connection(tenant_id: int) -> Connection | None:
    """Return a tenant's connection with AccountView; None without one."""
    found = select(Connection).where(
        Connection.tenant_id == tenant_id, Connection.plugin == connector.NAME
    )
    return session().scalar(found.order_by(Connection.id))


def offered(made: Connection) -> list[wire.Company]:
    """Return what AccountView has and is not declared for yet."""
    known = set(
        session().scalars(
            select(Administration.company_id).where(
                Administration.connection_id == made.id
            )
        )
    )
    return [found for found in connector.companies(made) if found.id not in known]


def declare(made: Connection, company_ids: Collection[str], *, user_id: int) -> int:
    """Make administrations of AccountView's; return how many, commits by itself.

    The tax number comes along where AccountView has one onderneming in that company.
    """
    chosen = [found for found in offered(made) if found.id in company_ids]
    numbers = {found.id: _tax_number(made, found.id) for found in chosen}
    with transaction():
        for found in chosen:
            _add(
                Administration(
                    tenant_id=made.tenant_id,
                    connection_id=made.id,
                    company_id=found.id,
                    code=_free_code(found.code or found.id),
                    description=(found.description or found.code)[:_DESCRIPTION],
                    source=FigureSource.ACCOUNTVIEW,
                    tax_number=numbers[found.id],
                ),
                user_id,
            )
    return len(chosen)


def _tax_number(made: Connection, company: str) -> str:
    """Return the number of the only onderneming there is, without NL; else empty."""
    client = connector.opened(made, company)
    with client.http:
        found = client.undertakings()
    numbers = {one.tax_number.upper().replace(".", "") for one in found} - {""}
    if len(numbers) != 1:
        return ""
    return numbers.pop().replace(" ", "").removeprefix("NL")[:14]


def _free_code(wanted: str) -> str:
    """Return a code that no administration has: another company may use the same."""
    code, number = wanted[:_CODE], 1
    while session().scalar(
        select(Administration.id).where(Administration.code == code)
    ):
        number += 1
        end = f"-{number}"
        code = wanted[: _CODE - len(end)] + end
    return code


def make_own(
    tenant_id: int, code: str, description: str, *, user_id: int
) -> Administration:
    """Make one whose figures come from the invoices kept here; commits by itself.

    Raises AskUser `administration_exists`.
    """
    with transaction():
        if session().scalar(
            select(Administration.id).where(Administration.code == code)
        ):
            raise AskUser("administration_exists", administration=code)
        row = Administration(
            tenant_id=tenant_id,
            code=code,
            description=description,
            source=FigureSource.INVOICES,
        )
        _add(row, user_id)
    return row


def _add(row: Administration, user_id: int) -> None:
    session().add(row)
    session().flush()
    log.write(
        row.tenant_id,
        "accountview_administration_made",
        user_id=user_id,
        administration=row.description,
    )


def save(row: Administration, values: Mapping[str, Any], *, user_id: int) -> None:
    """Store the settings of an administration (`FIELDS`); commits by itself."""
    with transaction():
        if values.get("profile_id", row.profile_id) != row.profile_id:
            row.own_certificate_id = row.certificate_source = None
        for name in FIELDS:
            if name in values:
                setattr(row, name, values[name])
        log.write(
            row.tenant_id,
            "accountview_administration_saved",
            user_id=user_id,
            administration=row.description,
        )
