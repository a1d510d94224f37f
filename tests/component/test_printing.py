"""What our PDFs can show: every character of a name, or a refusal that names it."""

from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from core.domain.relations import PostalAddress, RelationData
from core.rules import printing
from core.services.invoicing.sales_invoice_pdf import Facts, write
from tests.component.test_sales_invoice_pdf import HIGH, SELLER, _invoice


def test_both_weights_have_the_same_characters_and_all_of_latin() -> None:
    main = printing.characters(printing.MAIN)
    assert main == printing.characters(printing.BOLD)
    visible = {*range(0x20, 0x7F), *range(0xA0, 0x180)} - {0xAD}
    assert visible <= main


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cafe\u0301 Łódź", "Café Łódź"),
        ("ab\u00adc\u200b\ufeff\u202ed", "abcd"),
        ("q\u030c", "q\u030c"),
        ("\u845b\U000e0100\u57ce", "\u845b\u57ce"),
        ("株式会社 北京 주식회사 ｱ", "株式会社 北京 주식회사 ｱ"),
        ("Fiets\t1\nx", "Fiets 1\nx"),
    ],
)
def test_what_can_be_shown_is_shown_composed(text: str, shown: str) -> None:
    assert printing.unprintable(text) == ""
    assert printing.printed(text) == shown


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("Café 🚲 Fiets 🚲", "🚲"),
        ("شركة", "شركة"),
        ("בע״מ", "בע״מ"),
        ("हि", "हि"),
        ("ລາວ", "ລາວ"),
        ("I❤NY", "❤"),
        ("\U00020000\ue000", "\U00020000\ue000"),
    ],
)
def test_what_cannot_be_shown_is_named_and_never_left_out(
    text: str, lacking: str
) -> None:
    assert printing.unprintable(text) == lacking
    assert printing.printed(text).count("\ufffd") >= len(lacking)


def test_every_text_of_an_invoice_can_be_read_from_it(app: Flask) -> None:
    words = [f"北京{n}号 주식회사 Ωμέγα Łódź" for n in range(12)]
    place = PostalAddress(words[1], "1", "", words[2], words[3], "DE")
    pdf = write(
        _invoice(
            replace(HIGH, description=words[4]),
            relation=RelationData(False, words[0], debtor_number="10001"),
            reference=words[5],
        ),
        replace(SELLER, name=words[6], street=words[7], city=words[8], phone=words[9]),
        Facts("nl", place, note=words[10]),
    )
    [page] = PdfReader(BytesIO(pdf)).pages
    text = " ".join(page.extract_text().split())
    assert [word for word in words[:11] if word not in text] == []
    assert "\ufffd" not in text
