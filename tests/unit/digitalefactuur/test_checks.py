"""What is refused before anything is sent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData
from plugins.digitalefactuur import checks
from plugins.digitalefactuur.invoices import mapping
from tests.unit.digitalefactuur.samples import ORGANISATION, invoice, line

FINE = invoice(line("2", "40.00"), line("3", "0.33333", amount="1.00"))


def _code(data: InvoiceData) -> str:
    with pytest.raises(AskUser) as caught:
        checks.invoice(data, mapping.invoice(data, "1"))
    return caught.value.code


def test_what_fits_passes() -> None:
    checks.invoice(FINE, mapping.invoice(FINE, "1"))
    checks.relation(ORGANISATION)


def test_a_relation_has_a_name() -> None:
    with pytest.raises(AskUser, match="df_name_missing"):
        checks.relation(replace(ORGANISATION, name=" "))


@pytest.mark.parametrize("number", ["", "2026-A", "2026-1²"])
def test_a_number_ends_in_a_digit(number: str) -> None:
    assert _code(replace(FINE, number=number)) == "df_no_number"


def test_there_are_lines() -> None:
    assert _code(replace(FINE, lines=())) == "df_lines"


@pytest.mark.parametrize("rate", ["-1", "100", "21.05"])
def test_a_rate_fits_a_fraction_of_three_decimals(rate: str) -> None:
    lines = (line("1", "1", rate),)
    assert _code(replace(FINE, lines=lines)) == "df_vat_rate"


def test_the_lines_give_the_total_to_the_cent() -> None:
    off = replace(FINE, amount_excl_vat=FINE.amount_excl_vat + Decimal("0.01"))
    assert _code(off) == "df_total_differs"
