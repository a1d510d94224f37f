"""Core's tables that plugins read, and what their own tables are made of.

A plugin writes rows of its own tables only; what changes core's rows are the calls of
`core.plugin.connections`, `core.plugin.orders` and the engine.
"""

from core.models import (
    Base,
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    InboxState,
    InvoiceState,
    Json,
    LogLevel,
    Mark,
    Money,
    PaymentMapping,
    Quantity,
    Rate,
    SalesInvoice,
    ShopOrder,
    StepState,
    Tenant,
    TenantOwned,
    TenantPlugin,
    Transfer,
    User,
    UtcDateTime,
    VatKind,
    VatMapping,
)
from core.models.base import now_column

__all__ = [
    "Base",
    "Connection",
    "ConnectionState",
    "Coupling",
    "InboxEvent",
    "InboxState",
    "InvoiceState",
    "Json",
    "LogLevel",
    "Mark",
    "Money",
    "PaymentMapping",
    "Quantity",
    "Rate",
    "SalesInvoice",
    "ShopOrder",
    "StepState",
    "Tenant",
    "TenantOwned",
    "TenantPlugin",
    "Transfer",
    "User",
    "UtcDateTime",
    "VatKind",
    "VatMapping",
    "now_column",
]
