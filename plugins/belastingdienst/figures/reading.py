"""Reading the figures of a period: asked for, stored, or failed.

What was read before is replaced, and only where it differs: the same ledger read again
changes no entry. What people filled in or accepted is never touched.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.declarations import Customer, Doubt, Figures, TaxPeriod
from core.domain.declarations import Entry as Found
from core.domain.errors import (
    AuthenticationLost,
    ClientRefused,
    KoppelwerkError,
    RetryLater,
)
from core.domain.money import CENT
from core.domain.strings import cut
from core.plugin import connections, log, wakeups
from core.plugin.capabilities import DueWork
from core.plugin.database import session, shared_now
from core.plugin.engine import Next, decide
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.setup import ledgers

TASK, QUEUE = "belastingdienst.read_figures", "bulk"
READ = (EntryOrigin.LEDGER, EntryOrigin.INVOICE, EntryOrigin.ORDER)


def ask(row: PeriodFigures) -> None:
    """Have a period read, in the caller's transaction."""
    row.reading = True
    row.due_at, row.tries = None, 0
    row.code, row.params = "", {}
    wakeups.wake_after_commit(TASK, row.id, queue=QUEUE)


def ask_open(administration: Administration, gone: Collection[TaxPeriod]) -> None:
    """Have again what was read of periods whose return did not go.

    Those that are `gone` are read at their own time.
    """
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.read_at.is_not(None),
        )
    )
    for row in rows:
        if period_figures.period(row) not in gone:
            ask(row)


def is_due(row: PeriodFigures, now: datetime) -> bool:
    """Tell whether a period was asked for, or is to be read by itself by now."""
    return row.due_at <= now if row.due_at is not None else row.reading


def _due(now: datetime) -> Sequence[int]:
    """Return what is to be read, also what was asked for and whose wake-up got lost."""
    asked = PeriodFigures.reading.is_(True) & PeriodFigures.due_at.is_(None)
    found = select(PeriodFigures.id).where(asked | (PeriodFigures.due_at <= now))
    return session().scalars(found.order_by(PeriodFigures.due_at).limit(200)).all()


DUE = DueWork(TASK, QUEUE, _due)


def store(row: PeriodFigures, found: Figures) -> None:
    """Keep what was read, in the caller's transaction.

    Raises RetryLater `remote_nonsense` for an amount in parts of cents.
    """
    row.read_at = utcnow()
    row.reading = False
    row.due_at, row.tries = None, 0
    row.code, row.params = "", {}
    row.doubts = _doubts(found.doubts, row.doubts)
    session().flush()  # takes the row's lock before the entries are compared
    is_ledger = ledgers.is_ledger(row.administration)
    service = ledgers.title(row.administration.source)
    read = [_values(one, _origin(one, is_ledger), service) for one in found.entries]
    if _replace(row, read):
        log.write(
            row.tenant_id,
            "figures_read",
            connection_id=row.administration.connection_id,
            administration=row.administration.description,
            period=period_figures.period(row).code,
            count=len(found.entries),
        )


def failed(row: PeriodFigures, error: KoppelwerkError) -> None:
    """Note why a reading failed, in the caller's transaction; what was read stays.

    After a passing fault it is read again by itself, with growing pauses, and once our
    registration is no longer refused. What asks the user is not tried again.
    """
    row.reading = isinstance(error, ClientRefused)
    row.code, row.params = error.code, dict(error.params)
    decision = decide(error, subject=f"figures {row.id}", failures=row.tries)
    goes_on = decision.next in (Next.RETRY, Next.WAIT)
    row.due_at = _after(decision.seconds) if goes_on else None
    row.tries = decision.failures if goes_on else 0
    connection_id = row.administration.connection_id
    if isinstance(error, AuthenticationLost) and connection_id is not None:
        connections.pause(connection_id, error.code)


def _after(seconds: float) -> datetime:
    return shared_now() + timedelta(seconds=seconds)


def _replace(row: PeriodFigures, wanted: list[dict[str, Any]]) -> bool:
    """Make the read entries as wanted; tell whether anything changed."""
    missing = Counter(_key(values) for values in wanted)
    surplus = []
    for entry in session().scalars(
        select(Entry).where(Entry.period_id == row.id, Entry.origin.in_(READ))
    ):
        key = _key({name: getattr(entry, name) for name in _FIELDS})
        if missing[key]:
            missing[key] -= 1
        else:
            surplus.append(entry)
    for entry in surplus:
        session().delete(entry)
    new = [dict(zip(_FIELDS, key, strict=True)) for key in missing.elements()]
    session().add_all(
        Entry(tenant_id=row.tenant_id, period_id=row.id, **values) for values in new
    )
    return bool(surplus or new)


_FIELDS = (
    "origin", "source_id", "booked_on", "description", "reference", "rubric",
    "turnover", "vat", "icp_kind", "customer_country", "customer_number",
)  # fmt: skip


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in _FIELDS)


def _origin(entry: Found, is_ledger: bool) -> EntryOrigin:
    if is_ledger:
        return EntryOrigin.LEDGER
    of_shop = entry.source_id.startswith(("order:", "refund:"))
    return EntryOrigin.ORDER if of_shop else EntryOrigin.INVOICE


def _values(entry: Found, origin: EntryOrigin, service: str) -> dict[str, Any]:
    customer = entry.customer or Customer("", "")
    return {
        "origin": origin,
        "source_id": entry.source_id[:60],
        "booked_on": entry.booked_on,
        "description": cut(entry.description, 200),
        "reference": cut(entry.reference, 60),
        "rubric": entry.rubric,
        "turnover": _whole_cents(entry.box.turnover, service),
        "vat": _whole_cents(entry.box.vat, service),
        "icp_kind": entry.icp_kind,
        "customer_country": customer.country[:2],
        "customer_number": customer.vat_number[:20],
    }


def _whole_cents(amount: Decimal, service: str) -> Decimal:
    exact = amount.quantize(CENT)
    if exact != amount:
        raise RetryLater("remote_nonsense", service=service, detail=str(amount))
    return exact


_PER_RELATION = ("icp_customer_unknown",)


def _doubts(found: Iterable[Doubt], before: Iterable[Any]) -> list[dict[str, Any]]:
    """Return doubts that say the same once; what was settled before stays so."""
    settled = {_same(one["code"], one["params"]) for one in before
               if one.get("settled")}  # fmt: skip
    kept: dict[str, dict[str, Any]] = {}
    for doubt in found:
        params = dict(doubt.params)
        if doubt.code not in _PER_RELATION:
            params.pop("relation", None)
        key = _same(doubt.code, params)
        new = {"code": doubt.code, "entry_id": doubt.entry_id, "params": params,
               "count": 0, "settled": key in settled}  # fmt: skip
        kept.setdefault(key, new)["count"] += 1
    return list(kept.values())


def _same(code: str, params: dict[str, str]) -> str:
    return repr((code, sorted(params.items())))


def settle(row: PeriodFigures, index: int, *, user_id: int) -> None:
    """Let a doubt be: it belongs in no Dutch return; in the caller's transaction.

    Raises LookupError when there is no such doubt.
    """
    if not 0 <= index < len(row.doubts):
        raise LookupError(f"there is no doubt {index}")
    changed = [dict(one) for one in row.doubts]
    changed[index]["settled"] = True
    row.doubts = changed
    log.write(
        row.tenant_id,
        "figures_doubt_settled",
        user_id=user_id,
        administration=row.administration.description,
        period=period_figures.period(row).code,
    )
