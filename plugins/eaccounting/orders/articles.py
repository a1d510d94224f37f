"""Articles for drafts and orders: found by number, else made; one without a number of
its own by name too.

VAT follows from an article's coding, so a product that is sold at another rate is
another article; see `mapping.article_number`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import ZERO, plain
from core.domain.orders import SaleKind
from core.domain.packages import Written
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.work import Job
from plugins.eaccounting import mapping, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import RuledLine
from plugins.eaccounting.orders.mapping import ArticleRow
from plugins.eaccounting.orders.rounding import DocumentPlan, Row
from plugins.eaccounting.reference import (
    ARTICLE,
    OVERLAP,
    Index,
    by_key,
    named,
)
from plugins.eaccounting.setup import Coding, Setup
from plugins.eaccounting.wire import Body

_KIND = "article"


class KnownArticles:
    """The articles of the index that the lines of documents may be."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id
        self._by_number: dict[str, Record] = {}
        self._by_name: dict[str, list[Record]] = {}

    def load(self, lines: Iterable[RuledLine]) -> None:
        """Load the articles these lines may be: by number, then by name."""
        numbers, names = {mapping.ROUNDING_ARTICLE}, set()
        for item in lines:
            numbers |= {mapping.article_number(item.line, s) for s in _suffixes(item)}
            if mapping.is_matched_by_name(item.line):
                names.add(wire.fit(item.line.description, wire.NAME))
        for rows in by_key(self._connection_id, ARTICLE, numbers).values():
            self.remember(rows)
        self.remember(named(self._connection_id, ARTICLE, names))

    def remember(self, rows: Iterable[Record]) -> None:
        """Know these too; what is known of a number stays."""
        for row in rows:
            self._by_number.setdefault(row.key, row)
            same = self._by_name.setdefault(row.name, [])
            if row not in same:
                same.append(row)

    def find(self, item: RuledLine, setup: Setup) -> Record | None:
        """Match on number, then on name; the coding must give the line's VAT."""
        coding = setup.coding(item.rule)
        any_rate = item.rule.sale_kind != SaleKind.COUNTRY
        for suffix in _suffixes(item):
            row = self._by_number.get(mapping.article_number(item.line, suffix))
            if row is not None and (any_rate or row.data["CodingId"] == coding.id):
                return row
        if not mapping.is_matched_by_name(item.line):
            return None
        for row in self._by_name.get(wire.fit(item.line.description, wire.NAME), ()):
            if any_rate or row.data["CodingId"] == coding.id:
                return row
        return None

    def new(self, item: RuledLine, setup: Setup) -> Body:
        """Return the article that a line without one gets."""
        coding = setup.coding(item.rule)
        base = mapping.article_number(item.line, "")
        taken = base in self._by_number
        number = mapping.article_number(item.line, _suffix(item)) if taken else base
        return mapping.article(item.line, number, coding.id, coding.rate, _unit(setup))

    def rounding(self, setup: Setup) -> Record | None:
        """Return the article of the rounding row; None while it is not there.

        Raises AskUser `coding_missing` or `rounding_article_taxed`.
        """
        coding = _rounding_coding(setup)
        known = self._by_number.get(mapping.ROUNDING_ARTICLE)
        if known is not None and known.data["CodingId"] != coding.id:
            raise AskUser("rounding_article_taxed", number=mapping.ROUNDING_ARTICLE)
        return known


class Articles:
    """The articles met in one batch of orders."""

    def __init__(self, client: EAccounting, index: Index, connection_id: int) -> None:
        self._client = client
        self._index = index
        self._known = KnownArticles(connection_id)

    def place(
        self, job: Job, lines: Sequence[RuledLine], plan: DocumentPlan, setup: Setup
    ) -> list[ArticleRow]:
        """Return the planned rows with their articles, made where they are missing."""
        self._load(lines)
        rows = [
            ArticleRow(row, self._article(job, row.item, setup)) for row in plan.rows
        ]
        if plan.rounding:
            row = rounding_row(lines[0], plan)
            rows.append(ArticleRow(row, self._rounding(job, setup)))
        return rows

    def _load(self, lines: Iterable[RuledLine]) -> None:
        self._known.load(lines)
        session().rollback()

    def _rounding(self, job: Job, setup: Setup) -> str:
        """Return the article of the rounding row."""
        known = self._known.rounding(setup)
        if known is None and self._index.refresh_if_stale(ARTICLE):
            self._load([])
            known = self._known.rounding(setup)
        if known is not None:
            return job.settled(_KIND, known.key, known.external_id)
        return self._made_once(job, new_rounding(setup))

    def _article(self, job: Job, item: RuledLine, setup: Setup) -> str:
        known = self._known.find(item, setup)
        if known is None and self._index.refresh_if_stale(ARTICLE):
            # Somebody may have made it in the package meanwhile.
            self._load([item])
            known = self._known.find(item, setup)
        if known is not None:
            return job.settled(_KIND, known.key, known.external_id)
        return self._made_once(job, self._known.new(item, setup))

    def _made_once(self, job: Job, body: Body) -> str:
        made: list[Body] = []
        number = str(body["Number"])

        def send(_: str) -> Written:
            made.append(self._client.create_article(body))
            return Written(str(made[-1]["Id"]))

        def find(_: str, sent_at: datetime) -> Written | None:
            query = f"ChangedUtc ge {wire.utc_literal(sent_at - OVERLAP)}"
            for found in self._client.all("articles", query):
                if found["Number"] == number:
                    made.append(found)
                    return Written(str(found["Id"]))
            return None

        article_id = job.make_once(_KIND, number, send=send, find=find)
        if made:
            self._known.remember([self._index.add(ARTICLE, made[-1])])
        return article_id


def new_rounding(setup: Setup) -> Body:
    """Return the rounding article that is made where there is none."""
    return mapping.rounding_article(_rounding_coding(setup).id, _unit(setup))


def rounding_row(item: RuledLine, plan: DocumentPlan) -> Row:
    """Return the row with the cents that no other row can have."""
    text = str(mapping.rounding_article("", "")["Name"])
    return Row(item, Decimal(1), plan.rounding, ZERO, text)


def _rounding_coding(setup: Setup) -> Coding:
    if setup.rounding_coding is None:
        raise AskUser("coding_missing", rate=ZERO, country=setup.company_country)
    return setup.rounding_coding


def _unit(setup: Setup) -> str:
    unit = str(setup.settings.get("unit") or "")
    if not unit:
        raise AskUser("unit_missing")
    return unit


def _suffixes(item: RuledLine) -> tuple[str, str]:
    return ("", _suffix(item))


def _suffix(item: RuledLine) -> str:
    """What stands behind the number of an article at another rate: -NL9, -DE19."""
    rate = plain(item.line.vat_rate)
    return f"-{item.rule.country}{rate}"
