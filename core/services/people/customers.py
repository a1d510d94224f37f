"""One customer of the tenant: what we hold of him, and erasing it.

Where he may stand tells `traces`. What was never booked goes. Of booked orders the
numbers, dates, amounts and VAT stay, without his name. Sent invoices must name their
buyer for as long as the law keeps them: they stay, and the relation they are for is
blocked: in no list, nothing is sent to it or kept in step, and of it stays what an
invoice needs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    delete,
    inspect,
    or_,
    select,
    type_coerce,
    update,
)

from core.domain import jsontext
from core.domain.clock import local_date, utcnow
from core.domain.redact import redact
from core.models import (
    Base,
    InvoiceState,
    Json,
    LogEntry,
    Mail,
    MailState,
    OrderRefund,
    ProblemReport,
    Relation,
    RelationContact,
    SalesInvoice,
    ShopOrder,
    Step,
    StepState,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Retention
from core.rules.keeping import kept_until
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import current_scope
from core.services.crm import contacts, relations
from core.services.mailing import caught
from core.services.people import privacy, takeout, traces
from core.services.people.accounts import normal_email
from core.services.people.traces import Then

_BLOCKED = (
    "phone", "mobile", "fax", "email", "website", "chamber_number", "iban", "bic",
    "gender",
)  # fmt: skip
"""What of a relation no invoice has to name (art. 35a Wet OB 1968)."""

_SHORT = 3
"""Letters of a name that says nothing: half of all answers hold it."""


@dataclass(frozen=True)
class Kept:
    """A document that the law keeps."""

    kind: str
    """`order`, `invoice`, or `received` from a supplier."""
    number: str
    until: date


@dataclass(frozen=True)
class Erased:
    """What became of a customer's orders, and how many invoices stay."""

    deleted: int
    kept: int
    invoices: int


def customer_data(email: str) -> dict[str, Any]:
    """Return everything we hold of one customer of the tenant in scope."""
    rows = _orders_of(email)
    transfers = _transfers_of(rows)
    found = {
        "email": email,
        "orders": [_shown(row) for row in rows],
        "transfers": [_shown(row) for row in transfers],
        "steps": [_shown(row) for row in _steps_of(transfers)],
    }
    for model in _tables(Then.DELETED, Then.EMPTIED, Then.KEPT):
        if model in (LogEntry, Mail):
            continue
        others = [_shown(row) for row in _mentioning(model, email)]
        found[takeout.name_of(model)] = others
    return {name: value for name, value in found.items() if value}


def count_orders(email: str) -> int:
    """Return how many orders of a customer we hold."""
    return len(_orders_of(email))


def kept_documents(email: str) -> list[Kept]:
    """Return what the law keeps of a customer, and until when, the newest first."""
    tenant = session().get_one(Tenant, current_scope())
    found = []
    for row in _orders_of(email):
        transfers = _transfers_of([row])
        if _is_booked(transfers, _steps_of(transfers)):
            on = local_date(row.ordered_at, tenant.timezone)
            until = kept_until(on, tenant.home_country)
            found.append(Kept("order", row.number, until))
    for invoice in _sent_invoices(email):
        until = kept_until(invoice.issued_on, tenant.home_country)
        found.append(Kept("invoice", invoice.number or "", until))
    for retention in koppelwerk().registry.brought(Retention).values():
        for number, until in retention.of_customer(normal_email(email)):
            found.append(Kept("received", number, until))
    return sorted(found, key=lambda each: each.until, reverse=True)


def erase(email: str) -> Erased:
    """Erase one customer of the tenant in scope, in the caller's transaction."""
    email = normal_email(email)
    invoices = len(_sent_invoices(email))
    rows, relations_ = _orders_of(email), _relations_of(email)
    names = {row.customer for row in rows}
    names |= {relations.data_of(row).full_name for row in relations_}
    kept = sum(_erase_order(row, email) for row in rows)
    session().flush()
    for relation in relations_:
        _erase_relation(relation)
    _forget_answers({redact(email), *names})
    for model in _gone(Then.DELETED):
        for one in _mentioning(model, email):
            _erase_row(one)
        session().flush()
    for model in _gone(Then.EMPTIED):
        if model not in (LogEntry, Mail):
            for one in _mentioning(model, email):
                _empty(one, email)
    caught.forget(Mail.tenant_id == current_scope(), naming=email)
    _forget_mails(email)
    log.forget(log.mentioning(email))
    return Erased(len(rows) - kept, kept, invoices)


def _erase_order(row: ShopOrder, email: str) -> bool:
    """Erase one order; tell whether it stays without a name, since it was booked."""
    transfers = _transfers_of([row])
    steps = _steps_of(transfers)
    is_booked = _is_booked(transfers, steps)
    _forget_trail(transfers, steps, email)
    if is_booked:
        privacy.forget_name(row)
        return True
    log.forget(LogEntry.transfer_id.in_([transfer.id for transfer in transfers]))
    for one in (*transfers, row):
        session().delete(one)
    return False


def _is_booked(transfers: Sequence[Transfer], steps: Sequence[Step]) -> bool:
    """Tell whether something of an order may stand in the package."""
    sent = (TransferState.DONE, TransferState.HELD, TransferState.SENDING)
    return any(step.state != StepState.REJECTED for step in steps) or any(
        one.state in sent or one.booked_at is not None for one in transfers
    )


def _forget_trail(
    transfers: Sequence[Transfer], steps: Sequence[Step], email: str
) -> None:
    """Empty what was said and sent about a customer's documents.

    A debtor's step is named by the address it was made for: it is named anew, by
    itself, since a transfer has one step of a name.
    """
    for step in steps:
        step.exchange = ""
        step.result = {}
        if email in step.name.lower() or email in step.reference.lower():
            step.name, step.reference = f"#{step.id}", ""
    for transfer in transfers:
        transfer.params = {}
        transfer.reasoning = _without_lines(transfer.reasoning)
        session().execute(
            delete(ProblemReport)
            .where(ProblemReport.transfer_id == transfer.id)
            .execution_options(synchronize_session=False)
        )
        log.forget(
            LogEntry.transfer_id == transfer.id, left={"number": transfer.number}
        )


def _forget_answers(words: set[str]) -> None:
    """Empty what was said about others' documents where it names him too: a list that
    a package gave, or its refusal. His address stands masked in it."""
    said = (word for word in words if len(word) > _SHORT)
    named = or_(*(Step.exchange.icontains(word, autoescape=True) for word in said))
    session().execute(
        update(Step)
        .where(Step.tenant_id == current_scope(), named)
        .values(exchange="")
        .execution_options(synchronize_session=False)
    )


def _without_lines(reasoning: dict[str, Any]) -> dict[str, Any]:
    """Return why an order's VAT is what it is, without what its lines say."""
    lines = [{**line, "line": ""} for line in reasoning.get("lines", ())]
    return {**reasoning, "lines": lines} if lines else reasoning


def _erase_relation(row: Relation) -> None:
    """Delete a relation with all that refers to it, or block it (see above)."""
    log.forget(log.saying(relations.data_of(row).full_name))
    for invoice in _invoices_of(row):
        if invoice.state == InvoiceState.DRAFT:
            session().delete(invoice)
    session().flush()
    merged = select(Relation.id).where(Relation.merged_into_id == row.id).limit(1)
    is_kept = bool(_invoices_of(row)) or session().scalar(merged) is not None
    for model, column in _referring():
        session().execute(
            delete(model)
            .where(column == row.id)
            .execution_options(synchronize_session=False)
        )
    session().expire(row, ["addresses"])
    if not is_kept:
        session().delete(row)
    else:
        for name in _BLOCKED:
            setattr(row, name, "")
        row.doubts, row.blocked_at = None, utcnow()
    session().flush()


def _referring() -> Iterator[tuple[Any, Any]]:
    """Yield each table that tells more of a relation, with its column of it.

    The addresses stay with a relation that stays: its invoices name one.
    """
    for model in _gone(Then.DELETED):
        for column in inspect(model).local_table.columns:
            names = {key.column.table.name for key in column.foreign_keys}
            if "relation" in names and takeout.name_of(model) not in (
                "relation",
                "relation_address",
            ):
                yield model, column


def _erase_row(row: Base) -> None:
    if isinstance(row, RelationContact):
        contacts.forget(row)
    elif not _is_of_blocked(row):
        session().delete(row)


def _empty(row: Base, email: str) -> None:
    """Empty what of a row names him; the row stays, figures are made of it."""
    for column in traces.personal(type(row)):
        if email in jsontext.dumps(getattr(row, column.key)).lower():
            setattr(row, column.key, {} if isinstance(column.type, Json) else "")


def _is_of_blocked(row: Base) -> bool:
    relation_id = row.id if isinstance(row, Relation) else None
    if relation_id is None and takeout.name_of(type(row)) == "relation_address":
        relation_id = row.relation_id  # type: ignore[attr-defined]
    found = session().get(Relation, relation_id) if relation_id else None
    return found is not None and found.blocked_at is not None


def _forget_mails(email: str) -> None:
    """Drop what was not sent to him yet; of what was, its sending stays.

    Mails to others are sealed, and wiped once they were sent.
    """
    mine = (Mail.tenant_id == current_scope(), Mail.recipient.ilike(_literal(email)))
    session().execute(
        delete(Mail)
        .where(*mine, Mail.state != MailState.SENT)
        .execution_options(synchronize_session=False)
    )
    session().execute(
        update(Mail)
        .where(*mine)
        .values(recipient="", content=None)
        .execution_options(synchronize_session=False)
    )


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _orders_of(email: str) -> list[ShopOrder]:
    """Return a customer's orders; the text is searched first, then read exactly."""
    wanted = normal_email(email)
    if not wanted:
        return []
    rows = session().scalars(
        select(ShopOrder)
        .where(_contains(ShopOrder.payload, wanted))
        .order_by(ShopOrder.id)
    )
    return [row for row in rows if normal_email(row.payload["email"]) == wanted]


def _transfers_of(rows: Sequence[ShopOrder]) -> list[Transfer]:
    of = [row.id for row in rows]
    back = select(OrderRefund.id).where(OrderRefund.order_id.in_(of))
    mine = or_(
        and_(Transfer.subject == "order", Transfer.subject_id.in_(of)),
        and_(Transfer.subject == "credit", Transfer.subject_id.in_(back)),
    )
    return list(session().scalars(select(Transfer).where(mine).order_by(Transfer.id)))


def _steps_of(transfers: Sequence[Transfer]) -> list[Step]:
    ids = [transfer.id for transfer in transfers]
    return list(session().scalars(select(Step).where(Step.transfer_id.in_(ids))))


def _relations_of(email: str) -> list[Relation]:
    """Return the relations that are this customer, those merged away first."""
    found = {row.id: row for row in _mentioning(Relation, email)}
    newest = set(found)
    while newest:
        merged = select(Relation).where(Relation.merged_into_id.in_(newest))
        newest = set()
        for row in session().scalars(merged):
            if row.id not in found:
                newest.add(row.id)
            found[row.id] = row
    return sorted(found.values(), key=_depth, reverse=True)


def _depth(row: Relation) -> int:
    """Return over how many merges a relation became another."""
    depth = 0
    while row.merged_into_id is not None:
        row, depth = session().get_one(Relation, row.merged_into_id), depth + 1
    return depth


def _invoices_of(row: Relation) -> list[SalesInvoice]:
    found = select(SalesInvoice).where(SalesInvoice.relation_id == row.id)
    return list(session().scalars(found))


def _sent_invoices(email: str) -> list[SalesInvoice]:
    mine = [row.id for row in _relations_of(email)]
    wanted = select(SalesInvoice).where(
        SalesInvoice.state != InvoiceState.DRAFT, SalesInvoice.relation_id.in_(mine)
    )
    return list(session().scalars(wanted.order_by(SalesInvoice.id)))


def _tables(*then: Then) -> list[Any]:
    """Return the tables with that end; not those of secrets, nor what plugins keep."""
    closed = (*privacy.kept_by_plugins(), *takeout.CLOSED)
    return [
        model
        for model in takeout.tenant_tables()
        if model not in closed and traces.of(model).then in then
    ]


def _gone(then: Then) -> list[Any]:
    """Return the tables that erasing changes: not the administration that plugins keep
    as it came."""
    found = koppelwerk().registry.brought(Retention).values()
    stays = {model for retention in found for model in retention.stays}
    return [model for model in _tables(then) if model not in stays]


def _mentioning(model: Any, email: str) -> list[Any]:
    """Return the rows that hold an address; not those with a longer one around it."""
    wanted = normal_email(email)
    columns = list(traces.personal(model))
    near = or_(False, *(_contains(column, wanted) for column in columns))
    whole = re.compile(
        rf"(?<![\w.+%-]){re.escape(wanted)}(?![\w-]|\.\w)", re.IGNORECASE
    )
    return [
        row
        for row in session().scalars(select(model).where(near))
        if any(whole.search(jsontext.dumps(getattr(row, one.key))) for one in columns)
    ]


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    inside = jsontext.dumps(text)[1:-1]
    return type_coerce(column, Text).icontains(inside, autoescape=True)


def _shown(row: Base) -> dict[str, Any]:
    columns = takeout.open_columns(type(row))
    return {name: takeout.plain(getattr(row, name)) for name in columns}
