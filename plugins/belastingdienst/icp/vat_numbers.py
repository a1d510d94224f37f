"""The VAT numbers of an ICP declaration, asked of VIES before it is prepared.

No answer proves nothing: then it waits, or a person says that he looked himself. So he
may of a number that is invalid now and was valid when he supplied. What was answered
is kept with the declaration.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.declarations import Customer
from core.plugin.capabilities import VatCheck, VatRegister
from core.plugin.database import session
from core.plugin.others import brought
from core.plugin.tables import Tenant
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.law import icp

INVALID, UNCHECKED = "icp_number_invalid", "icp_number_unchecked"
CODES = (INVALID, UNCHECKED)
"""What a person may go on with, when he confirms it."""
WAITS = "icp_numbers_wait"
SECONDS = 20
"""So long is asked at most: a valid answer is kept a day, so the next time goes on."""


@dataclass(frozen=True)
class NumberCheck:
    """What is known of one customer's number; as `Filing.vat_checks` keeps it."""

    number: str
    """With its country in front."""
    is_valid: bool | None = None
    """None: there was no answer."""
    checked_at: str = ""
    """When the register answered, ISO 8601 in UTC; empty: it did not."""
    proof: str = ""
    """The register's number of this consultation, if it gave one."""
    name: str = ""
    is_confirmed: bool = False
    """A person said that it was valid all the same."""
    is_asked: bool = True
    """False: there was no time left to ask."""

    @property
    def checked(self) -> datetime | None:
        """When the register answered."""
        return datetime.fromisoformat(self.checked_at) if self.checked_at else None

    def stored(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def read(stored: Sequence[dict[str, Any]]) -> list[NumberCheck]:
    """Read what `NumberCheck.stored` wrote."""
    return [NumberCheck(**one) for one in stored]


def number_of(customer: Customer) -> str:
    """Write a customer's number with its country in front."""
    return customer.country + customer.vat_number


def ask(
    tenant_id: int, rows: Sequence[icp.Row], *, confirmed: Sequence[str] = ()
) -> list[NumberCheck]:
    """Ask about the customers of rows, each once.

    Ends the transaction, and takes up to `SECONDS`; who was not asked by then waits for
    the next time. `confirmed` are numbers that a person stands for.
    """
    own = session().get_one(Tenant, tenant_id).vat_number
    session().rollback()
    until = time.monotonic() + SECONDS
    found = []
    for customer in dict.fromkeys(row.customer for row in rows):
        if time.monotonic() < until:
            found.append(_check(customer, _answer(tenant_id, customer, own)))
        else:
            found.append(NumberCheck(number_of(customer), is_asked=False))
    return [replace(one, is_confirmed=one.number in confirmed) for one in found]


def _answer(tenant_id: int, customer: Customer, own: str) -> VatCheck | None:
    for register in brought(VatRegister).values():
        number = number_of(customer)
        return register.check(tenant_id, number, customer.country, own)
    return None


def _check(customer: Customer, answer: VatCheck | None) -> NumberCheck:
    number = number_of(customer)
    if answer is None or answer.is_valid is None:
        return NumberCheck(number)
    at = answer.checked_at.isoformat() if answer.checked_at else ""
    return NumberCheck(number, answer.is_valid, at, answer.proof, answer.name)


def problems(
    rows: Sequence[icp.Row], found: Sequence[NumberCheck]
) -> Iterator[Problem]:
    """Yield whose number is not known to be valid; a warning where it is confirmed."""
    known = {one.number: one for one in found}
    waiting = sum(not one.is_asked for one in found)
    if waiting:
        yield Problem(WAITS, {"count": str(waiting)})
    for number in dict.fromkeys(number_of(row.customer) for row in rows):
        one = known.get(number, NumberCheck(number))
        if one.is_asked and one.is_valid is not True:
            code = INVALID if one.is_valid is False else UNCHECKED
            yield Problem(code, {"number": number}, blocks=not one.is_confirmed)
