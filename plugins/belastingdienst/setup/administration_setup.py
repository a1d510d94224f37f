"""Administraties: picked from a ledger or made here, and their settings."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.capabilities import Ledger, LedgerCompany
from core.plugin.database import session, transaction
from core.plugin.tables import Connection
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.administration import INVOICES
from plugins.belastingdienst.setup import ledgers, undertakings

FIELDS = (
    "description", "profile_id", "tax_number", "period_kind",
    "contact_initials", "contact_prefix", "contact_surname", "contact_phone",
    "is_intermediary", "consultant_number", "remind_days", "enabled",
)  # fmt: skip
_CODE, _DESCRIPTION, _NUMBER = 20, 100, 14


def connection(tenant_id: int, ledger: str) -> Connection | None:
    """Return a tenant's connection with a ledger (its plugin); None without one."""
    found = select(Connection).where(
        Connection.tenant_id == tenant_id, Connection.plugin == ledger
    )
    return session().scalar(found.order_by(Connection.id))


def offered(made: Connection) -> list[LedgerCompany]:
    """Return what the ledger has and is not declared for yet."""
    known = set(
        session().scalars(
            select(Administration.company_id).where(
                Administration.connection_id == made.id
            )
        )
    )
    companies = _ledger(made).companies(made)
    return [found for found in companies if found.id not in known]


def _ledger(made: Connection) -> Ledger:
    return ledgers.all_ledgers()[made.plugin]


def declare(made: Connection, company_ids: Collection[str], *, user_id: int) -> int:
    """Make administrations of the ledger's; return how many, commits by itself.

    The tax number comes along where the ledger is sure of it.
    """
    chosen = [found for found in offered(made) if found.id in company_ids]
    ask = _ledger(made).tax_number
    numbers = {found.id: ask(made, found.id)[:_NUMBER] for found in chosen}
    with transaction():
        for found in chosen:
            _add(
                Administration(
                    tenant_id=made.tenant_id,
                    connection_id=made.id,
                    company_id=found.id,
                    code=_free_code(found.code or found.id),
                    description=(found.description or found.code)[:_DESCRIPTION],
                    source=made.plugin,
                    tax_number=numbers[found.id],
                ),
                user_id,
            )
    return len(chosen)


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
    tenant_id: int,
    code: str,
    description: str,
    *,
    own_sales: dict[str, Any],
    user_id: int,
) -> Administration:
    """Make one whose figures come from sales kept here; commits by itself.

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
            source=INVOICES,
            own_sales=own_sales,
        )
        _add(row, user_id)
    return row


def _add(row: Administration, user_id: int) -> None:
    session().add(row)
    session().flush()
    log.write(
        row.tenant_id,
        "belastingdienst_administration_made",
        user_id=user_id,
        administration=row.description,
    )


def save(row: Administration, values: Mapping[str, Any], *, user_id: int) -> None:
    """Store an administration's settings (`FIELDS`) and whose it is; commits."""
    with transaction():
        if values.get("profile_id", row.profile_id) != row.profile_id:
            row.own_certificate_id = row.certificate_source = None
        for name in FIELDS:
            if name in values:
                setattr(row, name, values[name])
        if "undertaking_id" in values:
            undertakings.assign(row.id, values["undertaking_id"])
        log.write(
            row.tenant_id,
            "belastingdienst_administration_saved",
            user_id=user_id,
            administration=row.description,
        )
