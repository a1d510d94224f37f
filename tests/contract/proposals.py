"""What is proposed for the tenant's VAT codes can be saved as it is."""

from typing import Any

from core.models import Connection, Tenant
from core.runtime.database import session, transaction
from core.services.invoicing import invoice_couplings, invoice_setup, vat_codes
from core.web.views import invoice_bookings
from tests.contract.coupled import CoupledPackage

Proposed = dict[str, tuple[str, str]]


def saved_unchanged(coupled: CoupledPackage[Any], country: str) -> Proposed:
    """Save the proposals of a tenant of a country; return code and account of each."""
    with transaction():
        connection = session().get_one(Connection, coupled.package_id)
        tenant = session().get_one(Tenant, connection.tenant_id)
        tenant.home_country = country
        vat_codes.make_defaults(tenant)
        coupling = invoice_setup.switch_on(connection, None)
    choices = invoice_couplings.choices_of(coupling)
    lines = invoice_setup.proposed(coupling, choices)
    with coupled.app.test_request_context():
        assert [
            text for one in lines for text in invoice_bookings.wrong(one, choices)
        ] == []
    with transaction():
        invoice_setup.save_mapping(coupling, lines)
    rules = invoice_couplings.rules_of([coupling.id])[coupling.id]
    return {
        key: (one.package_vat_code, one.revenue_account) for key, one in rules.items()
    }
