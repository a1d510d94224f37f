"""The taxpayer is the key: what a tenant files for one tax number, and only once.

However many administrations he has (one a book year, one of own invoices), and however
long their periods are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from core.domain.declarations import DeclarationKind, IcpKind, TaxPeriod
from core.domain.errors import AskUser
from core.plugin.database import insert_for, session
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.models import Administration, Filing, Taxpayer
from plugins.belastingdienst.models.filing import FilingStage

UNDER_WAY = (FilingStage.APPROVED, FilingStage.DELIVERED, FilingStage.STOPPED)
ENDED_BADLY = (FilingStage.REJECTED, FilingStage.CANCELLED)


@dataclass(frozen=True)
class TaxNumber:
    """A taxpayer by his number alone."""

    tenant_id: int
    tax_number: str


Whose = Administration | Filing | TaxNumber
"""Anything that names a taxpayer: a tenant and a tax number."""


def of(administration: Administration) -> Taxpayer:
    """Return whom an administration is of, made when nothing was said of him yet.

    In the caller's transaction. LookupError while the administration has no tax number.
    """
    if not administration.tax_number:
        raise LookupError(f"administration {administration.id} has no tax number")
    row = known(administration)
    if row is None:
        named = _named(administration)
        made = insert_for(Taxpayer).values(**named).on_conflict_do_nothing()
        session().execute(made)
        row = session().scalars(select(Taxpayer).filter_by(**named)).one()
    return row


def known(administration: Administration) -> Taxpayer | None:
    """Return whom an administration is of, or None when nothing was said of him."""
    found = select(Taxpayer).filter_by(**_named(administration))
    return session().scalar(found)


def _named(administration: Administration) -> dict[str, object]:
    return {
        "tenant_id": administration.tenant_id,
        "tax_number": administration.tax_number,
    }


def period_of(filing: Filing) -> TaxPeriod:
    """Return which tax period a declaration is about."""
    return TaxPeriod(filing.starts_on, filing.ends_on)


def versions(
    taxpayer: Administration | Filing, kind: DeclarationKind, period: TaxPeriod
) -> list[Filing]:
    """Return all versions of a taxpayer's declaration, the newest first.

    Whichever of his administrations they were made of, and of his tenant only.
    """
    found = select(Filing).where(
        *of_taxpayer(taxpayer),
        Filing.kind == kind,
        Filing.division == division_of(taxpayer, kind),
        Filing.starts_on == period.start,
        Filing.ends_on == period.end,
    )
    return list(session().scalars(found.order_by(Filing.version.desc())))


def division_of(taxpayer: Administration | Filing, kind: DeclarationKind) -> str:
    """Return which part of a fiscal unity declares: only ICP is declared apart."""
    return taxpayer.division if kind is DeclarationKind.ICP else ""


def scope_of(filing: Filing) -> tuple[IcpKind, ...]:
    """Return which kinds a declaration holds."""
    if not filing.scope:
        return icp.ALL
    return tuple(IcpKind(kind) for kind in filing.scope.split(","))


def scope(kinds: Sequence[IcpKind]) -> str:
    """Write kinds as `Filing.scope` has them."""
    return "" if set(kinds) == set(icp.ALL) else ",".join(kinds)


def of_taxpayer(taxpayer: Whose) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for the declarations of one tax number of a tenant."""
    return (
        Filing.tenant_id == taxpayer.tenant_id,
        Filing.tax_number == taxpayer.tax_number,
    )


def one_at_a_time(administration: Administration) -> None:
    """Let two who prepare or approve for one taxpayer go one after the other."""
    session().execute(
        select(Administration.id)
        .where(
            Administration.tenant_id == administration.tenant_id,
            or_(
                Administration.id == administration.id,
                Administration.tax_number == administration.tax_number,
            ),
        )
        .order_by(Administration.id)
        .with_for_update()
    )


def refuse_second(
    known: list[Filing], administration: Administration, kind: DeclarationKind
) -> None:
    """Refuse while another version is under way, or when one was accepted, and beside
    one that waits for approval in another administration of this taxpayer."""
    for one in known:
        is_another = one.administration_id != administration.id
        if one.stage == FilingStage.PREPARED and is_another:
            raise AskUser(
                "filing_of_other_administration",
                reference=one.reference,
                administration=one.administration.description,
            )
        if one.stage in UNDER_WAY:
            raise AskUser("filing_under_way", reference=one.reference)
        is_accepted = one.stage == FilingStage.ACCEPTED
        if is_accepted and kind is not DeclarationKind.SUPPLETIE:
            raise AskUser("filing_accepted", reference=one.reference)


def refuse_overlap(
    taxpayer: Administration | Filing,
    kind: DeclarationKind,
    period: TaxPeriod,
    kinds: Collection[IcpKind] = icp.ALL,
) -> None:
    """Refuse a return or ICP declaration over days that another period declares.

    As after *Aangifte per* changed from quarter to month. A suppletie has no days of
    its own: it repeats a return. An ICP declaration of services goes beside one of
    goods: `kinds` are what it holds.
    """
    if kind is DeclarationKind.SUPPLETIE:
        return
    others = session().scalars(
        select(Filing)
        .where(
            *of_taxpayer(taxpayer),
            Filing.division == division_of(taxpayer, kind),
            Filing.kind == kind,
            Filing.stage.not_in(ENDED_BADLY),
            Filing.starts_on <= period.end,
            Filing.ends_on >= period.start,
            or_(Filing.starts_on != period.start, Filing.ends_on != period.end),
        )
        .order_by(Filing.id)
    )
    for other in others:
        if not set(scope_of(other)) & set(kinds):
            continue
        raise AskUser(
            "filing_overlaps",
            reference=other.reference,
            period=period.code,
            other=period_of(other).code,
        )


def newest(
    administration_ids: list[int], first: date
) -> dict[tuple[int, date, date, str], Filing]:
    """Return the newest version per administration, period and kind since a day.

    What one administration of a taxpayer declared stands at all of his.
    """
    rows = session().execute(
        select(Administration.id, Filing)
        .join(
            Filing,
            and_(
                Filing.tenant_id == Administration.tenant_id,
                Filing.tax_number == Administration.tax_number,
                or_(
                    Filing.kind != DeclarationKind.ICP,
                    Filing.division == Administration.division,
                ),
            ),
        )
        .where(Administration.id.in_(administration_ids), Filing.ends_on >= first)
        .order_by(Filing.version)
    )
    return {(one, row.starts_on, row.ends_on, row.kind): row for one, row in rows}
