"""Core's tables."""

from core.models.access import LinkKind, OneTimeLink, Throttle
from core.models.api import (
    ApiToken,
    DeliveryState,
    IdempotencyKey,
    PluginRight,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.models.backfill import Backfill, BackfillItem, BackfillState
from core.models.base import Base, Json, Money, Quantity, Rate, TenantOwned, UtcDateTime
from core.models.connection import (
    Connection,
    ConnectionChoice,
    ConnectionState,
    Credential,
    OAuthState,
)
from core.models.coupling import Coupling, InvoiceVatMapping, PaymentMapping, VatMapping
from core.models.inbox import InboxEvent, InboxState
from core.models.licence import Licence, LicenceState, ServiceInvoice, TrialUse
from core.models.log import LogEntry, LogLevel
from core.models.mail import Mail, MailAttachment, MailState, Mark
from core.models.order import OrderRefund, ShopOrder, Treatment
from core.models.reference import ReferenceRecord
from core.models.relation import (
    AddressRole,
    Relation,
    RelationAddress,
    RelationChange,
    RelationKind,
    RelationLink,
    RelationType,
    RelationWord,
)
from core.models.relation_card import (
    RelationContact,
    RelationDistinct,
    RelationMerge,
)
from core.models.relation_import import (
    ImportState,
    RelationImport,
    RelationImportRow,
    RowVerdict,
)
from core.models.relation_sync import (
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunState,
)
from core.models.restore import RestorePoint
from core.models.sales_invoice import (
    InvoiceAttachment,
    InvoiceSettings,
    InvoiceState,
    NumberSeries,
    OpenItem,
    SalesInvoice,
    SalesInvoiceLine,
    TenantVatCode,
    VatKind,
)
from core.models.support import (
    ProblemReport,
    RequestState,
    ServiceKind,
    ServiceRequest,
    Takeover,
)
from core.models.tenant import Role, Tenant, TenantPlugin, Turn, User
from core.models.transfer import (
    DOCUMENT_LENGTH,
    Counter,
    Link,
    Step,
    StepState,
    Transfer,
    TransferState,
)

__all__ = [
    "DOCUMENT_LENGTH",
    "AddressRole",
    "ApiToken",
    "Backfill",
    "BackfillItem",
    "BackfillState",
    "Base",
    "Connection",
    "ConnectionChoice",
    "ConnectionState",
    "Counter",
    "Coupling",
    "Credential",
    "DeliveryState",
    "IdempotencyKey",
    "ImportState",
    "InboxEvent",
    "InboxState",
    "InvoiceAttachment",
    "InvoiceSettings",
    "InvoiceState",
    "InvoiceVatMapping",
    "Json",
    "Licence",
    "LicenceState",
    "Link",
    "LinkKind",
    "LogEntry",
    "LogLevel",
    "Mail",
    "MailAttachment",
    "MailState",
    "Mark",
    "Money",
    "NumberSeries",
    "OAuthState",
    "OneTimeLink",
    "OpenItem",
    "OrderRefund",
    "PaymentMapping",
    "PluginRight",
    "ProblemReport",
    "Quantity",
    "Rate",
    "ReferenceRecord",
    "Relation",
    "RelationAddress",
    "RelationChange",
    "RelationContact",
    "RelationDistinct",
    "RelationImport",
    "RelationImportRow",
    "RelationKind",
    "RelationLink",
    "RelationMerge",
    "RelationRun",
    "RelationSync",
    "RelationTrouble",
    "RelationType",
    "RelationWord",
    "RequestState",
    "RestorePoint",
    "Role",
    "RowVerdict",
    "RunState",
    "SalesInvoice",
    "SalesInvoiceLine",
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
    "TenantVatCode",
    "Throttle",
    "Transfer",
    "TransferState",
    "Treatment",
    "TrialUse",
    "Turn",
    "User",
    "UtcDateTime",
    "VatKind",
    "VatMapping",
    "WebhookDelivery",
    "WebhookEndpoint",
]
