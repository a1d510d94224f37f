"""Core's tables."""

from core.models.base import Base, Json, Money, Rate, TenantOwned, UtcDateTime
from core.models.connection import Connection, ConnectionState, Credential, OAuthState
from core.models.coupling import Coupling, PaymentMapping, VatMapping
from core.models.inbox import InboxEvent, InboxState
from core.models.log import LogEntry, LogLevel
from core.models.order import ShopOrder
from core.models.tenant import Role, Tenant, TenantPlugin, User
from core.models.transfer import (
    Counter,
    Link,
    Step,
    StepState,
    Transfer,
    TransferState,
)

__all__ = [
    "Base",
    "Connection",
    "ConnectionState",
    "Counter",
    "Coupling",
    "Credential",
    "InboxEvent",
    "InboxState",
    "Json",
    "Link",
    "LogEntry",
    "LogLevel",
    "Money",
    "OAuthState",
    "PaymentMapping",
    "Rate",
    "Role",
    "ShopOrder",
    "Step",
    "StepState",
    "Tenant",
    "TenantOwned",
    "TenantPlugin",
    "Transfer",
    "TransferState",
    "User",
    "UtcDateTime",
    "VatMapping",
]
