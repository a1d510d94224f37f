"""Which version of the tax office's taxonomy a period needs: rows of facts. Pure.

The Dutch taxonomy comes out once a year. A version is a row with its first and last
period, where that stands and how sure it is, so that a new year is a new row. A period
is refused only where no row holds it; the operator is told beforehand where one is
missing, or stands here without anyone having read the files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.domain.errors import AskUser
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Days, year_of

ROOT = "http://www.nltaxonomie.nl/"
ALARM_DAYS = 60
"""How long before a period begins it is told that it has no version."""
VAT_RETURN, ICP, SUPPLETIE = "vat_return", "icp", "suppletie"
KINDS = (VAT_RETURN, ICP, SUPPLETIE)


@dataclass(frozen=True)
class Taxonomy:
    """One version: what it is called, from when to when it holds, how we know."""

    name: str
    """As the calendar of releases calls it."""
    path: str
    """Below `ROOT`: everything of this version begins so."""
    first: date
    """First day of the first period that it is for."""
    last: date
    """Last day of the last period that it is for."""
    entry_points: Mapping[str, str]
    """By kind of declaration: the name of its schema, without `.xsd`."""
    source: Source
    names: Mapping[str, str]
    """Names that differ between versions; one that is absent is unknown to us."""

    def holds(self, period: Days, kind: str) -> bool:
        """Tell whether a declaration over a period needs this version.

        The year that a period ends in decides, not the day of filing.
        """
        return kind in self.entry_points and self.first <= period.end <= self.last

    def schema(self, kind: str) -> str:
        """Return the entry point for a `link:schemaRef`."""
        return f"{ROOT}{self.path}/entrypoints/{self.entry_points[kind]}.xsd"

    def namespace(self, part: str) -> str:
        """Return a namespace: `dictionary/bd-data`, `validation/bd-axes`, ..."""
        return f"{ROOT}{self.path}/{part}"


_TUPLES = {
    "icp_rows": "tuples",
    "icp_corrections": "tuples",
    "tuples": "dictionary/bd-tuples",
}
_DIMENSIONS = {
    "icp_rows": "dimensions",
    "axes": "validation/bd-axes",
    "domains": "validation/bd-domains",
}
REDUCTION = {"small_business_reduction": "SmallEntrepreneurProvisionReduction"}


def _year(
    year: int, name: str, path: str, source: Source, names: Mapping[str, str]
) -> Taxonomy:
    span = year_of(date(year, 1, 1))
    entries = {
        VAT_RETURN: f"bd-rpt-ob-aangifte-{year}",
        ICP: f"bd-rpt-icp-opgaaf-{year}",
        SUPPLETIE: f"bd-rpt-ob-suppletie-{year}",
    }
    return Taxonomy(name, path, span.start, span.end, entries, source, names)


_FILES = Source("Taxonomy package, read and run", Sure.VERIFIED)
_MESSAGE = Source("Official sample message", Sure.VERIFIED)
_CACHE = Source("Schemas read in a public cache of the taxonomy", Sure.VERIFIED)
_OTHERS = Source("Other programs' lists of versions", Sure.SECONDARY)
_CALENDAR = Source(
    "SBR calendar of 2026-07-30: NT21_BD_20261209, in production on 2026-12-09; path"
    " and names follow the seven versions before, files not seen",
    Sure.UNVERIFIED,
)
TAXONOMIES = (
    _year(2020, "NT14", "nt14/bd/20191211", _FILES, {**_TUPLES, **REDUCTION}),
    _year(2021, "NT15", "nt15/bd/20201209", _MESSAGE, {**_TUPLES, **REDUCTION}),
    _year(2022, "NT16", "nt16/bd/20211208", _OTHERS, _TUPLES),
    _year(2023, "NT17", "nt17/bd/20221207", _OTHERS, _TUPLES),
    _year(2024, "NT18", "nt18/bd/20231213", _OTHERS, _TUPLES),
    _year(2025, "NT19", "nt19/bd/20241211", _CACHE, _TUPLES),
    # NT20.2 (NT20_BD_20260916) is in production since 2026-09-16; that a VAT return or
    # ICP of 2026 has to use it was found nowhere
    _year(2026, "NT20", "nt20/bd/20251210", _OTHERS, _DIMENSIONS),
    _year(2027, "NT21", "nt21/bd/20261209", _CALENDAR, _DIMENSIONS),
)
"""Oldest first; of two that hold a period the later one counts."""


def taxonomy_for(
    period: Days, kind: str, rows: Iterable[Taxonomy] = TAXONOMIES
) -> Taxonomy:
    """Return the version for a declaration; AskUser `taxonomy_unknown` without one."""
    found = [row for row in rows if row.holds(period, kind)]
    if not found:
        raise AskUser("taxonomy_unknown", year=period.end.year, kind=kind)
    return found[-1]


def missing_for(period: Days, rows: Iterable[Taxonomy] = TAXONOMIES) -> tuple[str, ...]:
    """Return the kinds of declaration that have no version for a period."""
    known = tuple(rows)
    return tuple(
        kind for kind in KINDS if not any(row.holds(period, kind) for row in known)
    )


def alarms(today: date, rows: Iterable[Taxonomy] = TAXONOMIES) -> Iterator[Doubt]:
    """Yield what the operator has to look after, of running and coming periods.

    `taxonomy_missing` blocks; `taxonomy_unread` is told: a row that nobody checked
    against the files.
    """
    known = tuple(rows)
    coming = year_of(today + timedelta(days=ALARM_DAYS))
    for year in sorted({year_of(today), coming}):
        for kind in missing_for(year, known):
            yield doubt("taxonomy_missing", year.code, kind=kind, starts=year.start)
        for row in known:
            is_unread = row.source.sure is Sure.UNVERIFIED
            if is_unread and any(row.holds(year, kind) for kind in KINDS):
                yield hint("taxonomy_unread", year.code, name=row.name)


def has_dimensions(row: Taxonomy) -> bool:
    """Tell whether rows of an ICP declaration are typed dimensions, not tuples."""
    return name_in(row, "icp_rows") == "dimensions"


def has_reduction(row: Taxonomy) -> bool:
    """Tell whether 5d has an element (in NT14 and NT15, gone in NT19)."""
    return "small_business_reduction" in row.names


def name_in(row: Taxonomy, name: str) -> str:
    """Return a name that this version has; AskUser `taxonomy_name_unknown` without."""
    if name not in row.names:
        raise AskUser("taxonomy_name_unknown", name=name, version=row.name)
    return row.names[name]
