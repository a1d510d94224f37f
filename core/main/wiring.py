"""Who listens to whom: what lower areas leave open is filled in here, at start."""

from typing import TypeVar

from core.models import Transfer
from core.plugin import (
    connections as plugin_connections,
)
from core.plugin import database as plugin_database
from core.plugin import default_hooks
from core.plugin import files as plugin_files
from core.plugin import invoices as plugin_invoices
from core.plugin import log as plugin_log
from core.plugin import mail as plugin_mail
from core.plugin import orders as plugin_orders
from core.plugin import others as plugin_others
from core.plugin import pages as plugin_pages
from core.plugin import purchases as plugin_purchases
from core.plugin import tenancy as plugin_tenancy
from core.plugin import vault as plugin_vault
from core.plugin import wakeups as plugin_wakeups
from core.plugin.capabilities import Capability
from core.plugin.engine import room, terms
from core.plugin.pages import WebhookLimits
from core.runtime import database, disk, extensions, jobs, log, quota, tenancy
from core.runtime.extensions import htmx, koppelwerk, settings
from core.services import events
from core.services.api import webhooks_out
from core.services.connections import connections, credentials
from core.services.invoicing import invoice_bookings, purchases, structured_invoices
from core.services.linking import checking, outage, schedule
from core.services.mailing import mail
from core.services.reporting import overview
from core.services.syncing import relation_sync
from core.services.transfer import (
    inbox,
    orders,
    refund_actions,
    refund_offers,
    refund_previews,
    refunds,
    transfers,
    unreadable,
)
from core.services.transfer.subjects import SUBJECTS, Subject
from core.web.views import reauth, rights

C = TypeVar("C", bound=Capability)


def connect() -> None:
    """Name the kinds of documents, and who tells of what happened; safe to repeat."""
    fill_ports()
    SUBJECTS[orders.SUBJECT] = Subject(
        orders.attach,
        "transfer_done",
        again=transfers.order_again,
        done=refund_offers.sale_booked,
        seen=refund_offers.sale_seen,
    )
    SUBJECTS[refunds.SUBJECT] = Subject(
        refunds.attach,
        "credit_done",
        again=refund_actions.again,
        seen=refund_actions.seen,
        asks=refund_previews.asks,
        set_aside=refund_actions.set_aside,
        take_back=refund_actions.take_back,
    )
    SUBJECTS[invoice_bookings.SUBJECT] = Subject(
        invoice_bookings.attach,
        "invoice_booked",
        again=_invoice_again,
        done=invoice_bookings.done,
    )
    SUBJECTS[purchases.SUBJECT] = Subject(
        purchases.attach,
        "purchase_booked",
        again=_purchase_again,
        done=purchases.done,
    )
    events.relation_changed.connect(webhooks_out.relation_changed)
    events.order_booked.connect(webhooks_out.order_booked)
    events.order_failed.connect(webhooks_out.order_failed)


def fill_ports() -> None:
    """Give plugins what the border promises; safe to repeat."""
    plugin_database.port.provide(database)
    plugin_tenancy.port.provide(tenancy)
    plugin_wakeups.port.provide(jobs)
    terms.port.provide(extensions)
    room.port.provide(disk)
    plugin_files.port.provide(quota)
    plugin_log.port.provide(log)
    plugin_connections.port.provide(connections)
    plugin_connections.credentials_port.provide(credentials)
    plugin_connections.runs_port.provide(schedule)
    plugin_connections.checking_port.provide(checking)
    default_hooks.port.provide(_Traffic())
    plugin_connections.outages_port.provide(outage)
    plugin_orders.port.provide(orders)
    plugin_orders.inbox_port.provide(inbox)
    plugin_others.port.provide(_Others())
    plugin_orders.unreadable_port.provide(unreadable)
    plugin_invoices.port.provide(structured_invoices)
    plugin_purchases.port.provide(purchases)
    plugin_mail.port.provide(mail)
    plugin_vault.port.provide(_Vault())
    plugin_pages.port.provide(_Pages())


class _Traffic:
    order_ready = staticmethod(transfers.queue_ready)
    invoice_sent = staticmethod(invoice_bookings.queue)
    relation_changed = staticmethod(relation_sync.changed)
    relations_due = staticmethod(relation_sync.scheduled)


class _Others:
    def brought(self, kind: type[C]) -> dict[str, C]:
        return koppelwerk().registry.brought(kind)


class _Vault:
    def seal(self, plain: bytes | str, *, context: str) -> bytes:
        return koppelwerk().vault.seal(plain, context=context)

    def open_sealed(self, sealed: bytes, *, context: str) -> bytes:
        return koppelwerk().vault.open(sealed, context=context)


class _Pages:
    is_open = staticmethod(rights.is_open)
    may_make = staticmethod(rights.may_make)
    made_by = staticmethod(rights.made_by)
    counts = staticmethod(overview.counts)
    prove_first = staticmethod(reauth.prove_first)

    def is_part(self) -> bool:
        return bool(htmx)

    def webhook_limits(self) -> WebhookLimits:
        return WebhookLimits(
            settings().webhook_max_bytes, settings().webhook_window_seconds
        )


def _invoice_again(transfer: Transfer) -> None:
    invoice_bookings.reconsider(transfer, queue="urgent")


def _purchase_again(transfer: Transfer) -> None:
    purchases.reconsider(transfer, queue="urgent")
