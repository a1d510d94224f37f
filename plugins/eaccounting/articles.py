"""Articles for drafts and orders: found by number, then by name, else made.

VAT follows from an article's coding, so a product that is sold at another rate is
another article; see `mapping.article_number`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from core.domain import OrderLine, SaleKind
from core.errors import AskUser
from core.money import plain
from core.services.database import session
from core.services.journal import Job, Written
from plugins.eaccounting import mapping, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import PricedLine, RuledLine
from plugins.eaccounting.models import EAccountingRecord
from plugins.eaccounting.reference import ARTICLE, OVERLAP, Index
from plugins.eaccounting.setup import Coding, Setup
from plugins.eaccounting.wire import Body


class Articles:
    """The articles of one batch of orders."""

    def __init__(self, client: EAccounting, index: Index, connection_id: int) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._by_number: dict[str, EAccountingRecord] = {}
        self._by_name: dict[str, list[EAccountingRecord]] = {}

    def load(self, lines: Sequence[OrderLine]) -> None:
        """Load the articles these lines may be."""
        bases = {mapping.article_number(line, "") for line in lines}
        names = {mapping.cut(line.description, wire.NAME) for line in lines}
        rows = session().scalars(
            select(EAccountingRecord)
            .where(
                EAccountingRecord.connection_id == self._connection_id,
                EAccountingRecord.kind == ARTICLE,
                or_(
                    EAccountingRecord.key.in_(bases),
                    EAccountingRecord.name.in_(names),
                ),
            )
            .order_by(EAccountingRecord.id)
        )
        for row in rows:
            self._remember(row)

    def _remember(self, row: EAccountingRecord) -> None:
        if row.data.get("IsActive") is False:
            return
        self._by_number[row.key] = row
        self._by_name.setdefault(row.name, []).append(row)

    def price(
        self, job: Job, lines: Sequence[RuledLine], setup: Setup
    ) -> list[PricedLine]:
        """Return the lines with their articles, making those that are missing."""
        return [
            PricedLine(item.line, self._article(job, item, setup)) for item in lines
        ]

    def _article(self, job: Job, item: RuledLine, setup: Setup) -> str:
        coding = setup.coding(item.rule)
        any_rate = item.rule.sale_kind != SaleKind.COUNTRY
        known = self._find(item, coding, any_rate)
        if known is None:
            known = self._look_again(item, coding, any_rate)
        if known is not None:
            return known.external_id
        return self._make(job, item, coding, setup)

    def _find(
        self, item: RuledLine, coding: Coding, any_rate: bool
    ) -> EAccountingRecord | None:
        """Match on number, then on name; the coding must give the line's VAT."""
        for suffix in ("", _suffix(item)):
            row = self._by_number.get(mapping.article_number(item.line, suffix))
            if row is not None and (any_rate or row.data["CodingId"] == coding.id):
                return row
        for row in self._by_name.get(mapping.cut(item.line.description, wire.NAME), ()):
            if any_rate or row.data["CodingId"] == coding.id:
                return row
        return None

    def _look_again(
        self, item: RuledLine, coding: Coding, any_rate: bool
    ) -> EAccountingRecord | None:
        """Read what changed in the package before something is made twice."""
        self._index.refresh_if_stale(ARTICLE)
        self.load([item.line])
        numbers = [mapping.article_number(item.line, _suffix(item))]
        for row in session().scalars(
            select(EAccountingRecord).where(
                EAccountingRecord.connection_id == self._connection_id,
                EAccountingRecord.kind == ARTICLE,
                EAccountingRecord.key.in_(numbers),
            )
        ):
            self._remember(row)
        session().rollback()
        return self._find(item, coding, any_rate)

    def _make(self, job: Job, item: RuledLine, coding: Coding, setup: Setup) -> str:
        unit = str(setup.settings.get("unit") or "")
        if not unit:
            raise AskUser("unit_missing")
        base = mapping.article_number(item.line, "")
        taken = base in self._by_number
        number = mapping.article_number(item.line, _suffix(item)) if taken else base
        made: list[Body] = []

        def send(_: str) -> Written:
            body = mapping.article(item.line, number, coding.id, coding.rate, unit)
            made.append(self._client.create_article(body))
            return Written(str(made[-1]["Id"]))

        def find(_: str, sent_at: datetime) -> Written | None:
            query = f"ChangedUtc ge {wire.utc_literal(sent_at - OVERLAP)}"
            for found in self._client.all("articles", query):
                if found["Number"] == number:
                    made.append(found)
                    return Written(str(found["Id"]))
            return None

        article_id = job.make_once("article", number, send=send, find=find)
        if made:
            self._index.add(ARTICLE, made[-1])
            self.load([item.line])
            self._load_numbers(number)
        return article_id

    def _load_numbers(self, number: str) -> None:
        row = session().scalar(
            select(EAccountingRecord).where(
                EAccountingRecord.connection_id == self._connection_id,
                EAccountingRecord.kind == ARTICLE,
                EAccountingRecord.key == number,
            )
        )
        if row is not None:
            self._remember(row)


def _suffix(item: RuledLine) -> str:
    """What stands behind the number of an article at another rate: -9, -DE19."""
    rate = plain(item.line.vat_rate)
    return f"-{item.rule.country}{rate}"
