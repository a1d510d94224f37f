"""Asking the register of VAT numbers on a user's behalf."""

from core.models import Tenant
from core.plugin.capabilities import VatCheck, VatRegister
from core.runtime.database import session
from core.runtime.extensions import koppelwerk


def check(tenant_id: int, number: str, country: str) -> VatCheck | None:
    """Ask whose a VAT number is; None without a number or without a register.

    Commits by itself, so before a transaction; an outage is an answer that proves
    nothing.
    """
    number = number.strip()
    if not number:
        return None
    own = session().get_one(Tenant, tenant_id).vat_number
    session().rollback()
    for register in koppelwerk().registry.brought(VatRegister).values():
        return register.check(tenant_id, number, country, own)
    return None
