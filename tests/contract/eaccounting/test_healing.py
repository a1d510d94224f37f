"""What a saved configuration lets through, judged as sending would."""

from decimal import Decimal

from core.runtime.database import session, transaction
from core.services.linking import configuration, couplings, healing
from core.services.linking.configuration import VatGroup
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import order


def test_an_order_goes_once_its_rate_is_set(coupled: Coupled) -> None:
    coupling = coupled.coupling
    target = couplings.target_of(coupling)
    groups = [
        VatGroup(key, (line,))
        for key, line in configuration.saved_lines(coupling, target)
    ]
    with transaction():
        others = [g for g in groups if g.lines[0].rate != Decimal(21)]
        configuration.save_vat(coupling, target, others)
        couplings.saved(coupling, "vat_saved")
    coupled.book(order(1), order(2))
    assert coupled.states() == [("failed", "vat_rate_not_configured")] * 2
    assert healing.healed(coupled.coupling) == []
    with transaction():
        coupling = coupled.coupling
        configuration.save_vat(coupling, target, groups)
        couplings.saved(coupling, "vat_saved")
    (cause,) = healing.healed(coupled.coupling)
    assert (cause.code, len(cause.ids)) == ("vat_rate_not_configured", 2)
    with transaction():
        assert healing.process(coupled.coupling, cause.code) == list(cause.ids)
    session().rollback()
    coupled.drain()
    assert {state for state, _code in coupled.states()} != {"failed"}
