"""Core's tables."""

from core.models.access import LinkKind, OneTimeLink, Throttle
from core.models.backfill import Backfill, BackfillItem, BackfillState
from core.models.base import Base, Json, Money, Rate, TenantOwned, UtcDateTime
from core.models.connection import Connection, ConnectionState, Credential, OAuthState
from core.models.coupling import Coupling, PaymentMapping, VatMapping
from core.models.inbox import InboxEvent, InboxState
from core.models.licence import Licence, LicenceState, ServiceInvoice, TrialUse
from core.models.log import LogEntry, LogLevel
from core.models.mail import Mail, MailState
from core.models.order import ShopOrder
from core.models.support import (
    ProblemReport,
    RequestState,
    ServiceKind,
    ServiceRequest,
    Takeover,
)
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
    "Backfill",
    "BackfillItem",
    "BackfillState",
    "Base",
    "Connection",
    "ConnectionState",
    "Counter",
    "Coupling",
    "Credential",
    "InboxEvent",
    "InboxState",
    "Json",
    "Licence",
    "LicenceState",
    "Link",
    "LinkKind",
    "LogEntry",
    "LogLevel",
    "Mail",
    "MailState",
    "Money",
    "OAuthState",
    "OneTimeLink",
    "PaymentMapping",
    "ProblemReport",
    "Rate",
    "RequestState",
    "Role",
    "ServiceInvoice",
    "ServiceKind",
    "ServiceRequest",
    "ShopOrder",
    "Step",
    "StepState",
    "Takeover",
    "Tenant",
    "TenantOwned",
    "TenantPlugin",
    "Throttle",
    "Transfer",
    "TransferState",
    "TrialUse",
    "User",
    "UtcDateTime",
    "VatMapping",
]
