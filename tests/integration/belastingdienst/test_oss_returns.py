"""The one stop shop from orders, refunds and invoices to what was filed, to the cent.

What is expected is reckoned in whole cents, from the rows that the test made itself.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.orders import LineKind, Order
from core.models import Connection, LogEntry, Mail, Tenant, TenantPlugin
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from plugins.belastingdienst.evidence import keeping, retention
from plugins.belastingdienst.law.oss import Correction
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.models import Administration, OssQuarter, OssRegister
from plugins.belastingdienst.oss import reading, registers, reminders, returns, stored
from plugins.belastingdienst.oss.returns import Books
from plugins.belastingdienst.paper import oss_csv, oss_pdf
from plugins.belastingdienst.tasks import read_oss
from tests.component.test_invoices import read as read_pdf
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.shop_samples import (
    line,
    order,
    record,
    refund,
    shop,
)
from tests.quarters import quarter
from tests.unit.belastingdienst.test_oss import charged

NUMBER = "001000044B37"
Q1, Q2, Q3, Q4 = (quarter(2026, number) for number in (1, 2, 3, 4))
GERMAN = line("119.00", "19.00", "19")
BELGIAN = line("121.00", "21.00", "21")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 10, 5, 9, tzinfo=UTC), tick=True) as at:
        yield at


@pytest.fixture
def owner(app: Flask) -> Iterator[Tenant]:
    with system_scope():
        yield samples.tenant()


@pytest.fixture
def winkel(owner: Tenant) -> Connection:
    return shop(owner)


@pytest.fixture
def administration(owner: Tenant) -> Administration:
    """The books may be kept anywhere: OSS sales come from here in any case."""
    return samples.administration(owner, source="accountview", tax_number=NUMBER)


def register(
    administration: Administration,
    *shops: Connection,
    since: date = Q1.start,
    last: date | None = None,
    kind: str = "",
    oss_from: date | None = date(2025, 1, 1),
) -> OssRegister:
    return registers.save(
        administration,
        days=(oss_from, last),
        since=since,
        sales=(True, [one.id for one in shops]),
        invoice_kind=kind,
        user_id=1,
    )


def read(row: OssRegister) -> Books:
    session().flush()
    reading.ask(session().get_one(OssRegister, row.id))
    session().commit()
    read_oss(row.id)
    return books()


def books() -> Books:
    row = session().scalars(select(OssRegister)).one()
    assert (row.reading, row.code) == (False, "")
    known = registers.taxpayer(row.tenant_id, row.tax_number)
    return Books(row, known, utcnow().date())


def file(found: Books, span: Span, **values: Any) -> OssQuarter:
    made = found.quarter(span).made
    given = {"seen": stored.digest(made), "reference": "", "in_spite": False}
    row = returns.file(found, span, user_id=1, **{**given, **values})
    session().commit()
    return row


def codes(found: Books, span: Span) -> list[str]:
    return [each.code for each in found.quarter(span).made.doubts]


def test_a_quarter_of_all_states_to_the_cent(
    administration: Administration, winkel: Connection
) -> None:
    """26 states and Northern Ireland: 3 lines an order, some taken back in part."""
    dice, states = random.Random(8), charged()
    found: list[Order] = []
    expected: Counter[tuple[str, str, str]] = Counter()
    for number in range(27 * 6):
        country = list(states)[number % 27]
        lines, back = [], []
        for place in range(3):
            rate = dice.choice(states[country])
            incl = dice.randint(100, 30_000)
            vat = _vat_in_cents(incl, rate)
            sold = line(_euros(incl), _euros(vat), rate, name=f"Artikel {place}")
            lines.append(sold)
            keeps = place or number % 4
            expected[country, rate, "vat"] += vat if keeps else 0
            expected[country, rate, "excl"] += incl - vat if keeps else 0
            back += [] if keeps else [sold]
        day = f"2026-{dice.choice(['07', '08', '09'])}-{dice.randint(1, 28):02}"
        returned = [refund("a", "2026-10-03T10:00", back)] if back else []
        found.append(
            order(str(number), f"{day}T10:00", country, lines, refunds=returned)
        )
    found.append(order("nl", "2026-08-01T10:00", "NL", [line("121", "21", "21")]))
    found.append(order("us", "2026-08-01T10:00", "US", [line("121", "0", "0")]))
    record(winkel, *found)
    made = read(register(administration, winkel, since=Q3.start)).quarter(Q3).made
    assert [each.code for each in made.doubts] == []
    got: Counter[tuple[str, str, str]] = Counter()
    for one in made.lines:
        assert (one.dispatched_from, str(one.kind)) == ("NL", "goods")
        got[one.country, str(one.rate), "vat"] += int(one.vat * 100)
        got[one.country, str(one.rate), "excl"] += int(one.amount_excl_vat * 100)
    assert got == +expected
    assert len({one.country for one in made.lines}) == 27
    assert made.to_pay * 100 == sum(
        cents for (_land, _rate, what), cents in expected.items() if what == "vat"
    )


def _vat_in_cents(incl: int, rate: str) -> int:
    """Half up in whole numbers: incl * rate / (100 + rate)."""
    tenths = int(Decimal(rate) * 10)
    return (2 * incl * tenths + 1000 + tenths) // (2 * (1000 + tenths))


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def test_a_refund_in_a_later_quarter_is_a_correction_once(
    administration: Administration, winkel: Connection
) -> None:
    sold = order("1", "2026-05-10T10:00", "DE", [GERMAN])
    other = order("2", "2026-08-10T10:00", "BE", [BELGIAN])
    record(winkel, sold, other)
    row = register(administration, winkel, since=Q2.start)
    first = file(read(row), Q2)
    assert [one["vat"] for one in first.lines] == ["19.00"]
    part = line("59.50", "9.50", "19")
    back = refund("a", "2026-08-01T10:00", [part])
    record(winkel, order("1", "2026-05-10T10:00", "DE", [GERMAN], refunds=[back]))
    found = read(row)
    assert found.changes() == (Correction(Q2, "DE", Decimal("-9.50")),)
    made = found.quarter(Q3).made
    assert made.corrections == (Correction(Q2, "DE", Decimal("-9.50")),)
    assert (made.to_pay, made.to_get_back) == (
        Decimal("21.00"), {"DE": Decimal("9.50")},
    )  # fmt: skip
    assert [one.vat for one in found.quarter(Q2).made.lines] == [Decimal("19.00")]
    file(found, Q3, reference="NL-7")
    later = read(row)
    assert later.changes() == ()
    assert later.quarter(Q4).made.is_nil
    kept = later.quarter(Q3)
    assert kept.row is not None
    assert (kept.is_filed, kept.row.portal_reference) == (True, "NL-7")


def test_a_change_after_the_registration_ended_is_still_told(
    administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-05-10T10:00", "DE", [GERMAN]))
    row = register(administration, winkel, since=Q2.start, last=Q2.end)
    assert read(row).changes() == ()
    file(books(), Q2)
    back = refund("a", "2026-08-01T10:00", [GERMAN])
    record(winkel, order("1", "2026-05-10T10:00", "DE", [GERMAN], refunds=[back]))
    found = read(row)
    assert found.next_open() is None
    assert found.changes() == (Correction(Q2, "DE", Decimal("-19.00")),)


def test_a_nil_return_is_filed_and_each_quarter_in_its_turn(
    administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    found = read(register(administration, winkel, since=Q2.start))
    assert found.quarter(Q2).made.is_nil
    assert codes(found, Q3) == ["oss_quarter_not_filed"]
    with pytest.raises(AskUser, match="oss_quarter_not_filed"):
        file(found, Q3, in_spite=True)
    row = file(found, Q2)
    assert (row.filed_at is not None, row.lines, row.corrections) == (True, [], [])
    assert codes(books(), Q3) == []
    file(books(), Q3)
    assert (
        list(
            session().scalars(select(LogEntry.code).where(LogEntry.code == "oss_filed"))
        )
        == ["oss_filed"] * 2
    )


@pytest.mark.parametrize(
    ("span", "days", "code"),
    [
        (Q4, (date(2025, 1, 1), None), "oss_quarter_running"),
        (Q3, (date(2026, 10, 1), None), "oss_not_due"),
        (Q3, (date(2025, 1, 1), date(2026, 6, 30)), "oss_not_due"),
    ],
)
def test_what_cannot_be_filed_is_refused(
    administration: Administration,
    span: Span,
    days: tuple[date, date | None],
    code: str,
) -> None:
    row = register(administration, since=Q3.start, oss_from=days[0], last=days[1])
    with pytest.raises(AskUser, match=code):
        file(read(row), span)


def test_figures_of_before_the_end_are_read_again_first(
    administration: Administration, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 9, 30, 21, 59, tzinfo=UTC))  # 23:59 in Amsterdam
    found = read(register(administration, since=Q3.start))
    clock.move_to(datetime(2026, 10, 5, 9, tzinfo=UTC))
    with pytest.raises(AskUser, match="oss_read_first"):
        file(books(), Q3)
    file(read(found.register), Q3)


def test_what_was_not_shown_is_not_kept(
    administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("0", "2026-08-09T10:00", "BE", [BELGIAN]))
    row = register(administration, winkel, since=Q3.start)
    seen = stored.digest(read(row).quarter(Q3).made)
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    with pytest.raises(AskUser, match="oss_changed_meanwhile"):
        file(read(row), Q3, seen=seen)
    file(books(), Q3)
    with pytest.raises(AskUser, match="oss_already_filed"):
        file(books(), Q3)


def test_what_cannot_be_placed_blocks_unless_it_was_filed_so(
    administration: Administration, winkel: Connection
) -> None:
    record(
        winkel,
        order("1", "2026-08-10T10:00", "BE", [BELGIAN]),
        order("2", "2026-08-10T10:00", "DE", [line("107.00", "7.00", "19")]),
        order("3", "2026-08-10T10:00", "DE", [line("118.00", "18.00", "18")]),
    )
    found = read(register(administration, winkel, since=Q3.start))
    assert sorted(codes(found, Q3)) == ["oss_rate_not_of_day", "vat_off_rate"]
    with pytest.raises(AskUser, match="oss_doubts_open"):
        file(found, Q3)
    row = file(found, Q3, in_spite=True)
    assert {one["code"] for one in row.open_doubts} == {
        "oss_rate_not_of_day", "vat_off_rate",
    }  # fmt: skip
    # what is put right later is a correction
    record(winkel, order("2", "2026-08-10T10:00", "DE", [GERMAN]))
    assert read(found.register).changes() == (Correction(Q3, "DE", Decimal("19.00")),)


def test_a_shop_that_came_later_is_asked(
    owner: Tenant, administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    row = register(administration, winkel, since=Q3.start)
    record(shop(owner, "Tweede"), order("2", "2026-08-10T10:00", "DE", [GERMAN]))
    made = read(row).quarter(Q3).made
    assert [(one.code, one.params) for one in made.doubts] == [
        ("oss_shops_unsaid", {"shops": "Tweede"})
    ]
    assert [one.country for one in made.lines] == ["BE"]


def test_orders_of_before_the_installation_are_asked_for(
    administration: Administration, winkel: Connection
) -> None:
    winkel.created_at = datetime(2026, 8, 1, tzinfo=UTC)
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    found = read(register(administration, winkel, since=Q3.start))
    assert codes(found, Q3) == ["oss_before_installation"]
    assert codes(found, Q4) == ["oss_quarter_not_filed"]


def test_who_is_registered_but_charges_home_vat_is_asked(
    owner: Tenant, administration: Administration, winkel: Connection
) -> None:
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    record(winkel, order("1", "2026-08-10T10:00", "DE", [BELGIAN]))
    found = read(register(administration, winkel, since=Q3.start))
    assert codes(found, Q3) == ["oss_home_vat_charged"]


def test_sales_of_before_the_registration_are_told(
    administration: Administration, winkel: Connection
) -> None:
    record(
        winkel,
        order("1", "2026-08-14T10:00", "DE", [GERMAN]),
        order("2", "2026-08-15T10:00", "BE", [BELGIAN]),
    )
    row = register(administration, winkel, since=Q3.start, oss_from=date(2026, 8, 15))
    made = read(row).quarter(Q3).made
    assert [one.country for one in made.lines] == ["BE"]
    assert [(one.code, one.params["count"]) for one in made.doubts] == [
        ("oss_not_registered", "1")
    ]


def test_a_refund_of_before_what_is_kept_here_is_told(
    administration: Administration, winkel: Connection
) -> None:
    back = refund("a", "2026-08-01T10:00", [GERMAN])
    record(winkel, order("1", "2026-05-10T10:00", "DE", [GERMAN], refunds=[back]))
    made = read(register(administration, winkel, since=Q3.start)).quarter(Q3).made
    (told,) = made.doubts
    assert (told.code, told.blocks, told.params["amount"]) == (
        "oss_refund_of_before", False, "-19.00",
    )  # fmt: skip
    assert made.is_nil


def test_invoices_with_foreign_vat_come_along(
    owner: Tenant, administration: Administration
) -> None:
    invoice = invoice_samples.maker(owner)
    sold = invoice("F1", ("BE", "100"), ("H", "50"), vat="31.50", on=date(2026, 8, 1))
    credit = invoice("F2", ("BE", "-40"), vat="-8.40", on=date(2026, 9, 30))
    credit.credits_id = sold.id
    row = register(administration, since=Q3.start)
    assert codes(read(row), Q3) == ["oss_invoice_kind_unsaid"]
    again = session().get_one(Administration, administration.id)
    row = register(again, since=Q3.start, kind="services")
    made = read(row).quarter(Q3).made
    (one,) = made.lines
    assert (one.country, str(one.kind), one.amount_excl_vat, one.vat) == (
        "BE", "services", Decimal("60.00"), Decimal("12.60"),
    )  # fmt: skip
    assert made.doubts == ()


@pytest.mark.parametrize(
    ("amount", "vat", "begins"),
    [("9999.00", "0", None), ("12100.00", "0", date(2026, 8, 10))],
)
def test_the_standing_to_the_threshold(
    owner: Tenant,
    administration: Administration,
    winkel: Connection,
    amount: str,
    vat: str,
    begins: date | None,
) -> None:
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    cents = int(Decimal(amount) * 100)
    sold = line(amount, _euros(_vat_in_cents(cents, "21")), "21", LineKind.GOODS)
    record(winkel, order("1", "2026-08-10T10:00", "DE", [sold]))
    read(register(administration, winkel, since=Q3.start, oss_from=None))
    found = books()
    assert not found.is_due(Q3)
    standing = returns.standing(found.register, 2026)
    excl = sold.amount_incl_vat - sold.vat_amount
    assert (standing.counted, standing.abroad_from) == (
        excl, begins if excl > 10_000 else None,
    )  # fmt: skip
    assert returns.standing(found.register, 2027).before == excl


@pytest.mark.parametrize(
    ("back", "counted"),
    [("2026-10-01T10:00", {2026: "0", 2027: "0"}),
     ("2027-01-05T10:00", {2026: "12100", 2027: "0"})],
)  # fmt: skip
def test_a_refund_counts_for_the_threshold_on_its_own_day(
    owner: Tenant,
    administration: Administration,
    winkel: Connection,
    clock: time_machine.Traveller,
    back: str,
    counted: dict[int, str],
) -> None:
    """It takes nothing back, and lowers no other year than that of its sale."""
    clock.move_to(datetime(2027, 1, 10, tzinfo=UTC))
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    sold = [line("14641.00", "2541.00", "21")]
    record(
        winkel,
        order("1", "2026-08-10T10:00", "DE", sold, refunds=[refund("a", back, sold)]),
    )
    read(register(administration, winkel, since=Q3.start, oss_from=None))
    found = {year: returns.standing(books().register, year) for year in counted}
    assert {year: one.counted for year, one in found.items()} == {
        year: Decimal(amount) for year, amount in counted.items()
    }
    assert found[2026].abroad_from == date(2026, 8, 10)
    assert found[2027].abroad_from == date(2027, 1, 1)


def test_a_credit_note_counts_for_the_threshold_on_its_own_day(
    owner: Tenant, administration: Administration
) -> None:
    invoice = invoice_samples.maker(owner)
    sold = invoice("F1", ("BE", "12000"), vat="2520.00", on=date(2026, 2, 1))
    credit = invoice("F2", ("BE", "-12000"), vat="-2520.00", on=date(2026, 9, 30))
    old = invoice("F0", ("BE", "50"), vat="10.50", on=date(2025, 12, 1))
    older = invoice("F3", ("BE", "-50"), vat="-10.50", on=date(2026, 1, 2))
    credit.credits_id, older.credits_id = sold.id, old.id
    read(register(administration, since=Q3.start, kind="goods"))
    found = returns.standing(books().register, 2026)
    assert (found.before, found.counted) == (Decimal(50), Decimal(0))
    assert found.abroad_from == date(2026, 2, 1)


# paper, reminders, keeping


def test_paper_and_file_say_what_the_return_is(
    app: Flask, administration: Administration, winkel: Connection
) -> None:
    record(
        winkel,
        order("1", "2026-08-10T10:00", "BE", [BELGIAN]),
        order("2", "2026-08-10T10:00", "DE", [line("10.70", "0.70", "7")]),
    )
    found = read(register(administration, winkel, since=Q3.start)).quarter(Q3)
    with app.test_request_context():
        made = [oss_pdf.write(found, "Demo", NUMBER, []) for _ in "12"]
        sheet = oss_csv.write(found.made).decode("utf-8-sig").splitlines()
    assert made[0] == made[1]
    text = "\n".join(read_pdf(made[0]))
    for words in ("OSS-aangifte 3e kwartaal 2026", "België", "21 %", "€ 100,00",
                  "31 oktober 2026", "30 oktober 2026", "€ 21,70"):  # fmt: skip
        assert words in text.replace("\u00a0", " "), words
    assert sheet[1:] == [
        "Goederen;BE;NL;;Normaal tarief;21;100,00;21,00",
        "Goederen;DE;NL;;Verlaagd tarief;7;10,00;0,70",
        "Saldo per land;BE;;;;;;21,00",
        "Saldo per land;DE;;;;;;0,70",
    ]


def test_one_reminder_before_the_last_day_and_one_after(
    administration: Administration, clock: time_machine.Traveller
) -> None:
    row = register(administration, since=Q3.start)
    session().add(TenantPlugin(tenant_id=row.tenant_id, plugin="belastingdienst"))
    read(row)
    found = []
    for day in ("2026-10-23", "2026-10-24", "2026-10-31", "2026-11-01", "2026-11-02"):
        clock.move_to(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))
        reminders.remind_all(utcnow())
        found.append(session().query(Mail).count())
    assert found == [0, 1, 1, 2, 2]
    letters = session().scalars(select(Mail).order_by(Mail.id)).all()
    assert {one.kind for one in letters} == {"belastingdienst_oss"}
    subject, body = mail.content_of(letters[0])
    assert subject == "OSS-aangifte 3e kwartaal 2026"
    assert "uiterlijk 31 okt 2026" in body
    assert session().scalars(select(OssRegister)).one().reading  # read anew each day


def test_a_quarter_that_was_filed_is_reminded_of_no_more(
    administration: Administration, clock: time_machine.Traveller
) -> None:
    row = register(administration, since=Q3.start)
    session().add(TenantPlugin(tenant_id=row.tenant_id, plugin="belastingdienst"))
    file(read(row), Q3)
    clock.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC))
    reminders.remind_all(utcnow())
    assert session().query(Mail).count() == 0


def test_a_filed_quarter_that_changes_is_mailed_once_for_each_return(
    administration: Administration, winkel: Connection
) -> None:
    """21.00 was filed; 19.00 comes in, then 21.00 more, and at last it is filed."""
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    found = read(register(administration, winkel, since=Q3.start))
    file(found, Q3)
    read(found.register)
    assert session().query(Mail).count() == 0
    for number, lines in (("2", GERMAN), ("3", BELGIAN)):
        country = "DE" if number == "2" else "BE"
        record(winkel, order(number, "2026-08-11T10:00", country, [lines]))
        read(found.register)
        read(found.register)
    (letter,) = session().scalars(select(Mail)).all()
    assert letter.kind == "belastingdienst_oss_change"
    subject, body = mail.content_of(letter)
    assert subject == "OSS-aangifte 3e kwartaal 2026 klopt niet meer"
    for words in ("Duitsland: €\xa019,00", "OSS-aangifte over het 4e kwartaal 2026"):
        assert words in body, words
    assert "%(" not in body
    noted = select(LogEntry).where(LogEntry.code == "oss_filed_quarter_changed")
    assert len(session().scalars(noted).all()) == 1


def test_who_left_the_scheme_tells_the_states_himself(
    administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-08-10T10:00", "BE", [BELGIAN]))
    row = register(administration, winkel, since=Q3.start, last=Q3.end)
    file(read(row), Q3)
    record(winkel, order("2", "2026-08-11T10:00", "DE", [GERMAN]))
    read(row)
    (letter,) = session().scalars(select(Mail)).all()
    assert (
        "Geef het verschil door aan elk van deze landen zelf"
        in (mail.content_of(letter)[1])
    )


def test_taking_back_is_for_the_last_one_only(administration: Administration) -> None:
    found = read(register(administration, since=Q2.start))
    file(found, Q2)
    file(books(), Q3)
    with pytest.raises(AskUser, match="oss_later_filed"):
        returns.take_back(books(), Q2, user_id=1)
    returns.take_back(books(), Q3, user_id=1)
    assert not books().quarter(Q3).is_filed
    with pytest.raises(LookupError):
        returns.take_back(books(), Q3, user_id=1)
    again = session().get_one(Administration, administration.id)
    with pytest.raises(AskUser, match="oss_since_filed"):
        register(again, since=Q3.start)


def test_filed_quarters_are_kept_ten_years(
    administration: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-08-10T10:00", "DE", [line("118", "18", "18")]))
    tenant_id = administration.tenant_id
    file(read(register(administration, winkel, since=Q3.start)), Q3, in_spite=True)
    retention.forget(tenant_id)
    session().expire_all()
    (row,) = session().scalars(select(OssQuarter))
    assert (row.starts_on, row.sales, row.open_doubts) == (Q3.start, [], [])
    assert row.lines[0]["vat"] == "18"
    keeping.forget(datetime(2036, 12, 31, tzinfo=UTC))
    assert session().query(OssQuarter).count() == 1
    keeping.forget(datetime(2037, 1, 1, tzinfo=UTC))
    assert session().query(OssQuarter).count() == 0
    assert session().scalars(select(OssRegister)).one().since == Q4.start
