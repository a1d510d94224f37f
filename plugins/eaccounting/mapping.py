"""From our order to the vendor's debtors and articles, and what documents share. Pure.

Field by field as manual 004 lists them, with the names and types of the contract. The
documents stand in `orders.mapping`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from core.domain.companies import company_name
from core.domain.money import cents, plain, vat_on
from core.domain.orders import Address, LineKind, Order, OrderLine, Payment
from core.rules.sale_checks import VatRule
from plugins.eaccounting import wire
from plugins.eaccounting.wire import Body, fit

PAYMENT = "payment"
"""What a transfer becomes that only takes back or restores a payment."""
SHIPPING_ARTICLE = "VERZENDKOSTEN"
FEE_ARTICLE = "TOESLAG"
ROUNDING_ARTICLE = "AFRONDING"
_NUMBERS = {
    LineKind.SHIPPING: SHIPPING_ARTICLE,
    LineKind.FEE: FEE_ARTICLE,
    LineKind.TIP: "FOOI",
    LineKind.DEPOSIT: "STATIEGELD",
}
_HASH = 8
"""Characters of a hash behind what is too long for a number."""
NO_POSTAL_CODE = "-"
"""Stands where a country has no postal codes: the vendor wants one (contract 3.2)."""


class TargetKind(StrEnum):
    """What an order becomes in the package (manual 004, section 2)."""

    SALES_ENTRY = "sales_entry"
    DRAFT_INVOICE = "draft_invoice"
    ORDER = "order"


@dataclass(frozen=True)
class RuledLine:
    """A line with the configured VAT treatment."""

    line: OrderLine
    rule: VatRule
    vat_account: int | None
    """Account of the VAT row; None where the rate is zero or it is outside VAT."""

    @property
    def is_outside_vat(self) -> bool:
        """Tell whether it is no turnover: its account gets no VAT code."""
        return not self.rule.vat_code


# --- rows of a sales entry ------------------------------------------------------------


def side(credit: Decimal) -> Body:
    """Return an amount on its side; none in a voucher is negative (contract 3.10)."""
    return {"CreditAmount": credit} if credit > 0 else {"DebitAmount": -credit}


def vat_rows(charged: Iterable[tuple[int | None, Decimal, Decimal]]) -> list[Body]:
    """Return one row per VAT account and rate, of accounts, rates and VAT in euros.

    Without an account there is none. `readback` knows them by their text.
    """
    amounts: defaultdict[tuple[int, Decimal], Decimal] = defaultdict(Decimal)
    for account, rate, vat in charged:
        if account is not None:
            amounts[account, rate] += vat
    return [
        {
            "AccountNumber": account,
            **side(vat),
            "TransactionText": f"BTW {plain(rate)} %",
        }
        for (account, rate), vat in amounts.items()
        if vat
    ]


def base_rows(
    amounts: Iterable[tuple[str, str, Decimal]], transaction_text: str
) -> list[Body]:
    """Return one row per ledger account and VAT code, of accounts, ids of codes and
    euros excl. VAT: credited above zero, debited below."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account, code, amount in amounts:
        sums[account, code] += amount
    return [
        {
            "AccountNumber": int(account),
            **side(amount),
            "TransactionText": transaction_text,
            "VatCodeId": code,
        }
        for (account, code), amount in sums.items()
        if amount
    ]


# --- debtors -----------------------------------------------------------------------


def customer(order: Order, terms_id: str, vat_number: str, country: str = "") -> Body:
    """Return a new debtor (contract 3.2); `vat_number` only when VIES said valid.

    `country`: as the vendor's list has it, where that is another than the order's.
    """
    buyer = invoice_address(order)
    is_private = order.is_private_person and not vat_number
    body: Body = {
        "Name": fit(buyer.company or buyer.name or order.email, wire.NAME),
        "EmailAddress": order.email,
        "InvoiceAddress1": fit(buyer.street, wire.ADDRESS),
        "InvoicePostalCode": postal_code(buyer),
        "InvoiceCity": fit(buyer.city, wire.CITY),
        "InvoiceCountryCode": country or buyer.country or order.country,
        "TermsOfPaymentId": terms_id,
        "IsPrivatePerson": is_private,
        "IsActive": True,
    }
    if buyer.company and buyer.name:
        body["ContactPersonName"] = fit(buyer.name, 100)
    if buyer.phone:
        body["Telephone"] = wire.clip(buyer.phone, wire.PHONE)
    if vat_number:
        body["VatNumber"] = vat_number
    if vat_number.startswith("XI"):
        body["IsNorthernIreland"] = True
    is_same = order.delivery in (buyer, order.billing)
    block = {} if is_same else delivery(order.delivery, 100)
    if block:
        body |= block
        if order.country != body["InvoiceCountryCode"]:
            # Our VAT follows the goods; by itself the vendor's follows the invoice.
            body["DeliveryBasedVat"] = True
    return body


def invoice_address(order: Order) -> Address:
    """Return the address of the buyer: the delivery's where billing is left out.

    Its company is the buyer's: none for a private person, whatever the box holds.
    """
    billing = order.billing
    if billing.city or billing.postal_code or not order.delivery.city:
        return replace(billing, company=order.company)
    return replace(
        order.delivery,
        name=billing.name or order.delivery.name,
        company=order.company,
        phone=billing.phone or order.delivery.phone,
    )


def delivery(address: Address, name_limit: int) -> Body:
    """Return the delivery block, whole or not at all: what is empty the vendor takes
    from the debtor, and half of one address with half of another is nowhere.

    Its name is 100 long on debtors and orders, 50 on drafts.
    """
    if not (address.city and address.street):
        return {}
    return filled(
        DeliveryCustomerName=fit(
            company_name(address.company) or address.name, name_limit
        ),
        DeliveryAddress1=fit(address.street, wire.ADDRESS),
        DeliveryPostalCode=postal_code(address),
        DeliveryCity=fit(address.city, wire.CITY),
        DeliveryCountryCode=address.country,
    )


def postal_code(address: Address) -> str:
    """Return the postal code, or what stands for one."""
    return wire.clip(address.postal_code, wire.POSTAL_CODE) or NO_POSTAL_CODE


def filled(**fields: str) -> Body:
    """Leave out what is empty: the vendor then takes the debtor's (contract 3.7)."""
    return {name: value for name, value in fields.items() if value}


# --- articles ----------------------------------------------------------------------


def article_number(line: OrderLine, suffix: str) -> str:
    """Return the number that an article is matched and made by, the same each time.

    VAT follows the article's coding, so a product sold at another rate is another
    article: it gets the rate behind its number. What is too long ends in a hash, so
    that two that begin alike stay apart.
    """
    base = line.article_number or _NUMBERS.get(line.kind) or line.description
    if line.kind in (LineKind.SHIPPING, LineKind.FEE):
        base = _NUMBERS[line.kind]
    base = " ".join(base.split()) or "ARTIKEL"
    room = wire.ARTICLE_NUMBER - len(suffix)
    if wire.units(base) > room:
        mark = sha256(base.encode()).hexdigest()[:_HASH]
        base = f"{wire.clip(base, room - _HASH - 1).rstrip()}-{mark}"
    return f"{base}{suffix}"


def is_matched_by_name(line: OrderLine) -> bool:
    """Tell whether an article of the line's name is the line's.

    Not where the shop gives it a number of its own (variants share a name), nor where
    the name is too long for the package: others may begin alike.
    """
    name = " ".join(line.description.split())
    return not line.article_number and 0 < wire.units(name) <= wire.NAME


def article(
    line: OrderLine, number: str, coding_id: str, coding_rate: Decimal, unit_id: str
) -> Body:
    """Return a new article whose gross and net fit its coding (contract 3.4).

    The vendor works the gross out from net and rate; both are given in cents.
    """
    quantity = line.quantity or Decimal(1)
    net = cents(abs(line.amount_excl_vat / quantity))
    return {
        "Number": number,
        "Name": fit(line.description or number, wire.NAME),
        "NetPrice": net,
        "GrossPrice": net + vat_on(net, coding_rate),
        "CodingId": coding_id,
        "UnitId": unit_id,
        "IsActive": True,
    }


def rounding_article(coding_id: str, unit_id: str) -> Body:
    """Return the article of a rounding row: a few cents without VAT."""
    return {
        "Number": ROUNDING_ARTICLE,
        "Name": "Afronding",
        "NetPrice": cents(Decimal(0)),
        "GrossPrice": cents(Decimal(0)),
        "CodingId": coding_id,
        "UnitId": unit_id,
        "IsActive": True,
    }


def payment_voucher(
    payment: Payment,
    *,
    receivable_id: str,
    receivables_account: int,
    clearing_account: int,
    booked_on: date,
    about: tuple[str, str],
) -> Body:
    """Return a payment voucher that settles a ledger item (contract 3.12).

    The clearing account is debited and debtors are credited; money that goes back
    stands on the other sides. `about`: word and number that its texts begin with.
    """
    text = wire.about(*about, wire.PAYMENT_TEXT)
    return {
        "VoucherDate": booked_on.isoformat(),
        "VoucherText": wire.about(*about, wire.VOUCHER_TEXT),
        "Rows": [
            {
                "AccountNumber": clearing_account,
                **side(-payment.amount),
                "TransactionText": text,
            },
            {
                "AccountNumber": receivables_account,
                **side(payment.amount),
                "TransactionText": text,
                "ReceivableId": receivable_id,
            },
        ],
    }
