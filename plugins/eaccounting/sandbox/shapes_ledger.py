"""The fields of bookings as API v2 defines them (contract of 2026-02-17).

One field a line: name, kind (`?` may be null), longest text, range, decimals,
`required`, `ro` for read-only. Dates, VAT and roundings
are required as in the contract of 2021; nobody has seen that relaxed.
"""

from plugins.eaccounting.sandbox.fields import Shape

VOUCHER = Shape(
    """
    Id uuid ro
    VoucherDate date required
    VoucherText text 1000 required
    Rows list required
    NumberAndNumberSeries text? ro
    NumberSeries text?
    ImportedVoucherNumber text? ro
    Attachments object
    ModifiedUtc date? ro
    VoucherType int
    SourceId uuid? ro
    CreatedUtc date ro
    """
)
VOUCHER_ROW = Shape(
    """
    AccountNumber int 1..9999999999 required
    AccountDescription text? ro
    DebitAmount number 0..10000000000 .2
    CreditAmount number 0..10000000000 .2
    TransactionText text? 60
    CostCenterItemId1 uuid? ro
    CostCenterItemId2 uuid?
    CostCenterItemId3 uuid?
    VatCodeId uuid?
    VatCodeAndPercent text?
    VatAmount number? .2
    Quantity number? .2
    Weight number? .2
    DeliveryDate date?
    HarvestYear int?
    ProjectId uuid?
    """
)
PAYMENT = Shape(
    """
    VoucherDate date required
    VoucherText text 1000 required
    NumberSeries text?
    Rows list required
    """
)
PAYMENT_ROW = Shape(
    """
    AccountNumber int 1..9999999999 required
    DebitAmount number 0..1000000000 .2
    CreditAmount number 0..1000000000 .2
    TransactionText text? 50
    CostCenterItemId1 uuid?
    CostCenterItemId2 uuid?
    CostCenterItemId3 uuid?
    VatCodeId uuid?
    ReceivableId uuid?
    PayableId uuid?
    ProjectId uuid?
    Quantity number? .2
    Weight number? .2
    DeliveryDate date?
    HarvestYear int?
    """
)
LEDGER_ITEM = Shape(
    """
    CurrencyCode text 3 required
    CurrencyRate number
    CurrencyRateUnit int
    CustomerId uuid required
    DueDate date required
    Id uuid ro
    InvoiceDate date required
    InvoiceNumber int 1..2147483647 required
    IsCreditInvoice bool required
    ModifiedUtc date ro
    PaymentReferenceNumber text? 50
    RemainingAmountInvoiceCurrency number .2 -99999999.99..99999999.99 required
    RoundingsAmountInvoiceCurrency number -1..1 .2 required
    TotalAmountInvoiceCurrency number .2 -99999999.99..99999999.99 required
    VATAmountInvoiceCurrency number .2 required
    VoucherId uuid required
    """
)
ATTACHMENT_UPLOAD = Shape(
    """
    Id uuid
    ContentType text 15 required
    FileName text 200 required
    Data text?
    Url text?
    Comment text?
    """
)
ATTACHMENT_LINK = Shape(
    """
    DocumentId uuid?
    DocumentType int 0..8 required
    AttachmentIds list required
    """
)
ATTACHMENT = Shape(
    """
    Id uuid ro
    ContentType text? ro
    DocumentId uuid? ro
    AttachedDocumentType int ro
    MessageThreads list? ro
    Notes list? ro
    PhotoSource int ro
    FileName text? ro
    TemporaryUrl text? ro
    Comment text? ro
    SupplierName text? ro
    CurrencyCode text? ro
    AmountInvoiceCurrency number ro
    Type int ro
    AttachmentStatus int ro
    UploadedBy text? ro
    ImageDate date ro
    TransactionDate date? ro
    Ocr text? ro
    InvoiceNumber text? ro
    Vat number? ro
    DueDate date? ro
    SupplierCorporateIdentityNumber text? ro
    PaymentDate date? ro
    """
)
