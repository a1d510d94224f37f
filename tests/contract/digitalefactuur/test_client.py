"""The client against the sandbox: what it reads, writes, and is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    Refused,
    RetryLater,
    WaitUntil,
)
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from tests.component.loopback import loopback, text
from tests.contract.digitalefactuur.conftest import CODE, Vendor

CUSTOMER = wire.Customer(
    number="1001",
    name="Bakkerij Jansen",
    address="Voorbeeldstraat 1",
    postal_code="2311 AA",
    city="Leiden",
    country="Nederland",
    fax="071 555 01 24",
    iban="NL91ABNA0417164300",
    bic="ABNANL2A",
    chamber_number="01234567",
    vat_number="NL123456782B90",
)


def _line(price: str = "40.00", rate: str = "21") -> wire.Line:
    return wire.Line(Decimal(1), "Hosting", Decimal(price), Decimal(rate))


def _invoice(customer: wire.Customer, number: str = "12") -> wire.Invoice:
    return wire.Invoice(
        customer_id=customer.id,
        payment_status="openstaand",
        prefix="2026-00",
        number=number,
        direct_debit=False,
        issued_on=date(2026, 6, 2),
        due_on=date(2026, 7, 2),
        lines=(_line(), _line("12.345", "9"), _line("-5", "0")),
    )


@pytest.fixture
def debtor(package: DigitaleFactuur) -> wire.Customer:
    package.create_customer(CUSTOMER)
    (made,) = package.customers()
    return made


def test_a_customer_is_made_and_read_with_every_field(
    package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    assert replace(debtor, id="") == CUSTOMER


def test_a_creditor_is_told_apart(package: DigitaleFactuur) -> None:
    creditor = replace(CUSTOMER, kind="crediteur", number="2001")
    package.create_customer(creditor)
    assert [replace(one, id="") for one in package.customers()] == [creditor]


def test_an_update_clears_what_is_empty_and_keeps_what_is_sent(
    package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    changed = replace(debtor, fax="", city="Gouda", contact_name="Piet")
    package.update_customer(changed)
    assert package.customers() == [changed]


@pytest.mark.parametrize("answers", ["words", "id", "xml"])
def test_a_write_tells_the_id_only_when_the_vendor_does(
    vendor: Vendor, package: DigitaleFactuur, answers: str
) -> None:
    vendor.control("settings", {"answers": answers})
    told = package.create_customer(CUSTOMER)
    (made,) = package.customers()
    assert told == ("" if answers == "words" else made.id)


def test_an_invoice_is_made_read_and_found(
    package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    sent = _invoice(debtor)
    package.create_invoice(sent)
    (found,) = package.find_invoices(sent)
    lines = tuple(replace(line, id="") for line in found.lines)
    assert replace(found, id="", customer_name="", customer_email="",
                   lines=lines) == sent  # fmt: skip
    assert package.invoice(found.id) == found
    assert package.invoice("1") is None


def test_a_found_invoice_has_the_whole_number(
    package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    package.create_invoice(replace(_invoice(debtor), prefix="2025-00"))
    assert package.find_invoices(_invoice(debtor)) == []


def test_invoices_come_page_by_page_in_both_date_forms(
    vendor: Vendor, package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    vendor.control("settings", {"page_size": 3})
    for number in range(1, 9):
        package.create_invoice(_invoice(debtor, str(number)))
    found = list(package.invoices())
    assert [one.number for one in found] == [str(n) for n in range(8, 0, -1)]
    assert {one.issued_on for one in found} == {date(2026, 6, 2)}
    calls = vendor.control("calls", method="GET")
    assert calls["GET /api/<account>/<code>/<call>"] == 1 + 4  # and the debtor's list


def test_payments_and_the_status_back(
    vendor: Vendor, package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    package.create_invoice(_invoice(debtor))
    (made,) = package.invoices()
    package.register_payment(made.id, date(2026, 6, 9), Decimal("10.00"))
    assert [one.id for one in package.invoices(paid=False)] == [made.id]
    package.register_payment(made.id, date(2026, 6, 10))
    assert [one.payment_status for one in package.invoices(paid=True)] == ["betaald"]
    # 48.40 + 13.46 - 5.00, of which 10 were paid before
    entries = [entry["body"]["bedrag"] for entry in vendor.ledger("betaling")]
    assert entries == ["10.00", "46.86"]
    package.undo_payment(made.id)
    assert list(package.invoices(paid=True)) == []


def test_an_invoice_is_sent_by_mail_and_by_post(
    vendor: Vendor, package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    package.create_invoice(_invoice(debtor))
    (made,) = package.invoices()
    package.mail_invoice(made.id, "a@example.nl", template="859", text="x", ubl=True)
    package.post_invoice(made.id, debtor, template="859")
    methods = [entry["body"]["methode"] for entry in vendor.ledger("verzending")]
    assert methods == ["email", "post"]


def test_an_invoice_is_changed_until_it_is_sent(
    package: DigitaleFactuur, debtor: wire.Customer
) -> None:
    package.create_invoice(_invoice(debtor))
    (made,) = package.invoices()
    package.update_invoice(replace(made, customer_name="", customer_email="",
                                   due_on=None, lines=(_line("1"),)))  # fmt: skip
    (changed,) = package.invoices()
    assert (changed.due_on, len(changed.lines)) == (None, 1)


def test_products_have_percentages(package: DigitaleFactuur) -> None:
    product = wire.Product("Hosting", Decimal("10.50"), Decimal(21), "1234", "Light")
    package.create_product(product)
    (made,) = package.products()
    assert replace(made, id="") == product
    package.update_product(replace(made, vat_rate=Decimal("5.5")))
    assert package.products()[0].vat_rate == Decimal("5.5")


@pytest.mark.parametrize(
    ("account", "code"), [("4711", "verkeerde-code"), ("onbekend", CODE)]
)
def test_a_wrong_code_or_account_is_a_lost_login(
    vendor: Vendor, account: str, code: str
) -> None:
    client = DigitaleFactuur(vendor.api_url, Credentials(account, code))
    with client.http:
        for call in (client.check, lambda: client.create_customer(CUSTOMER)):
            with pytest.raises(AuthenticationLost, match="df_login_refused"):
                call()


@pytest.mark.parametrize("secret", ["", ".", "..", "met spatie", "regel\n"])
def test_what_cannot_be_a_code_is_refused_before_any_call(secret: str) -> None:
    with pytest.raises(KoppelwerkError, match="df_credentials_malformed"):
        Credentials("4711", secret)
    with pytest.raises(KoppelwerkError, match="df_credentials_malformed"):
        Credentials(secret, CODE)


def test_a_code_with_odd_signs_stays_one_segment(vendor: Vendor) -> None:
    code = "b&c=d?e#f+g%2Fh"
    vendor.control("account", {"account": "52", "code": code})
    client = DigitaleFactuur(vendor.api_url, Credentials("52", code))
    with client.http:
        client.check()
    with loopback(text(200, "<leeg/>", "text/xml")) as server:
        client = DigitaleFactuur(server.url, Credentials("5/2", "a/../b"))
        with client.http:
            client.customers()
    assert server.received[0].path == "/5%2F2/a%2F..%2Fb/klanten"


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        (replace(CUSTOMER, name=""), "df_invalid"),
        (replace(CUSTOMER, city="x" * 256), "df_invalid"),
        (replace(CUSTOMER, iban="NL00ABNA0417164300"), "df_invalid"),
        (replace(CUSTOMER, number="1001"), "df_exists"),
    ],
)
def test_a_refusal_has_our_code_and_the_vendors_words(
    package: DigitaleFactuur,
    debtor: wire.Customer,
    customer: wire.Customer,
    code: str,
) -> None:
    with pytest.raises(Refused) as caught:
        package.create_customer(customer)
    assert caught.value.code == code
    assert caught.value.params["message"] not in ("", "-")
    assert len(package.customers()) == 1


def test_what_is_gone_is_missing(package: DigitaleFactuur) -> None:
    with pytest.raises(Refused, match="df_missing"):
        package.update_customer(replace(CUSTOMER, id="999999"))


@pytest.mark.parametrize(
    ("code", "read", "write"),
    [
        ("401", AuthenticationLost, AuthenticationLost),
        ("403", Refused, Refused),
        ("429", WaitUntil, WaitUntil),
        ("500", RetryLater, OutcomeUnknown),
        ("503", RetryLater, OutcomeUnknown),
        ("123", Refused, Refused),
    ],
)
def test_codes_in_the_body_decide(
    vendor: Vendor,
    package: DigitaleFactuur,
    code: str,
    read: type[Exception],
    write: type[Exception],
) -> None:
    vendor.fault("code", code=code)
    with pytest.raises(read) as caught:
        package.customers()
    assert type(caught.value) is read
    vendor.fault("code", code=code)
    with pytest.raises(write) as caught:
        package.create_customer(CUSTOMER)
    assert type(caught.value) is write


def test_an_unknown_code_keeps_the_vendors_words(
    vendor: Vendor, package: DigitaleFactuur
) -> None:
    vendor.fault("code", code="123", text="Uw proefperiode is voorbij")
    with pytest.raises(Refused) as caught:
        package.customers()
    assert caught.value.code == "df_refused"
    assert caught.value.params == {
        "error_code": "123",
        "message": "Uw proefperiode is voorbij",
    }
