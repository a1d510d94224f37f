"""What comes in: kept byte for byte, read, matched, and never booked by itself."""

from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select

from core.domain.errors import RetryLater
from core.models import Transfer
from core.rules.evidence_chain import Link
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.people import customers
from plugins.peppol.mapping import ubl_of
from plugins.peppol.models import PeppolReceived, ReceivedState
from plugins.peppol.receiving import arriving
from tests.contract.peppol.world import SECRET, World
from tests.invoices import customer
from tests.unit.peppol.generated import documents

ADDRESS = f"/webhooks/peppol/{SECRET}"
OWN = "0106:12345678"
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
UPIS = "iso6523-actorid-upis"
PLAIN = documents(1)[0]


def envelope(
    key: str = "een", receiver: str = OWN, document: bytes | None = None
) -> bytes:
    """Return a document in its envelope, as an access point forwards it."""
    inside = (document or ubl_of(PLAIN)).partition(b"?>")[2].decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<StandardBusinessDocument xmlns="{SBDH}"><StandardBusinessDocumentHeader>
<HeaderVersion>1.0</HeaderVersion>
<Sender><Identifier Authority="{UPIS}">0208:0403170701</Identifier></Sender>
<Receiver><Identifier Authority="{UPIS}">{receiver}</Identifier></Receiver>
<DocumentIdentification><InstanceIdentifier>{key}</InstanceIdentifier>
</DocumentIdentification></StandardBusinessDocumentHeader>{inside}
</StandardBusinessDocument>""".encode()


def _post(world: World, content: bytes, address: str = ADDRESS) -> Any:
    session().rollback()
    return world.app.test_client().post(
        address, data=content, content_type="application/xml"
    )


def _rows() -> list[PeppolReceived]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(PeppolReceived).order_by(PeppolReceived.id)))


def _read() -> list[PeppolReceived]:
    for row in _rows():
        jobs.run_task("peppol.read", row.id)
    return _rows()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents keep the rules; the tests without it hold them against them."""
    monkeypatch.setattr(arriving, "findings", lambda *_given: [()])


def test_a_document_is_kept_byte_for_byte_and_then_read(world: World) -> None:
    content = envelope()
    answer = _post(world, content)
    assert (answer.status_code, answer.json) == (200, {"countryCodeC4": "NL"})
    (row,) = _rows()
    assert (row.state, row.content) == (ReceivedState.NEW, content)
    assert row.sha256 == sha256(content).hexdigest()
    link = Link(row.remote_id, 1, "received", row.received_at, row.keep_until, content)
    assert row.chain_hash == link.chain_hash
    (row,) = _read()
    assert (row.state, row.code) == (ReceivedState.READ, "")
    assert (row.number, row.seller) == (PLAIN.number, PLAIN.seller.name)
    assert row.amount_due == PLAIN.amount_due
    assert row.findings == []
    assert row.details["differences"] == []
    assert len(row.details["lines"]) == len(PLAIN.lines)
    booked = session().scalar(select(func.count()).select_from(Transfer))
    assert booked == 0


@pytest.mark.usefixtures("quick")
def test_the_same_envelope_twice_is_one(world: World) -> None:
    for _each in range(2):
        assert _post(world, envelope()).status_code == 200
    assert len(_rows()) == 1


@pytest.mark.usefixtures("quick")
def test_a_second_one_with_its_number_is_called_a_twin(world: World) -> None:
    _post(world, envelope("een"))
    _post(world, envelope("twee"))
    first, second = _read()
    assert (first.twin_id, second.twin_id) == (None, first.id)


@pytest.mark.parametrize(
    ("content", "address", "status"),
    [
        (envelope(), "/webhooks/peppol/fout", 404),
        (envelope(receiver="0106:87654321"), ADDRESS, 422),
        (b"<Invoice/>", ADDRESS, 422),
        (b"\x00" * 100, ADDRESS, 422),
        (b"x" * 5_000_001, ADDRESS, 413),
    ],
)
def test_what_is_not_ours_is_not_kept(
    world: World, content: bytes, address: str, status: int
) -> None:
    assert _post(world, content, address).status_code == status
    assert _rows() == []


def test_without_a_secret_nothing_comes_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.peppol.receiving import pages
    from plugins.peppol.settings import Settings

    monkeypatch.setattr(pages, "settings", lambda: Settings())
    assert _post(world, envelope(), "/webhooks/peppol/x").status_code == 404


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("values", "is_known"),
    [
        ({"vat_number": PLAIN.seller.vat_number}, True),
        ({"vat_number": "", "chamber_number": PLAIN.seller.legal_number}, True),
        ({"vat_number": PLAIN.seller.vat_number, "chamber_number": "87654321"}, False),
        ({"vat_number": "NL001234567B01"}, False),
    ],
)
def test_it_is_of_the_relation_with_its_number(
    world: World, values: dict[str, str], is_known: bool
) -> None:
    with transaction(), tenant_scope(world.tenant_id):
        relation_id = customer(debtor_number="", **values).id
    _post(world, envelope())
    (row,) = _read()
    assert row.relation_id == (relation_id if is_known else None)


@pytest.mark.usefixtures("quick")
def test_a_relation_that_gets_its_number_later_gets_it_too(world: World) -> None:
    _post(world, envelope("een"))
    _post(world, envelope("twee", document=_of("BE0428759497")))
    assert [row.relation_id for row in _read()] == [None, None]
    with transaction(), tenant_scope(world.tenant_id):
        other = customer(debtor_number="", vat_number="NL001234567B01")
        mine = customer(
            name="Later", debtor_number="", vat_number=PLAIN.seller.vat_number,
            email="later@example.com",
        )  # fmt: skip
        keys = mine.id, other.id
    first, second = _rows()
    assert (first.relation_id, second.relation_id) == (keys[0], None)


def _of(vat_number: str) -> bytes:
    seller = replace(PLAIN.seller, vat_number=vat_number, legal_number="")
    return ubl_of(replace(PLAIN, seller=seller))


@pytest.mark.usefixtures("quick")
def test_it_stays_as_it_came_when_its_sender_is_erased(world: World) -> None:
    """The tenant's own administration: AWR art. 52, WBTW art. 60."""
    email = "leverancier@example.com"
    with transaction(), tenant_scope(world.tenant_id):
        customer(
            debtor_number="", vat_number=PLAIN.seller.vat_number, email=email
        )  # fmt: skip
    _post(world, envelope())
    (row,) = _read()
    kept = (row.content, row.sha256, row.seller, row.details, row.amount_due)
    with transaction(), tenant_scope(world.tenant_id):
        (named,) = customers.kept_documents(email)
        customers.erase(email)
    (row,) = _rows()
    assert (named.kind, named.number) == ("received", PLAIN.number)
    assert named.until == row.keep_until
    assert (row.content, row.sha256, row.seller, row.details, row.amount_due) == kept
    assert row.relation_id is None


@pytest.mark.usefixtures("quick")
def test_a_total_that_differs_is_named(world: World) -> None:
    due = f"{PLAIN.vat_amount:.2f}".encode()
    changed = ubl_of(PLAIN).replace(
        due + b"</cbc:TaxAmount>", b"1.00</cbc:TaxAmount>", 1
    )
    _post(world, envelope(document=changed))
    (row,) = _read()
    assert {one["what"] for one in row.details["differences"]} >= {"vat", "total"}
    assert row.amount_due == Decimal(f"{PLAIN.amount_due:.2f}")


@pytest.mark.parametrize(
    "inside",
    [
        b"<?xml version='1.0'?><Order/>",
        b"<?xml version='1.0'?><Invoice>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>",
    ],
)
def test_what_cannot_be_read_stays_as_it_came(world: World, inside: bytes) -> None:
    content = envelope(document=inside)
    _post(world, content)
    (row,) = _read()
    assert (row.state, row.code) == (ReceivedState.UNREADABLE, "peppol_unreadable")
    assert row.content == content


def test_rules_that_cannot_be_tried_now_are_tried_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_given: object) -> None:
        raise RetryLater("file_reader_ended")

    monkeypatch.setattr(arriving, "findings", down)
    _post(world, envelope())
    (row,) = _read()
    assert (row.state, row.failures) == (ReceivedState.NEW, 1)


def test_bytes_that_changed_are_not_read(world: World) -> None:
    _post(world, envelope())
    with transaction() as current:
        current.scalars(select(PeppolReceived)).one().content = b"<Invoice/>"
    (row,) = _read()
    assert row.code == "peppol_received_changed"
