"""A month of a shop with everything in it, while workers are killed and answers lost.

Every kind of order that the sandbox shop can make, mixed, and a quarter of them
refunded, in part or in full. In the end shop and package are equal to the cent: per
order, VAT rate and account, or the order was refused before anything was booked, for a
reason on the list. MONTH_ORDERS=10000 for a whole month; CI takes fewer.
"""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from core.domain.money import ZERO
from core.domain.orders import LineKind, Order, Purse
from core.main.stack import Stack
from core.models import (
    Coupling,
    OrderRefund,
    ShopOrder,
    Tenant,
    Transfer,
    TransferState,
)
from core.net.http import probe
from core.plugin.setups import CouplingSetup
from core.rules.refunds import RefundPolicy
from core.rules.sale_checks import GiftCards, with_free_lines
from core.runtime.database import session, transaction
from core.services.linking import configuration, couplings, vat_status
from core.services.transfer import orders, refund_actions
from core.services.transfer.reconciliation import compare
from core.services.transfer.refund_previews import asks, of_transfer
from core.services.transfer.subjects import SUBJECTS
from plugins.eaccounting.setup import Setup as EAccountingSetup
from plugins.eboekhouden.setup import Setup as EBoekhoudenSetup
from plugins.kmoshops.sandbox.testorders import KINDS
from tests.e2e.test_kill_points import in_child, kill_at, let_time_pass, work
from tests.e2e.test_kill_points_eboekhouden import couple
from tests.product import Product, product

ORDERS = int(os.environ.get("MONTH_ORDERS", "40"))
REFUNDED = 0.25
BATCH = 60
"""Orders between two visits of the killer."""
TOLD = {
    # by what is wrong with the order itself, before anything is booked
    "nothing_to_book": "an order of nothing",
    "order_refunded": "refunded in full before it was booked",
}
"""Why an order of this shop may not be booked."""
PAID_BACK = ("geheel terugbetaald", "deels terugbetaald")
"""Kinds that are refunded as they are made."""
Books = dict[str, Decimal]


@pytest.fixture
def shop(sandboxes: Stack, database_url: str, tmp_path: Any) -> Iterator[Product]:
    """A connected demo tenant."""
    with product(sandboxes, database_url, tmp_path / "var") as made:
        yield made
    probe.listener = None


@pytest.mark.slow
@pytest.mark.timeout(60 + ORDERS * 3)
@pytest.mark.parametrize("package", ["eaccounting", "soap", "rest"])
def test_a_month_is_equal_to_the_cent_or_told(shop: Product, package: str) -> None:
    setup: type[CouplingSetup] = EAccountingSetup
    if package != "eaccounting":
        couple(shop, package)
        setup = EBoekhoudenSetup
    configure(shop)
    dice = random.Random(f"month {package}")
    plugin = "eaccounting" if package == "eaccounting" else "eboekhouden"
    lost = {"kind": "drop_after", "method": "POST", "probability": 0.08}
    shop.control(plugin, "faults", {**lost, "seed": 7, "times": 10 * ORDERS})
    for first in range(0, ORDERS, BATCH):
        sold = sell(shop, dice, min(BATCH, ORDERS - first))
        shop.read_shop()
        for _ in range(3):
            in_child(lambda: work(shop), kill_at(dice.randrange(40, 400)))
            let_time_pass()
        refund(shop, dice, sold)
    shop.control(plugin, "faults", verb="DELETE")
    finish(shop)

    coupling = current(shop)
    result = compare(coupling)
    assert result.gaps == []
    assert result.shop_total == result.package_total > ZERO
    assert result.vat_shop == result.vat_package
    assert set(result.not_booked) <= set(TOLD), result.not_booked
    states = Counter(row.state for row in every_transfer())
    assert set(states) <= {TransferState.DONE, TransferState.SKIPPED}, states
    held_there, sold = books(shop, plugin), expected(coupling, setup)
    assert {account: held_there.get(account, ZERO) for account in sold} == sold
    print(package, result, states)  # noqa: T201  the counts of the run, with -s


def configure(shop: Product) -> None:
    """Set up everything that a shop can: payments, what is no turnover, refunds."""
    with transaction():
        coupling = current(shop)
        target = couplings.target_of(coupling)
        choices = couplings.choices_of(coupling)
        account = choices.clearing_accounts[0].value
        methods = ("iDEAL", "Bancontact", "PayPal", "Bank transfer")
        lines = [configuration.PaymentLine(name, account) for name in methods]
        configuration.save_payments(coupling, target, lines)
        owed = choices.liability_accounts[-1].value
        kinds = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.TIP)
        vat_status.save_no_turnover(
            coupling,
            GiftCards.MANY,
            dict.fromkeys(kinds, owed),
            {"Statiegeld": LineKind.DEPOSIT},
        )
        couplings.save_refunds(coupling, RefundPolicy.BY_ITSELF)


def current(shop: Product) -> Coupling:
    """The coupling, fresh."""
    session().rollback()
    session().expire_all()
    return session().scalars(
        select(Coupling).where(Coupling.source_id == shop.shop_id)
    ).one()  # fmt: skip


def sell(shop: Product, dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Place orders of all kinds, each kind as often as any other."""
    names = [list(KINDS)[number % len(KINDS)] for number in range(count)]
    dice.shuffle(names)
    made = [
        shop.control(
            "kmoshops", f"order-kinds/{name}?silent=1", {"seed": dice.random()}
        )
        for name in names
    ]
    return [
        order for name, order in zip(names, made, strict=True) if name not in PAID_BACK
    ]


def refund(shop: Product, dice: random.Random, sold: list[dict[str, Any]]) -> None:
    """Give money back for some of the orders, and let the shop be read again."""
    for made in sold:
        whole = Decimal(str(made["total"]))
        if dice.random() < REFUNDED and whole > 1:
            part = dice.choice((whole, Decimal("0.37"), Decimal("1.00")))
            path = f"orders/{made['id']}/refunds?silent=1"
            shop.control("kmoshops", path, {"amount": str(part), "reason": "Retour"})
    shop.read_shop()


def finish(shop: Product) -> None:
    """Let workers go on until nothing is due; say yes to every refund that is asked."""
    for _ in range(12):
        let_time_pass()
        in_child(lambda: work(shop), lambda _: None)
        answer()
        session().rollback()
        moving = (TransferState.QUEUED, TransferState.SENDING, TransferState.HELD)
        left = session().scalar(
            select(func.count()).select_from(Transfer).where(Transfer.state.in_(moving))
        )
        if not left:
            return


def answer() -> None:
    """Press *Gezien* at what changed meanwhile, *Boek creditering* where offered."""
    for row in every_transfer():
        if row.state != TransferState.HELD:
            continue
        with transaction():
            if row.subject == "order":
                SUBJECTS[row.subject].seen(row)
            elif asks(row):
                made = of_transfer(row)
                assert made is not None
                refund_actions.book(row, made.digest)


def every_transfer() -> list[Transfer]:
    """All transfers, fresh."""
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(Transfer).order_by(Transfer.id)))


# --- the accounts ---------------------------------------------------------------------


def expected(coupling: Coupling, setup: type[CouplingSetup]) -> Books:
    """What the shop sold, by account of the package: credit is positive; excl VAT."""
    tenant = session().get_one(Tenant, coupling.tenant_id)
    loaded, is_eboekhouden = setup.load(coupling, tenant), setup is EBoekhoudenSetup
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in booked_orders():
        if order.lines:
            sale = loaded.sale_of(order)
        for line in order.lines:
            rule = loaded.rules.find(line, sale)
            found[rule.revenue_account] += line.amount_excl_vat
        for payment in order.payments:
            account = loaded.clearing_accounts.get(payment.method)
            # e-Boekhouden books no payment on what is owed: it stays open, and is told.
            if account and not (is_eboekhouden and payment.method in tuple(Purse)):
                found[account] -= payment.amount
    return {account: amount for account, amount in found.items() if amount}


def booked_orders() -> Iterator[Order]:
    """The sales and credits that were booked."""
    for transfer in every_transfer():
        kind = ShopOrder if transfer.subject == "order" else OrderRefund
        if transfer.booked_at is not None:
            row = session().get_one(kind, transfer.subject_id)
            yield with_free_lines(orders.load(row))


def books(shop: Product, plugin: str) -> Books:
    """What the package's own books hold on those accounts; credit is positive."""
    found: Callable[[Product], Iterator[tuple[str, Decimal]]]
    found = _of_visma if plugin == "eaccounting" else _of_eboekhouden
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, amount in found(shop):
        sums[account] += amount
    return {account: amount for account, amount in sums.items() if amount}


def _of_visma(shop: Product) -> Iterator[tuple[str, Decimal]]:
    for voucher in shop.ledger("voucher"):
        for row in voucher["document"]["Rows"]:
            amount = Decimal(row["CreditAmount"]) - Decimal(row["DebitAmount"])
            yield str(row["AccountNumber"]), amount


def _of_eboekhouden(shop: Product) -> Iterator[tuple[str, Decimal]]:
    for entry in shop.control("eboekhouden", "ledger?kind=entry", verb="GET"):
        body = entry["body"]
        is_payment = body["Soort"] == "FactuurbetalingOntvangen"
        for line in body["MutatieRegels"]:
            if is_payment:
                yield str(body["Rekening"]), -Decimal(line["BedragInclBTW"])
            else:
                yield str(line["TegenrekeningCode"]), Decimal(line["BedragExclBTW"])
