"""The proposals for invoices, of a Dutch and of a Belgian administration."""

from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.proposals import saved_unchanged


def test_a_dutch_administration_s_proposals(coupled: Coupled) -> None:
    """For the zero rate and exempt sales the vendor tells no code."""
    assert saved_unchanged(coupled, "NL") == {
        "NL21": ("HOOG_VERK_21", "8000"),
        "NL9": ("LAAG_VERK_9", "8010"),
        "NLVERL": ("VERL_VERK", "8000"),
        "NLICL": ("BI_EU_VERK", "8020"),
        "NLICD": ("BI_EU_VERK_D", "8020"),
        "NLEXP": ("BU_EU_VERK", "8030"),
    }


def test_a_belgian_administration_s_proposals(coupled: Coupled) -> None:
    assert saved_unchanged(coupled, "BE") == {
        "BE21": ("BE_21_VERK", "8000"),
        "BE12": ("BE_12_VERK", "8000"),
        "BE6": ("BE_6_VERK", "8000"),
        "BE0": ("BE_0_VERK", "8000"),
        "BEVERL": ("BE_VERL_VERK", "8000"),
        "BEICL": ("BE_IC_VERK", "8020"),
        "BEICD": ("BE_IC_D_VERK", "8020"),
        "BEEXP": ("BE_EXP_VERK", "8030"),
    }
