"""Vouchers: balance, accounts, VAT codes, periods.

A row is a VAT row when its account is a related account of some VAT code; every other
row with a VAT code is a net row. Visma's own VAT is worked out per VAT code over the
sum of the net rows.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from flask import Response, request

from core.kit.sandbox.app import json_response, sandbox
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.amounts import cents
from plugins.eaccounting.sandbox.errors import ApiError, invalid, missing, unknown
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    json_body,
    refer,
    refuse_references,
    switch,
)
from plugins.eaccounting.sandbox.shapes_ledger import VOUCHER, VOUCHER_ROW
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "vouchers"
MANUAL, LEDGER_DEBIT, LEDGER_CREDIT = 2, 23, 24
_OSS_VAT = 2


def net(row: Body) -> Decimal:
    """Return credit less debit of a row."""
    return Decimal(row["CreditAmount"]) - Decimal(row["DebitAmount"])


def vat_by_code(company: Company, rows: list[Body]) -> dict[str, dict[str, Decimal]]:
    """Return per VAT code the net amount booked and the VAT due on it (credit +)."""
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        code = company.vat_codes.get(row["VatCodeId"] or "")
        vat_row = row["AccountNumber"] in company.vat_accounts
        if code and not vat_row and code["OssCodeType"] != _OSS_VAT:
            nets[code["Id"]] += net(row)
    return {
        company.vat_codes[key]["Code"]: {
            "rate": company.vat_codes[key]["VatRate"],
            "net": amount,
            "vat": cents(amount * company.vat_codes[key]["VatRate"] / 100),
        }
        for key, amount in nets.items()
    }


def _open_year(company: Company, day: str) -> Body:
    year = company.year_of(day)
    if year is None:
        raise ApiError(errors.NO_FISCAL_YEAR, f"No fiscal year for {day[:10]}")
    locked_to = company.settings["AccountingLockedTo"]
    if year["IsLockedForAccounting"] or day[:10] <= locked_to[:10]:
        raise ApiError(errors.LOCKED, f"The period of {day[:10]} is locked")
    return year


def _check_row(row: Body, prefix: str, accounts: dict[str, Body]) -> Body:
    sides = (row["DebitAmount"] > 0) + (row["CreditAmount"] > 0)
    if sides != 1:
        raise invalid(f"{prefix}DebitAmount", "give either a debit or a credit amount")
    account = accounts.get(str(row["AccountNumber"]))
    field = f"{prefix}AccountNumber"
    if account is None:
        raise unknown(field, row["AccountNumber"], errors.NO_ACCOUNT)
    if not account["IsActive"]:
        raise invalid(field, f"account {row['AccountNumber']} is not active")
    if account["IsBlockedForManualBooking"]:
        raise invalid(field, f"account {row['AccountNumber']} is blocked for booking")
    refuse_references(row, "CostCenterItemId2", "CostCenterItemId3", "ProjectId")
    return account


def _complete_row(company: Company, row: Body, account: Body, default: bool) -> Body:
    if default:
        row["VatCodeId"] = account["VatCodeId"]
    refer(row, "VatCodeId", company.vat_codes)
    code = company.vat_codes.get(row["VatCodeId"] or "")
    return VOUCHER_ROW.blank() | row | {
        "AccountDescription": account["Name"],
        "VatCodeAndPercent":
            f"{code['Code']} ({code['VatRate'].normalize():f}%)" if code else None,
    }  # fmt: skip


def _rows(company: Company, body: Body, year: Body) -> list[Body]:
    rows = VOUCHER_ROW.rows(body["Rows"])
    if len(rows) < 2:
        raise invalid("Rows", "a voucher has at least two rows")
    accounts = company.accounts[year["Id"]]
    default = switch("useDefaultVatCodes", True)
    done = [
        _complete_row(
            company, row, _check_row(row, f"Rows[{index}].", accounts), default
        )
        for index, row in enumerate(rows)
    ]
    if sum(map(net, done)):
        raise invalid("Rows", "debit and credit do not balance")
    return done


def checked(company: Company, sent: Any, kind: int) -> Body:
    """Return a voucher as the vendor would store it; raise ApiError otherwise."""
    body = VOUCHER.check(sent)
    if not body["VoucherText"].strip():
        raise invalid("VoucherText", "is required")
    if switch("useAutomaticVatCalculation", False):
        raise invalid("useAutomaticVatCalculation", "is not for Dutch companies")
    if body["NumberSeries"] and switch("useDefaultVoucherSeries", True):
        raise invalid("NumberSeries", "needs useDefaultVoucherSeries=false")
    year = _open_year(company, body["VoucherDate"])
    body["Rows"] = _rows(company, body, year)
    body |= {"Id": new_id(), "VoucherType": kind, "_year": year}
    return VOUCHER.blank() | body


def _shift_vat_code(company: Company, rows: list[Body]) -> None:
    if not sandbox().faults.take("shift_vat_code", request.method, request.path):
        return
    for row in rows:
        others = [key for key in company.vat_codes if key != row["VatCodeId"]]
        if row["VatCodeId"] and others:
            row["VatCodeId"] = others[0]
            return


def book(company: Company, body: Body, source: str | None = None) -> Body:
    """Give a checked voucher its number, store it and return it."""
    year, moment = body.pop("_year"), utc_text()
    series = body["NumberSeries"] or "V"
    number = sandbox().store.next_number(f"{series}:{company.key}:{year['Id']}")
    _shift_vat_code(company, body["Rows"])
    body |= {
        "NumberSeries": series,
        "NumberAndNumberSeries": f"{series}{number}",
        "SourceId": source,
        "CreatedUtc": moment,
        "ModifiedUtc": moment,
    }
    company.table(NAME).save(body)
    record(company, "voucher", "create", body,
           vat_per_code=vat_by_code(company, body["Rows"]))  # fmt: skip
    return body


@endpoint("/vouchers", NAME)
def vouchers(company: Company) -> Response:
    """List the vouchers of all years."""
    return listing(company.table(NAME).all(), NAME, VOUCHER)


@endpoint("/vouchers", NAME, "POST")
def add_voucher(company: Company) -> Response:
    """Book a manual voucher."""
    body = book(company, checked(company, json_body(), MANUAL))
    return json_response(body, 201)


def _year(company: Company, key: str) -> Body:
    for year in company.years:
        if year["Id"] == key.lower():
            return year
    raise unknown("fiscalyearId", key)


def _within(year: Body, voucher: Body) -> bool:
    return bool(year["StartDate"] <= voucher["VoucherDate"] <= year["EndDate"])


@endpoint("/vouchers/<year>", NAME)
def vouchers_of_year(company: Company, year: str) -> Response:
    """List the vouchers of one fiscal year."""
    found = _year(company, year)
    items = [v for v in company.table(NAME).all() if _within(found, v)]
    return listing(items, NAME, VOUCHER)


@endpoint("/vouchers/<year>/<key>", NAME)
def voucher(company: Company, year: str, key: str) -> Response:
    """Answer one voucher, or 404."""
    found = company.table(NAME).get(key)
    if found is None or not _within(_year(company, year), found):
        raise missing("Voucher")
    return json_response(found)
