"""What figures add up to, worked out from their entries alone."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from core.domain.declarations import (
    Box,
    Customer,
    Entry,
    Figures,
    IcpKind,
    Rubric,
)
from plugins.belastingdienst.law.icp import Declaration, rows
from plugins.belastingdienst.law.returns import VatReturn


@dataclass(frozen=True)
class Sums:
    """The sums of one period's entries."""

    figures: Figures

    def behind(self, rubric: Rubric) -> list[Entry]:
        """The entries of a rubric."""
        return [one for one in self.figures.entries if one.rubric is rubric]

    def behind_row(self, kind: IcpKind, customer: Customer) -> list[Entry]:
        """The entries of an ICP row."""
        wanted = (kind, customer)
        return [
            one
            for one in self.figures.entries
            if (one.icp_kind, one.customer) == wanted
        ]

    @property
    def boxes(self) -> dict[Rubric, Box]:
        """The exact amounts of the rubrics that have any."""
        found: dict[Rubric, Box] = {}
        for entry in self.figures.entries:
            found[entry.rubric] = found.get(entry.rubric, Box()) + entry.box
        return found

    @property
    def vat_return(self) -> VatReturn:
        """The return in whole euros."""
        return VatReturn.from_exact(self.figures.period, self.boxes)

    @property
    def icp(self) -> Declaration:
        """The ICP declaration in whole euros."""
        amounts: dict[tuple[IcpKind, Customer], Decimal] = defaultdict(Decimal)
        for entry in self.figures.entries:
            if entry.icp_kind is not None and entry.customer is not None:
                amounts[entry.icp_kind, entry.customer] += entry.box.turnover
        return Declaration(self.figures.period, rows(amounts))
