"""What an order would become, by what is known here: asks and writes nothing outside.

It goes the way of `sender`, with the same checks and the same bodies (`bodies`).
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.domain.clock import local_date
from core.domain.errors import AskUser, Stop
from core.domain.foreseen import (
    DRAWN,
    Checks,
    CheckState,
    Foreseen,
    ForeseenDebtor,
    ForeseenLine,
    ForeseenPayment,
    ForeseenRow,
    Posting,
)
from core.domain.money import ZERO, total
from core.domain.orders import Order, SaleKind
from core.domain.packages import Credited
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.setups import rates_of
from core.plugin.tables import Coupling, Tenant
from plugins.eaccounting import checks, reference
from plugins.eaccounting.mapping import PAYMENT, TargetKind
from plugins.eaccounting.orders import bodies
from plugins.eaccounting.orders.articles import (
    KnownArticles,
    new_rounding,
    rounding_row,
)
from plugins.eaccounting.orders.judgement import (
    Judgement,
    chosen,
    debtor_of,
    debtor_trouble,
    judge,
    new_debtor,
    planned,
    ruled_by,
    troubled,
)
from plugins.eaccounting.orders.mapping import ArticleRow
from plugins.eaccounting.orders.rounding import DocumentPlan, Row
from plugins.eaccounting.payments import (
    Settlement,
    settlements,
    taken_back,
)
from plugins.eaccounting.reference import CUSTOMER
from plugins.eaccounting.setup import Setup
from plugins.eaccounting.wire import Body
from plugins.vies.public import foreseen_number

_FIELDS = {
    "Name": "name", "ContactPersonName": "contact", "EmailAddress": "email",
    "InvoiceAddress1": "street", "InvoicePostalCode": "postal_code",
    "InvoiceCity": "city", "InvoiceCountryCode": "country", "VatNumber": "vat_number",
    "Telephone": "phone",
}  # fmt: skip


def foresee(
    coupling: Coupling, order: Order, document: str, credited: Credited | None = None
) -> Foreseen:
    """Return what an order would become now; see `Orders.foresee`."""
    setup = Setup.load(coupling, session().get_one(Tenant, coupling.tenant_id))
    said, seen = Checks(), Foreseen(reasoning=setup.reasoning(order))
    if order.credits and not order.lines:
        return _payment_only(order, setup, credited, said)
    if credited is not None and credited.document in list(TargetKind):
        document = credited.document
    sale = said.run("order", lambda: setup.sale_of(order))
    target = said.run(
        "document", lambda: TargetKind(document) if document else setup.kind
    )
    if sale is None or target is None:
        return replace(
            seen, document=target or "", lines=_lines(order, setup), checks=said.all()
        )
    seen = replace(seen, document=target.value)
    done = said.run("books", lambda: judge(order, setup, target))
    if done is None:
        return replace(seen, lines=_lines(order, setup), checks=said.all())
    done = _numbered(done, said)
    seen = replace(seen, booked_on=done.booked_on, rates=rates_of(
        item.line for item in done.lines
    ))  # fmt: skip
    found = said.run("debtor", lambda: _debtor(done, credited))
    record, body = found or (Record(DRAWN, "", "", {}), None)
    if found is not None:
        seen = replace(
            seen,
            debtor=_shown(record, body),
            requests=(body,) if body is not None else (),
        )
    if target == TargetKind.SALES_ENTRY:
        seen = _entry(seen, done, record, said)
    elif found is not None:
        seen = _document(seen, done, record, said)
    return replace(seen, checks=said.all())


def _lines(order: Order, setup: Setup) -> tuple[ForeseenLine, ...]:
    """Return what is known of each line, with codes as the user knows them."""
    return tuple(
        replace(each, vat_code=_code(each.vat_code, setup))
        for each in setup.lines_of(order, ruled_by(setup))
    )


def _code(vat_code_id: str, setup: Setup) -> str:
    return str(setup.vat_codes.get(vat_code_id, {}).get("Code") or "")


def _numbered(done: Judgement, said: Checks) -> Judgement:
    """Take an ICP order's number as valid: it is asked when the order is sent."""
    order, setup = done.order, done.setup
    if setup.doubts_charge(order, done.sale):
        said.add("vat_number", CheckState.LATER)
    if done.kind != SaleKind.ICP or order.credits:
        return done
    number = foreseen_number(order.vat_number, done.sale.number_prefix, said)
    return replace(done, vat_number=number)


def _debtor(done: Judgement, sale: Credited | None) -> tuple[Record, Body | None]:
    """Return the debtor of the index, or the one that is made with its body."""
    order, connection_id = done.order, done.setup.connection_id
    if known := (sale.debtor_id if sale else "") or done.fixed_debtor:
        found_by_id = reference.by_id(connection_id, CUSTOMER, known)
        return found_by_id or Record(known, "", "", {}), None
    if not order.email:
        raise AskUser("email_missing")
    found = reference.by_key(connection_id, CUSTOMER, [order.email]).get(
        order.email, []
    )
    code = debtor_trouble(found, done)
    if code:
        raise troubled(code, found, done)
    if found:
        return chosen(found, done), None
    checks.check_customer(order)
    terms = str(done.setup.settings.get("payment_terms") or "")
    if not terms:
        raise AskUser("payment_terms_missing")
    body = new_debtor(done, terms)
    return Record(DRAWN, order.email, body["Name"], body), body


def _shown(record: Record, body: Body | None) -> ForeseenDebtor:
    given = body or {}
    fields = tuple(
        (word, str(given[name])) for name, word in _FIELDS.items() if given.get(name)
    )
    number = str(record.data.get("CustomerNumber") or "")
    return ForeseenDebtor(number, record.name or record.external_id, fields)


# --- sales entry -------------------------------------------------------------------


def _entry(seen: Foreseen, done: Judgement, debtor: Record, said: Checks) -> Foreseen:
    setup, order = done.setup, done.order
    year = checks.check_period(done.booked_on, setup.years, setup.locked_to)
    accounts = setup.accounts_of(year)
    body = bodies.entry(done, debtor.external_id, 0)
    body["InvoiceNumber"] = DRAWN
    requests = [*seen.requests, body]
    wanted = settlements(order.payments, setup.clearing_accounts, setup.company)
    paid = total(each.payment.amount for each in wanted)
    if wanted and not _fits(order.total_incl_vat, paid):
        error = AskUser(
            "payment_exceeds", amount=paid, method=wanted[0].payment.method, message="-"
        )
        said.add("payments", CheckState.FAILED, error)
        wanted = []
    elif wanted:
        said.add("payments", CheckState.PASSED)
    requests += [
        bodies.paid(order, setup).voucher(each.payment, each.account, DRAWN)
        for each in wanted
    ]
    return replace(
        seen,
        text=body["Voucher"]["VoucherText"],
        postings=tuple(
            _posting(row, accounts, setup) for row in body["Voucher"]["Rows"]
        ),
        payments=_shown_payments(wanted, accounts, setup),
        requests=tuple(requests),
    )


def _payment_only(
    order: Order, setup: Setup, sale: Credited | None, said: Checks
) -> Foreseen:
    """Return what takes back or restores the payment of a sale."""
    order = replace(order, payments=tuple(taken_back(order)))

    def wanted() -> list[Settlement]:
        found = settlements(order.payments, setup.clearing_accounts, setup.company)
        if not found or sale is None or sale.document != TargetKind.SALES_ENTRY:
            raise Stop("payment_not_ours", method=order.payment_method or "-")
        return found

    settled = said.run("payments", wanted) or []
    year = setup.years[-1] if setup.years else {}
    accounts = setup.accounts_of(year) if year else {}
    item = sale.external_id if sale else DRAWN
    return Foreseen(
        document=PAYMENT,
        booked_on=local_date(order.ordered_at, setup.timezone),
        payments=_shown_payments(settled, accounts, setup),
        requests=tuple(
            bodies.paid(order, setup).voucher(each.payment, each.account, item)
            for each in settled
        ),
        checks=said.all(),
    )


def _shown_payments(
    wanted: Sequence[Settlement], accounts: dict[str, Body], setup: Setup
) -> tuple[ForeseenPayment, ...]:
    return tuple(
        ForeseenPayment(
            each.payment.method,
            each.payment.amount,
            local_date(each.payment.paid_at, setup.timezone),
            str(each.account),
            _name(accounts, each.account),
        )
        for each in wanted
    )


def _fits(amount: Decimal, paid: Decimal) -> bool:
    """Tell whether payments leave an entry between settled and open."""
    return min(amount, ZERO) <= amount - paid <= max(amount, ZERO)


def _posting(row: Body, accounts: dict[str, Body], setup: Setup) -> Posting:
    return Posting(
        str(row["AccountNumber"]),
        _name(accounts, row["AccountNumber"]),
        row["TransactionText"],
        debit=row.get("DebitAmount", ZERO),
        credit=row.get("CreditAmount", ZERO),
        vat_code=_code(str(row.get("VatCodeId") or ""), setup),
    )


def _name(accounts: dict[str, Body], number: Any) -> str:
    return str((accounts.get(str(number)) or {}).get("Name") or "")


# --- draft or order ----------------------------------------------------------------


def _document(
    seen: Foreseen, done: Judgement, record: Record, said: Checks
) -> Foreseen:
    debtor = debtor_of(record, is_fixed=bool(done.fixed_debtor))
    plan = said.run("amounts", lambda: planned(done, debtor))
    if plan is None:
        return seen
    placed = said.run("articles", lambda: _placed(done, plan))
    if placed is None:
        return seen
    rows, made, numbers = placed
    body = bodies.document(done, plan, rows, debtor, record.external_id)
    new = {each["Number"] for each in made}
    return replace(
        seen,
        text=body["YourReference"],
        incl_vat=plan.incl_vat,
        rows=tuple(
            ForeseenRow(
                article=number,
                is_new=number in new,
                text=item.row.text,
                quantity=item.row.quantity,
                unit_price=item.row.unit_price,
                discount=item.row.discount,
                amount=item.row.amount,
                vat_rate=item.row.item.line.vat_rate,
            )
            for item, number in zip(rows, numbers, strict=True)
        ),
        requests=(*seen.requests, *made, body),
    )


def _placed(
    done: Judgement, plan: DocumentPlan
) -> tuple[list[ArticleRow], list[Body], Sequence[str]]:
    """Return the rows with their articles, those that are made, and each's number."""
    setup, made = done.setup, list[Body]()
    known = KnownArticles(setup.connection_id)
    known.load(done.lines)
    rows, numbers = list[ArticleRow](), list[str]()

    def place(row: Row, found: Record | None, body: Body | None) -> None:
        if body is not None:
            made.append(body)
            found = Record(DRAWN, str(body["Number"]), str(body["Name"]), body)
            known.remember([found])
        if found is not None:
            rows.append(ArticleRow(row, found.external_id))
            numbers.append(found.key)

    for row in plan.rows:
        found = known.find(row.item, setup)
        place(row, found, None if found else known.new(row.item, setup))
    if plan.rounding:
        found = known.rounding(setup)
        last = rounding_row(done.lines[0], plan)
        place(last, found, None if found else new_rounding(setup))
    return rows, made, numbers
