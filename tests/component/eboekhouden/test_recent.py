"""One look-up for all documents of a batch, and when a miss in it proves nothing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain.clock import utcnow
from plugins.eboekhouden.client import EntryQuery, pages
from plugins.eboekhouden.readback import Recent

LONG_AGO = timedelta(minutes=5)


class Books:
    """A client that counts what it is asked."""

    lists_whole = True

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = list(numbers)
        self.asked: list[EntryQuery] = []

    def entries(self, query: EntryQuery) -> Sequence[dict[str, Any]]:
        self.asked.append(query)
        return [
            {"MutatieNr": number, "Factuurnummer": f"W{number}", "MutatieRegels": []}
            for number in self.numbers
            if query.first <= number and (not query.last or number <= query.last)
        ][-500:]


class Alone:
    """Asks for one by itself, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Sequence[dict[str, Any]]:
        self.calls += 1
        return []


def search(recent: Recent, number: str, sent_at: datetime, alone: Alone) -> bool:
    found = recent.search(
        number, sent_at, lambda row: row["Factuurnummer"] == number, alone
    )
    return bool(found)


@pytest.fixture
def alone() -> Alone:
    return Alone()


def opened(books: Books, monkeypatch: pytest.MonkeyPatch, before: int = 0) -> Recent:
    monkeypatch.setattr(Recent, "_booked_before", lambda self, moment: before)
    return Recent(books, 1)  # type: ignore[arg-type]  # a client that only lists


def test_twenty_six_documents_cost_one_call(
    monkeypatch: pytest.MonkeyPatch, alone: Alone
) -> None:
    books = Books([7, 8, 9])
    recent = opened(books, monkeypatch, before=7)
    sent_at = utcnow() - LONG_AGO
    hits = [search(recent, f"W{n}", sent_at, alone) for n in range(8, 34)]
    assert hits == [True, True, *[False] * 24]
    assert (len(books.asked), alone.calls) == (1, 0)
    assert (books.asked[0].first, books.asked[0].last > 10**6) == (7, True)


@pytest.mark.parametrize(
    ("numbers", "before"),
    [(range(1, 600), 0), (range(20, 40), 7), (range(1, 600), 7)],
    ids=["full", "its begin is missing", "full after its begin"],
)
def test_a_miss_in_a_list_that_may_lack_something_is_asked_alone(
    monkeypatch: pytest.MonkeyPatch, alone: Alone, numbers: range, before: int
) -> None:
    recent = opened(Books(numbers), monkeypatch, before)
    assert not search(recent, "W9999", utcnow() - LONG_AGO, alone)
    assert alone.calls == 1


def test_a_second_look_is_a_new_one(
    monkeypatch: pytest.MonkeyPatch, alone: Alone
) -> None:
    """The engine takes two misses for absence: not from the same list."""
    books = Books([7])
    recent = opened(books, monkeypatch, before=7)
    sent_at = utcnow() - LONG_AGO
    assert not search(recent, "W8", sent_at, alone)
    books.numbers.append(8)
    assert search(recent, "W8", sent_at, alone)
    assert len(books.asked) == 2


def test_what_was_sent_after_the_list_was_read_is_not_looked_for_in_it(
    monkeypatch: pytest.MonkeyPatch, alone: Alone
) -> None:
    books = Books([7])
    recent = opened(books, monkeypatch, before=7)
    assert not search(recent, "W8", utcnow() - LONG_AGO, alone)
    books.numbers.append(9)
    assert search(recent, "W9", utcnow(), alone)


def test_pages_go_on_until_an_empty_answer() -> None:
    """The cap counts rows, lines among them: a short page need not be the last."""

    class Short(Books):
        def entries(self, query: EntryQuery) -> Sequence[dict[str, Any]]:
            return super().entries(query)[-3:]

    books = Short(range(2, 12))
    found = [row["MutatieNr"] for page in pages(books, EntryQuery()) for row in page]  # type: ignore[arg-type]
    assert sorted(found) == list(range(2, 12))
    assert len(books.asked) == 5


def test_a_list_that_does_not_listen_ends() -> None:
    class Deaf(Books):
        def entries(self, query: EntryQuery) -> Sequence[dict[str, Any]]:
            return super().entries(EntryQuery())

    read = list(pages(Deaf([5, 6]), EntryQuery(since=date(2026, 1, 1))))  # type: ignore[arg-type]
    assert len(read) == 2


def test_an_open_amount_of_a_hair_is_nothing() -> None:
    from plugins.eboekhouden.invoices.settlements import _item

    row = {"Openstaand": Decimal("9.990000000000014"), "Bedrag": Decimal("1.4E-14")}
    item = _item(row)
    assert (item.open_amount, item.amount) == (Decimal("9.99"), 0)
