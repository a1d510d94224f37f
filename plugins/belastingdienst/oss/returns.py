"""Returns of the one stop shop: as they would be now, and as they were declared.

They are typed over in the portal; that it was done is said here, and freezes what was
declared. What changes afterwards goes as a correction in the next return.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session
from core.plugin.tables import Tenant
from plugins.belastingdienst.law import oss, oss_threshold
from plugins.belastingdienst.law.dates import Filing, last_to_file, last_to_pay
from plugins.belastingdienst.law.doubts import Doubt, blocking, doubt
from plugins.belastingdienst.law.oss import OssReturn
from plugins.belastingdienst.law.oss_threshold import Standing
from plugins.belastingdienst.law.spans import Span, quarter_of
from plugins.belastingdienst.models import OssQuarter, OssRegister, Taxpayer
from plugins.belastingdienst.oss import reading, stored
from plugins.belastingdienst.sales import own_sales, shops
from plugins.belastingdienst.sales.order_figures import COUNTRY

_RUNNING = ("oss_quarter_not_filed",)
"""Doubts that this module judges for quarters without sales too."""


@dataclass(frozen=True)
class Quarter:
    """A quarter on the pages: what is, or would be, declared."""

    span: Span
    made: OssReturn
    row: OssQuarter | None
    is_due: bool
    """The taxpayer was registered on any day of it: a return has to be filed."""

    @property
    def is_filed(self) -> bool:
        """Whether somebody said that it was filed."""
        return self.row is not None and self.row.filed_at is not None

    @property
    def last_to_file(self) -> date:
        """The last day on which it is in time."""
        return last_to_file(Filing.OSS, self.span)

    @property
    def last_to_pay(self) -> date:
        """The last day on which the money has to be there."""
        return last_to_pay(Filing.OSS, self.span) or self.last_to_file


class Books:
    """The quarters of one taxpayer, as they stand in the database."""

    def __init__(
        self, register: OssRegister, taxpayer: Taxpayer | None, today: date
    ) -> None:
        """Load them; `today` is a local date."""
        self.register, self.today = register, today
        self.taxpayer = taxpayer
        found = session().scalars(
            select(OssQuarter)
            .filter_by(tenant_id=register.tenant_id, tax_number=register.tax_number)
            .order_by(OssQuarter.starts_on)
        )
        self.rows = {quarter_of(row.starts_on): row for row in found}
        known = shops.of_tenant(register.tenant_id)
        choice = own_sales.of(register.sales)
        unsaid = own_sales.unsaid(choice, known)
        self._unsaid = ", ".join(shop.name for shop in unsaid)
        chosen = choice.shops if choice else ()
        self._known_since = shops.known_late(register.tenant_id, chosen, date.min)

    def known_late(self) -> dict[str, date]:
        """Return shops of which orders of this year and the last are missing here."""
        first = date(self.today.year - 1, 1, 1)
        return {shop: day for shop, day in self._known_since.items() if day > first}

    def spans(self) -> list[Span]:
        """Return the quarters that are kept here, the running one too, newest first."""
        kept = reading.quarters(self.register.since, self.today)
        filed = [span for span, row in self.rows.items() if row.filed_at is not None]
        return sorted({*kept, *filed}, reverse=True)

    def quarter(self, span: Span) -> Quarter:
        """Return one quarter."""
        row = self.rows.get(span)
        if row is not None and row.filed_at is not None:
            made = declared(row)
        else:
            made = self._would_be(span)
        return Quarter(span, made, row, self.is_due(span))

    def quarters(self) -> list[Quarter]:
        """Return all of them, newest first."""
        return [self.quarter(span) for span in self.spans()]

    def is_due(self, span: Span) -> bool:
        """Tell whether a return has to be filed over a quarter."""
        first = self.taxpayer.oss_from if self.taxpayer else None
        if self.taxpayer is None or first is None:
            return False
        last = self.taxpayer.oss_until or date.max
        return first <= span.end and span.start <= last

    def next_open(self) -> Span | None:
        """Return the first quarter that has to be filed and was not."""
        open_ones = [
            span
            for span in reversed(self.spans())
            if self.is_due(span) and not self._is_filed(span)
        ]
        return open_ones[0] if open_ones else None

    def changes(self) -> tuple[oss.Correction, ...]:
        """Return how filed quarters differ from what is right.

        They go in the next return; without one the states are told themselves.
        """
        filed = [span for span in self.rows if self._is_filed(span)]
        if not filed:
            return ()
        after = quarter_of(max(filed).end + timedelta(days=1))
        return self._would_be(self.next_open() or after).corrections

    def _is_filed(self, span: Span) -> bool:
        row = self.rows.get(span)
        return row is not None and row.filed_at is not None

    def _would_be(self, span: Span) -> OssReturn:
        sales = [stored.sale(each) for row in self.rows.values() for each in row.sales]
        known = {
            quarter: countries
            for quarter, countries in self._declared().items()
            if quarter < span
        }
        made = oss.declare(
            span,
            sales,
            known,
            home=COUNTRY,
            today=self.today,
            since=self.register.since,
        )
        doubts = (*made.doubts, *self._own_doubts(span, made.doubts))
        return OssReturn(span, made.lines, made.corrections, doubts)

    def _declared(self) -> dict[Span, dict[str, Decimal]]:
        """Return what is declared, later corrections among it."""
        known: dict[Span, dict[str, Decimal]] = {}
        for _span, row in sorted(self.rows.items()):
            if row.filed_at is not None:
                known = oss.after(known, declared(row))
        return known

    def _own_doubts(self, span: Span, known: Sequence[Doubt]) -> list[Doubt]:
        """Return what could not be placed, and earlier quarters that are still open."""
        asked = {each.about for each in known if each.code == "oss_quarter_not_filed"}
        found = [
            doubt("oss_quarter_not_filed", earlier.code, period=earlier.code)
            for earlier in reversed(self.spans())
            if earlier < span
            and self.is_due(earlier)
            and not self._is_filed(earlier)
            and earlier.code not in asked
        ]
        if self._unsaid:
            found.append(doubt("oss_shops_unsaid", shops=self._unsaid))
        found += [
            doubt("oss_before_installation", shop=name, date=first)
            for name, first in self._known_since.items()
            if first > span.start
        ]
        for quarter, row in self.rows.items():
            if quarter <= span:
                found += [
                    stored.doubt(each)
                    for each in row.doubts
                    if each not in row.open_doubts
                    and (each["blocks"] or quarter == span)
                ]
        return found


def declared(row: OssQuarter) -> OssReturn:
    """Return what was declared of a quarter."""
    return OssReturn(
        quarter_of(row.starts_on),
        tuple(stored.line(each) for each in row.lines),
        tuple(stored.correction(each) for each in row.corrections),
        tuple(stored.doubt(each) for each in row.open_doubts),
    )


def file(
    books: Books,
    span: Span,
    *,
    seen: str,
    reference: str,
    in_spite: bool,
    user_id: int,
) -> OssQuarter:
    """Keep that a return was filed as it was shown, in the caller's transaction.

    `seen` is the digest of what was shown. Raises AskUser: `oss_already_filed`,
    `oss_quarter_running`, `oss_not_due`, `oss_read_first`, `oss_changed_meanwhile`,
    `oss_quarter_not_filed`; `oss_doubts_open` unless it was filed in spite of them.
    """
    books = _alone(books)
    register = books.register
    quarter = books.quarter(span)
    _check(books, quarter, register)
    if seen != stored.digest(quarter.made):
        raise AskUser("oss_changed_meanwhile")
    open_doubts = blocking(quarter.made.doubts)
    for each in open_doubts:
        if each.code in _RUNNING:
            raise AskUser("oss_quarter_not_filed", period=each.about)
    if open_doubts and not in_spite:
        raise AskUser("oss_doubts_open", count=len(open_doubts))
    row = reading.of(register, span)
    row.filed_at, row.filed_by_id = utcnow(), user_id
    row.portal_reference = reference
    row.lines = [stored.line_row(one) for one in quarter.made.lines]
    row.corrections = [stored.correction_row(one) for one in quarter.made.corrections]
    row.open_doubts = [stored.doubt_row(one) for one in open_doubts]
    _note(register, "oss_filed", span, user_id)
    return row


def _alone(books: Books) -> Books:
    """Return the books as they are now, held from others until the transaction ends."""
    session().expire_all()
    known = session().get_one(OssRegister, books.register.id, with_for_update=True)
    return Books(known, books.taxpayer, books.today)


def _check(books: Books, quarter: Quarter, register: OssRegister) -> None:
    span = quarter.span
    if quarter.is_filed:
        raise AskUser("oss_already_filed", period=span.code)
    if not quarter.is_due:
        raise AskUser("oss_not_due", period=span.code)
    if books.today <= span.end:
        raise AskUser("oss_quarter_running", period=span.code)
    tenant = session().get_one(Tenant, register.tenant_id)
    read_at = register.read_at
    is_old = read_at is None or local_date(read_at, tenant.timezone) <= span.end
    if is_old or register.reading or register.code:
        raise AskUser("oss_read_first", period=span.code)


def take_back(books: Books, span: Span, *, user_id: int) -> None:
    """Undo that the last return was filed, in the caller's transaction.

    Raises AskUser `oss_later_filed` when a later one was: it may carry corrections.
    """
    books = _alone(books)
    row = books.rows.get(span)
    if row is None or row.filed_at is None:
        raise LookupError(f"{span.code} was not filed")
    later = [one for one, each in books.rows.items() if each.filed_at and one > span]
    if later:
        raise AskUser("oss_later_filed", period=later[0].code)
    row.filed_at, row.filed_by_id, row.portal_reference = None, None, ""
    row.lines, row.corrections, row.open_doubts = [], [], []
    _note(books.register, "oss_filing_taken_back", span, user_id)


def _note(register: OssRegister, code: str, span: Span, user_id: int) -> None:
    log.write(
        register.tenant_id,
        code,
        user_id=user_id,
        number=register.tax_number,
        period=span.code,
    )


def standing(register: OssRegister, year: int) -> Standing:
    """Return how a year stands to the 10,000 euros."""
    sales = stored.distance_sales(register.distance)
    return oss_threshold.standing(year, sales, COUNTRY)
