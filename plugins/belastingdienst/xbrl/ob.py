"""The VAT return (OB) and its suppletie as XBRL (contract section 5, rubrics)."""

from decimal import Decimal

from core.domain.declarations import DeclarationKind, Rubric
from plugins.belastingdienst.law.returns import Header, VatReturn
from plugins.belastingdienst.law.taxonomies import Taxonomy, has_reduction
from plugins.belastingdienst.xbrl.instance import Instance

TURNOVER = {
    Rubric.R1A: "TaxedTurnoverSuppliesServicesGeneralTariff",
    Rubric.R1B: "TaxedTurnoverSuppliesServicesReducedTariff",
    Rubric.R1C: "TaxedTurnoverSuppliesServicesOtherRates",
    Rubric.R1D: "TaxedTurnoverPrivateUse",
    Rubric.R1E: "SuppliesServicesNotTaxed",
    Rubric.R2A: "TurnoverSuppliesServicesByWhichVATTaxationIsTransferred",
    Rubric.R3A: "SuppliesToCountriesOutsideTheEC",
    Rubric.R3B: "SuppliesToCountriesWithinTheEC",
    Rubric.R3C: "InstallationDistanceSalesWithinTheEC",
    Rubric.R4A: "TurnoverFromTaxedSuppliesFromCountriesOutsideTheEC",
    Rubric.R4B: "TurnoverFromTaxedSuppliesFromCountriesWithinTheEC",
}
VAT = {
    Rubric.R1A: "ValueAddedTaxSuppliesServicesGeneralTariff",
    Rubric.R1B: "ValueAddedTaxSuppliesServicesReducedTariff",
    Rubric.R1C: "ValueAddedTaxSuppliesServicesOtherRates",
    Rubric.R1D: "ValueAddedTaxPrivateUse",
    Rubric.R2A: "ValueAddedTaxSuppliesServicesByWhichVATTaxationIsTransferred",
    Rubric.R4A: "ValueAddedTaxOnSuppliesFromCountriesOutsideTheEC",
    Rubric.R4B: "ValueAddedTaxOnSuppliesFromCountriesWithinTheEC",
    Rubric.R5B: "ValueAddedTaxOnInput",
}
OWED = "ValueAddedTaxOwed"
REDUCTION = "SmallEntrepreneurProvisionReduction"
PAYABLE = "ValueAddedTaxOwedToBePaidBack"
TOTAL_NEW = "ValueAddedTaxAmountTotalNew"
TOTAL_OLD = "ValueAddedTaxAmountTotalOld"
ADDITIONAL = "ValueAddedTaxToBePaidAdditionalToBePaidBack"
REFERENCE = "MessageReferenceSupplierVAT"


def write_return(header: Header, vat_return: VatReturn) -> bytes:
    """Write a VAT return; AskUser `taxonomy_unknown` for an unknown year."""
    kind = DeclarationKind.VAT_RETURN
    instance = Instance(kind, vat_return.period, header.tax_number)
    figures = _figures(vat_return, instance.taxonomy)
    figures[PAYABLE] = vat_return.payable
    return _written(instance, header, figures)


def write_suppletie(header: Header, right: VatReturn, old_total: Decimal) -> bytes:
    """Write a suppletie: the whole return again, with the old and new 5g."""
    instance = Instance(DeclarationKind.SUPPLETIE, right.period, header.tax_number)
    figures = _figures(right, instance.taxonomy)
    figures[TOTAL_NEW] = right.payable
    figures[TOTAL_OLD] = old_total
    figures[ADDITIONAL] = right.payable - old_total
    return _written(instance, header, figures)


def _figures(vat_return: VatReturn, taxonomy: Taxonomy) -> dict[str, Decimal]:
    """Return every figure of the form by element; zero where nothing was done."""
    figures = {name: vat_return.box(box).turnover for box, name in TURNOVER.items()}
    figures |= {name: vat_return.box(box).vat for box, name in VAT.items()}
    figures[OWED] = vat_return.owed
    if has_reduction(taxonomy):
        figures[REDUCTION] = vat_return.small_business_reduction
    return figures


def _written(instance: Instance, header: Header, figures: dict[str, Decimal]) -> bytes:
    instance.unit()
    instance.header(header, REFERENCE, contact_type=True)
    for name in sorted(figures):
        instance.amount(name, figures[name])
    return instance.write()
