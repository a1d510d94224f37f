"""Who may open what: the policy table, and ids of another tenant."""

import re
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import get_args

import pytest
from flask import Flask

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import (
    ApiToken,
    Backfill,
    BackfillState,
    Connection,
    Licence,
    LicenceState,
    Mail,
    ProblemFile,
    ProblemReport,
    RelationLink,
    RelationRun,
    RunKind,
    RunState,
    ServiceInvoice,
    ServiceKind,
    ServiceRequest,
    TenantPlugin,
    TransferState,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.rules.contact_rules import ContactData
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import tenant_scope
from core.services.api import api_tokens
from core.services.crm import (
    contacts,
    merging,
    relation_import,
    relation_lists,
    relations,
)
from core.services.invoicing import sales_invoices
from core.services.licensing.invoices import Customer
from core.services.people import accounts
from core.web import policy
from core.web.api import gate
from plugins.peppol.evidence import keeping
from plugins.peppol.models import PeppolReceived, PeppolSending
from tests import invoices
from tests.web import samples
from tests.web.conftest import Site
from tests.web.declaration_rows import declaration_rows
from tests.web.samples import Sample

OWN = "own"
FOREIGN = "foreign"
PLAIN = {
    "key": "DE",
    "part": "vat",
    "plugin": "no-such-plugin",
    "name": "no-such-plugin",
    "filename": "no-such-file",
    "kind": "email",
    "token": "no-such-token",
    "source": "no-such-plugin",
    "target": "no-such-plugin",
    "verdict": "book",
    "step": "welkom",
    "subject": "btw",
    "code": "no-such-code",
    "period": "2026-Q3",
    "figure": "1a",
    "secret": "no-such-secret",
    "position": 0,
}
"""Parts of addresses that are no ids of rows."""


def _routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return method, rule and access of every route."""
    return [
        (method, entry.rule, entry.access)
        for entry in policy.table(app)
        for method in entry.methods
        if method in ("GET", "POST")
    ]


def _address(rule: str, ids: dict[str, object]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(ids[match[1]]), rule)


@pytest.fixture
def two(site: Site) -> dict[str, dict[str, object]]:
    """The ids of two tenants' rows, and a secret word in the foreign one."""
    found = {}
    for name, number in ((OWN, 1), (FOREIGN, 2)):
        sample = site.sample("Canary" if name == FOREIGN else "Own", number)
        with site.data() as session:
            session.get(Connection, sample.package.id).checked_at = utcnow()
            failed = samples.transfer(
                sample, f"{name}-1", TransferState.FAILED, "order_empty"
            )
            found[name] = {
                **PLAIN,
                "transfer_id": failed.id,
                "connection_id": sample.shop.id,
                "package_id": sample.package.id,
                "coupling_id": sample.coupling.id,
                "tenant_id": sample.tenant.id,
                **_account_rows(sample),
                **_crm_rows(sample),
                **declaration_rows(sample),
                **_api_rows(sample, failed.subject_id),
            }
            found[name] |= _peppol_rows(sample, found[name]["sales_invoice_id"])
    return found


def _peppol_rows(sample: Sample, invoice_id: object) -> dict[str, object]:
    """Add an e-invoice with evidence, and one that came in; return its id."""
    owned = {"tenant_id": sample.tenant.id}
    until = date(2036, 12, 31)
    inside = (
        "<x xmlns='urn:oasis:names:specification:ubl:schema:xsd:"
        "CommonBasicComponents-2'><EmbeddedDocumentBinaryObject filename='a'>eA=="
        "</EmbeddedDocumentBinaryObject></x>"
    )
    received = PeppolReceived(
        **owned, remote_id="x", receiver="0106:12345678", content=inside.encode(),
        sha256="", chain_hash="", received_at=utcnow(), keep_until=until,
    )  # fmt: skip
    sending = PeppolSending(
        **owned, invoice_id=invoice_id, number="1", reference=sample.owner[:40],
        state="delivered", keep_until=until,
    )  # fmt: skip
    session().add_all((received, sending))
    session().flush()
    keeping.add(sending, keeping.DOCUMENT, b"<x/>")
    return {"received_id": received.id}


def _api_rows(sample: Sample, order_id: int) -> dict[str, object]:
    """Add a token, and an address with a message to it; return their ids."""
    owned = {"tenant_id": sample.tenant.id}
    token = ApiToken(**owned, name="x", token_hash=sample.owner)
    endpoint = WebhookEndpoint(**owned, url="https://example.com", secret=b"")
    session().add_all((token, endpoint))
    session().flush()
    endpoint.secret = koppelwerk().vault.seal(
        b"x", context=f"tenant:{sample.tenant.id}/webhook_endpoint/{endpoint.id}/secret"
    )
    message = WebhookDelivery(
        **owned, endpoint_id=endpoint.id, message_id="x", event="test", payload="{}",
        due_at=utcnow(),
    )  # fmt: skip
    session().add(message)
    session().flush()
    return {
        "token_id": token.id,
        "endpoint_id": endpoint.id,
        "delivery_id": message.id,
        "order_id": order_id,
    }


def _account_rows(sample: Sample) -> dict[str, object]:
    """Add a licence, an invoice and what else a tenant has; return their ids."""
    owned = {"tenant_id": sample.tenant.id}
    day = date(2030, 1, 1)
    rows = {
        "licence_id": Licence(
            **owned, key=sample.owner, source_plugin="kmoshops",
            target_plugin="eaccounting", source_id=sample.shop.id,
            target_id=sample.package.id, coupling_id=sample.coupling.id,
            state=LicenceState.TRIAL, ends_on=day,
        ),
        "invoice_id": ServiceInvoice(
            **owned, year=2030, sequence=sample.tenant.id, issued_on=day, due_on=day,
            customer=asdict(Customer(sample.tenant.name, "", "", "", "NL", "nl")),
            lines=[], amount_excl_vat=Decimal(0), vat_rate=Decimal(0),
            vat_amount=Decimal(0),
        ),
        "backfill_id": Backfill(
            **owned, coupling_id=sample.coupling.id, first_on=day, last_on=day,
            state=BackfillState.PAUSED,
        ),
        "report_id": ProblemReport(**owned, message="x", content={}),
        "request_id": ServiceRequest(
            **owned, kind=ServiceKind.BACKFILL, price_excl_vat=Decimal(1)
        ),
        "mail_id": Mail(**owned, recipient="x@example.com", kind="x", due_at=utcnow()),
        "user_id": accounts.find_by_email(sample.colleague),
        "run_id": RelationRun(
            **owned, connection_id=sample.package.id, kind=RunKind.PREVIEW,
            state=RunState.DONE,
        ),
    }  # fmt: skip
    session().add_all(rows.values())
    session().flush()
    rows["problem_file_id"] = ProblemFile(
        **owned, report_id=rows["report_id"].id, filename="x.png",
        media_type="image/png", content=b"x",
    )  # fmt: skip
    session().add(rows["problem_file_id"])
    session().flush()
    return {name: row.id for name, row in rows.items()}


def _crm_rows(sample: Sample) -> dict[str, object]:
    """Add a relation that was changed and a file with relations; return their ids."""
    with tenant_scope(sample.tenant.id):
        made = relations.save(RelationData(False, sample.tenant.name), None)
        relations.save(RelationData(False, sample.tenant.name, phone="0201234"), made)
        file = relation_import.receive("x.csv", b"naam\nx\n", user_id=None)
        change = relation_lists.history(made.id).rows[0].change
        invoice = invoices.draft(sample.tenant, made)
        attachment = sales_invoices.attach(invoice, "x.pdf", "application/pdf", b"x")
        sales_invoices.send(invoice, "other")
        contact = contacts.save(made, ContactData(sample.tenant.name))
        others = [
            relations.save(RelationData(False, f"{sample.tenant.name} {n}"), None)
            for n in (1, 2)
        ]
        merge = merging.merge(made, others[0])
        link = RelationLink(
            tenant_id=sample.tenant.id, connection_id=sample.package.id,
            relation_id=others[0].id, role="debtor", external_id=sample.owner,
        )  # fmt: skip
        session().add(link)
        session().add(TenantPlugin(tenant_id=sample.tenant.id, plugin="peppol"))
        session().flush()
    return {
        "contact_id": contact.id,
        "other_id": others[1].id,
        "merge_id": merge.id,
        "link_id": link.id,
        "sales_invoice_id": invoice.id,
        "attachment_id": attachment.id,
        "vat_code_id": invoices.code_id(sample.tenant),
        "relation_id": made.id,
        "change_id": change.id,
        "import_id": file.id,
    }


def test_every_route_declares_its_access(site: Site) -> None:
    open_to_none = [e.endpoint for e in policy.table(site.app) if not e.access]
    assert open_to_none == []


def test_an_undeclared_view_is_closed_to_everybody(site: Site) -> None:
    sample = site.sample()
    site.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for client in (site.client(), site.client(sample.owner)):
        assert client.get("/forgotten").status_code == 403


def test_an_unknown_access_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="everybody"):
        policy.access("everybody")  # type: ignore[arg-type]


def test_only_programs_go_without_a_csrf_token(site: Site) -> None:
    exempt = [
        entry.rule
        for entry in policy.table(site.app)
        if set(entry.methods) - policy.SAFE_METHODS and not entry.needs_csrf
    ]
    own = [rule for rule in exempt if not rule.startswith("/api/v1/")]
    assert own == ["/webhooks/kmoshops", "/webhooks/peppol/<secret>"]


def _api(app: Flask) -> list[tuple[str, str]]:
    """Return method and rule of every operation of the API."""
    return [
        (method, entry.rule)
        for entry in policy.table(app)
        if entry.access == "api"
        for method in entry.methods
        if method not in ("HEAD", "OPTIONS")
    ]


def test_every_operation_of_the_api_names_its_scope(site: Site) -> None:
    endpoints = [e.endpoint for e in policy.table(site.app) if e.access == "api"]
    with site.app.app_context():
        scopes = {gate.scope_of(endpoint) for endpoint in endpoints}
    assert scopes == {*api_tokens.SCOPES, gate.ANY}
    assert len(_api(site.app)) == len(endpoints) > 15


def test_the_api_is_closed_without_a_token_and_without_the_scope(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    browser = site.client("owner1@example.com")
    with site.data():
        owner = accounts.find_by_email("owner1@example.com")
        assert owner is not None
        token = api_tokens.make(owner.tenant_id, "none", [], user_id=owner.id)
    for method, rule in _api(site.app):
        address = _address(rule, two[OWN])
        assert browser.open(address, method=method).status_code == 401, rule
        given = {"Authorization": f"Bearer {token}"}
        answer = site.client().open(address, method=method, headers=given)
        wanted = 200 if rule == "/api/v1/me" else 403
        assert answer.status_code == wanted, rule


def test_foreign_ids_are_unknown_to_tokens(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    with site.data():
        owner = accounts.find_by_email("owner1@example.com")
        assert owner is not None
        every = api_tokens.SCOPES
        token = api_tokens.make(owner.tenant_id, "all", every, user_id=owner.id)
    given = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    bodies = {
        "attach": {"filename": "x.pdf", "content": "JVBERi0="},
        "relation": {"kind": "person", "name": "X"},
        "contacts": {"name": "X"},
        "merge": {"relation_id": 1},
        "distinct": {"relation_id": 1},
        "invoice": {
            "relation_id": 1, "issued_on": "2026-03-31", "due_on": "2026-04-30",
            "lines": [{"description": "x", "quantity": "1", "unit_price": "1",
                       "vat_code": "x"}],
        },
    }  # fmt: skip
    checked = 0
    for method, rule in _api(site.app):
        if "<int:" not in rule:
            continue
        name = "attach" if "attach" in rule else ""
        if method == "PUT":
            name = "invoice" if "/invoices/" in rule else "relation"
        parts = set(rule.split("/")) & {"contacts", "merge", "distinct"}
        name = "".join(parts) if method in ("POST", "PUT") and parts else name
        body = {"json": bodies.get(name, {})} if method != "GET" else {}
        for ids in (two[FOREIGN], dict.fromkeys(two[FOREIGN], 999999)):
            answer = site.client().open(
                _address(rule, ids), method=method, headers=given, **body
            )
            assert (answer.status_code, answer.json["code"]) == (
                404,
                "api_not_found",
            ), (method, rule)
            assert b"Canary" not in answer.data
        checked += 1
    assert checked >= 9


def test_anonymous_visitors_reach_public_pages_only(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    client = site.client()
    for method, rule, kind in _routes(site.app):
        answer = client.open(_address(rule, two[OWN]), method=method)
        if kind in ("user", "login", "owner", "operator"):
            assert (answer.status_code, answer.location.split("?")[0]) == (
                303,
                "/login",
            ), rule


def test_a_part_of_a_page_asks_for_a_reload_when_the_session_is_over(
    site: Site,
) -> None:
    answer = site.client().get("/deel/tellers", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")


def test_foreign_ids_are_unknown_to_owners(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    """Nor is the time of the answer another: the same statements are sent."""
    client = site.client("owner1@example.com")
    checked = 0
    for method, rule, kind in _routes(site.app):
        if "<int:" not in rule or kind in ("webhook", "operator", "api"):
            continue
        missing = {name: 900_000 + n for n, name in enumerate(two[FOREIGN])} | PLAIN
        said = []
        for ids in (two[FOREIGN], missing):
            with site.queries() as sent:
                answer = client.open(_address(rule, ids), method=method)
            assert b"Canary" not in answer.data
            said.append((answer.status_code, len(answer.data), sent))
        assert said[0] == said[1], rule
        assert said[0][0] == 404, rule
        checked += 1
    assert checked > 12


def test_numbers_that_no_row_can_have_are_unknown(site: Site) -> None:
    """Neither an error of ours, nor a row by another way of writing its number."""
    client = site.client(site.sample().owner)
    numbers = cycle((str(2**63), "9" * 5000, "01", "\uff11"))
    checked = 0
    for method, rule, kind in _routes(site.app):
        if "<int:" not in rule or kind in ("webhook", "operator", "api"):
            continue
        address = re.sub(r"<int:[^>]+>", next(numbers), rule)
        answer = client.open(re.sub(r"<[^>]+>", "x", address), method=method)
        assert answer.status_code in (404, 405), address[:100]
        checked += 1
    assert checked > 100
    runs = "/connections/2/relaties"
    for path in (f"{runs}?na=", f"{runs}/wie-is-wie?paar=", f"{runs}/overschreven?na="):
        assert client.get(f"{path}{10**30}").status_code < 500


def test_colleagues_may_look_and_retry_but_not_change(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    client = site.client("colleague1@example.com")
    for method, rule, kind in _routes(site.app):
        for ids, wanted in ((two[OWN], (200, 204, 303, 422)), (two[FOREIGN], (404,))):
            if rule == "/logout" or kind not in ("login", "owner"):
                continue
            status = client.open(_address(rule, ids), method=method).status_code
            if kind == "owner":
                assert status == 403, rule
            elif "<int:" in rule:
                assert status in wanted, (rule, status)


def test_owners_do_not_reach_the_desk(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    client = site.client("owner1@example.com")
    for method, rule, kind in _routes(site.app):
        if kind == "operator":
            answer = client.open(_address(rule, two[OWN]), method=method)
            assert answer.status_code == 403, rule


def test_foreign_rows_cannot_be_retried_in_bulk(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    client = site.client("owner1@example.com")
    client.post("/fouten/verwerk", data={"id": [two[FOREIGN]["transfer_id"]]})
    client.post("/fouten/verwerk", data={"oorzaak": "order_empty"})
    with site.data() as session:
        state = {
            name: session.get(samples.Transfer, ids["transfer_id"]).state
            for name, ids in two.items()
        }
    assert state == {OWN: TransferState.WAITING, FOREIGN: TransferState.FAILED}


def test_foreign_connections_cannot_be_coupled(
    site: Site, two: dict[str, dict[str, object]]
) -> None:
    client = site.client("owner1@example.com")
    pair = f"{two[FOREIGN]['connection_id']}-{two[OWN]['connection_id']}"
    assert client.post("/koppelingen", data={"pair": pair}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/rapportage", "/fouten", "/open", "/log", "/koppelingen"]
)
def test_lists_show_own_rows_only(
    site: Site, two: dict[str, dict[str, object]], path: str
) -> None:
    answer = site.client("owner1@example.com").get(path)
    assert answer.status_code == 200
    assert b"foreign-1" not in answer.data
    assert b"Canary" not in answer.data


def test_a_get_changes_nothing(site: Site, two: dict[str, dict[str, object]]) -> None:
    client = site.client("owner1@example.com")
    with site.queries() as sent:
        for method, rule, kind in _routes(site.app):
            if method == "GET" and kind in ("user", "login", "owner"):
                client.get(_address(rule, two[OWN]))
    writes = [s for s in sent if s.startswith(("INSERT", "UPDATE", "DELETE"))]
    # Who took a list out is written down, and how many workbooks were made is counted.
    told = ("INSERT INTO log_entry ", "INSERT INTO throttle ", "UPDATE throttle ")
    assert [s for s in writes if not s.startswith(told)] == []
    assert {begin for begin in told for s in writes if s.startswith(begin)} == {*told}


def test_settings_of_the_policy_come_from_the_views(settings: Settings) -> None:
    kinds = set(get_args(policy.Access))
    from core.main.app import create_app

    assert {entry.access for entry in policy.table(create_app(settings))} == kinds
