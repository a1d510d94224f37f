"""The proposals for invoices, of a tenant of the company's country and of another."""

from plugins.eaccounting import configuration, reference
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.proposals import saved_unchanged


def test_a_dutch_company_s_proposals(coupled: Coupled) -> None:
    """The company has no code for services within the EU, nor for reverse charge."""
    names = {
        row.external_id: str(row.data["Code"])
        for row in reference.records(coupled.package_id, reference.VAT_CODE)
    }
    found = saved_unchanged(coupled, "NL")
    assert {key: (names[code], account) for key, (code, account) in found.items()} == {
        "NL21": ("VH", "8000"),
        "NL9": ("VL", "8010"),
        "NL0": ("V0", "8020"),
        "NLVRIJ": ("V0", "8020"),
        "NLICL": ("ICP", "8030"),
        "NLEXP": ("EXP", "8040"),
    }
    offered = {
        names[one.value] for one in configuration.choices(coupled.connection).vat_codes
    }
    assert not {"IH", "IL"} & offered


def test_a_belgian_tenant_gets_no_code_of_a_dutch_company_proposed(
    coupled: Coupled,
) -> None:
    """Its code for Belgian VAT is that of OSS."""
    assert saved_unchanged(coupled, "BE") == {}
