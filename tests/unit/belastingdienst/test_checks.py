"""Own rules: each thing that the taxonomy does not catch is caught here."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.domain.declarations import Box, DeclarationKind, IcpKind, Rubric, TaxPeriod
from plugins.belastingdienst import checks
from plugins.belastingdienst.checks import (
    Problem,
    header_problems,
    icp_problems,
    message_problems,
    return_problems,
)
from plugins.belastingdienst.law.icp import Declaration
from plugins.belastingdienst.law.returns import Header, VatReturn
from plugins.belastingdienst.xbrl import icp, ob
from plugins.belastingdienst.xbrl.reader import read
from tests.unit.belastingdienst.samples import (
    box,
    header,
    icp_2020,
    icp_2026,
    row,
    sample_return,
)

Q1 = TaxPeriod.quarter(2026, 1)
OB = DeclarationKind.VAT_RETURN


def codes(problems: list[Problem], *, blocking: bool | None = None) -> set[str]:
    return {one.code for one in problems if blocking in (None, one.blocks)}


def changed(**values: object) -> Header:
    made = header()
    for name in ("contact", "software"):
        part = getattr(made, name)
        inner = {key: value for key, value in values.items() if hasattr(part, key)}
        made = replace(made, **{name: replace(part, **inner)})
    return replace(
        made, **{key: value for key, value in values.items() if hasattr(made, key)}
    )


def test_the_sample_has_no_problems() -> None:
    assert header_problems(header()) == []
    # its reduced rate is still the 6 % of before 2019
    found = return_problems(sample_return(2020), {"2a", "4a", "4b", "5b"})
    assert codes(found) == {"vat_not_at_rate"}
    message = read(ob.write_return(header(), sample_return(2020)))
    assert message_problems(message, OB) == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tax_number": "NL001000044B37"}, "tax_number_prefix"),
        ({"tax_number": ""}, "tax_number_missing"),
        ({"tax_number": "001000044"}, "tax_number_form"),
        ({"surname": ""}, "contact_missing"),
        ({"initials": ""}, "contact_missing"),
        ({"telephone": ""}, "contact_missing"),
        ({"telephone": "+31 20 1234567 8"}, "header_too_long"),
        ({"surname": "x" * 201}, "header_too_long"),
        ({"reference": "x" * 21}, "header_too_long"),
        ({"reference": ""}, "header_incomplete"),
        ({"consultant_number": ""}, "consultant_missing"),
        ({"consultant_number": "12345"}, "consultant_form"),
        ({"vendor_number": ""}, "vendor_number_missing"),
        ({"vendor_number": "12345678"}, "vendor_number_missing"),
        ({"created_on": "2020-11-15"}, "creation_moment"),
    ],
)
def test_a_header_that_is_not_right_blocks(
    values: dict[str, object], code: str
) -> None:
    assert codes(header_problems(changed(**values)), blocking=True) == {code}


def test_a_number_without_the_right_digits_is_a_warning() -> None:
    problems = header_problems(changed(tax_number="123456789B01"))
    assert codes(problems, blocking=False) == {"tax_number_check"}


@pytest.mark.parametrize(
    ("rubric", "amounts", "code", "blocks"),
    [
        (Rubric.R1E, box("100", "21"), "vat_in_untaxed_rubric", True),
        (Rubric.R5B, box("100", "21"), "turnover_in_input", True),
        (Rubric.R1C, box("0.5"), "amount_has_cents", True),
        (Rubric.R3A, box("10000000000"), "amount_too_large", True),
        (Rubric.R1D, box("0", "-1000000000"), "amount_too_large", True),
        (Rubric.R1A, box("1000", "21000"), "vat_not_at_rate", False),
        (Rubric.R1B, box("1000", "210"), "vat_not_at_rate", False),
    ],
)
def test_figures_that_are_not_right(
    rubric: Rubric, amounts: Box, code: str, blocks: bool
) -> None:
    problems = return_problems(VatReturn(Q1, {rubric: amounts}))
    assert code in codes(problems, blocking=blocks)


def test_rounding_alone_is_no_reason_to_warn() -> None:
    made = VatReturn(Q1, {Rubric.R1A: box("3", "0"), Rubric.R1B: box("-20", "-3")})
    assert return_problems(made) == []


def test_5d_has_ended() -> None:
    made = VatReturn(Q1, {}, small_business_reduction=Decimal(10))
    assert codes(return_problems(made)) == {"reduction_ended"}
    early = VatReturn(TaxPeriod.quarter(2020, 1), {}, Decimal(10))
    assert return_problems(early) == []


def declared(period: TaxPeriod, *rows: tuple[IcpKind, str, str, str]) -> Declaration:
    return Declaration(period, tuple(row(*one) for one in rows))


GOODS, SERVICES = IcpKind.GOODS, IcpKind.SERVICES


@pytest.mark.parametrize(
    ("one", "code", "blocks"),
    [
        ((GOODS, "NL", "001000044B37", "10"), "icp_country", True),
        ((GOODS, "GB", "123456789", "10"), "icp_country", True),
        ((GOODS, "GR", "094259216", "10"), "icp_country", True),
        ((SERVICES, "XI", "123456789", "10"), "icp_northern_ireland_services", True),
        ((GOODS, "DE", "136-695", "10"), "icp_vat_number", True),
        ((GOODS, "DE", "1366959761234", "10"), "icp_vat_number", True),
        ((GOODS, "DE", "136695977", "10"), "icp_vat_number_check", False),
        ((GOODS, "DE", "136695976", "0"), "icp_zero", True),
        ((GOODS, "DE", "136695976", "1.5"), "amount_has_cents", True),
    ],
)
def test_icp_rows_that_are_not_right(
    one: tuple[IcpKind, str, str, str], code: str, blocks: bool
) -> None:
    assert code in codes(icp_problems(declared(Q1, one)), blocking=blocks)


def test_good_icp_rows_pass() -> None:
    rows = [
        (GOODS, "DE", "136695976", "10"),
        (SERVICES, "DE", "136695976", "-3"),
        (IcpKind.ABC, "EL", "094259216", "7"),
    ]
    assert icp_problems(declared(Q1, *rows), Decimal(14)) == []


def test_great_britain_was_a_member_state_until_2021() -> None:
    one = (GOODS, "GB", "980780684", "10")
    assert "icp_country" not in codes(
        icp_problems(declared(TaxPeriod.quarter(2020, 4), one))
    )


def test_a_customer_twice_in_one_kind_is_refused() -> None:
    one = (GOODS, "DE", "136695976", "10")
    assert codes(icp_problems(declared(Q1, one, one))) == {"icp_twice"}


@pytest.mark.parametrize(
    ("stated", "code"), [("21", "icp_rounding_gap"), ("30", "icp_differs_from_3b")]
)
def test_icp_that_is_not_3b_is_a_warning(stated: str, code: str) -> None:
    rows = [(GOODS, "DE", "136695976", "10"), (SERVICES, "BE", "0403019261", "10")]
    problems = icp_problems(declared(Q1, *rows), Decimal(stated))
    assert codes(problems, blocking=False) == {code}
    assert codes(problems, blocking=True) == set()


SAMPLE = ob.write_return(header(), sample_return(2020)).decode()


def line(name: str) -> str:
    return next(one for one in SAMPLE.splitlines() if f"<bd-i:{name} " in one)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # each of these passes the taxonomy (contract, "not caught")
        (line(ob.PAYABLE), "", "fact_missing"),
        (line("ContactSurname"), "", "contact_missing"),
        (">3240</bd-i:ValueAddedTaxOwed>", ">3</bd-i:ValueAddedTaxOwed>", "sum_wrong"),
        ("iso4217:EUR", "iso4217:USD", "message_currency"),
        ('decimals="INF"', 'decimals="0"', "message_decimals"),
        (">001000044B37<", ">NL001000044B37<", "tax_number_prefix"),
        # and these do not, but are found before anything is sent
        (">15000<", ">15000.00<", "amount_has_cents"),
        ("www.belastingdienst.nl/", "http://www.belastingdienst.nl/", "message_frame"),
        ("bd-rpt-ob-aangifte-2020", "bd-rpt-ob-aangifte-2021", "message_frame"),
        (">3240</bd-i:ValueAddedTaxOwedToBePaidBack>",
         ">324000</bd-i:ValueAddedTaxOwedToBePaidBack>", "sum_wrong"),
    ],
)  # fmt: skip
def test_a_message_that_is_not_right_is_caught(old: str, new: str, code: str) -> None:
    content = SAMPLE.replace(old, new)
    assert content != SAMPLE
    assert code in codes(message_problems(read(content.encode()), OB), blocking=True)


def test_every_rubric_has_to_be_in_the_message() -> None:
    for name in [*ob.TURNOVER.values(), *ob.VAT.values(), ob.OWED]:
        content = SAMPLE.replace(line(name), "")
        problems = message_problems(read(content.encode()), OB)
        assert name in {one.params.get("name") for one in problems}


def test_a_message_of_another_kind_is_caught() -> None:
    problems = message_problems(read(SAMPLE.encode()), DeclarationKind.ICP)
    assert "message_frame" in codes(problems)


def test_a_suppletie_is_checked_by_its_own_sums() -> None:
    kind = DeclarationKind.SUPPLETIE
    made = ob.write_suppletie(header(), sample_return(2020), Decimal(3000))
    assert message_problems(read(made), kind) == []
    wrong = made.replace(b">240<", b">241<")
    assert codes(message_problems(read(wrong), kind)) == {"sum_wrong"}


@pytest.mark.parametrize("declaration", [icp_2020(), icp_2026()])
def test_an_icp_message_is_checked(declaration: Declaration) -> None:
    content = icp.write_icp(header(), declaration)
    assert message_problems(read(content), DeclarationKind.ICP) == []
    zero = content.replace(b">12500<", b">0<")
    problems = message_problems(read(zero), DeclarationKind.ICP)
    assert codes(problems) == {"icp_zero"}


def test_the_limits_are_those_of_the_taxonomy() -> None:
    assert (checks.TURNOVER_DIGITS, checks.VAT_DIGITS) == (10, 9)
