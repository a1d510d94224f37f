"""What is proposed follows from the company's structure, whatever it calls things."""

from decimal import Decimal
from typing import Any

from plugins.eaccounting.proposals import Structure


def code(key: str, rate: str, account: int | None, oss: int = 0) -> dict[str, Any]:
    related = {"AccountNumber1": account, "AccountNumber2": None}
    return {
        "Id": key, "Code": key, "Description": "", "VatRate": Decimal(rate),
        "OssCodeType": oss, "RelatedAccounts": related,
    }  # fmt: skip


def account(number: int, name: str = "", vat: str | None = None) -> dict[str, Any]:
    return {"Number": str(number), "Name": name, "VatCodeId": vat}


def coding(rate: str, number: int) -> dict[str, Any]:
    return {
        "VatRatePercent": Decimal(rate), "IsActive": True,
        "DomesticSalesSubjectToVatAccountNumber": number,
        "DomesticSalesVatExemptAccountNumber": 8020,
        "ForeignSalesVatExemptWithinEuAccountNumber": 8030,
        "ForeignSalesVatExemptOutsideEuAccountNumber": 8040,
    }  # fmt: skip


CODES = [
    code("in21", "21", 1590), code("q1", "21", 1520), code("q2", "9", 1530),
    code("q3", "0", None), code("q4", "0", None), code("q5", "0", None),
    code("OSS-BE-21", "21", 1541, 1), code("OSS-BE-6", "6", 1541, 1),
    code("OSS-FR-20", "20", 1542, 1), code("OSSB-BE-21", "21", 1541, 2),
]  # fmt: skip
ACCOUNTS = [
    account(1520), account(1590, vat="in21"), account(8000, vat="q1"),
    account(8010, vat="q2"), account(8020, vat="q3"), account(8030, vat="q4"),
    account(8040, vat="q5"), account(8200, "Omzet OSS"),
    account(8202, "Omzet OSS België"),
]  # fmt: skip
CODINGS = [coding("21", 8000), coding("9", 8010), coding("21", 8202)]


def hints() -> tuple[dict[str, str], dict[str, str]]:
    return Structure(CODES, CODINGS, ACCOUNTS, "NL").hints()


def test_codes_are_found_without_any_word() -> None:
    codes, _ = hints()
    assert codes == {
        "q1": "21 NL", "q2": "9 NL", "q3": "exempt", "q4": "icp",
        "q5": "international",
        "OSS-BE-21": "21 BE", "OSS-BE-6": "6 BE", "OSS-FR-20": "20 FR",
    }  # fmt: skip


def test_a_country_s_own_account_goes_before_one_for_all() -> None:
    _, accounts = hints()
    assert accounts["8202"] == "21 BE 6 BE"
    assert accounts["8200"] == "20 FR"
    assert (accounts["8000"], accounts["8010"]) == ("21 NL", "9 NL")
    assert (accounts["8030"], accounts["8040"]) == ("icp", "international")


def test_a_purchase_code_is_never_proposed() -> None:
    """Also where no account names its code: a sales code alone is sure."""
    bare = [{**each, "VatCodeId": None} for each in ACCOUNTS]
    codes, _ = Structure(CODES, CODINGS, bare, "NL").hints()
    assert "in21" not in codes


def test_goods_and_services_within_the_eu_each_get_their_own_code() -> None:
    """By the kind of the coding; one without a coding of services gets nothing."""
    services = {**coding("21", 8000), "Type": "Services"}
    services["ForeignSalesVatExemptWithinEuAccountNumber"] = 8050
    accounts = [*ACCOUNTS, account(8050, vat="q6")]
    codes = [*CODES, code("q6", "0", None)]
    found, _ = Structure(codes, [services, *CODINGS], accounts, "NL").hints()
    assert (found["q4"], found["q6"]) == ("icp", "intra_services")
    found, _ = Structure(codes, CODINGS, accounts, "NL").hints()
    assert "intra_services" not in " ".join(found.values())


def test_lines_of_sales_are_not_offered_codes_of_purchases() -> None:
    """Nor one that debits and credits: of a purchase within the EU."""
    shifted = code("in-eu", "21", 1520)
    shifted["RelatedAccounts"]["AccountNumber2"] = 1590
    known = [*CODES, shifted, code("q13", "13", 1555)]
    offered = Structure(known, CODINGS, ACCOUNTS, "NL").sale_codes()
    keys = [each["Id"] for each in offered]
    assert not {"in21", "in-eu", "OSSB-BE-21"} & set(keys)
    assert {"q1", "q2", "q3", "q13", "OSS-BE-21"} <= set(keys)
