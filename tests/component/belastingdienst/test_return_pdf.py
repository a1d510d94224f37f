"""The paper of a return: what belongs together stands on one page."""

from datetime import date
from decimal import Decimal

from flask import Flask

from core.rules import pdf_parts
from plugins.belastingdienst.law.vat_accounts import AccountLine, Role
from plugins.belastingdienst.paper import return_pdf


def test_the_reconciliation_is_not_torn_by_the_end_of_a_page(app: Flask) -> None:
    lines = [
        AccountLine(name, role, Decimal("21.00"), Decimal("21.00"))
        for name, role in (("1501", Role.OWED), ("1510", Role.INPUT))
    ]
    with app.test_request_context():
        pdf = pdf_parts.document("Aangifte", "Handel", "nl", date(2026, 9, 30))
        pdf_parts.font(pdf)
        pdf.set_y(pdf.h - pdf.b_margin - 40)
        before = bytes(pdf.pages[1].contents)
        return_pdf._vat_accounts(pdf, return_pdf.VatAccounts(lines))
    assert pdf.page_no() == 2
    assert bytes(pdf.pages[1].contents) == before
