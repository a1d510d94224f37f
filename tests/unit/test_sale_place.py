"""Where a sale takes place, under which scheme, and what its lines become."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain.errors import AskUser, Stop
from core.domain.money import total
from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    Payment,
    Purse,
    Refund,
)
from core.domain.orders import SaleKind as Kind
from core.rules.refunds import credit_order
from core.rules.sale_checks import (
    GiftCards,
    NoTurnover,
    VatRule,
    VatRules,
    check_business,
    check_order,
    with_free_lines,
)
from core.rules.sale_place import Sale, Scheme, place_of
from core.rules.seller import DistanceSales, Seller, VatStatus, statuses_of, stored

D = Decimal
NL = Seller("NL")
MOMENT = datetime(2026, 5, 31, 12, tzinfo=UTC)
CARD, TIP = LineKind.GIFT_CARD, LineKind.TIP


def line(
    incl: str = "100.00",
    vat: str = "0.00",
    rate: str = "0",
    kind: LineKind = LineKind.GOODS,
) -> OrderLine:
    return OrderLine(kind, kind.value, D(1), D(incl), D(vat), D(rate))


def to(country: str, postcode: str = "1000", company: str = "") -> Address:
    return Address(
        name="Jan", company=company, city="Plaats", country=country,
        postal_code=postcode,
    )  # fmt: skip


def order(where: Address, *lines: OrderLine, **changes: Any) -> Order:
    lines = lines or (line(),)
    values: dict[str, Any] = {
        "source_id": "1", "number": "1", "ordered_at": MOMENT, "updated_at": MOMENT,
        "currency": "EUR", "lines": lines, "billing": where, "delivery": where,
        "total_incl_vat": total(each.amount_incl_vat for each in lines),
        "vat_amount": total(each.vat_amount for each in lines), **changes,
    }  # fmt: skip
    return Order(**values)


def told(sale: Sale) -> tuple[Kind, str, Scheme]:
    return sale.kind, sale.country, sale.scheme


EXPORTS = [
    (to("ES", "38001", "Isla Test SL"), "ESB58378431"), (to("ES", "35001"), ""),
    (to("IT", "23041", "Monte SRL"), "IT00743110157"),
    (to("DE", "78266", "Rhein GmbH"), "DE136695976"),
    (to("FR", "97400", "Volcan SARL"), "FR40303265045"), (to("CH", "8000", "AG"), ""),
    (to("AX", "22100", "Ab"), "FI01"), (to("NL", "0000 AA"), ""), (to("GB", "N1"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("where", "number"), EXPORTS)
def test_goods_that_leave_the_vat_area_are_exports(where: Address, number: str) -> None:
    if where.country == "NL":
        where = replace(where, city="Willemstad")
    sale = place_of(order(where, vat_number=number, reverse_charged=bool(number)), NL)
    assert (sale.kind, sale.scheme) == (Kind.INTERNATIONAL, Scheme.EXPORT)


ICP = [
    (to("GB", "BT1 1AA", "Lagan Ltd"), "XI980780684", "XI", "XI"),
    (to("XI", "BT1 1AA", "Lagan Ltd"), "XI980780684", "XI", "XI"),
    (to("MC", "98000", "Rocher SAM"), "FR40303265045", "FR", "FR"),
    (to("DE", "52062", "GmbH"), "DE136695976", "DE", "DE"),
    (to("FR", "75001", "SARL"), "DE136695976", "FR", "FR"),
    (to("GR", "10431", "AE"), "094259216", "GR", "EL"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "number", "country", "prefix"), ICP)
def test_businesses_elsewhere_in_the_vat_area_are_icp(
    where: Address, number: str, country: str, prefix: str
) -> None:
    sale = place_of(order(where, vat_number=number, reverse_charged=True), NL)
    assert told(sale) == (Kind.ICP, country, Scheme.ICP)
    assert sale.number_prefix == prefix


OWN = [("NL", "NL004495445B01", "DE"), ("GR", "EL094259216", "DE"),
       ("GR", "GR 094259216", "DE"), ("BE", "be0403170701", "NL"),
       ("FR", "FR40303265045", "DE")]  # fmt: skip


@pytest.mark.parametrize(("home", "number", "country"), OWN)
def test_a_number_of_the_sellers_own_country_is_asked(
    home: str, number: str, country: str
) -> None:
    postcode = "1000 AA" if country == "NL" else "52062"
    asked = order(to(country, postcode, "Test BV"), vat_number=number)
    with pytest.raises(AskUser, match="vat_number_of_own_country"):
        place_of(asked, Seller(home))


TAXED = line("121.00", "21.00", "21")


def test_a_part_of_a_sale_without_vat_is_credited_where_the_sale_was() -> None:
    """A paper at 0 %, or two cents at 21 %, make no ICP of what had VAT."""
    taxed = line("121.00", "21.00", "21")
    sold = order(to("BE", "2000", "Zaak"), taxed, line("5.00"))
    for part in (line("-5.00"), line("-0.02", "0.00", "21")):
        back = Refund("r1", -part.amount_incl_vat, MOMENT)
        credit = credit_order(sold, back, "1-R1", (part,))
        assert told(place_of(credit, NL)) == told(place_of(sold, NL))
    unclear = replace(sold, billing=Address(country="ES"), delivery=Address())
    credit = credit_order(unclear, Refund("r1", D(5), MOMENT), "1-R1", (line("-5"),))
    assert place_of(credit, NL).assumed == "inside_because_charged"


def test_collected_goods_are_sold_where_they_are_collected() -> None:
    belgian = order(to("BE", "2000"), TAXED, is_collected=True)
    assert told(place_of(belgian, NL)) == (Kind.COUNTRY, "NL", Scheme.DOMESTIC)
    firm = order(to("BE", "2000", "Firma"), TAXED, is_collected=True)
    check_business(firm, place_of(firm, NL))
    for country, number in (("BE", "BE0403170701"), ("CH", ""), ("NL", "DE136695976")):
        free = order(to(country), is_collected=True, vat_number=number)
        with pytest.raises(AskUser, match="collected_by_foreign_buyer"):
            place_of(free, NL)
    exempt = order(to("NL"), is_collected=True)
    assert told(place_of(exempt, NL)) == (Kind.COUNTRY, "NL", Scheme.DOMESTIC)


def test_only_a_company_is_a_business() -> None:
    for text in ("-", "n.v.t.", "N/A", " geen ", "Particulier", "."):
        typed = order(to("BE", "2000", text), TAXED)
        check_business(typed, place_of(typed, NL))
        assert typed.is_private_person
    consumer = order(to("BE", "2000", "Thuis"), TAXED, is_business=False)
    check_business(consumer, place_of(consumer, NL))
    business = order(to("BE", "2000", "Bakkerij NV"), TAXED)
    with pytest.raises(AskUser, match="vat_number_missing"):
        check_business(business, place_of(business, NL))
    for said in (True, None):
        without = order(to("BE", "2000"), is_business=said)
        expected = Kind.ICP if said else Kind.COUNTRY
        assert place_of(without, NL).kind == expected


def test_the_sellers_choice_of_its_day_decides_distance_sales() -> None:
    seller = Seller("NL", statuses=(
        VatStatus(date(2026, 1, 1), DistanceSales.HOME),
        VatStatus(date(2026, 6, 1), DistanceSales.OSS),
    ))  # fmt: skip
    german = order(to("DE", "52062"), TAXED)
    assert told(place_of(german, seller)) == (Kind.COUNTRY, "NL", Scheme.HOME)
    # 00:30 on the first of June in Amsterdam
    later = replace(german, ordered_at=datetime(2026, 5, 31, 22, 30, tzinfo=UTC))
    assert told(place_of(later, seller)) == (Kind.COUNTRY, "DE", Scheme.OSS)
    assert not place_of(later, seller).assumed
    credit = replace(later, sold_at=MOMENT, credits="1")
    assert place_of(credit, seller).country == "NL"
    unknown = place_of(german, NL)
    assert told(unknown) == (Kind.COUNTRY, "DE", Scheme.OSS)
    assert unknown.assumed == "oss_assumed"


def test_a_small_business_charges_no_vat_anywhere() -> None:
    seller = Seller("NL", statuses=(VatStatus(date(2026, 1, 1), small_business=True),))
    for where in (to("NL"), to("BE", "2000", "NV"), to("US"), to("ES", "")):
        sale = place_of(order(where), seller)
        assert told(sale) == (Kind.COUNTRY, "NL", Scheme.KOR)
        check_business(order(where), sale)
    with pytest.raises(AskUser, match="vat_charged_by_small_business"):
        place_of(order(to("NL"), TAXED), seller)


def test_what_the_address_does_not_tell_is_asked_only_where_no_vat_was_charged() -> (
    None
):
    spanish = to("ES", "", "SL")
    with pytest.raises(AskUser, match="vat_area_unclear"):
        place_of(order(spanish, vat_number="ESB58378431"), NL)
    charged = place_of(order(spanish, TAXED), NL)
    assert (charged.country, charged.assumed) == ("ES", "inside_because_charged")


def test_every_rule_and_area_has_its_source() -> None:
    sale = place_of(order(to("MC", "98000"), TAXED), NL)
    assert (sale.area.code, sale.rule) == ("MC", "distance_sale")
    assert sale.source.startswith("2006/112/EC")
    assert sale.area.source == "2006/112/EC art. 7(1), (2)"


RULES = (
    VatRule(Kind.COUNTRY, "NL", D(21), "high", "8000"),
    VatRule(Kind.COUNTRY, "NL", D(9), "low", "8010"),
    VatRule(Kind.INTERNATIONAL, "", D(0), "export", "8040"),
)


def rules_with(cards: GiftCards, **accounts: str) -> VatRules:
    chosen = {LineKind(kind): account for kind, account in accounts.items()}
    return VatRules(RULES, NoTurnover(cards, chosen))


def test_gift_cards_for_many_purposes_are_outside_vat() -> None:
    sold = order(to("BE", "2000", "Firma NV"), line("50.00", kind=CARD))
    sale = place_of(sold, NL)
    check_business(sold, sale)
    rule = rules_with(GiftCards.MANY, gift_card="1700").find(sold.lines[0], sale)
    assert (rule.vat_code, rule.revenue_account) == ("", "1700")
    with pytest.raises(AskUser, match="gift_card_with_vat"):
        rules_with(GiftCards.MANY, gift_card="1700").find(
            line("50.00", "8.68", "21", CARD), sale
        )


def test_gift_cards_for_one_purpose_have_vat_when_sold_and_none_when_redeemed() -> None:
    rules = rules_with(GiftCards.ONE)
    sold = order(to("NL"), line("50.00", "8.68", "21", CARD))
    assert rules.find(sold.lines[0], place_of(sold, NL)).revenue_account == "8000"
    paid = replace(sold, payments=(Payment(Purse.GIFT_CARD, D(50), MOMENT),))
    with pytest.raises(AskUser, match="gift_card_taxed_twice"):
        rules.check_redeemed(paid)
    rules_with(GiftCards.MANY).check_redeemed(paid)


@pytest.mark.parametrize("kind", ["gift_card", "deposit", "tip"])
def test_what_is_no_turnover_is_asked_when_first_seen(kind: str) -> None:
    sold = order(to("NL"), TAXED, line("2.00", kind=LineKind(kind)))
    with pytest.raises(AskUser, match=f"{kind}_not_configured"):
        VatRules(RULES).find(sold.lines[1], place_of(sold, NL))


def test_deposits_and_tips_go_to_their_own_account_with_the_vat_they_have() -> None:
    rules = rules_with(GiftCards.UNKNOWN, deposit="1750", tip="1760")
    sale = place_of(order(to("NL"), TAXED), NL)
    found = rules.find(line("2.00", kind=TIP), sale)
    assert (found.vat_code, found.revenue_account) == ("", "1760")
    found = rules.find(line("1.09", "0.09", "9", LineKind.DEPOSIT), sale)
    assert (found.vat_code, found.revenue_account) == ("low", "1750")


def test_free_lines_follow_the_others() -> None:
    gift = line("0.00")
    mixed = with_free_lines(order(to("NL"), TAXED, gift))
    assert [each.vat_rate for each in mixed.lines] == [D(21), D(21)]
    only_card = with_free_lines(order(to("NL"), line("50.00", kind=CARD), gift))
    assert len(only_card.lines) == 1
    check_order(mixed)


def test_an_order_of_nothing_is_skipped() -> None:
    with pytest.raises(Stop, match="nothing_to_book"):
        check_order(order(to("NL"), line("0.00", "0.00", "21")))


def test_amounts_are_of_one_sign() -> None:
    check_order(order(to("NL"), line("-12.10", "-2.10", "21"), line("0.00")))
    with pytest.raises(AskUser, match="negative_line"):
        check_order(order(to("NL"), TAXED, line("-1.10", "-0.19", "21")))
    chargeback = order(to("NL"), TAXED, credits="1", total_incl_vat=D(-121))
    check_order(replace(chargeback, lines=(), vat_amount=D(0)))


def test_vat_on_an_export_names_the_area() -> None:
    charged = order(to("ES", "35001"), TAXED)
    with pytest.raises(AskUser, match="vat_charged_outside") as asked:
        VatRules(RULES).find(TAXED, place_of(charged, NL))
    assert asked.value.params["area"] == "IC"


def test_statuses_are_kept_by_day() -> None:
    first = VatStatus(date(2025, 1, 1), DistanceSales.OSS)
    second = VatStatus(date(2025, 1, 1), small_business=True)
    kept = stored([first, second])
    assert statuses_of(kept) == (second,)


def test_a_delivery_without_place_goes_where_the_bill_goes() -> None:
    bare = Address(name="Jan", country="ES")
    sold = order(to("ES", "35001", "SL"), delivery=bare, vat_number="ESB58378431")
    assert place_of(sold, NL).area.code == "IC"
    elsewhere = order(to("FR", "97400"), delivery=replace(bare, country="BE"))
    assert place_of(elsewhere, NL).area.code == "BE"
