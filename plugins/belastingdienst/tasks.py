"""RQ tasks: one function each, by name; each takes the id of what it works on."""

from collections.abc import Callable, Mapping

import structlog

from core.domain.errors import KoppelwerkError, WaitUntil
from core.plugin.database import session, shared_now, transaction
from plugins.belastingdienst.figures import books, reading
from plugins.belastingdienst.models import PeriodFigures
from plugins.belastingdienst.oss import changes as oss_changes
from plugins.belastingdienst.oss import reading as oss_reading
from plugins.belastingdienst.reminders import due
from plugins.belastingdienst.sending import run
from plugins.belastingdienst.watching import changes

logger = structlog.get_logger(__name__)


def read_figures(period_id: int) -> None:
    """Read the figures of a period that was asked for; no transaction is held."""
    row = session().get(PeriodFigures, period_id)
    if row is None or not reading.is_due(row, shared_now()):
        session().rollback()
        return
    try:
        books.read(period_id)
        with transaction():
            changes.look(session().get_one(PeriodFigures, period_id).administration)
    except WaitUntil:
        session().rollback()  # the wake-up of what changed meanwhile reads
    except KoppelwerkError as error:
        session().rollback()
        _failed(period_id, error)


def _failed(period_id: int, error: KoppelwerkError) -> None:
    logger.warning("figures not read", period=period_id, error=str(error))
    with transaction():
        reading.failed(session().get_one(PeriodFigures, period_id), error)


def file(filing_id: int) -> None:
    """Take one declaration a step on."""
    run.run(filing_id)


def read_oss(register_id: int) -> None:
    """Read the sales of the one stop shop that were asked for, and tell what changed in
    quarters that were filed."""
    before = oss_changes.known(register_id)
    oss_reading.read(register_id)
    oss_changes.tell(register_id, before)


def remind(_no_id: int) -> None:
    """Remind of deadlines, and forget evidence that is over its term."""
    due.remind()


TASKS: Mapping[str, Callable[[int], None]] = {
    "read_figures": read_figures,
    "read_oss": read_oss,
    "file": file,
    "remind": remind,
}
