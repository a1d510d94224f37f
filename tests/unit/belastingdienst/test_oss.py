"""The one stop shop, beside figures made by hand and an own table of rates."""

import random
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from core.domain.errors import AskUser
from plugins.belastingdienst.law import oss
from plugins.belastingdienst.law.oss import Kind, OssReturn, Sale
from plugins.belastingdienst.law.spans import Span
from tests.quarters import quarter

D = date.fromisoformat
Q1, Q2, Q3, Q4 = (quarter(2026, number) for number in (1, 2, 3, 4))
SINCE = D("2026-01-01")
# what the states charged on 2026-08-15: standard, then one lower rate ("" where none);
# typed from the Commission's list of 2026-09-29, not from the product's table
CHARGED = """
AT 20 10|BE 21 6|BG 20 9|CY 19 5|CZ 21 12|DE 19 7|DK 25 |EE 24 9|ES 21 10|FI 25.5 13.5
FR 20 5.5|GR 24 13|HR 25 5|HU 27 18|IE 23 13.5|IT 22 10|LT 21 12|LU 17 8|LV 21 12
MT 18 5|PL 23 8|PT 23 6|RO 21 11|SE 25 12|SI 22 9.5|SK 23 19|XI 20 5
"""


def charged() -> dict[str, list[str]]:
    rows = (row.split() for line in CHARGED.split("\n") for row in line.split("|"))
    return {row[0]: row[1:] for row in rows if row}


def sale(
    name: str, on: str, country: str, rate: str, excl: str, **more: object
) -> Sale:
    amount = Decimal(excl)
    vat = (amount * Decimal(rate) / 100).quantize(Decimal("0.01"))
    given: dict[str, object] = {
        "kind": Kind.GOODS, "vat": vat, "dispatched_from": "NL", **more
    }  # fmt: skip
    return Sale(
        name, D(on), country, rate=Decimal(rate), amount_excl_vat=amount, **given
    )  # type: ignore[arg-type]


def declare(
    period: Span, sales: list[Sale], declared: oss.Declared, today: str = "2026-10-05"
) -> OssReturn:
    return oss.declare(period, sales, declared, home="NL", today=D(today), since=SINCE)


def test_a_quarter_by_hand() -> None:
    sales = [
        sale("1", "2026-07-01", "DE", "19", "100.00"),
        sale("2", "2026-09-30", "DE", "19", "50.05"),
        sale("2r", "2026-09-30", "DE", "19", "-10.00"),
        sale("3", "2026-08-02", "DE", "7", "30.00"),
        sale("4", "2026-08-02", "BE", "21", "200.00", kind=Kind.SERVICES),
        sale("5", "2026-08-02", "DE", "19", "40.00", dispatched_from="BE"),
        sale("6", "2026-10-01", "DE", "19", "999.00"),
    ]
    made = declare(Q3, sales, {Q1: {}, Q2: {}})
    found = [
        (one.country, one.dispatched_from, one.kind, one.rate_kind, one.rate,
         one.amount_excl_vat, one.vat)
        for one in made.lines
    ]  # fmt: skip
    assert [tuple(map(str, row)) for row in found] == [
        ("BE", "NL", "services", "standard", "21", "200.00", "42.00"),
        ("DE", "BE", "goods", "standard", "19", "40.00", "7.60"),
        ("DE", "NL", "goods", "reduced", "7", "30.00", "2.10"),
        ("DE", "NL", "goods", "standard", "19", "140.05", "26.61"),
    ]
    assert made.balances == {"BE": Decimal("42.00"), "DE": Decimal("36.31")}
    assert (made.to_pay, made.corrections, made.doubts) == (Decimal("78.31"), (), ())


def test_every_state_and_northern_ireland_recomputed() -> None:
    """Whole cents in a Counter, rounded by integers: no code of the product."""
    dice, states = random.Random(15), charged()
    assert len(states) == 27  # 26 states without NL, and XI
    sales: list[Sale] = []
    expected: Counter[tuple[str, str, str]] = Counter()
    for number in range(1500):
        country = list(states)[number % 27]
        rate = dice.choice(states[country])
        kind = Kind.GOODS if country == "XI" else dice.choice(list(Kind))
        excl = dice.randint(-500, 30_000)
        vat = int(
            Decimal(excl) * Decimal(rate) / 100
            + (Decimal("0.5") if excl >= 0 else -Decimal("0.5"))
        )
        sales.append(
            Sale(str(number), D("2026-08-15"), country, kind, Decimal(rate),
                 Decimal(excl) / 100, Decimal(vat) / 100, "NL")
        )  # fmt: skip
        expected[country, kind, rate] += vat
    made = declare(Q3, sales, {Q1: {}, Q2: {}})
    assert [each for each in made.doubts if each.code != "oss_negative_line"] == []
    got = {
        (one.country, str(one.kind), str(one.rate)): one.vat * 100 for one in made.lines
    }
    assert got == {key: vat for key, vat in expected.items() if vat or key in got}
    per_state: Counter[str] = Counter()
    for (country, _kind, _rate), vat in expected.items():
        per_state[country] += vat
    assert {land: vat * 100 for land, vat in made.balances.items()} == dict(per_state)
    assert made.to_pay * 100 == sum(vat for vat in per_state.values() if vat > 0)


def test_goods_from_northern_ireland() -> None:
    one = sale("1", "2026-08-02", "IE", "23", "100.00", dispatched_from="XI")
    made = declare(Q3, [one], {Q1: {}, Q2: {}})
    assert (made.lines[0].dispatched_from, made.doubts) == ("XI", ())
    asked = declare(
        Q3, [sale("1", "2026-08-02", "XI", "20", "10", kind=Kind.SERVICES)], {}
    )
    assert [each.code for each in asked.doubts] == ["oss_country"]


def test_a_refund_corrects_the_quarter_of_its_sale_once() -> None:
    first = sale("1", "2026-05-10", "DE", "19", "100.00")
    other = sale("2", "2026-05-11", "BE", "21", "100.00")
    made = declare(Q2, [first, other], {Q1: {}}, "2026-07-03")
    declared = oss.after({Q1: {}}, made)
    assert declared == {Q1: {}, Q2: {"DE": Decimal("19.00"), "BE": Decimal("21.00")}}
    back = sale("1r", "2026-05-10", "DE", "19", "-40.00")
    new = sale("3", "2026-08-01", "BE", "21", "10.00")
    third = declare(Q3, [first, other, back, new], declared)
    assert third.corrections == (oss.Correction(Q2, "DE", Decimal("-7.60")),)
    assert third.balances == {"BE": Decimal("2.10"), "DE": Decimal("-7.60")}
    assert third.to_pay == Decimal("2.10")
    assert third.to_get_back == {"DE": Decimal("7.60")}
    fourth = declare(
        Q4, [first, other, back, new], oss.after(declared, third), "2027-01-04"
    )
    assert fourth.is_nil


def test_a_correction_after_three_years_is_the_states_own() -> None:
    old = sale("1", "2026-05-10", "DE", "19", "100.00")
    declared = {quarter(year, number): {} for year in range(2026, 2030)
                for number in (1, 2, 3, 4)}  # fmt: skip
    declared.pop(quarter(2029, 3))
    declared.pop(quarter(2029, 4))
    last = declare(quarter(2029, 3), [old], declared, "2029-07-31")
    assert last.corrections == (oss.Correction(Q2, "DE", Decimal("19.00")),)
    late = declare(quarter(2029, 3), [old], declared, "2029-08-01")
    assert late.corrections == ()
    assert [(each.code, each.about) for each in late.doubts] == [("oss_too_old", "DE")]


def test_an_earlier_quarter_is_filed_first() -> None:
    made = declare(Q3, [sale("1", "2026-05-10", "DE", "19", "100.00")], {Q1: {}})
    assert [(each.code, each.about) for each in made.doubts] == [
        ("oss_quarter_not_filed", "2026-Q2")
    ]
    with pytest.raises(AskUser, match="oss_already_filed"):
        declare(Q3, [], {Q3: {}})
    with pytest.raises(AskUser, match="oss_no_quarter"):
        declare(Span(D("2026-07-01"), D("2026-08-31")), [], {})


def test_quarters_that_are_not_known_in_full_are_left_alone() -> None:
    declared = {quarter(2025, 4): {"DE": Decimal("500.00")}, Q1: {}, Q2: {}}
    assert declare(Q3, [], declared).is_nil
    forgotten = declare(Q3, [], {**declared, Q2: {"DE": Decimal("5.00")}})
    assert forgotten.corrections == (oss.Correction(Q2, "DE", Decimal("-5.00")),)


def test_a_doubt_of_long_ago_is_not_asked_again() -> None:
    odd = sale("1", "2026-05-10", "DE", "16", "100.00")
    assert declare(Q3, [odd], {Q1: {}, Q2: {"DE": Decimal("16.00")}}).doubts == ()
    asked = declare(Q3, [odd], {Q1: {}, Q2: {}}).doubts
    assert [each.code for each in asked] == ["oss_rate_not_of_day"]


def test_sales_before_the_registration_stay_out() -> None:
    early = sale("1", "2025-12-31", "DE", "19", "100.00")
    assert declare(Q1, [early], {}, "2026-04-03").is_nil


WRONG = {
    "oss_domestic_sale": [sale("1", "2026-08-01", "NL", "21", "10")],
    "oss_country": [
        sale("1", "2026-08-01", "CH", "8.1", "10"),
        sale("1", "2026-08-01", "GB", "20", "10"),
    ],
    "oss_rate_not_of_day": [
        sale("1", "2026-08-01", "DE", "16", "10"),
        sale("1", "2026-08-01", "IE", "0", "10"),
        sale("1", "2026-06-30", "AT", "4.9", "10"),
    ],
    "oss_vat_not_at_rate": [
        sale("1", "2026-08-01", "DE", "19", "10", vat=Decimal("1.92"))
    ],
    "oss_not_euro": [sale("1", "2026-08-01", "DE", "19", "10", currency="SEK")],
    "oss_dispatched_from": [
        sale("1", "2026-08-01", "DE", "19", "10", dispatched_from="CN")
    ],
    "oss_establishment": [
        sale("1", "2026-08-01", "DE", "19", "10", dispatched_from="BE",
             kind=Kind.SERVICES)
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "code"), [(one, code) for code, found in WRONG.items() for one in found]
)
def test_what_keeps_a_sale_out(given: Sale, code: str) -> None:
    assert [each.code for each in oss.doubts_of(given, "NL")] == [code]


def test_what_may_be() -> None:
    cents = sale("1", "2026-08-01", "DE", "19", "10", vat=Decimal("1.92"), lines=2)
    island = sale("2", "2026-08-01", "PT", "22", "10", own_rates=(Decimal(22),))
    new_rate = sale("3", "2026-07-01", "AT", "4.9", "10")
    for given in (cents, island, new_rate):
        assert not list(oss.doubts_of(given, "NL"))
    assert oss.rate_kind(island) is oss.RateKind.REDUCED


def test_the_paper_lists_goods_services_corrections_and_balances() -> None:
    made = OssReturn(
        Q3,
        declare(Q3, [
            sale("1", "2026-08-01", "BE", "21", "10", kind=Kind.SERVICES),
            sale("2", "2026-08-01", "DE", "19", "10"),
        ], {}).lines,
        (oss.Correction(Q2, "FR", Decimal("-1.00")),),
    )  # fmt: skip
    rows = [
        (row.part, row.country, row.quarter, row.vat) for row in oss.paper_rows(made)
    ]
    assert rows == [
        ("goods", "DE", "", Decimal("1.90")),
        ("services", "BE", "", Decimal("2.10")),
        ("correction", "FR", "2026-Q2", Decimal("-1.00")),
        ("balance", "BE", "", Decimal("2.10")),
        ("balance", "DE", "", Decimal("1.90")),
        ("balance", "FR", "", Decimal("-1.00")),
    ]
    assert oss.paper_rows(OssReturn(Q3)) == ()
