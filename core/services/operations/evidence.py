"""What goes to support with a problem report: enough to look into it, no more.

Everything is text. Secrets are masked whole; of people's names and addresses so much
is left that they can be told apart.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.domain import jsontext
from core.domain.invoices import InvoiceData
from core.domain.redact import MASK, is_sensitive, redact_cut
from core.domain.relations import RelationData
from core.models import (
    Connection,
    Coupling,
    Licence,
    LogEntry,
    OrderRefund,
    ShopOrder,
    Step,
    Transfer,
)
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.invoicing import invoice_bookings, invoice_couplings
from core.services.linking import couplings
from core.services.reporting import log_lists
from core.services.transfer import orders, refunds

LONGEST_TEXT = 8000
LOG_LINES = 30
MOST_LINES = 200
SHORTEST_WORD = 4
"""Shorter parts of a name stay: hiding them would blank ordinary text."""
_PERSONAL = ("name", "company", "street", "phone")
_ADDRESSES = ("billing", "delivery")
_RELATION = (
    "is_person", "relation_type", "debtor_number", "creditor_number", "vat_number",
)  # fmt: skip
"""Of an invoice's customer only this goes along."""
_TRANSFER = (
    "id", "number", "subject", "document", "state", "code", "params", "amount",
    "priority", "attempt", "failures", "due_at", "created_at", "changed_at",
    "external_id", "external_number", "external_url", "booked_at", "reasoning",
)  # fmt: skip
_STEP = (
    "name", "reference", "state", "attempt", "sent_at", "external_id", "exchange",
)  # fmt: skip
_CONNECTION = (
    "id", "plugin", "state", "enabled", "reason", "external_id", "external_name",
    "facts", "settings", "interval_minutes", "next_run_at", "last_run_at",
    "last_run_error", "not_before",
)  # fmt: skip
_COUPLING = (
    "id", "enabled", "licensed", "settings", "no_turnover", "configured_at",
    "starts_on", "invoices_businesses", "version",
)  # fmt: skip
_LICENCE = ("key", "state", "reason", "ends_on", "coupling_id")
_VAT = ("sale_kind", "country", "rate", "vat_code", "revenue_account")
_PAYMENT = ("method", "clearing_account", "fixed_debtor")


def of_transfer(transfer: Transfer) -> dict[str, Any]:
    """Return all that is needed to look into one document."""
    coupling = couplings.find(transfer.coupling_id)
    order = _payload(transfer)
    invoice = invoice_bookings.invoice_of(transfer)
    steps = session().scalars(
        select(Step).where(Step.transfer_id == transfer.id).order_by(Step.id)
    )
    content = {
        "transfer": _facts(transfer, _TRANSFER),
        "order": _order(order),
        "steps": [_facts(step, _STEP) for step in steps],
        "log": _log(transfer.id),
        **_surroundings([coupling] if coupling else []),
    }
    if invoice is not None:
        content |= {"invoice": _invoice(invoice), "booking": _booking(transfer)}
    words = _words_in(invoice.relation) if invoice else _words_of(order)
    return dict(_hidden(content, words))


def of_tenant() -> dict[str, Any]:
    """Return what is needed when no document is concerned (installing is stuck)."""
    return {"log": _log(None), **_surroundings(couplings.all_couplings())}


def _invoice(invoice: InvoiceData) -> dict[str, Any]:
    """Return a sent invoice; of its customer only what decides the booking."""
    facts = asdict(invoice)
    customer = facts.pop("relation")
    facts["lines"] = facts["lines"][:MOST_LINES]
    facts["relation"] = {name: customer[name] for name in _RELATION}
    return dict(_clean(facts))


def _booking(transfer: Transfer) -> dict[str, Any]:
    """Return how invoices are set up to be booked where this one goes."""
    coupling = session().get_one(Coupling, transfer.coupling_id)
    rules = invoice_couplings.rules_of([coupling.id])[coupling.id]
    return {
        **_facts(coupling, (*_COUPLING, "reads_open_items", "open_items_at")),
        "vat": dict(_clean({code: asdict(rule) for code, rule in rules.items()})),
    }


def digest(content: dict[str, Any]) -> str:
    """Return what tells one content from another."""
    return sha256(jsontext.dumps(content).encode()).hexdigest()


def _surroundings(found: list[Coupling]) -> dict[str, Any]:
    connections = session().scalars(select(Connection).order_by(Connection.id)).all()
    licences = session().scalars(select(Licence).order_by(Licence.id)).all()
    return {
        "couplings": [_coupling(coupling) for coupling in found],
        "connections": [_facts(row, _CONNECTION) for row in connections],
        "licences": [_facts(row, _LICENCE) for row in licences],
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the product and its plugins."""
    plugins = koppelwerk().registry.plugins
    found = {name: plugin.manifest.version for name, plugin in plugins.items()}
    return {"koppelwerk": _own_version(), **found}


@cache
def _own_version() -> str:
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


def _coupling(coupling: Coupling) -> dict[str, Any]:
    facts = _facts(coupling, _COUPLING)
    facts["source"] = coupling.source.plugin
    facts["target"] = coupling.target.plugin
    target = couplings.target_of(coupling)
    for name, model, fields in (
        ("vat", target.vat_mapping, _VAT),
        ("payments", target.payment_mapping, _PAYMENT),
    ):
        rows = session().scalars(
            select(model)
            .where(model.coupling_id == coupling.id)
            .order_by(model.id)
            .limit(MOST_LINES)
        )
        facts[name] = [_facts(row, fields) for row in rows]
    return facts


def _payload(transfer: Transfer) -> dict[str, Any]:
    """Return the order as it was read from the shop; empty when there is none."""
    refund, order_id = None, transfer.subject_id
    if transfer.subject == refunds.SUBJECT:
        refund = session().get(OrderRefund, transfer.subject_id)
        order_id = refund.order_id if refund else 0
    elif transfer.subject != orders.SUBJECT:
        return {}
    row = session().get(ShopOrder, order_id)
    if row is None:
        return {}
    back = {"refund": refund.refund, "treatment": refund.treatment} if refund else {}
    return {"state": row.state, "seen_at": row.seen_at, **row.payload, **back}


def _order(payload: Mapping[str, Any]) -> dict[str, Any]:
    order = dict(payload)
    for name in _ADDRESSES:
        if order.get(name):
            order[name] = _shortened(order[name])
    if order.get("lines"):
        order["lines"] = order["lines"][:MOST_LINES]
    return dict(_clean(order))


def _shortened(address: Mapping[str, Any]) -> dict[str, str]:
    """Keep of a person's details their beginning, and of a postal code two signs."""
    values = {key: str(value) for key, value in address.items()}
    for name in _PERSONAL:
        if values.get(name):
            values[name] = values[name][:1] + MASK
    if values.get("postal_code"):
        values["postal_code"] = values["postal_code"][:2] + MASK
    return values


def _words_in(relation: RelationData) -> list[str]:
    """Return what tells who a relation is, longest first, to be hidden everywhere."""
    found = {relation.full_name, *relation.full_name.split(), relation.email}
    found |= {relation.phone, relation.mobile, relation.iban}
    for name, value in asdict(relation).items():
        if name.endswith("_address"):
            found.add(value["street"])
    return _longest_first(found)


def _words_of(order: Mapping[str, Any]) -> list[str]:
    """Return what tells who bought it, longest first, to be hidden everywhere."""
    found: set[str] = set()
    for address in (order.get(name) or {} for name in _ADDRESSES):
        found.update(str(address.get(name) or "") for name in _PERSONAL)
        found.update(str(address.get("name") or "").split())
    return _longest_first(found)


def _longest_first(found: set[str]) -> list[str]:
    forms = {jsontext.dumps(word)[1:-1] for word in found}
    whole = [word for word in found | forms if len(word) >= SHORTEST_WORD]
    return sorted(whole, key=lambda word: (-len(word), word))


def _hidden(value: Any, words: list[str]) -> Any:
    """Return the value in which these words are shortened wherever they stand."""
    if isinstance(value, dict):
        return {key: _hidden(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(part, words) for part in value]
    text = str(value)
    for word in words:
        text = text.replace(word, word[:1] + MASK)
    return text


def _log(transfer_id: int | None) -> list[Any]:
    if transfer_id is None:
        return [_entry(entry) for entry in log_lists.latest(LOG_LINES)]
    return [_entry(each) for each in log_lists.of_transfer(transfer_id, LOG_LINES)]


def _entry(entry: LogEntry) -> dict[str, Any]:
    return {**_facts(entry, ("at", "level", "code")), "params": _clean(entry.values)}


def _facts(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return dict(_clean({name: getattr(row, name) for name in names}))


def _clean(value: Any, name: str = "") -> Any:
    """Return the value as text without secrets, whatever it is made of."""
    if is_sensitive(name) and value:
        return MASK
    if isinstance(value, Mapping):
        return {str(key): _clean(part, str(key)) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(part) for part in value]
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return redact_cut(str(value), LONGEST_TEXT)
