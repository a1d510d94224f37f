"""Our requests by the vendor's own WSDL, and the sandbox's WSDL against it."""

from typing import Any

import pytest
import zeep
from flask import Flask

from plugins.eboekhouden.client import (
    Credentials,
    EBoekhouden,
    EntryQuery,
    Uncounted,
    descriptions,
)
from plugins.eboekhouden.client.descriptions import Description
from plugins.eboekhouden.client.soap import SoapEBoekhouden
from plugins.eboekhouden.sandbox.wsdl import OPERATIONS, STRUCTURES
from tests.contract.eboekhouden.conftest import Package
from tests.contract.eboekhouden.test_client import RELATION, entry
from tests.shared import shared_file

BINDING = "{http://www.e-boekhouden.nl/soap}soapAppSoap"
TYPES = "{http://www.e-boekhouden.nl/soap}"


@pytest.fixture
def vendor() -> zeep.Client:
    return zeep.Client(str(shared_file("contracts/eboekhouden/soap.wsdl")))


def _elements(kind: Any) -> list[tuple[str, str, int, bool]]:
    return [
        (name, str(element.type.name), element.min_occurs, bool(element.is_optional))
        for name, element in kind.elements
    ]


def test_the_sandboxs_operations_are_the_vendors(
    vendor: zeep.Client, package: Package
) -> None:
    own = zeep.Client(f"{package.url}/soap.asmx?WSDL")
    ours = own.wsdl.bindings[BINDING]._operations
    theirs = vendor.wsdl.bindings[BINDING]._operations
    assert set(ours) == set(OPERATIONS)
    for name, operation in ours.items():
        vendors = theirs[name]
        assert operation.soapaction == vendors.soapaction
        for side in ("input", "output"):
            mine, other = getattr(operation, side).body, getattr(vendors, side).body
            assert mine.qname == other.qname
            assert _elements(mine.type) == _elements(other.type), name


def test_the_sandboxs_structures_are_the_vendors(
    vendor: zeep.Client, package: Package
) -> None:
    own = zeep.Client(f"{package.url}/soap.asmx?WSDL")
    for name in STRUCTURES:
        mine, theirs = own.get_type(TYPES + name), vendor.get_type(TYPES + name)
        assert _elements(mine) == _elements(theirs), name


@pytest.fixture
def by_vendor(
    package: Package, product: Flask, monkeypatch: pytest.MonkeyPatch
) -> EBoekhouden:
    """Our client, with the vendor's WSDL in the place of the sandbox's."""
    path = shared_file("contracts/eboekhouden/soap.wsdl")
    document = zeep.wsdl.Document(str(path), zeep.Transport())
    descriptions.exact(document)
    monkeypatch.setattr(descriptions, "of", lambda _url: Description(document, 0))
    values = package.values()
    return SoapEBoekhouden(
        Credentials(
            values["username"], values["security_code_1"], values["security_code_2"]
        ),
        Uncounted(),
        wsdl_url="",
        soap_url=f"{package.url}/soap.asmx",
    )


def test_our_client_works_by_the_vendors_wsdl(by_vendor: EBoekhouden) -> None:
    assert by_vendor.administrations()
    by_vendor.add_relation(RELATION)
    [found] = by_vendor.relations(code="10000")
    by_vendor.update_relation({**found, "Plaats": "Delft"})
    by_vendor.add_entry(entry())
    [booked] = by_vendor.entries(EntryQuery(invoice_number="F1"))
    assert booked["MutatieRegels"][0]["BedragInclBTW"] == 121
    assert by_vendor.open_items()[0]["Openstaand"] == 121
    assert len(by_vendor.ledger_accounts()) > 10
    by_vendor.close()


def test_the_wsdl_is_read_once_a_process(package: Package, product: Flask) -> None:
    url = f"{package.url}/soap.asmx?WSDL"
    assert descriptions.of(url) is descriptions.of(url)
    assert package.calls() == {"GET /soap.asmx": 1}
