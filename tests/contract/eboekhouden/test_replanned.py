"""*Wat verandert er* by e-Boekhouden.nl's own planner: nothing is asked or booked."""

from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import order
from tests.contract.replanned import by_accounts, moved


def test_another_account_moves_the_turnover_and_books_nothing(
    coupled: Coupled, judged: list[str]
) -> None:
    coupled.book(order(1))
    coupled.read([order(2)])
    calls = len(judged)
    states = coupled.states()
    same = by_accounts(coupled, lambda line: line.revenue_account)
    assert (same.seen, same.changed) == (2, [])
    found = by_accounts(coupled, lambda _line: "8040")
    assert {each.is_booked for each in found.changed} == {True, False}
    assert {(account, sign) for _number, account, sign in moved(found)} == {
        ("8000", -1), ("8010", -1), ("8040", 1),
    }  # fmt: skip
    assert all(
        sum(line.then - line.now for line in each.difference.moved) == 0
        for each in found.changed
    )
    gone = by_accounts(coupled, lambda _line: "")
    assert (gone.refused, gone.same) == (2, 0)
    assert len(judged) == calls
    assert coupled.states() == states
