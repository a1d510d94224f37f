"""Each kind of order in each kind of document: booked, credited, asked or refused.

The table of the README is this one: no cell is empty.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.orders import LineKind, Order, OrderLine, Payment, SaleKind
from core.domain.packages import Booked, Credited, Written
from core.plugin import orders as order_port
from core.plugin.work import FindCall, FindLost, Job, SendCall
from core.rules.sale_checks import VatRule, VatRules
from core.runtime.database import transaction
from core.services.linking import couplings
from plugins.eaccounting import reference
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.orders import reconcile
from plugins.eaccounting.orders.sender import open_orders
from plugins.vies import register
from plugins.vies.public import Outcome
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import LEDGER, TOTAL, answering, icp
from tests.contract.eaccounting.test_booking import order as numbered
from tests.unit.eaccounting import samples

ENTRY, DRAFT, ORDER = TargetKind
BOOKED = "booked"
FIND = VatRules.find
LINE = samples.line


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


@pytest.fixture(autouse=True)
def outside_vat(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no turnover goes to an account of its own, without a VAT code."""

    def find(self: VatRules, line: OrderLine, *where: Any) -> VatRule:
        if line.kind in (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.TIP):
            return VatRule(SaleKind.COUNTRY, "NL", line.vat_rate, "", "1800")
        return FIND(self, line, *where)

    monkeypatch.setattr(VatRules, "find", find)


def abroad(country: str, **fields: str) -> dict[str, Any]:
    where = samples.address(city="Ergens", country=country, **fields)
    return {"billing": where, "delivery": where}


def negative(some: Order) -> Order:
    """The same with every amount turned, as a shop gives a negative order."""
    lines = tuple(
        replace(
            item,
            amount_incl_vat=-item.amount_incl_vat,
            vat_amount=-item.vat_amount,
        )
        for item in some.lines
    )
    return replace(
        some,
        lines=lines,
        total_incl_vat=-some.total_incl_vat,
        vat_amount=-some.vat_amount,
    )


GIFT = LINE("Cadeaubon", "50.00", "0.00", "0", number="", kind=LineKind.GIFT_CARD)
FIRM = {"billing": samples.address(company="Zaak BV")}
BE = LINE("Mok", "121.00", "21.00")
KINDS: dict[str, tuple[Order, str, str, str]] = {
    "consumer": (numbered(), BOOKED, BOOKED, BOOKED),
    "seven pieces": (
        numbered(1, LINE("Theepot", "244.65", "42.46", quantity="7"), **FIRM),
        BOOKED, BOOKED, BOOKED,
    ),
    "a company's amount that no price excl VAT gives": (
        numbered(1, LINE("Mok", "10.00", "1.74"), **FIRM),
        BOOKED, "document_vat_differs", BOOKED,
    ),
    "VAT rounded per piece": (
        numbered(1, LINE("Bout", "19.80", "3.46", quantity="20")),
        BOOKED, "document_vat_differs", BOOKED,
    ),
    "VAT a cent below Visma's": (
        numbered(1, LINE("A", "34.95", "6.06")),
        BOOKED, BOOKED, BOOKED,
    ),
    "thirty small lines": (
        numbered(
            1, *(LINE(f"B {n}", "0.99", "0.17", number=f"B{n}") for n in range(30))
        ),
        "cents_moved", BOOKED, BOOKED,
    ),
    "VAT that is not its rate's": (
        numbered(1, LINE("Mok", "10.00", "0.00")),
        "vat_unfit", "vat_unfit", "vat_unfit",
    ),
    "a free line": (
        numbered(1, LINE(), LINE("Gratis", "0.00", "0.00", number="G")),
        BOOKED, BOOKED, BOOKED,
    ),
    "negative": (negative(numbered()), BOOKED, BOOKED, "order_negative"),
    "gift card sold": (
        numbered(1, LINE(), GIFT),
        BOOKED, "document_without_vat", "document_without_vat",
    ),
    "OSS": (numbered(1, BE, **abroad("BE")), BOOKED, BOOKED, BOOKED),
    "reverse charge": (icp(), BOOKED, BOOKED, BOOKED),
    "export": (
        numbered(1, LINE("Mok", "100.00", "0.00", "0"), **abroad("HK", postal_code="")),
        BOOKED, BOOKED, BOOKED,
    ),
    "a territory that is not in Visma's list": (
        numbered(1, LINE("Mok", "100.00", "0.00", "0"), **abroad("JE")),
        BOOKED, BOOKED, BOOKED,
    ),
    "a country that is not in Visma's list": (
        numbered(1, LINE("Mok", "100.00", "0.00", "0"), **abroad("BH")),
        "country_not_listed", "country_not_listed", "country_not_listed",
    ),
    "no billing address": (
        numbered(1, billing=samples.address(city="", postal_code="", street="")),
        BOOKED, BOOKED, BOOKED,
    ),
    "no e-mail address": (
        numbered(1, email=""), "email_missing", "email_missing", "email_missing",
    ),
}  # fmt: skip


REFERENCE = {ENTRY: "PaymentReferenceNumber", DRAFT: "YourReference"}


@pytest.mark.parametrize("target", list(TargetKind))
def test_each_kind_in_each_document(coupled: Coupled, target: TargetKind) -> None:
    coupled.configure(target_kind=target.value)
    for number, (some, *_) in enumerate(KINDS.values(), 1):
        email = some.email and f"klant{number}@example.com"
        given = replace(some, source_id=str(number), number=f"K{number}", email=email)
        coupled.read([given])
    coupled.drain()
    reference_of = REFERENCE.get(target, "YourReference")
    documents = {
        document[reference_of]: document
        for document in coupled.package.ledger(LEDGER[target])
    }
    books = {each["reference"]: each for each in reconcile.documents(coupled.coupling)}
    outcomes = {}
    for number, (name, (some, *_)) in enumerate(KINDS.items(), 1):
        state, code = coupled.states()[number - 1]
        outcomes[name] = code or BOOKED
        document = documents.get(f"K{number}")
        # Refused means that nothing stands there.
        assert (document is not None) == (state == "done")
        if document is None:
            continue
        sign = -1 if target == DRAFT and some.total_incl_vat < 0 else 1
        excl = target == ORDER and not document["IncludesVat"]
        meant = some.total_incl_vat - (some.vat_amount if excl else 0)
        assert sign * document[TOTAL[target]] == meant
        assert books[f"K{number}"]["total"] == some.total_incl_vat
        if not code:
            assert sum(books[f"K{number}"]["vat"].values()) == some.vat_amount
    column = list(TargetKind).index(target)
    assert outcomes == {name: row[1 + column] for name, row in KINDS.items()}


@pytest.mark.parametrize("target", [DRAFT, ORDER])
def test_what_is_refused_costs_no_write(coupled: Coupled, target: TargetKind) -> None:
    coupled.configure(target_kind=target.value)
    names = ("VAT that is not its rate's", "gift card sold")
    coupled.book(*(replace(KINDS[name][0], source_id=name) for name in names))
    assert [state for state, _ in coupled.states()] == ["failed"] * 2
    assert coupled.package.calls("POST") == {}


def test_the_user_may_let_a_draft_s_vat_differ_by_cents(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice", document_vat="book")
    coupled.book(KINDS["a company's amount that no price excl VAT gives"][0])
    assert coupled.states() == [("done", "booked_vat_rounded")]
    [draft] = coupled.package.ledger("draft")
    assert draft["TotalAmount"] == Decimal("10.00")


def test_seven_pieces_are_quantity_seven(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    coupled.book(KINDS["seven pieces"][0])
    [draft] = coupled.package.ledger("draft")
    assert [row["Quantity"] for row in draft["Rows"]] == [7]


def test_what_is_no_turnover_stands_on_its_account_without_a_code(
    coupled: Coupled,
) -> None:
    coupled.book(KINDS["gift card sold"][0])
    entries = coupled.package.control("ledger?kind=ledgeritem", verb="GET")
    rows = entries[0]["body"]["voucher"]["Rows"]
    [row] = [row for row in rows if row["AccountNumber"] == 1800]
    assert (row["CreditAmount"], row["VatCodeId"]) == (50, None)


# --- debtors -----------------------------------------------------------------------


def known(coupled: Coupled, **fields: Any) -> str:
    """A debtor of the user's own."""
    terms = reference.records(coupled.package_id, reference.TERMS)[0].external_id
    body = {
        "Name": "Bob Lee", "EmailAddress": "klant1@example.com", "IsActive": True,
        "InvoiceAddress1": "Stationstraat 1", "InvoiceCity": "Delft",
        "InvoicePostalCode": "2611 AB", "InvoiceCountryCode": "NL",
        "TermsOfPaymentId": terms, "IsPrivatePerson": True, **fields,
    }  # fmt: skip
    with open_client(coupled.connection) as client:
        made = client.create_customer(body)
    coupled.load()
    return str(made["Id"])


def test_a_draft_has_the_debtor_s_address_whole(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    known(coupled)
    coupled.book(numbered())
    [draft] = coupled.package.ledger("draft")
    assert (draft["InvoiceAddress1"], draft["InvoiceCity"]) == (
        "Stationstraat 1", "Delft",
    )  # fmt: skip


def test_a_debtor_who_gives_other_vat_is_refused_before_writing(
    coupled: Coupled,
) -> None:
    """An export, a consumer abroad, a reverse charge."""
    coupled.configure(target_kind="draft_invoice")
    given: list[dict[str, Any]] = [
        {"InvoiceCountryCode": "US"},
        {"InvoiceCountryCode": "BE"},
        {
            "InvoiceCountryCode": "DE", "IsPrivatePerson": False,
            "VatNumber": "DE129274202",
        },
    ]  # fmt: skip
    for number, fields in enumerate(given, 1):
        known(coupled, EmailAddress=f"klant{number}@example.com", **fields)
    before = coupled.package.calls("POST")
    coupled.book(*(numbered(number) for number in range(1, len(given) + 1)))
    assert coupled.states() == [("failed", "document_other_area")] * len(given)
    assert coupled.package.calls("POST") == before


def test_a_fixed_debtor_is_found_among_any_number(coupled: Coupled) -> None:
    for number in range(3):
        known(coupled, Name="Sophie Fischer", EmailAddress=f"s{number}@example.com")
    coupled.load()
    choices = couplings.choices_of(coupled.coupling)
    assert choices.debtor_search is not None
    found = choices.debtor_search.find("s1@exam")
    assert [choice.label.split(" · ")[1:] for choice in found] == [
        ["Sophie Fischer", "s1@example.com"]
    ]
    number = found[0].label.split(" · ")[0]
    assert choices.debtor_search.find(number)[0] == found[0]
    assert choices.debtor_search.get(found[0].value) == found[0]
    assert choices.debtor_search.get("nobody") is None


def test_names_that_begin_alike_are_articles_of_their_own(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    long = "Handgemaakte theemok van steengoed met een lang verhaal, kleur "
    lines = [LINE(long + c, "12.10", "2.10", number="") for c in ("rood", "blauw")]
    coupled.book(numbered(1, *lines), numbered(2, *lines))
    made = coupled.package.ledger("article")
    assert len({item["Number"] for item in made}) == len(made) == 2


# --- credit documents --------------------------------------------------------------


class Direct(Job):
    """A job without a journal: a write is its call."""

    def __init__(self, coupled: Coupled, some: Order, sale: Credited | None) -> None:
        coupling = coupled.coupling
        self.transfer_id, self.tenant_id = 1, coupling.tenant_id
        self.coupling_id, self.connection_id = coupling.id, coupling.target_id
        self.number, self.subject_row = some.number, some
        self.credited, self.steps, self.happened_at = sale, {}, None

    def write(
        self, name: str, *, reference: Callable[[], str], send: SendCall,
        find: FindCall, find_lost: FindLost | None = None, last: bool = False,
    ) -> Written:  # fmt: skip
        return send(reference())

    def make_once(self, kind: str, key: str, *, send: SendCall, find: FindCall) -> str:
        return send(key).external_id

    def settled(self, kind: str, key: str, external_id: str) -> str:
        return external_id

    def is_of_another(self, external_id: str) -> bool:
        return False

    def draw_number(self, name: str, floor: int) -> int:
        return floor


@pytest.fixture
def sent(coupled: Coupled, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Booked]:
    """Send a credit document as the engine hands it over."""

    def load(row: Any) -> Order:
        return row if isinstance(row, Order) else order_port.load(row)

    monkeypatch.setattr("core.plugin.sending.orders", SimpleNamespace(load=load))

    def send(some: Order, sale: Credited | None) -> Booked:
        job = Direct(coupled, some, sale)
        with open_orders(coupled.connection) as sender:
            sender.prepare([job])
            booked = sender.send(job)
        return replace(booked, details={**booked.details, "document": job.document})

    return send


def sold(coupled: Coupled, target: TargetKind, **changes: Any) -> Credited:
    coupled.configure(target_kind=target.value)
    coupled.book(numbered(1, **changes))
    [document] = coupled.package.ledger(LEDGER[target])
    return Credited(target.value, document["Id"], "", document["CustomerId"])


def credit(**changes: Any) -> Order:
    """One of the shirts and a third of the tea come back, the year after."""
    lines = [LINE("Overhemd", "-24.95", "-4.33"), LINE("Thee", "-3.33", "-0.27", "9")]
    at, given = samples.ORDERED_AT, changes.pop("lines", lines)
    values = {
        "number": "W1-1", "credits": "W1", "ordered_at": at.replace(year=2024),
        "sold_at": at, "email": "klant1@example.com", **changes,
    }  # fmt: skip
    return samples.order(given, **values)


def test_a_credit_of_an_entry_turns_the_sides_on_the_day_of_the_refund(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    sale = sold(coupled, ENTRY)
    booked = sent(credit(email="ander@example.com"), sale)
    item = coupled.package.ledger("ledgeritem")[1]
    assert (booked.external_id, booked.warning) == (item["Id"], "")
    assert item["IsCreditInvoice"] is True
    assert item["TotalAmountInvoiceCurrency"] == Decimal("-28.28")
    assert item["InvoiceDate"] == "2024-03-01T00:00:00Z"
    assert item["CustomerId"] == sale.debtor_id
    found = reconcile.documents(coupled.coupling)[1]
    assert found["reference"] == "W1-1"
    assert found["vat"] == {Decimal(21): Decimal("-4.33"), Decimal(9): Decimal("-0.27")}


def test_a_credit_of_a_draft_is_a_credit_draft(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    sale = sold(coupled, DRAFT)
    sent(credit(), sale)
    draft = coupled.package.ledger("draft")[1]
    assert (draft["IsCreditInvoice"], draft["TotalAmount"]) == (True, Decimal("28.28"))
    assert draft["Rows"][-1]["Text"] == "Creditering bestelling W1, W1-1"
    assert len(coupled.package.ledger("customer")) == 1


def test_a_credit_of_an_order_is_refused(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    sale = sold(coupled, ORDER)
    with pytest.raises(AskUser) as caught:
        sent(credit(), sale)
    assert caught.value.code == "order_negative"


def linked(coupled: Coupled) -> None:
    tenant_id = coupled.connection.tenant_id
    row = EAccountingPaymentMapping(
        tenant_id=tenant_id, coupling_id=coupled.coupling_id, method="iDEAL",
        clearing_account="2000",
    )  # fmt: skip

    with transaction() as current:
        current.add(row)


def money(amount: str, days: int = 0) -> tuple[Payment, ...]:
    at: datetime = samples.ORDERED_AT + timedelta(days=days)
    return (Payment("iDEAL", Decimal(amount), at),)


def left(coupled: Coupled) -> list[Decimal]:
    return [item["left"] for item in reconcile.documents(coupled.coupling)]


def test_money_back_settles_the_credit(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    linked(coupled)
    sale = sold(coupled, ENTRY, payments=money("64.85"))
    assert sent(credit(payments=money("-28.28", 370)), sale).warning == ""
    assert left(coupled) == [0, 0]


def test_a_chargeback_opens_the_sale_and_its_reversal_settles_it(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    linked(coupled)
    sale = sold(coupled, ENTRY, payments=money("64.85"))
    back = credit(
        lines=[], payments=money("-64.85", 9), total_incl_vat=Decimal("-64.85")
    )
    booked = sent(back, sale)
    assert (booked.warning, booked.details["document"]) == ("", "payment")
    assert left(coupled) == [Decimal("64.85")]
    again = replace(back, payments=money("64.85", 20), total_incl_vat=Decimal("64.85"))
    sent(again, sale)
    assert left(coupled) == [0]
    assert len(coupled.package.ledger("ledgeritem")) == 1


def test_a_chargeback_of_what_was_not_settled_here_is_nothing_to_book(
    coupled: Coupled, sent: Callable[..., Booked]
) -> None:
    sale = sold(coupled, ENTRY)
    with pytest.raises(KoppelwerkError) as caught:
        sent(credit(lines=[], payments=money("-64.85")), sale)
    assert caught.value.code == "payment_not_ours"
