"""What a spreadsheet shows of a stored number or date."""

from datetime import date, datetime, time, timedelta

import pytest

from core.rules.cell_formats import moment, number


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (12, "00000", "00012"),
        (1234567, "00000000", "01234567"),
        (12, "General", "12"),
        (12.0, "0", "12"),
        (123456789012, "General", "123456789012"),
        (0.1 + 0.2, "General", "0,3"),
        (0.21, "0%", "21%"),
        (2, "0.00", "2,00"),
        (2.005, "0.00", "2,01"),
        (0.5, "#.##", ",5"),
        (1234567.5, "#,##0.00", "1.234.567,50"),
        (1234567, "#,##0,", "1.235"),
        (612345678, "0#-########", "06-12345678"),
        (1234567, "000 000 000", "001 234 567"),
        (5, '"KvK "00000000', "KvK 00000005"),
        (1, "\\D0000", "D0001"),
        (12, "[Red]0000", "0012"),
        (1234.5, "[$€-413] #,##0.00", "€ 1.234,50"),
        (-3, "0", "-3"),
        (-3, "0;(0)", "(3)"),
        (-0.001, "0.00", "0,00"),
        (0, '0;-0;"geen"', "geen"),
        (0, "#", ""),
        (5, ";;;", ""),
        (5, "@", "5"),
        (123456789012, "0.00E+00", None),
        (10**15, "0", None),
        (1e20, "General", None),
        (2.5, "# ?/?", None),
        (12, "[>10]0;0", None),
        (12, "d-m", None),
    ],
)
def test_a_number_is_as_it_is_shown(
    value: float, number_format: str, shown: str | None
) -> None:
    assert number(value, number_format) == shown


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (date(2026, 3, 1), "dd-mm-yyyy", "01-03-2026"),
        (date(2026, 3, 1), "d-m-yy", "1-3-26"),
        (
            datetime.fromisoformat("2026-03-01T09:05"),
            "yyyy-mm-dd h:mm:ss",
            "2026-03-01 9:05:00",
        ),
        (
            datetime.fromisoformat("2026-03-01T09:05"),
            "[$-413]dd-mm-yyyy\\ hh:mm;@",
            "01-03-2026 09:05",
        ),
        (time(9, 5), "hh:mm", "09:05"),
        (date(2026, 3, 1), "d mmm yyyy", None),
        (date(2026, 3, 1), "mm-dd-yy", None),
        (timedelta(hours=30), "[h]:mm", None),
    ],
)
def test_a_date_is_as_it_is_shown_unless_the_computer_decides(
    value: object, number_format: str, shown: str | None
) -> None:
    assert moment(value, number_format) == shown
