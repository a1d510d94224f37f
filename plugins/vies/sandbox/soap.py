"""SOAP 1.1 envelopes and the WSDL that the sandbox serves (source: VIES's WSDL)."""

from dataclasses import dataclass

from lxml import etree

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "urn:ec.europa.eu:taxud:vies:services:checkVat:types"

# Outgoing texts only: the order of the elements is the order of the schema.
_QUESTION = (
    ("countryCode", ""),
    ("vatNumber", ""),
)
_APPROX = (
    *_QUESTION,
    ("traderName", 'minOccurs="0"'),
    ("traderCompanyType", 'minOccurs="0"'),
    ("traderStreet", 'minOccurs="0"'),
    ("traderPostcode", 'minOccurs="0"'),
    ("traderCity", 'minOccurs="0"'),
    ("requesterCountryCode", 'minOccurs="0"'),
    ("requesterVatNumber", 'minOccurs="0"'),
)
_NULL = 'minOccurs="0" nillable="true"'
_ANSWER = (
    *_QUESTION,
    ("requestDate", 'type="xs:date"'),
    ("valid", 'type="xs:boolean"'),
    ("name", _NULL),
    ("address", _NULL),
)
_MATCHES = tuple(
    (f"trader{part}Match", 'minOccurs="0"')
    for part in ("Name", "CompanyType", "Street", "Postcode", "City")
)
_APPROX_ANSWER = (
    *_ANSWER[:4],
    ("traderName", _NULL),
    ("traderCompanyType", _NULL),
    ("traderAddress", 'minOccurs="0"'),
    ("traderStreet", 'minOccurs="0"'),
    ("traderPostcode", 'minOccurs="0"'),
    ("traderCity", 'minOccurs="0"'),
    *_MATCHES,
    ("requestIdentifier", ""),
)
_OPERATIONS = ("checkVat", "checkVatApprox")


class NotSoap(ValueError):
    """The request is not an envelope with one of the two questions."""


@dataclass(frozen=True)
class Question:
    """One request: the operation's name and its fields."""

    operation: str
    fields: dict[str, str]


def parse(body: bytes) -> Question:
    """Read a request; raise `NotSoap`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap(str(error)) from error
    content = root.find(f"{{{ENVELOPE}}}Body/*")
    if content is None:
        raise NotSoap("no soap body")
    name = etree.QName(content)
    if name.namespace != TYPES or name.localname not in _OPERATIONS:
        raise NotSoap(f"unknown operation {name.localname}")
    fields = {etree.QName(child).localname: child.text or "" for child in content}
    return Question(name.localname, fields)


def answer(operation: str, fields: dict[str, str]) -> bytes:
    """Write the response of an operation; `fields` in the schema's order."""
    response = etree.Element(f"{{{TYPES}}}{operation}Response", nsmap={"ns2": TYPES})
    for name, value in fields.items():
        etree.SubElement(response, f"{{{TYPES}}}{name}").text = value
    return _envelope(response)


def fault(code: str) -> bytes:
    """Write a SOAP fault whose text is VIES's code."""
    element = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"soap": ENVELOPE})
    etree.SubElement(element, "faultcode").text = "soap:Server"
    etree.SubElement(element, "faultstring").text = code
    return _envelope(element)


def _envelope(content: etree._Element) -> bytes:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def wsdl(address: str) -> str:
    """Return the service's description with its endpoint at `address`."""
    schema = (
        _element("checkVat", _QUESTION)
        + _element("checkVatResponse", _ANSWER)
        + _element("checkVatApprox", _APPROX)
        + _element("checkVatApproxResponse", _APPROX_ANSWER)
    )
    messages = "".join(map(_messages, _OPERATIONS))
    port = "".join(map(_port_operation, _OPERATIONS))
    binding = "".join(map(_binding_operation, _OPERATIONS))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<w:definitions targetNamespace="urn:ec.europa.eu:taxud:vies:services:checkVat"
 xmlns:s="urn:ec.europa.eu:taxud:vies:services:checkVat" xmlns:t="{TYPES}"
 xmlns:w="http://schemas.xmlsoap.org/wsdl/"
 xmlns:b="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xs="http://www.w3.org/2001/XMLSchema">
<w:types><xs:schema targetNamespace="{TYPES}" elementFormDefault="qualified"
 attributeFormDefault="qualified">{schema}</xs:schema></w:types>{messages}
<w:portType name="checkVatPortType">{port}</w:portType>
<w:binding name="checkVatBinding" type="s:checkVatPortType">
<b:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{binding}</w:binding>
<w:service name="checkVatService"><w:port name="checkVatPort"
 binding="s:checkVatBinding"><b:address location="{address}"/></w:port></w:service>
</w:definitions>"""


def _element(name: str, children: tuple[tuple[str, str], ...]) -> str:
    inner = "".join(
        f'<xs:element name="{child}" {_typed(extra)}/>' for child, extra in children
    )
    return (
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{inner}'
        "</xs:sequence></xs:complexType></xs:element>"
    )


def _typed(extra: str) -> str:
    return extra if "type=" in extra else f'type="xs:string" {extra}'


def _messages(name: str) -> str:
    return (
        f'<w:message name="{name}Request"><w:part name="parameters"'
        f' element="t:{name}"/></w:message><w:message name="{name}Response">'
        f'<w:part name="parameters" element="t:{name}Response"/></w:message>'
    )


def _port_operation(name: str) -> str:
    return (
        f'<w:operation name="{name}"><w:input message="s:{name}Request"/>'
        f'<w:output message="s:{name}Response"/></w:operation>'
    )


def _binding_operation(name: str) -> str:
    body = '<b:body use="literal"/>'
    return (
        f'<w:operation name="{name}"><b:operation soapAction=""/>'
        f"<w:input>{body}</w:input><w:output>{body}</w:output></w:operation>"
    )
