"""Reading the sales of the one stop shop: asked for, stored by quarter, or failed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import KoppelwerkError
from core.plugin import wakeups
from core.plugin.capabilities import DueWork
from core.plugin.database import insert_for, session, transaction
from core.plugin.tables import Tenant
from plugins.belastingdienst.law.spans import Span, quarter_of
from plugins.belastingdienst.models import OssQuarter, OssRegister
from plugins.belastingdienst.oss import sales as oss_figures
from plugins.belastingdienst.oss import stored
from plugins.belastingdienst.oss.sales import Found
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.sales.order_figures import COUNTRY

TASK, QUEUE = "belastingdienst.read_oss", "bulk"
EVERY = timedelta(days=1)
"""Filed quarters are watched so often: a change goes in the next return."""
_MOST = 200


def ask(register: OssRegister) -> None:
    """Have a taxpayer's sales read, in the caller's transaction."""
    register.reading = True
    register.code, register.params = "", {}
    wakeups.wake_after_commit(TASK, register.id, queue=QUEUE)


def _due(_now: datetime) -> Sequence[int]:
    asked = select(OssRegister.id).where(OssRegister.reading.is_(True))
    return session().scalars(asked.limit(_MOST)).all()


DUE = DueWork(TASK, QUEUE, _due)


def ask_old(now: datetime) -> None:
    """Have read again what was last read a day ago, in the caller's transaction."""
    old = select(OssRegister).where(
        OssRegister.reading.is_(False),
        or_(OssRegister.read_at.is_(None), OssRegister.read_at < now - EVERY),
    )
    for register in session().scalars(old.limit(_MOST)):
        ask(register)


def read(register_id: int) -> None:
    """Read what was asked for and store it; commits by itself (task body)."""
    register = session().get(OssRegister, register_id)
    if register is None or not register.reading:
        session().rollback()
        return
    try:
        _read(register)
    except KoppelwerkError as error:
        session().rollback()
        with transaction():
            row = session().get_one(OssRegister, register_id)
            row.reading = False
            row.code, row.params = error.code, dict(error.params)


def _read(register: OssRegister) -> None:
    register_id = register.id
    question = _question(register)
    found = oss_figures.read(question)
    session().rollback()
    with transaction():
        row = session().get_one(OssRegister, register_id, with_for_update=True)
        if _question(row, question.today) != question:
            return  # it stays asked for: the next turn reads it as it is now
        row.reading, row.read_at = False, utcnow()
        row.code, row.params = "", {}
        row.distance = stored.distance_rows(found.distance)
        _store(row, found, question.today)


def _question(register: OssRegister, today: date | None = None) -> oss_figures.Question:
    tenant = session().get_one(Tenant, register.tenant_id)
    choice = own_sales.of(register.sales)
    return oss_figures.Question(
        tenant_id=register.tenant_id,
        tax_number=register.tax_number,
        choice=choice or own_sales.Choice(False, (), ()),
        invoice_kind=register.invoice_kind,
        since=register.since,
        today=today or local_date(utcnow(), tenant.timezone),
    )


def _store(register: OssRegister, found: Found, today: date) -> None:
    """Keep the sales of every quarter up to today; what was declared stays."""
    doubts = found.told()
    for quarter in quarters(register.since, today):
        row = of(register, quarter)
        sales = stored.added_up(found.sales.get(quarter, ()), COUNTRY)
        row.sales = [stored.sale_row(one) for one in sales]
        row.doubts = [stored.doubt_row(one) for one in doubts.get(quarter, ())]


def quarters(first: date, last: date) -> list[Span]:
    """Return the quarters from that of a day to that of another."""
    found = [quarter_of(first)]
    while found[-1].end < last:
        found.append(quarter_of(found[-1].end + timedelta(days=1)))
    return found


def of(register: OssRegister, quarter: Span) -> OssQuarter:
    """Return a quarter's row, made where there is none; in the caller's transaction."""
    named = {
        "tenant_id": register.tenant_id,
        "tax_number": register.tax_number,
        "starts_on": quarter.start,
    }
    made = insert_for(OssQuarter).values(**named).on_conflict_do_nothing()
    session().execute(made)
    return session().scalars(select(OssQuarter).filter_by(**named)).one()
