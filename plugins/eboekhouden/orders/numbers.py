"""Debtor numbers: drawn once per e-mail address, stored before they are used."""

from sqlalchemy import ColumnElement, delete, select

from core.plugin.database import insert_for, session, transaction
from core.plugin.work import Job
from plugins.eboekhouden.models import EBoekhoudenDebtorNumber
from plugins.eboekhouden.reference import RELATION, records

_LONGEST = 9
"""Longer codes of digits are something else than a number of the series."""


class DebtorNumbers:
    """The numbers that one connection drew for debtors it was to make."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id

    def drawn(self, email: str) -> str | None:
        """Return the number that was drawn for an address, if any."""
        query = select(EBoekhoudenDebtorNumber.number)
        return session().scalar(
            query.where(*self._own(), EBoekhoudenDebtorNumber.email == email)
        )

    def draw(self, job: Job, email: str, first: int) -> str:
        """Return an address's number: the one it has, else the next free one.

        Committed before it is returned. `first`: where the series begins.
        """
        with transaction() as current:
            known = self.drawn(email)
            if known:
                return known
            number = str(job.draw_number("debtor", self._floor(first)))
            current.execute(
                insert_for(EBoekhoudenDebtorNumber)
                .values(
                    tenant_id=job.tenant_id,
                    connection_id=self._connection_id,
                    email=email,
                    number=number,
                )
                .on_conflict_do_nothing()
            )
            return self.drawn(email) or number

    def give_back(self, number: str) -> None:
        """Forget a number that turned out to be somebody else's; the next is higher."""
        with transaction() as current:
            current.execute(
                delete(EBoekhoudenDebtorNumber).where(
                    *self._own(), EBoekhoudenDebtorNumber.number == number
                )
            )

    def _floor(self, first: int) -> int:
        """Return the first number above those in use in the series."""
        codes = (row.external_id for row in records(self._connection_id, RELATION))
        used = (
            int(code)
            for code in codes
            if code.isascii() and code.isdigit() and len(code) <= _LONGEST
        )
        return max((number + 1 for number in used if number >= first), default=first)

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return (EBoekhoudenDebtorNumber.connection_id == self._connection_id,)
