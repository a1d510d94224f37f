"""Client and sandbox against Logius's own WSDL and schema."""

from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.xsd.types.builtins import DateTime

from plugins.belastingdienst.channels.digipoort import soap
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.channels.digipoort.channel import Digipoort
from plugins.belastingdienst.channels.digipoort.wssecurity import SOAP
from plugins.belastingdienst.sandbox import bodies
from tests.contract.belastingdienst.conftest import World, message
from tests.shared import shared_file

FOLDER = "contracts/accountview/digipoort-wus"
XSD = "digipoort-koppelvlak-1.2.xsd"
SERVICES = {
    "delivery": "aanleverservice-1.2.wsdl",
    "status": "statusinformatieservice-1.2.wsdl",
}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared_file(f"{FOLDER}/{XSD}"))))


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> dict[str, zeep.Client]:
    """Clients of the vendor's WSDLs, whose import has an absolute path."""
    folder = tmp_path_factory.mktemp("wsdl")
    (folder / XSD).write_bytes(shared_file(f"{FOLDER}/{XSD}").read_bytes())
    made = {}
    for name, file in SERVICES.items():
        text = shared_file(f"{FOLDER}/{file}").read_text("utf-8")
        path = folder / file
        path.write_text(text.replace(f"/cpl/{XSD}", XSD), "utf-8")
        made[name] = zeep.Client(str(path))
    return made


def described(client: zeep.Client, name: str) -> dict[str, Any]:
    """Operations with their SOAP actions and, in depth, what goes in and out."""
    binding = client.wsdl.bindings[soap._BINDINGS[name]]
    return {
        operation.name: [
            operation.soapaction,
            operation.style,
            *(shape(part.body) for part in (operation.input, operation.output)),
            sorted(operation.faults),
        ]
        for operation in binding._operations.values()
    }


def shape(element: Any) -> Any:
    """Names, order and how often; of simple types whether they are moments."""
    children = getattr(element.type, "elements", None)
    if not children:
        return [str(element.qname), isinstance(element.type, DateTime)]
    return [
        str(element.qname),
        [(child.min_occurs, child.max_occurs, shape(child)) for _, child in children],
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_our_description_is_the_vendors(
    vendor: dict[str, zeep.Client], name: str
) -> None:
    own = described(zeep.Client(str(soap.DESCRIPTIONS / f"{name}.wsdl")), name)
    theirs = described(vendor[name], name)
    assert own
    for operation, parts in own.items():
        assert parts == theirs[operation]


class Spy:
    """Keeps what goes over the wire."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        original = soap.Transport.send

        def send(transport: Any, *args: Any, **named: Any) -> Any:
            self.requests.append(named["body"])
            reply = original(transport, *args, **named)
            self.answers.append(reply.content)
            return reply

        monkeypatch.setattr(soap.Transport, "send", send)


def content_of(envelope: bytes) -> etree._Element:
    node = etree.fromstring(envelope).find(f"{{{SOAP}}}Body/*")
    assert node is not None
    return etree.fromstring(etree.tostring(node))


def test_every_message_is_valid_in_the_vendors_schema(
    world: World,
    digipoort: Digipoort,
    schema: etree.XMLSchema,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy = Spy(monkeypatch)
    receipt = digipoort.deliver(message())
    digipoort.status(receipt.delivery_reference)
    digipoort.look_up(message(), receipt.delivered_at, ())
    world.fault("scenario", path="aanleverservice", scenario="rejected", times=1)
    late = digipoort.deliver(message("R2"))
    digipoort.status(late.delivery_reference)
    assert len(spy.requests) == len(spy.answers) == 6
    for one in [*spy.requests, *spy.answers]:
        schema.assertValid(content_of(one))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("aanleverFault", {"foutcode": "ALS100", "foutbeschrijving": "x"}),
        ("statusinformatieFault", {"foutcode": "STS100", "foutbeschrijving": "x"}),
    ],
)
def test_the_sandboxs_faults_are_valid(
    schema: etree.XMLSchema, name: str, fields: dict[str, str]
) -> None:
    schema.assertValid(bodies.make(name, fields))


@pytest.mark.parametrize("name", sorted(bodies.REQUESTS))
def test_the_sandboxs_field_lists_are_the_schemas(
    vendor: dict[str, zeep.Client], name: str
) -> None:
    element = vendor["status"].get_element(f"{{{bodies.MESSAGES}}}{name}")
    theirs = [
        (field, child.min_occurs > 0)
        for field, child in element.type.elements
        if field != "berichtBijlagen"  # attachments are not for these declarations
    ]
    assert [(field, required) for field, _, required in bodies.REQUESTS[name]] == theirs


class _Own:
    """Our addressing and signature on the vendor's own client."""

    def __init__(self, service: soap.Service) -> None:
        self._service = service

    def egress(self, *args: Any) -> Any:
        return self._service.egress(*args)

    def ingress(self, *args: Any) -> Any:
        return self._service.ingress(*args)


def test_a_client_of_the_vendors_wsdl_reads_the_sandbox(
    world: World, vendor: dict[str, zeep.Client]
) -> None:
    certificate: SigningCertificate = world.certificate
    channel = Digipoort(world.access(), certificate)
    receipt = channel.deliver(message())
    service = channel._statuses
    client = vendor["status"]
    client.wsse = service
    client.plugins = [_Own(service)]
    service._message_id = "urn:uuid:00000000-0000-4000-8000-000000000001"
    made = client.create_service(soap._BINDINGS["status"], world.access().status_url)
    rows = made.getNieuweStatussenProces(
        kenmerk=receipt.delivery_reference, autorisatieAdres="http://geenausp.nl"
    )
    assert [row.statuscode for row in rows][-1] == "500"
    again = made.getNieuweStatussenProces(
        kenmerk=receipt.delivery_reference, autorisatieAdres="http://geenausp.nl"
    )
    assert not again  # each status once
    client.transport.session.close()
    channel.close()


def test_no_file_of_the_vendor_is_in_the_project() -> None:
    root = Path(soap.__file__).parent
    for path in shared_file(FOLDER).rglob("*"):
        if path.is_file():
            assert not list(root.rglob(path.name))
