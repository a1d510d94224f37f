"""Declarations the tests share; the figures of the first are the official sample's."""

from decimal import Decimal

from core.domain.declarations import Box, Customer, IcpKind, Rubric, TaxPeriod
from plugins.belastingdienst.law.icp import Declaration, Row
from plugins.belastingdienst.law.returns import Contact, Header, Software, VatReturn

NUMBER = "001000044B37"


def header(reference: str = "OB-KTG00-AG", created_on: str = "202011151254") -> Header:
    contact = Contact(
        "Surname", "0612345678", "Initials", "Prefix",
        is_intermediary=True, consultant_number="234564",
    )  # fmt: skip
    software = Software("ApplicatieNaam", "ApplicatieVersie", "SWO12345")
    return Header(NUMBER, contact, software, reference, created_on)


def plain_header(reference: str, created_on: str) -> Header:
    contact = Contact("Voorbeeld", "0201234567", "A.B.")
    software = Software("Voorbeeldpakket", "1.0", "SWO12345")
    return Header(NUMBER, contact, software, reference, created_on)


def box(turnover: str = "0", vat: str = "0") -> Box:
    return Box(Decimal(turnover), Decimal(vat))


SAMPLE_BOXES = {
    Rubric.R1A: box("15000", "3150"),
    Rubric.R1B: box("1500", "90"),
    Rubric.R3A: box("4000"),
    Rubric.R3B: box("100"),
    Rubric.R3C: box("100"),
    Rubric.R4A: box("1200"),
}


def sample_return(year: int) -> VatReturn:
    """The official sample's figures, over October of a year."""
    return VatReturn(TaxPeriod.month(year, 10), SAMPLE_BOXES)


def row(kind: IcpKind, country: str, number: str, amount: str) -> Row:
    return Row(kind, Customer(country, number), Decimal(amount))


def icp_2020() -> Declaration:
    """The self-made example, validated against NT14."""
    correction = Row(
        IcpKind.GOODS, Customer("FR", "12345678901"), Decimal(-1000),
        corrects=TaxPeriod.quarter(2020, 1),
    )  # fmt: skip
    return Declaration(
        TaxPeriod.quarter(2020, 3),
        (
            row(IcpKind.GOODS, "DE", "123456789", "12500"),
            row(IcpKind.SERVICES, "BE", "0123456749", "-340"),
            correction,
        ),
    )


def icp_2026() -> Declaration:
    """The self-made example in the dimensional form."""
    return Declaration(TaxPeriod.quarter(2026, 3), icp_2020().rows[:2])
