"""RQ tasks: one function each, by name; each takes the id of what it works on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from core.domain.clock import local_date
from core.domain.errors import KoppelwerkError
from core.plugin import connections, mail
from core.plugin.capabilities import DueWork
from core.plugin.database import session, shared_now, transaction
from core.plugin.engine import rounds
from core.plugin.settings import core_settings
from core.plugin.tables import Connection
from plugins.peppol import rule_packs
from plugins.peppol.connector import open_channel
from plugins.peppol.evidence import keeping
from plugins.peppol.receiving import arriving
from plugins.peppol.sending import run

TIDY, QUEUE = "peppol.tidy", "bulk"
MARK, EVERY = "peppol_tidy", timedelta(hours=1)
MAIL = "peppol_rules"
_LANGUAGE, _TIMEZONE = "nl", "Europe/Amsterdam"
_SECONDS = 600
"""Until a look at an access point that did not answer is done again."""


def send(sending_id: int) -> None:
    """Take one document a step on."""
    run.run(sending_id)


def read(received_id: int) -> None:
    """Read one document that came in."""
    arriving.read(received_id)


def look(connection_id: int) -> None:
    """Look whether the access point answers, for the dot; what is due goes anyway."""
    connection = session().get(Connection, connection_id)
    if connection is None:
        session().rollback()
        return
    try:
        with open_channel(connection) as channel:
            channel.check()
    except KoppelwerkError as error:
        session().rollback()
        with transaction():
            connections.run_failed(connection_id, error, retry_seconds=_SECONDS)
        return
    with transaction():
        connections.run_finished(connection_id)


def tidy(_no_id: int) -> None:
    """Once an hour: alarm the operator of old rules, forget what is over its term."""
    now = shared_now()
    with transaction():
        begun = rounds.begin(MARK, EVERY, now)
    if begun is None:
        return
    with transaction():
        tell_operator(now)
    with transaction():
        keeping.forget(now)


def tell_operator(now: datetime) -> None:
    """Queue a mail about rules in force that are old, once a month while it lasts."""
    today = local_date(now, _TIMEZONE)
    old = [each for each in rule_packs.in_force(today) if each.is_old(today)]
    if old:
        about = ",".join(f"{each.layer}:{each.first_day}" for each in old)
        mail.queue(
            core_settings().support_email,
            MAIL,
            language=_LANGUAGE,
            tenant_id=None,
            dedup_key=f"peppol_rules:{about}:{today:%Y-%m}",
            rules=old,
        )


def _due(now: datetime) -> list[int]:
    return [0] * rounds.is_time(MARK, EVERY, now)


TASKS: Mapping[str, Callable[[int], None]] = {
    "send": send,
    "read": read,
    "look": look,
    "tidy": tidy,
}
KINDS = (run.DUE, arriving.DUE, DueWork(TIDY, QUEUE, _due))
