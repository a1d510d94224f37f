"""The fields of relations and articles as API v2 defines them (contract of 2026-02-17).

One field a line: name, kind (`?` may be null), longest text, range, decimals,
`required`, `ro` for read-only. See the contract notes, chapters 3.2 to 3.4.
"""

from plugins.eaccounting.sandbox.fields import Shape

CUSTOMER = Shape(
    """
    Id uuid ro
    InvoiceCity text 50 required
    InvoicePostalCode text 10 required
    GLN text? 255
    EmailAddressOrder text? 255
    EmailAddressQuote text? 255
    PayToAccountId uuid? ro
    TermsOfPayment object
    LastInvoiceDate date? ro
    TaxDeductionNumber text?
    PropertyType int? 1..2
    PropertyReference text? 40
    ChangedUtc date? ro
    CustomerLabels list?
    MessageThreads list? ro
    Notes list? ro
    IsFutureInvoiceDateAllowed bool ro
    Iban text? 35
    IsDirectDebitEnabled bool?
    DirectDebitCustomerSettings object
    DiscountAgreementId uuid?
    UnpaidInvoicesAmount number ro
    CustomerNumber text? 16
    CorporateIdentityNumber text? 20
    ContactPersonEmail text? 255
    ContactPersonMobile text? 50
    ContactPersonName text? 100
    ContactPersonPhone text? 50
    CurrencyCode text? 3
    EmailAddress text? 255
    InvoiceAddress1 text? 50
    InvoiceAddress2 text? 50
    InvoiceCountryCode text? 2
    DeliveryAddress1 text? 50
    DeliveryAddress2 text? 50
    DeliveryCity text? 50
    DeliveryCountryCode text? 2
    DeliveryPostalCode text? 10
    DeliveryCustomerName text? 100
    DeliveryMethodId uuid?
    DeliveryTermId uuid?
    Name text 50 required
    Note text? 4000
    ReverseChargeOnConstructionServices bool
    WebshopCustomerNumber int?
    MobilePhone text? 50
    Telephone text? 50
    TermsOfPaymentId uuid required
    VatNumber text? 20
    WwwAddress text? 255
    IsPrivatePerson bool required
    IsNorthernIreland bool?
    DiscountPercentage number 0..1 .4
    IsActive bool required
    ForceBookkeepVat bool
    EdiGlnNumber text? 255
    SalesDocumentLanguage text? 2
    ElectronicAddress text? 255
    ElectronicReference text? 35
    EdiServiceDelivererId text? 255
    AutoInvoiceActivationEmailSentDate date?
    AutoInvoiceRegistrationRequestSentDate date?
    EmailAddresses list?
    DeliveryBasedVat bool
    SalesPriceListId uuid?
    """
)
SUPPLIER = Shape(
    """
    Id uuid ro
    SupplierNumber text? 16
    Address1 text? 50
    Address2 text? 50
    AutomaticPaymentService bool
    UnpaidInvoicesAmount number ro
    BankAccountNumber text? 50
    Clearing text? 5
    BankBban text? 50
    BankBic text? 50
    BankCode text? 50
    BankCountryCode text? 2
    BankgiroNumber text? 10
    BankIban text? 50
    BankName text? 50
    City text? 50
    ContactPersonEmail text? 255
    ContactPersonMobile text? 50
    ContactPersonName text? 50
    ContactPersonPhone text? 50
    CorporateIdentityNumber text? 20
    CountryCode text? 2
    CreatedUtc date? ro
    CurrencyCode text? 3
    EmailAddress text? 255
    MessageThreads list? ro
    MobilePhone text? 50
    ModifiedUtc date? ro
    Name text 50 required
    Note text? 4000
    Notes list? ro
    PlusgiroNumber text? 10
    PostalCode text? 10
    Telephone text? 50
    TermsOfPaymentId uuid required
    VatNumber text? 20
    WwwAddress text? 255
    BankFeeCode int 0..3
    PayFromBankAccountId uuid?
    ForeignPaymentCodeId uuid? ro
    ForeignPaymentCode object
    UsesPaymentReferenceNumbers bool
    IsActive bool
    ProportionalVat bool
    SelfEmployedWithoutFixedAddress bool
    ApprovalOrderType int ro
    OurCustomerNumber text? 40
    PurchaseDocumentLanguage text? 2
    Approvers list?
    UsesAutomaticSupplierInvoiceApproval bool
    LastInvoiceDate date? ro
    AccountingTemplateId uuid?
    """
)
ARTICLE = Shape(
    """
    Id uuid ro
    IsActive bool required
    Number text 40 required
    Name text 50 required
    NameEnglish text? 50
    NetPrice number 0..99000000 .2
    NetPriceWithDiscount number 0..99000000 .2
    GrossPrice number 0..99000000 .2
    CodingId uuid required
    CodingName text? ro
    UnitId uuid required
    UnitName text? ro
    UnitAbbreviation text? ro
    StockBalance number -1000000000000000..1000000000000000 .2
    StockBalanceManuallyChangedUtc date? ro
    StockBalanceReserved number ro
    StockBalanceAvailable number ro
    CreatedUtc date ro
    ChangedUtc date ro
    HouseWorkType int?
    PurchasePrice number 0..99000000
    PurchasePriceManuallyChangedUtc date? ro
    SendToWebshop bool
    UsesMoss bool
    ArticleLabels list?
    MessageThreads list? ro
    Notes list? ro
    Note text? 4000
    IsStock bool
    ShowStockInformation bool ro
    IsServiceArticle bool ro
    StockLocationReference text?
    FreightCosts number 0..99000000
    FreightCostsManuallyChangedUtc date? ro
    UpdateStockPrices bool
    Barcodes list?
    StockValue number ro
    GreenTechnologyType int?
    DiscountPercentage number
    CurrencyCode text? 3
    PurchasePriceWithCurrency number
    FreightCostWithCurrency number
    OrderingPoint number?
    SupplierId uuid?
    SupplierArticleNumber text? 16
    """
)
