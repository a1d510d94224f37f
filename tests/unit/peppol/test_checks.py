"""Who must have an e-invoice, where a party receives, and what is refused at once."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.domain.structured_invoices import (
    Identifier,
    StructuredAddress,
    StructuredInvoice,
    StructuredParty,
    VatCategory,
    VatShare,
)
from plugins.peppol import checks
from plugins.peppol.checks import endpoint_of, legal_identifier, problems, verdict_of
from tests.unit.peppol.generated import documents

BE, NL, DE = "BE0403170701", "NL123456782B90", "DE136695976"

EXEMPT = VatShare(VatCategory.EXEMPT, Decimal(0), Decimal(1), Decimal(0))


def _at(street: str, city: str) -> StructuredParty:
    address = StructuredAddress(street, "1000", city, "BE")
    return replace(_party("BE", BE), address=address)


def _party(
    country: str, vat: str = "", legal: str = "", *, person: bool = False
) -> StructuredParty:
    return StructuredParty(
        "X", StructuredAddress("Laan 1", "1000", "Stad", country), vat, legal,
        is_person=person,
    )  # fmt: skip


def _invoice(
    seller: StructuredParty, buyer: StructuredParty, **values
) -> StructuredInvoice:
    (made,) = documents(1)
    return replace(made, seller=seller, buyer=buyer, **values)


@pytest.mark.parametrize(
    ("seller", "buyer", "values", "duty", "reason"),
    [
        (_party("BE", BE), _party("BE", "BE 0428.759.497"), {}, "must", "belgium"),
        (_party("BE", BE), _party("BE", BE), {"issued_on": date(2025, 12, 31)},
         "may", "before_duty"),
        (_party("BE", BE), _party("BE", BE), {"issued_on": date(2026, 1, 1)},
         "must", "belgium"),
        (_party("BE", BE), _party("BE", BE, person=True), {}, "must", "belgium"),
        (_party("BE", BE), _party("BE", person=True), {}, "not", "consumer"),
        (_party("BE", BE), _party("BE"), {}, "may", "no_vat_number"),
        (_party("BE", BE), _party("NL", NL), {}, "may", "abroad"),
        (_party("BE", BE), _party("NL", BE), {}, "may", "abroad"),
        (_party("NL", NL), _party("BE", BE), {}, "may", "abroad"),
        (_party("NL", NL), _party("NL", NL), {}, "may", "netherlands"),
        (_party("NL", NL), _party("NL", person=True), {}, "not", "consumer"),
        (_party("BE", BE), _party("BE", BE),
         {"shares": (EXEMPT,)},
         "may", "exempt"),
    ],
)  # fmt: skip
def test_who_must_have_an_e_invoice(
    seller: StructuredParty, buyer: StructuredParty, values, duty: str, reason: str
) -> None:
    found = verdict_of(_invoice(seller, buyer, **values))
    assert (found.duty, found.reason) == (duty, reason)


@pytest.mark.parametrize(
    ("party", "endpoint", "legal"),
    [
        (_party("BE", BE), ("0208", "0403170701"), ("0208", "0403170701")),
        (_party("BE", "", "0403.170.701"), ("0208", "0403170701"),
         ("0208", "0403170701")),
        (_party("BE", "BE0403170702"), None, None),
        (_party("NL", NL, "12 34 56 78"), ("0106", "12345678"), ("0106", "12345678")),
        (_party("NL", NL, "1234567"), ("9944", NL), None),
        (_party("NL", "NL123456780B90"), None, None),
        (_party("NL", "123456782B90"), None, None),
        (_party("DE", DE, "HRB 12"), ("9930", DE), ("", "HRB12")),
        (_party("GR", "EL094259216"), ("9933", "EL094259216"), None),
        (_party("DE", NL), None, None),
        (_party("SE", "SE556036079301"), None, None),
        (_party("US"), None, None),
        (_party(""), None, None),
    ],
)  # fmt: skip
def test_where_a_party_receives(
    party: StructuredParty, endpoint: tuple[str, str] | None, legal
) -> None:
    assert endpoint_of(party) == (Identifier(*endpoint) if endpoint else None)
    assert legal_identifier(party) == (Identifier(*legal) if legal else None)


def test_no_scheme_that_we_use_was_removed() -> None:
    used = {*checks.VAT_SCHEMES.values(), checks.KBO, checks.KVK, checks.OIN}
    assert not used & checks.REMOVED


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"buyer_reference": " ", "order_number": ""}, "peppol_reference_missing"),
        ({"seller": _party("NL")}, "peppol_seller_unknown"),
        ({"buyer": _party("SE", "SE556036079301")}, "peppol_buyer_unknown"),
        ({"buyer": _at("", "Stad")},
         "peppol_buyer_address"),
        ({"seller": _at("Laan 1", "")},
         "peppol_seller_address"),
        ({"shares": ()}, "peppol_total_differs"),
        ({"buyer": _party("BE", "NL123456782B9", "0403170701")}, "peppol_vat_number"),
    ],
)  # fmt: skip
def test_what_is_refused_at_once(changed, code: str) -> None:
    (sound,) = documents(1)
    assert problems(sound) == []
    assert [each.code for each in problems(replace(sound, **changed))] == [code]


def test_dutch_numbers_are_looked_at_from_the_day_that_the_rule_holds() -> None:
    (sound,) = documents(1)
    odd = replace(sound, buyer=_party("BE", "NL123456782B9", "0403170701"))
    before = replace(odd, issued_on=date(2026, 8, 23))
    assert problems(before) == []
    assert problems(replace(odd, issued_on=date(2026, 8, 24)))


def test_a_removed_scheme_is_refused_from_that_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (sound,) = documents(1)
    finn = replace(sound, buyer=_party("FI", "FI20774740"))
    monkeypatch.setattr(checks, "VAT_SCHEMES", {"FI": "0213"})
    assert [each.code for each in problems(finn)] == ["peppol_address"]
    assert problems(replace(finn, issued_on=date(2026, 8, 23))) == []
