"""What the hooks carry: something happened that plugins may act on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderReady:
    """Event of `on_order_ready`: this order may be passed on."""

    tenant_id: int
    order_id: int
    connection_id: int
    """The shop connection the order came from."""
    packages: frozenset[str]
    """The plugins that something of the order waits to go to."""

    def concerns(self, plugin: str) -> bool:
        """Tell whether anything follows by itself for a plugin."""
        return plugin in self.packages


@dataclass(frozen=True)
class ScheduleDue:
    """Event of `on_schedule`: this connection is due, or was asked to run now."""

    tenant_id: int
    connection_id: int
    plugin: str


@dataclass(frozen=True)
class RelationChanged:
    """Event of `on_relation_changed`: a relation was saved or deleted."""

    tenant_id: int
    relation_id: int
    fields: frozenset[str]
    origin_connection_id: int | None
    """The connection that caused the change; it is skipped (no echo)."""
    deleted: bool = False


@dataclass(frozen=True)
class InvoiceSent:
    """Event of `on_invoice_sent`: an invoice has a number and became Verstuurd."""

    tenant_id: int
    invoice_id: int
