"""Cancellations of the retail data become refunds of the orders that they cancel."""

import gzip
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from plugins.kmoshops.sandbox.cancellations import Found, find
from tests.component.test_loader import HEAD, row
from tests.shared import shared_file

D = Decimal
LATER = "2011-03-09 09:00:00"


def found(tmp_path: Path, *rows: str) -> Found:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((HEAD, *rows)))
    return find(path)


def sold(number: str, code: str = "A", quantity: int = 5, **other: str) -> str:
    return row(number, code, quantity, "10", customer="7.0", **other)


def back(number: str, code: str = "A", quantity: int = -2, **other: str) -> str:
    return sold(number, code, quantity, **{"day": LATER, **other})


def amounts(result: Found) -> list[tuple[str, str, Decimal]]:
    return [(each.sale, each.cancellation, each.amount) for each in result.refunds]


def test_part_of_the_last_sale_that_has_it_comes_back(tmp_path: Path) -> None:
    rows = [sold("1"), sold("2", day="2011-03-05 09:00:00"), back("C3")]
    result = found(tmp_path, *rows)
    assert amounts(result) == [("2", "C3", D("23.80"))]
    assert result.refunds[0].at.isoformat() == "2011-03-09T08:00:00+00:00"


def test_pieces_come_back_once(tmp_path: Path) -> None:
    rows = [sold("1"), back("C2", quantity=-4), back("C3"), back("C4", quantity=-1)]
    result = found(tmp_path, *rows)
    assert [each[:2] for each in amounts(result)] == [("1", "C2"), ("1", "C4")]
    assert result.lost == ("C3",)


def test_one_cancellation_may_be_of_more_sales(tmp_path: Path) -> None:
    rows = [sold("1", "A"), sold("2", "B"), back("C3", "A"), back("C3", "B")]
    assert [each[:2] for each in amounts(found(tmp_path, *rows))] == [
        ("1", "C3"),
        ("2", "C3"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        back("C2", "B"),
        back("C2", quantity=-6),
        back("C2", day="2011-02-01 09:00:00"),
        row("C2", "A", -2, "10", customer="8.0", day=LATER),
        row("C2", "A", -2, "10", day=LATER),
        row("C2", "A", -2, "9", customer="7.0", day=LATER),
    ],
    ids=["article", "quantity", "earlier", "customer", "nobody", "price"],
)
def test_what_fits_no_sale_stays_an_order(tmp_path: Path, other: str) -> None:
    result = found(tmp_path, sold("1"), other)
    assert (result.refunds, result.lost) == ((), ("C2",))


def test_no_more_comes_back_than_was_paid(tmp_path: Path) -> None:
    result = found(tmp_path, sold("1"), sold("1", "D", -4), back("C2", quantity=-5))
    assert result.lost == ("C2",)


def test_the_real_data_has_refunds(tmp_path: Path) -> None:
    """Its first part; of the whole file 350 of 464 are (README)."""
    real = shared_file("data/online-retail/orders-outside-uk.csv.gz")
    with gzip.open(real, "rt", encoding="utf-8") as file:
        result = found(tmp_path, *islice((line.strip() for line in file), 1, 4_000))
    counts = (len(result.cancellations), len(result.lost), len(result.refunds))
    assert counts == (19, 28, 20)
