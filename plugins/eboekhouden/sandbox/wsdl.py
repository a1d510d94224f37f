"""The schema of the operations this sandbox has, and its WSDL.

A field is (name, type, is required in the XML). Types without a colon are structures
of this table; `[]` behind one: a list of it, in a holder of its own as .NET makes it.
"""

from collections.abc import Iterable

NAMESPACE = "http://www.e-boekhouden.nl/soap"
Field = tuple[str, str, bool]


def _fields(text: str) -> tuple[Field, ...]:
    """Read `Name:type` words; a `!` behind the type: it must be there."""
    found = []
    for word in text.split():
        name, _, kind = word.partition(":")
        found.append((name, kind.rstrip("!") or "string", kind.endswith("!")))
    return tuple(found)


_FREE = " ".join(f"Def{number}" for number in range(1, 11))
STRUCTURES: dict[str, tuple[Field, ...]] = {
    "cError": _fields("LastErrorCode LastErrorDescription"),
    "cAdministratie": _fields("Bedrijf Plaats Guid StartBoekjaar"),
    "cRelatie": _fields(
        "ID:long! AddDatum:dateTime! Code Bedrijf Contactpersoon Geslacht Adres"
        " Postcode Plaats Land Adres2 Postcode2 Plaats2 Land2 Telefoon GSM FAX Email"
        " Site Notitie Bankrekening Girorekening BTWNummer KvkNummer Aanhef IBAN BIC"
        f" BP {_FREE} LA Gb_ID:long! GeenEmail:long! NieuwsbriefgroepenCount:long!"
    ),
    "cRelatieFilter": _fields("Trefwoord Code ID:long!"),
    "cMutatie": _fields(
        "MutatieNr:long! Soort:enMutatieSoorten! Datum:dateTime! Rekening RelatieCode"
        " Factuurnummer Boekstuk Omschrijving Betalingstermijn Betalingskenmerk"
        " InExBTW MutatieRegels:cMutatieRegel[]"
    ),
    "cMutatieRegel": _fields(
        "BedragInvoer:decimal! BedragExclBTW:decimal! BedragBTW:decimal!"
        " BedragInclBTW:decimal! BTWCode BTWPercentage:decimal! TegenrekeningCode"
        " KostenplaatsID:long!"
    ),
    "cMutatieFilter": _fields(
        "MutatieNr:long! MutatieNrVan:long MutatieNrTm:long Factuurnummer"
        " DatumVan:dateTime! DatumTm:dateTime!"
    ),
    "cMutatieList": _fields(
        "MutatieNr:long! Soort:enMutatieSoorten! Datum:dateTime! Rekening RelatieCode"
        " Factuurnummer Boekstuk Omschrijving Betalingstermijn InExBTW"
        " MutatieRegels:cMutatieListRegel[]"
    ),
    "cMutatieListRegel": _fields(
        "BedragInvoer:decimal! BedragExclBTW:decimal! BedragBTW:decimal!"
        " BedragInclBTW:decimal! BTWCode BTWPercentage:decimal! Factuurnummer"
        " TegenrekeningCode KostenplaatsID:long!"
    ),
    "cGrootboekrekening": _fields("ID:long! Code Omschrijving Categorie Groep"),
    "cGrootboekrekeningFilter": _fields("ID:long! Code Categorie"),
    "cSaldoFilter": _fields(
        "GbCode KostenPlaatsId:long! DatumVan:dateTime! DatumTot:dateTime!"
    ),
    "cOpenPost": _fields(
        "MutDatum:dateTime! MutFactuur RelCode RelBedrijf Bedrag:double!"
        " Voldaan:double! Openstaand:double!"
    ),
    "cResultOpenSession": _fields("ErrorMsg:cError SessionID"),
    "cResultGetAdministraties": _fields(
        "ErrorMsg:cError Administraties:cAdministratie[]"
    ),
    "cResultGetRelaties": _fields("ErrorMsg:cError Relaties:cRelatie[]"),
    "cResultAddRelatie": _fields("ErrorMsg:cError Rel_ID:long!"),
    "cResultAddMutatie": _fields("ErrorMsg:cError Mutatienummer:long!"),
    "cResultGetMutaties": _fields("ErrorMsg:cError Mutaties:cMutatieList[]"),
    "cResultGetSaldo": _fields("ErrorMsg:cError Saldo:double!"),
    "cResultGetOpenPosten": _fields("ErrorMsg:cError Openposten:cOpenPost[]"),
    "cResultGetGrootboekrekeningen": _fields(
        "ErrorMsg:cError Rekeningen:cGrootboekrekening[]"
    ),
}
ENUMERATIONS = {
    "enMutatieSoorten": (
        "OpeningsSaldo", "FactuurOntvangen", "FactuurVerstuurd",
        "FactuurbetalingOntvangen", "FactuurbetalingVerstuurd", "GeldOntvangen",
        "GeldUitgegeven", "Memoriaal",
    ),
    "enOpenpostenSoort": ("Debiteuren", "Crediteuren"),
}  # fmt: skip
_SESSION = "SessionID SecurityCode2"
OPERATIONS: dict[str, tuple[tuple[Field, ...], str]] = {
    "OpenSession": (
        _fields("Username SecurityCode1 SecurityCode2 Source"),
        "cResultOpenSession",
    ),
    "OpenSessionSub": (
        _fields("Username SecurityCode1 SecurityCode2 Source AdministratieGUID"),
        "cResultOpenSession",
    ),
    "CloseSession": (_fields("SessionID"), ""),
    "GetAdministraties": (_fields(_SESSION), "cResultGetAdministraties"),
    "GetRelaties": (
        _fields(f"{_SESSION} cFilter:cRelatieFilter"),
        "cResultGetRelaties",
    ),
    "AddRelatie": (_fields(f"{_SESSION} oRel:cRelatie"), "cResultAddRelatie"),
    "UpdateRelatie": (_fields(f"{_SESSION} oRel:cRelatie"), "cError"),
    "AddMutatie": (_fields(f"{_SESSION} oMut:cMutatie"), "cResultAddMutatie"),
    "GetMutaties": (
        _fields(f"{_SESSION} cFilter:cMutatieFilter"),
        "cResultGetMutaties",
    ),
    "GetOpenPosten": (
        _fields(f"{_SESSION} OpSoort:enOpenpostenSoort!"),
        "cResultGetOpenPosten",
    ),
    "GetSaldo": (_fields(f"{_SESSION} cFilter:cSaldoFilter"), "cResultGetSaldo"),
    "GetGrootboekrekeningen": (
        _fields(f"{_SESSION} cFilter:cGrootboekrekeningFilter"),
        "cResultGetGrootboekrekeningen",
    ),
}
"""Operation to its arguments and the structure of its result (empty: none)."""
SIMPLE = ("string", "long", "decimal", "double", "dateTime")


def wsdl(address: str) -> str:
    """Return the description of the service with its endpoint at `address`."""
    names = list(OPERATIONS)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<w:definitions targetNamespace="{NAMESPACE}" xmlns:t="{NAMESPACE}"
 xmlns:w="http://schemas.xmlsoap.org/wsdl/"
 xmlns:b="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:s="http://www.w3.org/2001/XMLSchema">
<w:types><s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">
{"".join(_types())}</s:schema></w:types>
{"".join(map(_messages, names))}
<w:portType name="soapAppSoap">{"".join(map(_port, names))}</w:portType>
<w:binding name="soapAppSoap" type="t:soapAppSoap">
<b:binding transport="http://schemas.xmlsoap.org/soap/http"/>
{"".join(map(_binding, names))}</w:binding>
<w:service name="soapApp"><w:port name="soapAppSoap" binding="t:soapAppSoap">
<b:address location="{address}"/></w:port></w:service>
</w:definitions>"""


def _types() -> Iterable[str]:
    for name, values in ENUMERATIONS.items():
        listed = "".join(f'<s:enumeration value="{value}"/>' for value in values)
        yield (
            f'<s:simpleType name="{name}"><s:restriction base="s:string">{listed}'
            "</s:restriction></s:simpleType>"
        )
    lists = set()
    for name, fields in STRUCTURES.items():
        yield f'<s:complexType name="{name}">{_sequence(fields)}</s:complexType>'
        lists |= {kind[:-2] for _, kind, _ in fields if kind.endswith("[]")}
    for name in sorted(lists):
        yield (
            f'<s:complexType name="{_holder(name)}"><s:sequence><s:element'
            f' minOccurs="0" maxOccurs="unbounded" name="{name}" nillable="true"'
            f' type="t:{name}"/></s:sequence></s:complexType>'
        )
    for name, (fields, result) in OPERATIONS.items():
        yield _element(name, _sequence(fields))
        answer = ((f"{name}Result", result, False),) if result else ()
        yield _element(f"{name}Response", _sequence(answer) if answer else "")


def _holder(name: str) -> str:
    return f"ArrayOf{name[0].upper()}{name[1:]}"


def _element(name: str, content: str) -> str:
    return (
        f'<s:element name="{name}"><s:complexType>{content}</s:complexType></s:element>'
    )


def _sequence(fields: Iterable[Field]) -> str:
    inner = "".join(
        f'<s:element minOccurs="{int(needed)}" maxOccurs="1" name="{name}"'
        f' type="{_typed(kind)}"/>'
        for name, kind, needed in fields
    )
    return f"<s:sequence>{inner}</s:sequence>"


def _typed(kind: str) -> str:
    if kind in SIMPLE:
        return f"s:{kind}"
    return f"t:{_holder(kind[:-2])}" if kind.endswith("[]") else f"t:{kind}"


def _messages(name: str) -> str:
    return (
        f'<w:message name="{name}SoapIn"><w:part name="parameters"'
        f' element="t:{name}"/></w:message><w:message name="{name}SoapOut">'
        f'<w:part name="parameters" element="t:{name}Response"/></w:message>'
    )


def _port(name: str) -> str:
    return (
        f'<w:operation name="{name}"><w:input message="t:{name}SoapIn"/>'
        f'<w:output message="t:{name}SoapOut"/></w:operation>'
    )


def _binding(name: str) -> str:
    body = '<b:body use="literal"/>'
    return (
        f'<w:operation name="{name}"><b:operation soapAction="{NAMESPACE}/{name}"'
        f' style="document"/><w:input>{body}</w:input><w:output>{body}</w:output>'
        "</w:operation>"
    )
