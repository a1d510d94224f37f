"""kill -9 before and after every call and commit of an invoice to DigitaleFactuur."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Connection,
    Coupling,
    TenantVatCode,
    Transfer,
    TransferState,
    VatKind,
)
from core.net.http import probe
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.linking import form_flow
from tests.e2e.test_kill_points import (
    ROUNDS,
    in_child,
    kill_at,
    let_time_pass,
    some_of,
    work,
)
from tests.product import Product

NAME = "digitalefactuur"


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def couple(product: Product) -> int:
    """Let sent invoices go to DigitaleFactuur; return the VAT code of 21 %."""
    found = select(Connection).where(Connection.plugin == NAME)
    connection = session().scalars(found).one()
    form_flow.connect(
        connection, {"account_id": "4711", "access_code": "sandbox-toegangscode"}
    )
    with transaction() as current:
        current.add(
            Coupling(
                tenant_id=product.tenant_id,
                target_id=connection.id,
                configured_at=utcnow(),
                settings={},
            )
        )
        code = TenantVatCode(
            tenant_id=product.tenant_id, code="hoog", label="21 %",
            kind=VatKind.STANDARD, country="NL", rate=Decimal(21),
        )  # fmt: skip
        current.add(code)
        current.flush()
        return code.id


def sent(product: Product, number: int, vat_code_id: int) -> str:
    """Send an invoice to a new relation; return its number."""
    place = PostalAddress("Kade", "1", "", "2311 AA", "Leiden", "NL")
    with tenant_scope(product.tenant_id), transaction():
        relation = relations.save(
            RelationData(
                is_person=False,
                name=f"Klant {number}",
                debtor_number=str(1500 + number),
                invoice_address=place,
            ),
            None,
        )
        line = DraftLine("Hosting", Decimal(2), Decimal("49.95"), vat_code_id)
        day = date(2026, 3, 2)
        draft = Draft(relation.id, day, day, [line])
        row = sales_invoices.save_draft(product.tenant_id, draft)
        sales_invoices.send(row, "other")
        return str(row.number)


@pytest.mark.slow
def test_one_invoice_each_wherever_the_worker_is_killed(connected: Product) -> None:
    code = couple(connected)
    points: list[str] = []
    numbers = [sent(connected, 0, code)]
    probe.listener = points.append
    work(connected)
    probe.listener = None
    assert states() == {numbers[0]: TransferState.DONE}
    assert len(points) >= 12, points

    for place in some_of(points, every=2):
        numbers.append(sent(connected, place + 1, code))
        survived = in_child(lambda: work(connected), kill_at(place))
        assert not survived, f"point {place} ({points[place]}) was not reached"
        for _ in range(ROUNDS):
            let_time_pass()
            in_child(lambda: work(connected), lambda _: None)
            if states()[numbers[-1]] == TransferState.DONE:
                break

    assert states() == dict.fromkeys(numbers, TransferState.DONE)
    made = connected.control(NAME, "objects/factuur", verb="GET")
    found = Counter(
        one["factuurnummer_voorloop"] + one["factuurnummer"] for one in made
    )
    assert found == Counter(numbers)
    debtors = connected.control(NAME, "objects/klant", verb="GET")
    assert len({one["relatienummer"] for one in debtors}) == len(debtors)


def states() -> dict[str, str]:
    """Where each invoice's transfer stands."""
    session().rollback()
    rows = session().scalars(select(Transfer).where(Transfer.subject == "invoice"))
    return {row.number: row.state for row in rows}
