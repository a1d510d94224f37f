"""Which taxonomy a tax period needs (contract section 5, table of NT versions).

The year of the tax period decides, not the day of filing.
"""

from dataclasses import dataclass

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import AskUser

ROOT = "http://www.nltaxonomie.nl/"
_ENTRY = {
    DeclarationKind.VAT_RETURN: "bd-rpt-ob-aangifte",
    DeclarationKind.ICP: "bd-rpt-icp-opgaaf",
    DeclarationKind.SUPPLETIE: "bd-rpt-ob-suppletie",
}


@dataclass(frozen=True)
class Taxonomy:
    """One yearly version of the tax office's part of the Dutch taxonomy."""

    year: int
    path: str
    has_reduction: bool = False
    """5d has an element (seen in NT14 and NT15, gone in NT19)."""
    has_dimensions: bool = False
    """ICP rows are typed dimensions instead of tuples."""

    @property
    def base(self) -> str:
        """The address everything of this version begins with."""
        return f"{ROOT}{self.path}"

    @property
    def data(self) -> str:
        """Namespace of the elements."""
        return f"{self.base}/dictionary/bd-data"

    @property
    def tuples(self) -> str:
        """Namespace of the tuples, up to 2025."""
        return f"{self.base}/dictionary/bd-tuples"

    @property
    def axes(self) -> str:
        """Namespace of the dimensions, from 2026."""
        return f"{self.base}/validation/bd-axes"

    @property
    def domains(self) -> str:
        """Namespace of the typed dimensions' values, from 2026."""
        return f"{self.base}/validation/bd-domains"

    def schema(self, kind: DeclarationKind) -> str:
        """Return the entry point for a `link:schemaRef`."""
        return f"{self.base}/entrypoints/{_ENTRY[kind]}-{self.year}.xsd"


TAXONOMIES = {
    version.year: version
    for version in (
        Taxonomy(2020, "nt14/bd/20191211", has_reduction=True),
        Taxonomy(2021, "nt15/bd/20201209", has_reduction=True),
        Taxonomy(2022, "nt16/bd/20211208"),
        Taxonomy(2023, "nt17/bd/20221207"),
        Taxonomy(2024, "nt18/bd/20231213"),
        Taxonomy(2025, "nt19/bd/20241211"),
        Taxonomy(2026, "nt20/bd/20251210", has_dimensions=True),
    )
}


def taxonomy_for(period: TaxPeriod) -> Taxonomy:
    """Return the version for a period; AskUser `taxonomy_unknown` without one."""
    found = TAXONOMIES.get(period.end.year)
    if found is None:
        raise AskUser("taxonomy_unknown", year=period.end.year)
    return found
