"""Checks before booking, and refusals by code."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.errors import AskUser, AuthenticationLost, Refused
from plugins.eboekhouden import checks, wire
from plugins.eboekhouden.refusals import CodeTaken, Duplicate, is_session_lost, refusal
from tests.unit.eaccounting import samples

ACCOUNTS = {
    "1300": {"Categorie": "DEB"},
    "1010": {"Categorie": "FIN"},
    "8000": {"Categorie": "VW"},
}


def refused(check: object, *given: object) -> str:
    with pytest.raises(AskUser) as caught:
        check(*given)  # type: ignore[operator]
    return caught.value.code


def test_vat_codes_must_have_the_rate_of_the_sale() -> None:
    checks.check_vat_code("HOOG_VERK_21", Decimal(21))
    checks.check_vat_code("AFW_VERK", Decimal("5.5"))
    assert refused(checks.check_vat_code, "HOOG_VERK_21", Decimal(9)) == (
        "eboekhouden_vat_rate_differs"
    )
    assert refused(checks.check_vat_code, "HOOG_INK_21", Decimal(21)) == (
        "eboekhouden_vat_code_gone"
    )


def test_accounts_must_be_there_and_of_their_category() -> None:
    checks.check_accounts("1300", ["8000"], ACCOUNTS)
    for given, code in (
        (("1399", ["8000"]), "eboekhouden_account_missing"),
        (("1300", ["8010"]), "eboekhouden_account_missing"),
        (("1010", ["8000"]), "eboekhouden_account_category"),
        (("1300", ["1010"]), "eboekhouden_account_category"),
    ):
        assert refused(checks.check_accounts, *given, ACCOUNTS) == code


def test_payments_come_in_on_money_accounts_only() -> None:
    checks.check_clearing(["iDEAL", "other"], {"iDEAL": "1010"}, ACCOUNTS)
    for account, code in (
        ("1011", "eboekhouden_clearing_missing"),
        ("8000", "eboekhouden_clearing_category"),
    ):
        given = (["iDEAL"], {"iDEAL": account}, ACCOUNTS)
        assert refused(checks.check_clearing, *given) == code


@pytest.mark.parametrize(
    "text", ["Bel\x07tje", "Jan\uffff", "\ufffe", "\ud800", "\x00"]
)
def test_a_character_that_xml_cannot_hold_is_told_by_its_field(text: str) -> None:
    body = {"Plaats": "Delft\n", "rows": [{"amount": 1, "Omschrijving": text}]}
    with pytest.raises(AskUser) as caught:
        checks.check_texts(body)
    assert caught.value.code == "eboekhouden_unfit_text"
    assert caught.value.params == {"field": "Omschrijving"}
    checks.check_texts({"Bedrijf": "Ünïcode \U0001f6b2 \u200f", "ID": 0})


def test_dates_and_debtors() -> None:
    checks.check_date(date(2049, 12, 31))
    assert refused(checks.check_date, date(2050, 1, 1)) == "eboekhouden_date"
    nobody = samples.address(name="")
    nameless = samples.order(samples.basket(), billing=nobody, delivery=nobody)
    assert refused(checks.check_debtor, nameless) == "eboekhouden_debtor_incomplete"
    filler = samples.address(name="", company="n.v.t.")
    nameless = samples.order(samples.basket(), billing=filler, delivery=nobody)
    assert refused(checks.check_debtor, nameless) == "eboekhouden_debtor_incomplete"


def test_every_country_has_its_codes() -> None:
    assert {code.rate for code in wire.sale_codes("BE")} >= {Decimal(6), Decimal(12)}
    assert wire.sale_codes("DE") == wire.sale_codes("NL")
    assert wire.sale_code("VERL_INK") is None


# --- refusals ------------------------------------------------------------------------


def test_codes_are_compared_without_dots() -> None:
    assert is_session_lost("E0023")
    assert is_session_lost("E002.3")
    assert not is_session_lost("E002.5")
    for code in ("E001.1", "E0013", "API_SESSION_004"):
        assert isinstance(refusal(code, ""), AuthenticationLost)


@pytest.mark.parametrize(
    ("code", "ours", "kind"),
    [
        ("CMUT018", "eboekhouden_duplicate", Duplicate),
        ("CMUT019", "eboekhouden_duplicate", Duplicate),
        ("MUT_020", "eboekhouden_duplicate", Duplicate),
        ("CREL001", "eboekhouden_code_taken", CodeTaken),
        ("CMUT010.1", "eboekhouden_amounts_refused", Refused),
        ("CMUT020", "eboekhouden_period_closed", Refused),
        ("CMUT017", "eboekhouden_relation_unknown", Refused),
        ("CMUT999", "eboekhouden_refused", Refused),
    ],
)
def test_a_refusal_keeps_the_vendors_words(
    code: str, ours: str, kind: type[Refused]
) -> None:
    error = refusal(code, "  Het  factuurnummer\nbestaat ")
    assert (error.code, type(error)) == (ours, kind)
    assert error.params["message"] == "Het factuurnummer bestaat"
    assert error.params["error_code"] == code
