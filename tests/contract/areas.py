"""Orders to areas whose VAT is not their country's, for every package alike."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from core.domain.orders import LineKind, Order
from core.models import Coupling, Tenant, Transfer
from core.runtime.database import session, transaction
from plugins.vies.public import Outcome
from tests.contract.coupled import CoupledPackage
from tests.unit.eaccounting import samples

FREE = samples.line("Mok", "100.00", "0.00", "0")
GERMAN = samples.line("Linse", "119.00", "19.00", "19")
DUTCH = samples.line("Mok", "12.10", "2.10", "21")


def to(country: str, postcode: str, city: str = "Plaats", company: str = "") -> Any:
    where = samples.address(
        country=country, postal_code=postcode, city=city, company=company
    )
    return {"billing": where, "delivery": where}


def order(number: int, *lines: Any, **changes: Any) -> Order:
    values = {
        "source_id": str(number),
        "number": f"A{number}",
        "email": f"gebied{number}@example.com",
        **changes,
    }
    return samples.order(lines or (FREE,), **values)


ASKED = "failed"
CASES: list[tuple[Order, tuple[str, str], str]] = [
    (order(1, **to("ES", "38001", company="Isla SL"), vat_number="ESB58378431"),
     ("done", ""), "export"),
    (order(2, **to("ES", "35001", "Las Palmas")), ("done", ""), "export"),
    (order(3, **to("DE", "78266", company="Rhein GmbH"), vat_number="DE136695976"),
     ("done", ""), "export"),
    (order(4, **to("GB", "BT1 1AA", company="Lagan Ltd"), vat_number="XI980780684",
           reverse_charged=True), ("done", ""), "icp"),
    (order(5, **to("DE", "52062", company="Test BV"), vat_number="NL004495445B01"),
     (ASKED, "vat_number_of_own_country"), ""),
    (order(6, DUTCH, **to("BE", "2000"), is_collected=True), ("done", ""), "domestic"),
    (order(7, **to("BE", "2000", company="Firma"), is_collected=True),
     (ASKED, "collected_by_foreign_buyer"), ""),
    (order(8, DUTCH, samples.line("Cadeau", "0.00", "0.00", "0", number="G"),
           **to("NL", "1000 AA", company="n.v.t.")), ("done", ""), "domestic"),
    (order(9, samples.line("Mok", "0.00", "0.00", "21"), **to("NL", "1000 AA")),
     ("skipped", "nothing_to_book"), "domestic"),
    (order(10, DUTCH, replace(FREE, kind=LineKind.TIP), **to("NL", "1000 AA")),
     (ASKED, "tip_not_configured"), "domestic"),
]  # fmt: skip


def check_areas(coupled: CoupledPackage[Any]) -> None:
    """Book each and compare where it ended, under which scheme."""
    coupled.book(*(case[0] for case in CASES))
    found = dict(zip((case[0].number for case in CASES), coupled.states(), strict=True))
    assert found == {case[0].number: case[1] for case in CASES}
    rows = session().scalars(select(Transfer).order_by(Transfer.id))
    schemes = [row.reasoning.get("scheme", "") for row in rows]
    assert schemes == [case[2] for case in CASES]


def check_charged_business(
    coupled: CoupledPackage[Any], answers: Callable[[Outcome], None]
) -> None:
    """Book a sale with German VAT to a number, as VIES knows it and as is chosen."""
    where = to("DE", "52062", company="Optik GmbH")
    told = [
        (Outcome.VALID, "ask", ("failed", "business_charged_vat")),
        (Outcome.VALID, "book", ("done", "")),
        (Outcome.INVALID, "ask", ("done", "")),
    ]
    for number, (outcome, chosen, state) in enumerate(told, start=1):
        answers(outcome)
        coupled.configure(charged_business=chosen)
        coupled.book(order(number, GERMAN, **where, vat_number="DE129274202"))
        assert coupled.states()[-1] == state
    answers(Outcome.UNKNOWN)
    coupled.book(order(4, GERMAN, **where, vat_number="DE129274202"))
    state, code = coupled.states()[-1]
    assert (state, code.removeprefix("eboekhouden_")) == (
        "queued", "vat_number_unchecked",
    )  # fmt: skip


def check_home_vat(coupled: CoupledPackage[Any]) -> Any:
    """Book a sale to a German consumer at home VAT; return its reasoning."""
    with transaction():
        row = session().get_one(Coupling, coupled.coupling_id)
        tenant = session().get_one(Tenant, row.tenant_id)
        tenant.vat_statuses = [{"starts_on": "2023-01-01", "distance_sales": "home"}]
    coupled.book(order(1, DUTCH, **to("DE", "52062")))
    assert coupled.states() == [("done", "")]
    [transfer] = session().scalars(select(Transfer))
    assert (transfer.reasoning["scheme"], transfer.reasoning["country"]) == (
        "home", "NL",
    )  # fmt: skip
    return transfer.reasoning
