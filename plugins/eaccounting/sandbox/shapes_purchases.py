"""The fields of suppliers' invoices as API v2 defines them (contract of 2026-02-17).

Written as in `shapes_ledger`. Of an invoice that was made of a draft it has what tells
it from others.
"""

from plugins.eaccounting.sandbox.fields import Shape

DRAFT = Shape(
    """
    Id uuid ro
    SupplierId uuid required
    IsAutoInvoiceInterimSupplier bool ro
    BankAccountId uuid?
    InvoiceDate date?
    PaymentDate date?
    DueDate date?
    InvoiceNumber text? 50
    TotalAmount number .2
    Vat number .2
    VatHigh number .2
    VatMedium number .2
    VatLow number .2
    IsCreditInvoice bool required
    CurrencyCode text? 3
    CurrencyRate number
    OcrNumber text? 25
    Message text? 25
    CreatedUtc date? ro
    ModifiedUtc date? ro
    Rows list required
    SupplierName text? 50
    SupplierNumber text? 50
    SelfEmployedWithoutFixedAddress bool
    IsQuickInvoice bool
    IsDomestic bool
    ApprovalStatus int ro
    SkipSendToBank bool?
    AllocationPeriods list? ro
    SupplierInvoiceOrigin int
    Attachments object
    MessageThreads list? ro
    Notes list? ro
    CanBeApprovedByCurrentUser bool ro
    CanBeBookeptByCurrentUser bool ro
    ApprovalOrderType int ro
    Approvers list? ro
    ApprovalRequestedBy text? ro
    AccountingTemplateId uuid?
    """
)
DRAFT_ROW = Shape(
    """
    Id uuid ro
    AccountNumber int 1..9999999999 required
    AccountName text?
    VatCodeId uuid?
    CostCenterItemId1 uuid?
    CostCenterItemId2 uuid?
    CostCenterItemId3 uuid?
    ProjectId uuid?
    DebitAmount number .2
    CreditAmount number .2
    TransactionText text? 100
    LineNumber int
    Quantity number? .2
    Weight number? .2
    DeliveryDate date?
    HarvestYear int?
    VatAmount number?
    ProportionalVatRateValue int?
    """
)
INVOICE = Shape(
    """
    Id uuid ro
    SupplierId uuid required
    InvoiceDate date?
    DueDate date?
    InvoiceNumber text required
    TotalAmount number .2
    Vat number .2
    IsCreditInvoice bool
    CurrencyCode text? 3
    CreatedUtc date? ro
    ModifiedUtc date? ro
    SupplierName text? ro
    SupplierNumber text? ro
    """
)
