"""Every kind of VAT code that there is has its place on the return."""

from core.models import VatKind
from plugins.belastingdienst.sales.invoice_figures import EXEMPT, ICP_KINDS, RUBRICS


def test_every_kind_of_vat_code_has_a_place() -> None:
    assert set(VatKind) == {*RUBRICS, EXEMPT}
    assert set(ICP_KINDS) < set(RUBRICS)
