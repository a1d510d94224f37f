"""Judging past orders by the local index; the package itself is not asked."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.errors import AskUser
from core.domain.orders import Order, SaleKind
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.sending import normalised
from core.plugin.tables import Coupling, Tenant
from plugins.eaccounting import checks, mapping, reference, wire
from plugins.eaccounting.connector import call_limit
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.orders.checks import Debtor
from plugins.eaccounting.orders.judgement import (
    Judgement,
    chosen,
    debtor_of,
    debtor_trouble,
    judge,
    new_debtor,
    planned,
    troubled,
)
from plugins.eaccounting.reference import ARTICLE, CUSTOMER
from plugins.eaccounting.setup import Setup


class Rehearsal:
    """What booking the orders of one coupling would say and cost."""

    def __init__(self, coupling: Coupling) -> None:
        """Read the coupling's configuration and the package's reference data."""
        tenant = session().get_one(Tenant, coupling.tenant_id)
        self._connection_id = coupling.target_id
        self._setup = Setup.load(coupling, tenant)
        self.call_limit = call_limit()

    def check(self, order: Order) -> None:
        """Raise AskUser as sending would; VIES is asked only when it is sent."""
        done = self._checked(order)
        debtor = self._debtor(done)
        if done.needs_area and debtor is not None:
            planned(done, debtor)

    def _debtor(self, done: Judgement) -> Debtor | None:
        """Return the debtor that an order would be booked under, as far as known."""
        if done.fixed_debtor:
            fixed = reference.by_id(self._connection_id, CUSTOMER, done.fixed_debtor)
            return debtor_of(fixed, is_fixed=True) if fixed else None
        if not done.order.email:
            raise AskUser("email_missing")
        email = done.order.email
        known = reference.by_key(self._connection_id, CUSTOMER, [email])
        found = known.get(email, [])
        code = debtor_trouble(found, done)
        if code:
            raise troubled(code, found, done)
        if found:
            return debtor_of(chosen(found, done))
        checks.check_customer(done.order)
        # An ICP order's number is asked only when it is sent: taken as valid here.
        number = done.order.vat_number if done.kind == SaleKind.ICP else ""
        body = new_debtor(replace(done, vat_number=number), "")
        return debtor_of(Record("", "", "", body))

    def _checked(self, order: Order) -> Judgement:
        return judge(normalised(order), self._setup, self._setup.kind)

    def lacking(self, orders: Sequence[Order]) -> set[str]:
        """Name the debtors and articles that would be made for these orders."""
        done = [self._checked(order) for order in orders]
        emails = {each.order.email for each in done if not each.fixed_debtor}
        known = reference.by_key(self._connection_id, CUSTOMER, emails)
        lacking = {f"debtor:{email}" for email in emails - known.keys()}
        if self._setup.kind != TargetKind.SALES_ENTRY:
            lacking |= self._articles(done)
        return lacking

    def _articles(self, done: Sequence[Judgement]) -> set[str]:
        lines = [item.line for each in done for item in each.lines]
        numbers = {mapping.article_number(line, "") for line in lines}
        names = {
            wire.fit(line.description, wire.NAME)
            for line in lines
            if mapping.is_matched_by_name(line)
        }
        known = reference.by_key(self._connection_id, ARTICLE, numbers)
        named = reference.named(self._connection_id, ARTICLE, names)
        known_names = {row.name for row in named}
        return {
            f"article:{number}"
            for line in lines
            if (number := mapping.article_number(line, "")) not in known
            and not (
                mapping.is_matched_by_name(line)
                and wire.fit(line.description, wire.NAME) in known_names
            )
        }
