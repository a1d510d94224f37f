"""The fields of sales documents as API v2 defines them (contract of 2026-02-17).

One field a line: name, kind (`?` may be null), longest text, range, decimals,
`required`, `ro` for read-only. `OrderDate` is required
as in the contract of 2021, which nobody has seen relaxed in practice.
"""

from plugins.eaccounting.sandbox.fields import Shape

DRAFT = Shape(
    """
    Id uuid ro
    CustomerId uuid required
    CreatedUtc date? ro
    IsCreditInvoice bool
    RotReducedInvoicingType int 0..2 required
    RotReducedInvoicingPropertyName text? 40
    RotReducedInvoicingOrgNumber text? 11
    MaxAllowedTaxReductionAmount number ro
    RotReducedInvoicingAmount number .2
    RotReducedInvoicingAutomaticDistribution bool
    RotPropertyType int?
    HouseWorkOtherCosts number?
    Rows list?
    Persons list?
    YourReference text? 100
    OurReference text? 100
    BuyersOrderReference text? 35
    ElectronicReference text? 100
    SubscriptionNumber text? 100
    ContractNumber text? 100
    InvoiceCustomerName text? 50 ro
    InvoiceAddress1 text? 50
    InvoiceAddress2 text? 50
    InvoicePostalCode text? 10 ro
    InvoiceCity text? 50 ro
    InvoiceCountryCode text? 2 ro
    InvoiceCurrencyCode text? ro
    DeliveryCustomerName text? 50
    DeliveryAddress1 text? 50
    DeliveryAddress2 text? 50
    DeliveryPostalCode text? 10
    DeliveryCity text? 50
    DeliveryCountryCode text? 2
    DeliveryMethodName text? 50
    DeliveryTermName text? 50
    TermsOfPaymentId uuid?
    DeliveryMethodCode text? 20
    DeliveryTermCode text? 20
    EuThirdParty bool required
    CustomerIsPrivatePerson bool ro
    ReverseChargeOnConstructionServices bool ro
    SalesDocumentAttachments list? ro
    MessageThreads list? ro
    Notes list? ro
    InvoiceDate date?
    DueDate date?
    DeliveryDate date?
    TotalAmount number ro
    TotalVatAmount number ro
    TotalRoundings number ro
    TotalAmountBaseCurrency number ro
    TotalVatAmountBaseCurrency number ro
    CustomerNumber text? 16 ro
    CustomerName text? ro
    IncludesVat bool ro
    ReplaceUnitPriceWhenZero bool
    UsesGreenTechnology bool
    ContributionMargin object
    IsDirectDebit bool?
    BackgroundId uuid?
    """
)
DRAFT_ROW = Shape(
    """
    Id uuid ro
    LineNumber int? 0..1000
    ArticleId uuid?
    IsServiceArticle bool ro
    UnitId uuid? ro
    ArticleNumber text?
    IsTextRow bool required
    Text text? 2000
    UnitPrice number
    IsDiscountInFixedAmount bool ro
    DiscountFixedAmount number? .2 ro
    DiscountPercentage number 0..1 .4
    Quantity number .2
    WorkCostType int
    IsWorkCost bool
    WorkHours number?
    MaterialCosts number?
    ReversedConstructionServicesVatFree bool required
    CostCenterItemId1 uuid?
    CostCenterItemId2 uuid?
    CostCenterItemId3 uuid?
    UnitAbbreviation text?
    UnitAbbreviationEnglish text?
    VatRateId text? ro
    VatRate number? ro
    UnitName text?
    ProjectId uuid?
    GreenTechnologyType int 0..3
    ContributionMargin object
    PurchasePrice number ro
    Amount number ro
    FreightCosts number ro
    """
)
ORDER = Shape(
    """
    Id uuid ro
    Amount number .2
    CustomerId uuid required
    CurrencyCode text 3 required
    CreatedUtc date ro
    VatAmount number .2
    RoundingsAmount number .2
    DeliveredAmount number .2
    DeliveredVatAmount number .2
    DeliveredRoundingsAmount number .2
    DeliveryCustomerName text? 100
    DeliveryAddress1 text? 50
    DeliveryAddress2 text? 50
    DeliveryPostalCode text? 10
    DeliveryCity text? 50
    DeliveryCountryCode text? 2
    YourReference text? 100
    OurReference text? 100
    BuyersOrderReference text? 35
    InvoiceAddress1 text? 50
    InvoiceAddress2 text? 50
    InvoiceCity text?
    InvoiceCountryCode text? 2
    InvoiceCustomerName text? 50
    CustomerNumber text? ro
    CustomerName text? ro
    InvoicePostalCode text? 10
    DeliveryMethodName text? 50
    DeliveryMethodCode text? 20
    DeliveryTermName text? 50
    DeliveryTermId uuid? ro
    DeliveryMethodId uuid? ro
    DeliveryTermCode text? 20
    TermsOfPaymentId uuid?
    EuThirdParty bool required
    CustomerIsPrivatePerson bool ro
    IncludesVat bool ro
    OrderDate date required
    Status int 1..4 required
    Number int? ro
    ModifiedUtc date? ro
    DeliveryDate date?
    HouseWorkAmount number
    HouseWorkAutomaticDistribution bool
    HouseWorkCorporateIdentityNumber text? 20
    HouseWorkPropertyName text? 100
    SalesDocumentAttachments list? ro
    MessageThreads list? ro
    Notes list? ro
    Rows list?
    ShippedDateTime date?
    RotReducedInvoicingType int 0..2 required
    MaxAllowedTaxReductionAmount number ro
    RotReducedInvoicingPercent number ro
    RotPropertyType int?
    Persons list?
    ReverseChargeOnConstructionServices bool required
    UsesGreenTechnology bool
    IsNotDelivered bool ro
    ContributionMargin object
    CreatedFromQuoteId uuid? ro
    BackgroundId uuid? ro
    """
)
ORDER_ROW = Shape(
    """
    Id uuid ro
    LineNumber int 0..1000 required
    DeliveredQuantity number .2
    ArticleId uuid?
    IsServiceArticle bool ro
    UnitId uuid? ro
    ArticleNumber text? 40
    IsTextRow bool required
    Text text? 2000
    UnitPrice number
    Amount number
    IsDiscountInFixedAmount bool ro
    DiscountFixedAmount number? .2 ro
    DiscountPercentage number 0..1 .4
    Quantity number .4
    WorkCostType int
    IsWorkCost bool required
    WorkHours number?
    MaterialCosts number?
    EligibleForReverseChargeOnVat bool required
    VatRate number? ro
    CostCenterItemId1 uuid?
    CostCenterItemId2 uuid?
    CostCenterItemId3 uuid?
    ProjectId uuid?
    GreenTechnologyType int 0..3
    ContributionMargin object
    PurchasePrice number ro
    FreightCosts number ro
    """
)
