"""What an order would become, by what is known here: asks and writes nothing outside.

It goes the way of `sender`, with the same checks and the same bodies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from core.domain.clock import local_date
from core.domain.errors import AskUser, Stop
from core.domain.foreseen import (
    DRAWN,
    Checks,
    CheckState,
    Foreseen,
    ForeseenDebtor,
    ForeseenPayment,
    Posting,
)
from core.domain.money import ZERO
from core.domain.orders import Order, SaleKind
from core.domain.packages import Credited
from core.plugin.database import session
from core.plugin.setups import rates_of
from core.plugin.tables import Coupling, Tenant
from plugins.eboekhouden import checks, payments, reference
from plugins.eboekhouden.mapping import PAYMENT, SALES_ENTRY, entry_total
from plugins.eboekhouden.orders import mapping
from plugins.eboekhouden.orders.debtors import chosen
from plugins.eboekhouden.orders.judgement import (
    Checked,
    coded_by,
    entry_of,
    judge,
    prefix_of,
)
from plugins.eboekhouden.orders.numbers import DebtorNumbers
from plugins.eboekhouden.setup import Setup
from plugins.eboekhouden.wire import Body
from plugins.vies.public import foreseen_number

_FIELDS = {
    "Bedrijf": "name", "Contactpersoon": "contact", "Email": "email",
    "Adres": "street", "Postcode": "postal_code", "Plaats": "city",
    "Land": "country", "BTWNummer": "vat_number", "Telefoon": "phone",
}  # fmt: skip


def foresee(
    coupling: Coupling, order: Order, _document: str, credited: Credited | None = None
) -> Foreseen:
    """Return what an order would become now; see `Orders.foresee`."""
    setup = Setup.load(coupling, session().get_one(Tenant, coupling.tenant_id))
    said = Checks()
    if order.credits and not order.lines:
        return _payment_only(order, setup, credited, said)
    seen = Foreseen(document=SALES_ENTRY, reasoning=setup.reasoning(order))
    is_sale = said.run("order", lambda: setup.sale_of(order)) is not None
    done = said.run("books", lambda: judge(order, setup)) if is_sale else None
    if done is None:
        lines = setup.lines_of(order, coded_by(setup))
        return replace(seen, lines=lines, checks=said.all())
    done = _numbered(done, said)
    found = said.run("debtor", lambda: _debtor(done, credited))
    code, debtor, made = found or (DRAWN, None, ())
    number = mapping.order_invoice_number(order, prefix_of(setup))
    entry = entry_of(done, number, code)
    settled = payments.Settled(number, code)
    if done.payments:
        said.add("payments", CheckState.PASSED)
    return replace(
        seen,
        booked_on=done.booked_on,
        text=entry["Omschrijving"],
        rates=rates_of(order.lines),
        debtor=debtor,
        postings=tuple(_postings(entry, setup)),
        payments=_shown(done.payments, setup),
        requests=(
            *made,
            entry,
            *(payments.entry_of(one, setup, settled) for one in done.payments),
        ),
        checks=said.all(),
    )


def _payment_only(
    order: Order, setup: Setup, sale: Credited | None, said: Checks
) -> Foreseen:
    """Return what takes back or restores the payment of a sale."""

    def wanted() -> tuple[list[payments.Due], payments.Settled]:
        found = payments.due(order.payments, setup)
        if not found:
            raise Stop("eboekhouden_nothing_to_settle")
        if sale is None or not (sale.external_number and sale.debtor_id):
            raise AskUser("eboekhouden_sale_unknown", sale=order.credits)
        text = mapping.payment_only_text(order)
        return found, payments.Settled(sale.external_number, sale.debtor_id, text)

    due, settled = said.run("payments", wanted) or ([], payments.Settled("", ""))
    return Foreseen(
        document=PAYMENT,
        booked_on=local_date(order.ordered_at, setup.timezone),
        text=settled.text,
        debtor=_known(setup, settled.debtor_code) if due else None,
        payments=_shown(due, setup),
        requests=tuple(payments.entry_of(one, setup, settled) for one in due),
        checks=said.all(),
    )


def _shown(due: Sequence[payments.Due], setup: Setup) -> tuple[ForeseenPayment, ...]:
    return tuple(
        ForeseenPayment(
            one.payment.method,
            one.payment.amount,
            local_date(one.payment.paid_at, setup.timezone),
            one.account,
            _name(setup, one.account),
        )
        for one in due
    )


def _numbered(done: Checked, said: Checks) -> Checked:
    """Take an ICP order's number as valid: it is asked when the order is sent."""
    order = done.order
    if done.setup.doubts_charge(order, done.sale):
        said.add("vat_number", CheckState.LATER)
    if done.sale.kind != SaleKind.ICP or order.credits:
        return done
    number = foreseen_number(order.vat_number, done.sale.number_prefix, said)
    return replace(done, vat_number=number)


def _debtor(
    done: Checked, sale: Credited | None
) -> tuple[str, ForeseenDebtor, tuple[Body, ...]]:
    """Return the code of the debtor, how it is shown, and its body where it is made."""
    order, setup, kind = done.order, done.setup, done.sale.kind
    if sale is not None and sale.debtor_id:
        return sale.debtor_id, _known(setup, sale.debtor_id), ()
    code = setup.fixed_debtors.get(order.payment_method, "")
    if code and kind != SaleKind.ICP:
        return code, _known(setup, code), ()
    if not order.email:
        raise AskUser("eboekhouden_email_missing")
    known = reference.by_email(setup.connection_id, [order.email])
    if found := known.get(order.email, []):
        code = chosen(found, done)
        return code, _known(setup, code), ()
    checks.check_debtor(order)
    code = DebtorNumbers(setup.connection_id).drawn(order.email) or DRAWN
    body = mapping.debtor(order, code, done.vat_number)
    fields = tuple(
        (word, str(body[name])) for name, word in _FIELDS.items() if body.get(name)
    )
    number = "" if code == DRAWN else code
    return code, ForeseenDebtor(number, body["Bedrijf"], fields), (body,)


def _known(setup: Setup, code: str) -> ForeseenDebtor:
    record = reference.by_code(setup.connection_id, code)
    return ForeseenDebtor(code, record.name if record else "")


def _postings(entry: Body, setup: Setup) -> Iterator[Posting]:
    """Yield the rows of the ledger that an entry gives: the package itself books the
    VAT, on the account of its code."""
    account, text = entry["Rekening"], entry["Omschrijving"]
    yield _posting(setup, account, text, -entry_total(entry))
    for line in entry["MutatieRegels"]:
        code, number = line["BTWCode"], line["TegenrekeningCode"]
        yield _posting(setup, number, text, line["BedragExclBTW"], code)
        if line["BedragBTW"]:
            yield _posting(setup, "", text, line["BedragBTW"], code)


def _posting(
    setup: Setup, account: str, text: str, credit: Decimal, vat_code: str = ""
) -> Posting:
    debit, credit = max(-credit, ZERO), max(credit, ZERO)
    return Posting(account, _name(setup, account), text, debit, credit, vat_code)


def _name(setup: Setup, account: str) -> str:
    return str(setup.accounts.get(account, {}).get("Omschrijving") or "")
