"""Where a customer's personal values lie: per table, each column with text or bytes.

A customer is a buyer of a shop or a relation; the tenant's own people are not meant.
What stands in no table of ours, of a plugin say, counts as if it all may name him.
A new column is declared here or a test fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import LargeBinary, String, inspect
from sqlalchemy.orm import InstrumentedAttribute

from core.models import Base, Json, Money, PaymentMapping, VatMapping
from core.models.base import NAMES_NOBODY


class Then(StrEnum):
    """What erasing a customer does to the rows of a table that name him."""

    DELETED = "deleted"
    BY_DOCUMENT = "by_document"
    """With the order, refund or transfer that they are of: deleted, or emptied."""
    EMPTIED = "emptied"
    """The row stays, its personal values do not."""
    KEPT = "kept"
    """The law keeps them; they are named to whoever asked."""
    SEALED = "sealed"
    """Cannot be read before it goes: it goes with its row, or once it was sent."""
    NONE = "none"
    """It names no customer."""


@dataclass(frozen=True)
class Traces:
    """What of a table may name a customer."""

    then: Then
    personal: str = ""
    """Columns that may name him."""
    other: str = ""
    """Columns that hold codes, ids, our own words or the tenant's own people."""

    @property
    def personal_columns(self) -> frozenset[str]:
        """The columns that may name a customer."""
        return frozenset(self.personal.split())

    @property
    def columns(self) -> frozenset[str]:
        """All columns that are declared."""
        return self.personal_columns | frozenset(self.other.split())


def _deleted(personal: str, other: str = "") -> Traces:
    return Traces(Then.DELETED, personal, other)


def _by_document(personal: str, other: str = "") -> Traces:
    return Traces(Then.BY_DOCUMENT, personal, other)


def _none(other: str) -> Traces:
    return Traces(Then.NONE, other=other)


TABLES: Mapping[str, Traces] = {
    # Documents of a shop
    "shop_order": _by_document(
        "customer payload",
        "source_id number country payment_method state reason content_hash",
    ),
    "order_word": _by_document("word"),
    "order_refund": _by_document(
        "refund payload", "source_id number kind treatment content_hash"
    ),
    "transfer": _by_document(
        "params reasoning",
        "subject document number state code external_id external_number external_url"
        " administration debtor_id booked_hash lease_token",
    ),
    "step": _by_document("name reference result exchange", "state external_id"),
    "log_entry": Traces(
        Then.EMPTIED,
        "personal",
        "level code subject plugin actor params changes",
    ),
    "inbox_event": _deleted("event_id source_id code", "kind state"),
    "link": _deleted("key", "kind external_id"),
    "problem_report": _deleted("message content answer", "state"),
    "problem_file": _by_document("filename content", "media_type"),
    # Relations
    "relation": Traces(
        Then.DELETED,
        "name sort_name first_name initials name_prefix gender debtor_number"
        " creditor_number phone mobile fax email website chamber_number vat_number iban"
        " bic doubts",
        "kind relation_type content_hash assumed",
    ),
    "relation_address": _deleted(
        "street house_number house_number_suffix postal_code city written",
        "role country",
    ),
    "relation_change": _deleted("changes", "action"),
    "relation_contact": _deleted(
        "name first_name initials name_prefix function email phone mobile note"
    ),
    "relation_decision": _deleted("number params", "role external_id choice mark"),
    "relation_import": _deleted(
        "filename content",
        "format headers layout settings state error counts lease_token",
    ),
    "relation_import_row": _deleted(
        "cells key reasons remarks notes", "verdict choice undone"
    ),
    "relation_line": _deleted(
        "number name changes before after params",
        "kind external_id role links code",
    ),
    "relation_link": _deleted("base", "role external_id our_hash their_hash"),
    "relation_merge": _deleted("before numbers moved"),
    "relation_trouble": _deleted("number params", "external_id role code content_hash"),
    "relation_word": _deleted("word"),
    "relation_run": _deleted("params", "kind allowed position state phase counts code"),
    "relation_sync": _none("cursor administration lease_token"),
    # The tenant's own sales invoices
    "sales_invoice": Traces(
        Then.KEPT,
        "reference note customer vat_proof",
        "number state language sent_as prepayments",
    ),
    "sales_invoice_line": Traces(Then.KEPT, "description"),
    "invoice_attachment": Traces(Then.KEPT, "filename content", "media_type"),
    "waiting_invoice": _deleted(
        "letter params", "sent_as number state code lease_token"
    ),
    "open_item": _none("code"),
    # What is on its way
    "mail": Traces(
        Then.EMPTIED, "recipient dedup_key content", "kind state reason lease_token"
    ),
    "mail_attachment": Traces(Then.SEALED, "filename content", "media_type"),
    "idempotency_key": _deleted("key body", "request_hash"),
    "webhook_delivery": _deleted(
        "payload answer", "message_id event state lease_token"
    ),
    # Counts of days
    "tally": _none("code lease_token"),
    "tally_day": _deleted("lines gaps"),
    "backfill": _none("state cursor facts reason"),
    "backfill_item": _none("verdict code"),
    # The tenant, its people and its configuration
    "api_token": _none("name token_hash scopes"),
    "connection": _none(
        "plugin state reason external_id administration external_name facts settings"
        " cursor last_run_error drain_token"
    ),
    "connection_choice": _none("secret"),
    "counter": _none("name"),
    "coupling": _none("settings no_turnover noted confirmed refunds lease_token"),
    "credential": _none("secret refresh_owner"),
    "invoice_settings": _none("chamber_number iban bic email phone prefix separator"),
    "invoice_vat_mapping": _none("package_vat_code revenue_account"),
    "licence": _none("key source_plugin target_plugin state reason"),
    "mark": _none("name"),
    "notice": _none("cause"),
    "number_series": _none("name pattern"),
    "oauth_state": _none("state_hash plugin session_hash"),
    "one_time_link": _none("token_hash kind value"),
    "plugin_right": _none("role plugin"),
    "purchase_vat_mapping": _none("category package_vat_code cost_account"),
    "restore_point": _none("ended_by"),
    "service_invoice": _none("customer lines"),
    "service_request": _none("kind remark state"),
    "takeover": _none("reason"),
    "tenant": _none(
        "name home_country timezone language vat_number vat_statuses address"
        " extra_email"
    ),
    "tenant_plugin": _none("plugin"),
    "tenant_vat_code": _none("code label kind country"),
    "throttle": _none("key_hash"),
    "trial_use": _none("plugin external_hash licence_key"),
    "turn": _none("kind"),
    "user": _none(
        "email name password_hash role language session_key totp_secret recovery_hashes"
    ),
    "webhook_endpoint": _none("url events secret previous_secret reason"),
}


def holds_text(column: Any) -> bool:
    """Tell of a column whether it holds text or bytes, and so may name somebody."""
    return isinstance(column.type, String | Json | LargeBinary)


def of(model: type[Base]) -> Traces:
    """Return what is known of a table: of a plugin's, that all of it may name him,
    but for columns that say `NAMES_NOBODY`.

    A row of a plugin's with an amount is only emptied: figures are made of it.
    """
    table: Any = inspect(model).local_table
    if found := TABLES.get(str(table.description)):
        return found
    told = NAMES_NOBODY.items()
    named = (one for one in table.columns if not told <= one.info.items())
    every = " ".join(sorted(one.name for one in named if holds_text(one)))
    if issubclass(model, VatMapping | PaymentMapping):
        return _none(every)
    has_amount = any(isinstance(one.type, Money) for one in table.columns)
    return Traces(Then.EMPTIED if has_amount else Then.DELETED, every)


def personal(model: type[Base]) -> Iterator[InstrumentedAttribute[Any]]:
    """Yield the columns of a table in which a customer is looked for."""
    wanted = of(model).personal_columns
    for attribute in inspect(model).column_attrs:
        column = attribute.columns[0]
        is_text = holds_text(column) and not isinstance(column.type, LargeBinary)
        if column.name in wanted and is_text:
            yield getattr(model, attribute.key)
