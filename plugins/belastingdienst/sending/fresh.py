"""The books once more between approval and sending: nothing goes that is not so.

The owner approved what the books said when it was prepared. They are read again before
the first send; where they say something else nothing goes, a new version is prepared,
and the owner is told to approve that.
"""

import structlog

from core.domain.declarations import DeclarationKind
from core.domain.errors import AskUser
from core.plugin import log, mail
from core.plugin.database import session
from core.plugin.tables import LogLevel
from core.plugin.tenancy import tenant_scope
from plugins.belastingdienst.figures import books, period_figures
from plugins.belastingdienst.filing import filings, preparing, timeline
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.sending.turn import HeldFiling
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.watching import history

logger = structlog.get_logger(__name__)
CODE = "filing_books_changed"


def is_as_approved(held: HeldFiling) -> bool:
    """Read the books and tell whether the approved declaration still says the same.

    Commits. Raises what the books raise: it waits or stops by that.
    """
    filing = held.lease.read()
    approved_at = filing.approved_at or filing.created_at
    with tenant_scope(filing.tenant_id):
        period_ids = _period_ids(filing)
        session().commit()
        for period_id in period_ids:
            books.read_since(period_id, approved_at)
        with held.work() as filing:
            if _says_the_same(filing):
                return True
            _end(held, filing)
    with tenant_scope(held.lease.row.tenant_id):
        _prepare_again(held)
    return False


def _period_ids(filing: Filing) -> list[int]:
    """Return the figures it is made of: not of a return, it may lie in several."""
    period = taxpayers.period_of(filing)
    if filing.kind == DeclarationKind.ICP:
        found = supplies.rows_of(filing.administration, period)
        return [row.id for row in found]
    if filing.kind == DeclarationKind.SUPPLETIE:
        rows = history.of(filing).rows
        told = [one for one in history.told(filing) if one in rows]
        return [rows[one].id for one in told]
    return [period_figures.of(filing.administration, period).id]


def _says_the_same(filing: Filing) -> bool:
    try:
        filings.check_still_right(filing)
    except (NotPrepared, AskUser):
        return False
    return True


def _end(held: HeldFiling, filing: Filing) -> None:
    """End what was approved, and say why; it never went."""
    held.write(stage=FilingStage.CANCELLED, due_at=None, code=CODE, params={})
    timeline.note(filing, "superseded")
    named = filings.named(filing)
    log.write(filing.tenant_id, CODE, level=LogLevel.WARNING, params=named)
    mail.to_tenant(
        filing.tenant_id,
        "belastingdienst_filing",
        dedup_key=f"filing:{filing.id}:{CODE}",
        code=CODE,
        params=named,
        filing_id=filing.id,
    )


def _prepare_again(held: HeldFiling) -> None:
    """Prepare the next version; what is in the way shows on the period's page."""
    filing = session().get_one(Filing, held.lease.key, populate_existing=True)
    period, kind = taxpayers.period_of(filing), DeclarationKind(filing.kind)
    try:
        numbers = preparing.numbers_for(filing.administration_id, period, kind)
        filings.prepare(
            filing.administration, period, kind, user_id=None, numbers=numbers
        )
        session().commit()
    except (NotPrepared, AskUser) as error:
        session().rollback()
        logger.warning("no new version prepared", filing=filing.id, error=str(error))
