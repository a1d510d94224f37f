"""What a plugin declares: a `Plugin`, with one whole object for all it can do."""

from core.plugin.capabilities.capability import Capability, Task
from core.plugin.capabilities.choices import (
    Choice,
    Choices,
    DebtorSearch,
    Proposal,
)
from core.plugin.capabilities.connector import (
    Connector,
    FormConnector,
    OAuthConnector,
)
from core.plugin.capabilities.declarations import (
    Declared,
    DeclaredFor,
    Filer,
    FilingChannel,
    FilingRoute,
    Ledger,
    LedgerCompany,
    LedgerFigures,
    LedgerQuestion,
    SetUpLine,
    StatusWords,
    TakesBack,
    Undertaking,
    Undertakings,
)
from core.plugin.capabilities.invoice_panel import InvoicePanel
from core.plugin.capabilities.invoices import Invoices, ReadSettlements
from core.plugin.capabilities.orders import CountBooked, Orders, Reconcile, Rehearsal
from core.plugin.capabilities.pages import Pages, Section, Tab
from core.plugin.capabilities.plugin import Manifest, Plugin
from core.plugin.capabilities.purchases import Purchases, PurchaseSource
from core.plugin.capabilities.reference_data import ReferenceData
from core.plugin.capabilities.relations import (
    AT_ONCE,
    ChecksWrites,
    RelationPackage,
    Relations,
    RemotePage,
    RemovesRecords,
)
from core.plugin.capabilities.sandbox import Bench, Sandbox, SignedPost, Stop
from core.plugin.capabilities.sender import Sender, SenderFactory
from core.plugin.capabilities.shop import History, HistoryPage, Shop
from core.plugin.capabilities.upkeep import DueWork, OwnWork, Retention
from core.plugin.capabilities.vat_register import VatCheck, VatRegister

__all__ = [
    "AT_ONCE",
    "Bench",
    "Capability",
    "ChecksWrites",
    "Choice",
    "Choices",
    "Connector",
    "CountBooked",
    "DebtorSearch",
    "Declared",
    "DeclaredFor",
    "DueWork",
    "Filer",
    "FilingChannel",
    "FilingRoute",
    "FormConnector",
    "History",
    "HistoryPage",
    "InvoicePanel",
    "Invoices",
    "Ledger",
    "LedgerCompany",
    "LedgerFigures",
    "LedgerQuestion",
    "Manifest",
    "OAuthConnector",
    "Orders",
    "OwnWork",
    "Pages",
    "Plugin",
    "Proposal",
    "PurchaseSource",
    "Purchases",
    "ReadSettlements",
    "Reconcile",
    "ReferenceData",
    "Rehearsal",
    "RelationPackage",
    "Relations",
    "RemotePage",
    "RemovesRecords",
    "Retention",
    "Sandbox",
    "Section",
    "Sender",
    "SenderFactory",
    "SetUpLine",
    "Shop",
    "SignedPost",
    "StatusWords",
    "Stop",
    "Tab",
    "TakesBack",
    "Task",
    "Undertaking",
    "Undertakings",
    "VatCheck",
    "VatRegister",
]
